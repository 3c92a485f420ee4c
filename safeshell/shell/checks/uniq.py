"""uniq: its second operand is a file that it writes.

Facts: POSIX uniq.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_UNIQ: Final = spec("-f --skip-fields -s --skip-chars -w --check-chars")


def reads(invocation: Invocation) -> bool:
    """At most the input is named."""
    operands = retaken(invocation, _UNIQ).operands
    return len(operands) < 2 and not any(word.splits and not word.known for word in operands)
