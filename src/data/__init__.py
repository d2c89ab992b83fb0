"""Labelled sets: readers of each published format, splits that cannot leak, leakage checks, checksums."""
