"""Arithmetic expressions: which variables they set. Their results are not computed."""

from __future__ import annotations

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.tree import Literal, Part

_ASSIGNED = lazy_pattern(
    r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?[ \t]*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)"
    r"|(?:\+\+|--)([A-Za-z_][A-Za-z0-9_]*)"
)


def names_assigned_in(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The variables that an expression of these parts sets."""
    text = "".join(part.text if isinstance(part, Literal) else " 0 " for part in parts)
    return tuple(dict.fromkeys(name or other for name, other in _ASSIGNED.findall(text)))
