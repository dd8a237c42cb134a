"""Screenshots of every page, for the docs and for whoever changes a page."""
