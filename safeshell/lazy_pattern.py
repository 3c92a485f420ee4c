"""Regular expressions that are compiled when they are first used.

Compiling one takes up to a millisecond; a process that judges a single line uses a handful of the hundreds that
its modules hold.
"""

from __future__ import annotations

import re
from typing import Any, cast


def lazy_pattern(expression: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes of the expression, made at its first use.

    Args:
        expression: a regular expression that is known to be one; it is a part of the program.
        flags: as for `re.compile`.
    """
    return cast("re.Pattern[str]", _Pattern(expression, flags))


class _Pattern:
    """Becomes the pattern's own methods when the first of them is looked up."""

    __slots__ = (
        "_said",
        "findall",
        "finditer",
        "flags",
        "fullmatch",
        "groupindex",
        "groups",
        "match",
        "pattern",
        "scanner",
        "search",
        "split",
        "sub",
        "subn",
    )

    def __init__(self, expression: str, flags: int) -> None:
        self._said = (expression, flags)

    def __getattr__(self, name: str) -> Any:
        if name not in _Pattern.__slots__:
            raise AttributeError(name)
        made = re.compile(*self._said)
        for one in _Pattern.__slots__[1:]:
            setattr(self, one, getattr(made, one))
        return getattr(made, name)
