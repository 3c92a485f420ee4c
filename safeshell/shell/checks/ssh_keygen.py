"""ssh-keygen: whether it shows keys and known hosts, or makes, changes or removes them.

Facts: ssh-keygen(1) of OpenSSH 9.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_KEYGEN: Final = spec(
    "-a -b -C -D -E -F -f -G -I -J -j -K -M -m -N -n -O -P -R -r -S -s -T -t -V -W -w -Y -z -Z",
    abbreviations=False,
)
_CHANGING: Final = ("-R", "-H", "-N", "-A", "-s", "-k", "-K", "-G", "-T", "-M", "-p", "-c", "-t", "-D")


def reads(invocation: Invocation) -> bool:
    """It shows a fingerprint, a public key, a certificate, or looks a host up."""
    taken = retaken(invocation, _KEYGEN)
    verifies = taken.value("-Y")
    if verifies is not None:
        return verifies.text in ("verify", "check-novalidate", "find-principals", "match-principals")
    return taken.has("-l", "-F", "-L", "-y", "-B", "-e", "-Q", "-r") and not taken.has(*_CHANGING)


def removes_host(invocation: Invocation) -> bool:
    """It removes a host's keys from those known."""
    return retaken(invocation, _KEYGEN).has("-R")
