"""What do vendors grant us, and how much of it is left? Access tokens, windows in which we may speak, daily quotas."""
