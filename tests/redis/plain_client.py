"""A client of a few lines for tests that need to see replies as they are: RESP2 over the server's unix socket."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Self


class ServerError(Exception):
    """An error reply."""


class PlainClient:
    def __init__(self, path: Path, timeout: float = 20.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rb")

    def send(self, *commands: Sequence[bytes]) -> None:
        self._socket.sendall(
            b"".join(
                b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
                for words in commands
            )
        )

    def receive(self) -> object:
        """One reply; error replies are returned as `ServerError`, not raised."""
        line = self._file.readline()
        if not line:
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind in b"+":
            return rest
        if kind == b"-":
            return ServerError(rest.decode())
        if kind == b":":
            return int(rest)
        size = int(rest)
        if kind == b"$":
            return None if size < 0 else self._file.read(size + 2)[:-2]
        return None if size < 0 else [self.receive() for _ in range(size)]

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> list[object]:
        replies: list[object] = []
        for start in range(0, len(commands), 500):
            chunk = commands[start : start + 500]
            self.send(*chunk)
            replies += [self.receive() for _ in chunk]
        return replies

    def call(self, *words: bytes) -> object:
        self.send(words)
        return self.receive()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
