"""top, htop, atop and their kin: they show; what is typed inside of them is not seen here.

Facts: top(1) of procps 4.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def reads(invocation: Invocation) -> bool:
    """It shows, whatever its options; `atop -w` keeps a log."""
    return not (invocation.program == "atop" and invocation.has("-w"))
