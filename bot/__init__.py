"""Caucus: the private huddle before you answer the other side."""

__version__ = "0.1.0"
