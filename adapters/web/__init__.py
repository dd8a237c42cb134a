"""The web chat: one page in a browser, one card to read and link. Talks to the coach only through `routes.WebPorts`."""
