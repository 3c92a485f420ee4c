"""arp: whether it shows or changes the neighbour table.

Facts: arp(8) of net-tools and of BSD.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_ARP: Final = spec("-i --device -H -t --hw-type -A -p", abbreviations=False)


def reads(invocation: Invocation) -> bool:
    """It shows entries."""
    taken = retaken(invocation, _ARP)
    changing = taken.has("-s", "--set", "-d", "--delete", "-f", "--file", "-S", "-F")
    return not changing and not any(may_be_option(word) for word in taken.operands)
