"""What a call of ssh without a session would run on the host: the line that is judged. Pure.

Programs that speak with their own kind over ssh (rsync, git, scp, sftp) send a command line like anybody; what it
means is the shell packs' matter.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved

_SUBSYSTEMS: Final = {"sftp": "sftp-server"}


class Runs(Enum):
    """What a call runs."""

    COMMAND = auto()
    """A line, which is known."""
    INPUT = auto()
    """Whatever standard input says, read by a login shell."""
    SESSION = auto()
    """A shell with a person before it."""
    NOTHING = auto()
    """No command at all: forwards, or questions to a running connection."""


@frozen
class ExecLine:
    """What a call runs.

    Args:
        runs: what kind of thing.
        line: the line, for a command.
    """

    runs: Runs
    line: str = ""


def exec_line(call: SshCall, resolved: Resolved, *, has_terminal: bool) -> ExecLine:
    """What `call` runs.

    Args:
        call: what was typed.
        resolved: what ssh's configuration makes of it: it may name a command too.
        has_terminal: whether standard input is a terminal.
    """
    kind = resolved.one("sessiontype", "default")
    if call.has("N") or call.has("W") or call.has("O") or kind == "none":
        return ExecLine(Runs.NOTHING)
    line = call.command_line or _configured(resolved)
    if call.has("s") or kind == "subsystem":
        return ExecLine(Runs.COMMAND, _SUBSYSTEMS.get(line, f"subsystem {line}"))
    if line:
        return ExecLine(Runs.COMMAND, line)
    if has_terminal and not call.has("T") and resolved.one("requesttty", "auto") not in ("no", "false"):
        return ExecLine(Runs.SESSION)
    return ExecLine(Runs.INPUT)


def wants_terminal(call: SshCall, resolved: Resolved, *, has_terminal: bool) -> bool:
    """Whether a command is given a terminal on the host (ssh(1), -t; ssh_config(5), RequestTTY)."""
    if call.has("T"):
        return False
    asked = resolved.one("requesttty", "auto")
    return (
        call.count("t") > 1
        or asked == "force"
        or (has_terminal and (call.has("t") or asked in ("yes", "true")))
    )


def _configured(resolved: Resolved) -> str:
    line = resolved.one("remotecommand", "none")
    return "" if line == "none" else line
