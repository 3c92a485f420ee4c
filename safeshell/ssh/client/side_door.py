"""A second way into a connection for the process in front: further commands on channels of their own.

The protocol: over a unix socket that only we may open, one line of JSON `{"command": "…"}`, then the command's
standard input until the sender shuts down its side; back come the bytes of its standard output, then the end. Its
stderr is dropped. With `"status": true` in the line, four bytes follow all: the status, big-endian, all ones for
none. Nothing is judged here: who holds the socket is trusted, and its folder is private.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import threading
from pathlib import Path
from typing import Final, Self

import paramiko
from paramiko.message import Message

from safeshell.ssh.client.relaying import relay
from safeshell.ssh.client.wire import ChannelRefused, Gone, Wire

_LONGEST: Final = 1 << 17
_PIECE: Final = 1 << 16


class SideDoor:
    """Open for as long as the context lasts.

    Args:
        wire: the connection.
        path: where the socket is made.
    """

    def __init__(self, wire: Wire, path: Path) -> None:
        self._wire = wire
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> Self:
        former = os.umask(0o177)
        try:
            self._listener.bind(str(self._path))
        finally:
            os.umask(former)
        self._listener.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            # A close alone wakes nobody who waits in accept.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(stream,), daemon=True).start()

    def _answer(self, stream: socket.socket) -> None:
        asked = _read_line(stream)
        wish = _wish(asked[0]) if asked else None
        if asked is None or wish is None:
            stream.close()
            return
        command, wants_status = wish
        try:
            channel = self._wire.open("session")
            self._wire.ask(channel, "exec", Message().add_string(command).asbytes())
            granted = self._wire.granted(channel)
        except (ChannelRefused, Gone):
            stream.close()
            return
        if not granted:
            channel.close()
            stream.close()
            return
        threading.Thread(target=_drop_errors, args=(channel,), daemon=True).start()
        if asked[1]:
            with contextlib.suppress(OSError):
                channel.sendall(asked[1])
        relay(channel, stream, last=lambda: self._status(channel) if wants_status else b"")
        self._wire.forget(channel)

    def _status(self, channel: paramiko.Channel) -> bytes:
        self._wire.wait_closed(channel)
        return struct.pack(">I", channel.exit_status & 0xFFFFFFFF)


def _read_line(stream: socket.socket) -> tuple[bytes, bytes] | None:
    seen = b""
    while b"\n" not in seen:
        try:
            more = stream.recv(_PIECE)
        except OSError:
            return None
        if not more or len(seen) > _LONGEST:
            return None
        seen += more
    line, _, rest = seen.partition(b"\n")
    return line, rest


def _wish(line: bytes) -> tuple[str, bool] | None:
    """The command, and whether its status is wanted."""
    try:
        asked = json.loads(line)
    except ValueError:
        return None
    command = asked.get("command") if isinstance(asked, dict) else None
    if not isinstance(command, str) or not command:
        return None
    return command, asked.get("status") is True


def _drop_errors(channel: paramiko.Channel) -> None:
    with contextlib.suppress(OSError):
        while channel.recv_stderr(_PIECE):
            pass
