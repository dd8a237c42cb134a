"""What the web chat and the console share: who is at the browser, what it is told to forbid, our own files, sign-in."""
