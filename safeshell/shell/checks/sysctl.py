"""sysctl: whether it shows or sets kernel parameters.

Facts: sysctl(8) of procps 4, sysctl(8) of macOS and FreeBSD.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_SYSCTL: Final = spec("-r --pattern -B")


def reads(invocation: Invocation) -> bool:
    """It shows."""
    taken = retaken(invocation, _SYSCTL)
    return not sets(invocation) and not any(may_be_option(word) for word in taken.operands)


def sets(invocation: Invocation) -> bool:
    """It sets: `-w`, `-p`, `--system`, or `NAME=VALUE`."""
    taken = retaken(invocation, _SYSCTL)
    if taken.has("-w", "--write", "-p", "--load", "--system", "-f"):
        return True
    return any("=" in word.text for word in taken.operands)
