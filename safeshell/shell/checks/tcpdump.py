"""tcpdump: whether it writes a capture, or runs a program for each.

Facts: tcpdump(8) 4.99.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation

_TCPDUMP: Final = spec("-B -c -C -E -F -G -i -j -m -M -r -s -T -V -w -W -y -z -Z -Q", abbreviations=False)


def reads(invocation: Invocation) -> bool:
    """It shows packets."""
    taken = retaken(invocation, _TCPDUMP)
    writes = taken.value("-w")
    return not taken.has("-z") and (writes is None or given_text(writes) in ("-", "/dev/null"))
