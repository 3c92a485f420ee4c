"""crontab: whether it shows, replaces or removes a user's table.

Facts: crontab(1) of cronie and of Vixie cron.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import has_stdin, retaken, spec
from safeshell.shell.invocation import Invocation

_CRONTAB: Final = spec("-u -n -c -x", abbreviations=False)


def reads(invocation: Invocation) -> bool:
    """It shows a table, or checks a file (`-T`)."""
    taken = retaken(invocation, _CRONTAB)
    return (
        taken.has("-l", "-T", "-V")
        and not taken.has("-r", "-e", "-n", "-s")
        and not (taken.operands and not taken.has("-T"))
    )


def removes(invocation: Invocation) -> bool:
    """It removes the whole table."""
    return retaken(invocation, _CRONTAB).has("-r")


def edits(invocation: Invocation) -> bool:
    """It opens the table in an editor."""
    return retaken(invocation, _CRONTAB).has("-e")


def replaces(invocation: Invocation) -> bool:
    """It replaces the table by a file or by what is piped in."""
    taken = retaken(invocation, _CRONTAB)
    if taken.has("-l", "-r", "-e", "-T", "-V"):
        return False
    return bool(taken.operands) or has_stdin(invocation)
