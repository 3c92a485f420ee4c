"""What kind of session a call wants: a terminal or not, which command, which variables. Pure.

What an option says counts before what the configuration says: `ssh -G` is not always asked about -f, -N, -s and -W.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final

from safeshell.frozen import frozen
from safeshell.ssh.client.escapes import escape_character
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved

_YES: Final = frozenset({"yes", "true", "force"})


class Kind(Enum):
    """What is asked of the server."""

    SHELL = "shell"
    COMMAND = "exec"
    SUBSYSTEM = "subsystem"
    NOTHING = "none"
    STREAM = "stream"


@frozen
class Wanted:
    """A session.

    Args:
        kind: what is asked for.
        command: the command or the subsystem; the host and port of -W.
        terminal: whether a terminal is asked for on the far side.
        no_terminal_here: whether one was asked for, and can't be had since stdin is none.
        no_input: stdin is not read (-n).
        variables: what is sent of the environment, and what is set.
        escape: the escape character's byte; None for none.
    """

    kind: Kind
    command: str
    terminal: bool
    no_terminal_here: bool
    no_input: bool
    variables: Mapping[str, str]
    escape: int | None


def wanted(call: SshCall, resolved: Resolved, environ: Mapping[str, str], *, on_terminal: bool) -> Wanted:
    """What a call wants.

    Args:
        call: its words.
        resolved: its configuration.
        environ: the environment here.
        on_terminal: whether standard input is a terminal.
    """
    kind, command = _what(call, resolved)
    no_input = call.has("n") or resolved.one("stdinnull") == "yes" or in_background(call, resolved)
    request = resolved.one("requesttty", "auto")
    terminal = request in _YES or (request == "auto" and kind is Kind.SHELL)
    refused = False
    if kind in (Kind.NOTHING, Kind.STREAM):
        terminal = False
    elif (not on_terminal or no_input) and request != "force":
        refused, terminal = terminal, False
    return Wanted(
        kind=kind,
        command=command,
        terminal=terminal,
        no_terminal_here=refused,
        no_input=no_input,
        variables=_variables(resolved, environ),
        escape=escape_character(resolved.one("escapechar", "~")) if terminal else None,
    )


def in_background(call: SshCall, resolved: Resolved) -> bool:
    """Whether the call goes to the background once it is logged in (-f)."""
    return call.has("f") or resolved.one("forkafterauthentication") == "yes"


def _what(call: SshCall, resolved: Resolved) -> tuple[Kind, str]:
    stream = call.values("W")
    if stream:
        return Kind.STREAM, stream[-1]
    if call.has("N"):
        return Kind.NOTHING, ""
    command = call.command_line or _unless_none(resolved.one("remotecommand"))
    match "subsystem" if call.has("s") else resolved.one("sessiontype", "default"):
        case "none":
            return Kind.NOTHING, ""
        case "subsystem":
            return Kind.SUBSYSTEM, command
        case _:
            return (Kind.COMMAND, command) if command else (Kind.SHELL, "")


def _variables(resolved: Resolved, environ: Mapping[str, str]) -> dict[str, str]:
    patterns = [word for value in resolved.all("sendenv") for word in value.split()]
    sent = {
        name: value
        for name, value in environ.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }
    told = [value.partition("=") for value in resolved.all("setenv") if "=" in value]
    return {**sent, **{name: value for name, _, value in told}}


def _unless_none(value: str) -> str:
    return "" if value == "none" else value
