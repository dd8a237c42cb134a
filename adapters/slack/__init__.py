"""Slack: events and presses in, cards out, by HTTP or Socket Mode."""
