"""The WeChat official account (公众号): callbacks in, a passive reply within the platform's five seconds, or a message later."""
