"""What WeChat and WeCom have in common: sealed callbacks, texts in bytes, tokens, calls, error codes. No channel itself."""
