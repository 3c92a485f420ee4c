"""Knows which programs run other programs, and what they run: one layer at a time, by family."""
