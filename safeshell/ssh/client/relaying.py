"""Carries bytes between a channel and a socket until both sides have had enough; half-closes are passed on.

The one idea: one thread a direction, each ends when its source does.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Final

import paramiko

_PIECE: Final = 1 << 16
SENT_AT_ONCE: Final = 32768 - 64
"""Bytes that fit into one packet of an OpenSSH server: more is cut, and copied, by paramiko."""


def relay(
    channel: paramiko.Channel, stream: socket.socket, *, last: Callable[[], bytes] = lambda: b""
) -> None:
    """Carry both ways; returns when both are done, and closes both ends.

    Args:
        channel: the one side.
        stream: the other.
        last: what the stream gets behind all that came by the channel.
    """
    up = threading.Thread(target=_upward, args=(channel, stream), daemon=True)
    up.start()
    _downward(channel, stream, last)
    up.join()
    channel.close()
    stream.close()


def relay_aside(channel: paramiko.Channel, stream: socket.socket) -> None:
    """`relay`, in threads of its own."""
    threading.Thread(target=relay, args=(channel, stream), daemon=True).start()


def _downward(channel: paramiko.Channel, stream: socket.socket, last: Callable[[], bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := channel.recv(_PIECE):
            stream.sendall(data)
        stream.sendall(last())
        stream.shutdown(socket.SHUT_WR)
        return
    # Nobody takes it any more: the other side may know that too.
    channel.close()


def _upward(channel: paramiko.Channel, stream: socket.socket) -> None:
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        while data := stream.recv(SENT_AT_ONCE):
            channel.sendall(data)
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        channel.shutdown_write()
