"""Showing a recording in the terminal: what is shown when, what must not reach the terminal, and the keys."""
