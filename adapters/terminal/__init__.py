"""The smallest adapter: one person at a terminal."""
