"""Looks at files before a command loads them: a broken one denies the line, with the place of the mistake."""
