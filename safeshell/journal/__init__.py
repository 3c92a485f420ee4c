"""The record of sessions and lines: written before a line runs, completed after, chained by hash."""
