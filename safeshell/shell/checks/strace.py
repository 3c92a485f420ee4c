"""strace, ltrace, gdb: whether they stop a running process to look at it.

Facts: strace(1) 6.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_STRACE: Final = spec("-a -b -e -E -I -o -O -p -P -s -S -u -U -X --attach --output", stop_at_operand=True)


def attaches(invocation: Invocation) -> bool:
    """A running process is traced."""
    return retaken(invocation, _STRACE).has("-p", "--attach")
