"""Checks of pulumi lines: `stack` and `config` alone show, with a verb they change.

Source: `pulumi stack --help`, `pulumi config --help`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation

_SHOWING = frozenset({"ls", "list", "output", "history", "export", "get"})


def shows(invocation: Invocation) -> bool:
    """Whether `stack`, `config`, `plugin`, `policy` or `history` only shows."""
    names = [word.text for word in invocation.operands]
    if names[:2] == ["stack", "tag"]:
        return names[2:3] in (["ls"], ["get"])
    if len(names) < 2:
        return bool(names) and names[0] in ("stack", "config", "history")
    return names[1] in _SHOWING and not invocation.has("--file")
