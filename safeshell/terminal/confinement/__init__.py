"""Read-only by the kernel: a shell and all that it starts may write in a scratch folder and nowhere else.

`confine.prepare` is the way in; nothing here knows of lines, guards or questions, and nothing is imported before it
is used.
"""
