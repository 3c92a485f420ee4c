"""Reads the line of programs that have no hook, from a screen that is followed: psql, irb, a shell in a pod."""
