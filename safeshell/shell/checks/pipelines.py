"""Checks of deploy tools whose showing and changing verbs share a name: dokku's `:` commands, drone, spin, hal.

Sources: `dokku help`, `drone build --help`, `spin pipeline --help`, `hal deploy --help`.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_SHOWING: Final = frozenset(
    {"list", "report", "show", "info", "get", "keys", "export", "exists", "status", "help", "search"}
)
_DEPLOYING: Final = frozenset(
    {"promote", "rollback", "approve", "execute", "save", "apply", "clean", "update", "deploy"}
)


def dokku_shows(invocation: Invocation) -> bool:
    """Whether a dokku command only shows, by the word behind its colon."""
    if not invocation.operands:
        return True
    return invocation.operands[0].text.rpartition(":")[2] in _SHOWING


def deploys(invocation: Invocation) -> bool:
    """Whether the verb, first or second, deploys or replaces something."""
    names = [word.text for word in invocation.operands[:2]]
    return any(name in _DEPLOYING for name in names[1:]) or names[:1] == ["promote"]
