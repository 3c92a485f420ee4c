"""The core: what a line does, what that means here, and whether it may run.

Values and pure functions, and one pipeline that calls the world through small interfaces.
No dialect, no console, no terminal, no network in this package.
"""
