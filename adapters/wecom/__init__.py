"""WeCom (企业微信): callbacks of one internal app in, texts and cards with buttons out."""
