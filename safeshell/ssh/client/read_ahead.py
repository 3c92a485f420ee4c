"""A stream that reads ahead: paramiko asks for a packet's head and its body one by one, the kernel is asked rarely.

Looks like a socket as far as paramiko's transport needs one.
"""

from __future__ import annotations

from typing import Final, Protocol

_AHEAD: Final = 1 << 18


class Stream(Protocol):
    """A socket, or a channel of another connection."""

    def recv(self, count: int, /) -> bytes:
        """At most `count` bytes; b"" at the end."""

    def send(self, data: bytes, /) -> int:
        """Send some of `data`; how much."""

    def settimeout(self, seconds: float | None, /) -> object:
        """How long both may take."""

    def close(self) -> object:
        """End it."""


class ReadAhead:
    """A stream, and what was read of it and not asked for yet; read by one thread.

    Args:
        stream: what is read.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._closed = False
        self._read = b""
        self._at = 0

    def recv(self, count: int) -> bytes:
        """At most `count` bytes; b"" at the end."""
        if self._at >= len(self._read):
            self._read, self._at = self._stream.recv(_AHEAD), 0
        start = self._at
        self._at = min(start + count, len(self._read))
        return self._read[start : self._at]

    def send(self, data: bytes) -> int:
        """Send some of `data`; how much."""
        return self._stream.send(data)

    def settimeout(self, seconds: float | None) -> None:
        """As the socket's."""
        self._stream.settimeout(seconds)

    def close(self) -> None:
        """As the socket's."""
        self._closed = True
        self._stream.close()
