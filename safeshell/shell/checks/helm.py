"""Checks of helm lines: which subcommands of several verbs change something.

Source: `helm help`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def changes(invocation: Invocation) -> bool:
    """Whether a helm subcommand of several verbs (`repo`, `dependency`) is more than a listing."""
    return [word.text for word in invocation.operands[1:2]] not in (["list"], ["ls"])
