"""Benchmarks: what is compared is compared in one run, as a ratio to a bare baseline."""
