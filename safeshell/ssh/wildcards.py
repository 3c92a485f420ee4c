"""The patterns of ssh: `*` and `?`, lists with commas, and `!` for "and not those" (ssh_config(5), PATTERNS). Pure.

Nothing else is special in them: `[` stands for itself, as in `[host]:2222`.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text fits one pattern. Case counts."""
    return _compiled(pattern).fullmatch(text) is not None


def matches_list(text: str, patterns: str) -> bool | None:
    """Whether the text fits a list of patterns with commas between them. Case counts.

    Returns:
        None when a pattern with `!` fits: that one decides, whatever else does.
    """
    found = False
    for pattern in patterns.split(","):
        negated = pattern.startswith("!")
        if matches(text, pattern.removeprefix("!")):
            if negated:
                return None
            found = True
    return found


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (
        ".*" if part.startswith("*") else "." if part == "?" else re.escape(part) for part in _pieces(pattern)
    )
    return re.compile("".join(parts), re.DOTALL)


def _pieces(pattern: str) -> list[str]:
    """The pattern cut at its wildcards; several `*` are one, so that matching stays quick."""
    return re.findall(r"\*+|\?|[^*?]+", pattern)
