"""route: whether it shows or changes the routing table.

Facts: route(8) of net-tools, of FreeBSD and macOS.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation

_REMOVING = frozenset({"del", "delete", "flush", "-f"})


def reads(invocation: Invocation) -> bool:
    """It shows the table, or one route (`get`)."""
    words = [word.text for word in invocation.words]
    verbs = [text for text in words if not text.startswith("-")]
    if "flush" in words or "-f" in words:
        return False
    return not verbs or verbs[0] in ("get", "show", "monitor", "print")


def removes(invocation: Invocation) -> bool:
    """Routes go."""
    return any(word.text in _REMOVING for word in invocation.words)
