"""nc, ncat, netcat: whether they only look whether a port is open, or hand a program to whoever connects.

Facts: nc(1) of OpenBSD and of Debian's netcat-traditional, ncat(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import has_stdin, may_only_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_NC: Final = spec(
    "-i -I -M -m -O -P -p -q -s -T -V -w -W -X -x -e -c -g -G --exec --sh-exec --lua-exec --wait --source"
    " --source-port"
    " --proxy --proxy-type --proxy-auth --max-conns --idle-timeout --delay --output -o --hex-dump",
    abbreviations=False,
)
_RUNNING: Final = ("-e", "-c", "--exec", "--sh-exec", "--lua-exec")


def reads(invocation: Invocation) -> bool:
    """It looks whether a port is open, and sends nothing."""
    taken = retaken(invocation, _NC)
    if any(map(may_only_be_option, taken.operands)) or taken.has(
        *_RUNNING, "-l", "--listen", "-o", "--output"
    ):
        return False
    return taken.has("-z") or (taken.has("-v", "-vz") and taken.has("-w") and not has_stdin(invocation))


def runs(invocation: Invocation) -> bool:
    """Whoever is connected gets a program."""
    return retaken(invocation, _NC).has(*_RUNNING)
