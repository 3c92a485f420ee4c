"""Our own client as a transport: a program of its own in the session's terminal, and its side door as the runner.

No paramiko here: the process in front never loads it.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from safeshell.ssh.options import SshCall
from safeshell.ssh.plan import Link
from safeshell.ssh.side_channel import HostUnavailable, Runner, command_for

_PIECE: Final = 1 << 16
_STATUS: Final = struct.Struct(">I")


class OwnClient:
    """The client of this package.

    Args:
        program: the system's ssh, which reads the configuration.
        call: what was typed.
    """

    name = "paramiko"

    def __init__(self, program: str, call: SshCall) -> None:
        self._program = program
        self._call = call

    def argv(self, link: Link) -> Sequence[str]:
        """The program and its arguments, for a session with a terminal."""
        # One that is configured was taken over into ours; of two values ssh takes the first.
        ours = ["-o", "RemoteCommand=none"] if link.command else []
        started = self._start("--keys", str(link.keys), "--side", str(link.control))
        words = [*started, *ours, *self._call.words()]
        if link.command and not self._call.has("t"):
            words.append("-tt")
        words += ["--", self._call.destination]
        return [*words, link.command] if link.command else words

    def again(self, link: Link, command: str) -> Sequence[str]:
        """The program and its arguments for another session; a connection of its own."""
        del link
        return [*self._start(), *self._call.words(), "-q", "-tt", "--", self._call.destination, command]

    def exec_argv(self) -> list[str]:
        """The program and its arguments for everything else: what was typed, as it was typed."""
        return [*self._start(), *self._call.words(), "--", self._call.destination, *self._call.command]

    def side_channel(self, link: Link) -> Runner | None:
        """Another channel of the connection that `argv` has made."""
        return SideRunner(link.control) if link.control.exists() else None

    def _start(self, *own: str) -> list[str]:
        # -P: nothing of the folder that a person happens to be in is ever imported.
        return [sys.executable, "-P", "-m", "safeshell.ssh.client", "--ssh", self._program, *own, "--"]


class SideRunner:
    """Runs programs on the host by the client's side door.

    Args:
        path: its socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        """What `script`, run by sh, prints when it is given `data`.

        Raises:
            HostUnavailable: it can't be run, failed, or took longer than `seconds`.
        """
        wish = json.dumps({"command": command_for(script), "status": True}).encode() + b"\n"
        try:
            answer = self._ask(wish + data, time.monotonic() + seconds)
        except OSError as error:
            raise HostUnavailable(f"the host does not answer on another channel: {error}") from error
        if len(answer) < _STATUS.size:
            raise HostUnavailable("the host opens no other channel")
        status = _STATUS.unpack(answer[-_STATUS.size :])[0]
        if status != 0:
            raise HostUnavailable(f"the host could not be looked at (status {status})")
        return answer[: -_STATUS.size]

    def _ask(self, data: bytes, until: float) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.settimeout(_left(until))
            stream.connect(str(self._path))
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
            answer = bytearray()
            while True:
                stream.settimeout(_left(until))
                more = stream.recv(_PIECE)
                if not more:
                    return bytes(answer)
                answer += more


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left
