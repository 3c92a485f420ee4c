"""The check of jj lines that lose something, with a verb that may stand second.

Source: `jj help`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def jj_loses(invocation: Invocation) -> bool:
    """Whether jj drops or restores changes: `abandon`, `restore`, `op abandon`, `workspace forget`."""
    names = [word.text for word in invocation.operands[:2]]
    if names[:1] in (["op"], ["operation"], ["workspace"]):
        return names[1:] in (["restore"], ["abandon"], ["forget"], ["undo"])
    return True
