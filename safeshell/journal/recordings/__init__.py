"""What a session looked like: its output with times, and what the guard said, in files that asciinema plays.

Nothing here touches a terminal: what a recording is made of comes in as values, what is read goes out as values.
"""
