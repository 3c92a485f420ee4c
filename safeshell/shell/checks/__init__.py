"""Questions about one command that no table in a pack can express: `when = ["sed.reads"]`.

A module for each program, a function for each question,
    `(Invocation) -> bool`. A proof (`reads`) is False when in
doubt. Checks take the words apart by their own tables,
    so that they hold whatever a pack says of a program's options.
"""
