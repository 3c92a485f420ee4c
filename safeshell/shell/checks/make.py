"""make: whether a word on its command line is run as a shell command, also under `-n`.

Facts: GNU make's manual, "Overriding Variables", "The shell Function", `NAME!=COMMAND`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def computes(invocation: Invocation) -> bool:
    """Whether a variable given on the command line runs something: `A=$(shell rm x)`, `A!=rm x`."""
    return any("$(" in word.text or "${" in word.text or "!=" in word.text for word in invocation.operands)
