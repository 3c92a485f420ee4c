"""hostname, domainname: whether it shows or sets the name.

Facts: hostname(1) of net-tools and of Debian's hostname.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_HOSTNAME: Final = spec("-F --file", abbreviations=False)


def reads(invocation: Invocation) -> bool:
    """It shows a name."""
    return not sets(invocation)


def sets(invocation: Invocation) -> bool:
    """It sets the name: an operand, or a file."""
    taken = retaken(invocation, _HOSTNAME)
    return bool(taken.operands) or taken.has("-F", "--file", "-b", "--boot")
