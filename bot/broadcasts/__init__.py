"""Tips and their rotation, broadcasts from draft to report, and who wants to hear them."""
