"""One folder a channel: verify and receive, render, send. Sees of bot only its public ground floor."""
