"""Files → Settings: which targets there are, and what environment each belongs to.

May import the guard's values; knows no dialect, no console and no terminal.
"""
