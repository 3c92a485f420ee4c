"""The system's ssh as a transport: its options as they were typed, and ours behind them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from safeshell.ssh.options import SshCall
from safeshell.ssh.plan import Link
from safeshell.ssh.resolved import Resolved
from safeshell.ssh.side_channel import CommandRunner, Runner


class SystemSsh:
    """The program `ssh` of this machine.

    Args:
        program: its path.
        call: what was typed.
        resolved: what its configuration comes to.
    """

    name = "openssh"

    def __init__(self, program: str, call: SshCall, resolved: Resolved) -> None:
        self._program = program
        self._call = call
        self._resolved = resolved

    def argv(self, link: Link) -> Sequence[str]:
        """The program and its arguments, for a session with a terminal."""
        # One that is configured was taken over into ours; of two values ssh takes the first.
        ours = ["-o", "RemoteCommand=none"] if link.command else []
        words = [self._program, *ours, *self._call.words(), *self._witness(link), *self._sharing(link)]
        if link.command and not self._call.has("t"):
            words.append("-tt")
        words += ["--", self._call.destination]
        return [*words, link.command] if link.command else words

    def again(self, link: Link, command: str) -> Sequence[str]:
        """The program and its arguments for another session, over the same connection where that is shared."""
        shared = ["-o", f"ControlPath={str(link.control).replace('%', '%%')}", "-o", "ControlMaster=no"]
        own = shared if link.control.exists() else []
        return [self._program, *self._call.words(), "-q", *own, "-tt", "--", self._call.destination, command]

    def exec_argv(self) -> list[str]:
        """The program and its arguments for everything else: what was typed, as it was typed."""
        return [self._program, *self._call.words(), "--", self._call.destination, *self._call.command]

    def side_channel(self, link: Link) -> Runner | None:
        """Another channel of the connection that `argv` has made."""
        own = self._resolved.one("controlpath", "none")
        path = own if own != "none" else str(link.control)
        if not Path(path).exists():
            return None
        told = (
            "-o",
            f"ControlPath={path.replace('%', '%%')}",
            "-o",
            "ControlMaster=no",
            "-o",
            "BatchMode=yes",
        )
        # Nothing of what was typed but where it leads: no forwards, no terminal, and never a connection of its own.
        place = ("-F", "none", "-l", self._resolved.user, "-p", str(self._resolved.port), "-T", "-x", "-a")
        refused = ("-o", "ProxyCommand=false", "-o", "LogLevel=QUIET")
        return CommandRunner((self._program, *told, *place, *refused, "--", self._resolved.hostname))

    def _witness(self, link: Link) -> list[str]:
        """Have the host's key told: ssh asks a program for keys that it may know (ssh_config(5))."""
        if self._resolved.one("knownhostscommand", "none") != "none":
            return []
        # ssh splits this by quotes of its own, and expands the tokens; nothing is printed, so no key is known by it.
        script = f'echo "$1 $2 $3" >>{shlex.quote(str(link.keys))}'
        escaped = script.replace("\\", "\\\\").replace('"', '\\"')
        return ["-o", f'KnownHostsCommand=/bin/sh -c "{escaped}" sh %I %t %f']

    def _sharing(self, link: Link) -> list[str]:
        """Let others use the connection, unless the person's own configuration says how."""
        shared = self._resolved.one("controlmaster", "false") not in ("false", "no")
        if shared or self._resolved.one("controlpath", "none") != "none":
            return []
        return ["-o", "ControlMaster=yes", "-o", f"ControlPath={str(link.control).replace('%', '%%')}"]
