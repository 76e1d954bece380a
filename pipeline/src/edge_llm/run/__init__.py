"""Whole runs: every step in order, what is done recorded in run.json and skipped next time."""
