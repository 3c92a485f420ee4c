"""The byte stream to a server: opened over TCP or a unix socket, moved without ever blocking.

No Redis and no TLS in here (tls.py has its own Transport). Opening fails with one clear sentence; afterwards
errors are plain OSErrors, for connection.py to make sense of. Whoever waits, waits in `wait`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import time
from typing import Final

from safeshell.guard.text import visible
from safeshell.redis.address import Family, ServerAddress
from safeshell.redis.failures import AddressInvalid, Unreachable

RECEIVE_BYTES: Final = 1 << 16

_KEEPALIVE_SECONDS: Final = 15  # redis-cli's interval
_FAMILIES: Final = {
    Family.ANY: socket.AF_UNSPEC,
    Family.IPV4: socket.AF_INET,
    Family.IPV6: socket.AF_INET6,
}


class Deadline:
    """A moment on the monotonic clock, or never.

    Args:
        seconds: from now; None for never.
    """

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """Seconds until then, 0 when past; None for never."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def is_past(self) -> bool:
        """Whether time is up."""
        return self.left() == 0.0


class Transport:
    """An open stream that never blocks.

    Args:
        sock: connected.
    """

    __slots__ = ("_sock",)

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock

    def send(self, data: memoryview) -> int:
        """Send what goes without waiting; how many bytes that were.

        Raises:
            OSError: the stream is gone.
        """
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0

    def receive(self) -> bytes | None:
        """What has arrived; None for nothing yet, b"" when the other side has closed.

        Raises:
            OSError: the stream is gone.
        """
        try:
            return self._sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None

    def wait(self, *, to_send: bool, timeout: float | None) -> bool:
        """Wait until something arrives, or can be sent if `to_send`; False if `timeout` seconds pass."""
        return wait_for(self._sock, to_receive=True, to_send=to_send, timeout=timeout)

    def fileno(self) -> int:
        """The file descriptor; -1 when closed."""
        return self._sock.fileno()

    def close(self) -> None:
        """End the stream at once."""
        self._sock.close()


def wait_for(sock: socket.socket, *, to_receive: bool, to_send: bool, timeout: float | None) -> bool:
    """Sleep until the socket is ready for one of these; False if `timeout` seconds pass (None: never)."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, (select.POLLIN if to_receive else 0) | (select.POLLOUT if to_send else 0))
        # Rounded up: a timeout of half a millisecond must not become a busy loop.
        return bool(poll.poll(None if timeout is None else int(timeout * 1000 + 0.999)))
    reading = [sock] if to_receive else []
    writing = [sock] if to_send else []
    return any(select.select(reading, writing, (), timeout))


def open_socket(address: ServerAddress, deadline: Deadline) -> socket.socket:
    """A connected socket to the address' unix socket or TCP port, TLS not yet spoken.

    Raises:
        Unreachable: nobody there.
    """
    if address.unix_socket is not None:
        return _open_unix(address, deadline)
    return _open_tcp(address, deadline)


def _open_unix(address: ServerAddress, deadline: Deadline) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise AddressInvalid("this system has no unix sockets", where=address.place)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(deadline.left())
        sock.connect(str(address.unix_socket))
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise _unreachable(error, address, deadline) from None
        raise
    return sock


def _open_tcp(address: ServerAddress, deadline: Deadline) -> socket.socket:
    """The first of the name's addresses that lets us in; else the first one's error."""
    first: OSError | None = None
    for family, kind, protocol, _, place in _looked_up(address):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left() if not deadline.is_past else 0.001)
            sock.connect(place)
            _tune(sock)
        except BaseException as error:
            sock.close()
            if not isinstance(error, OSError):
                raise
            first = first or error
            continue
        return sock
    assert first is not None, "getaddrinfo gives at least one address"
    raise _unreachable(first, address, deadline) from None


def _looked_up(
    address: ServerAddress,
) -> list[
    tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]
]:
    try:
        found = socket.getaddrinfo(address.host, address.port, _FAMILIES[address.family], socket.SOCK_STREAM)
    except socket.gaierror as error:
        wanted = "" if address.family is Family.ANY else f" as an {address.family.value} address"
        raise Unreachable(
            f'could not connect: the name "{visible(address.host)}" is not found{wanted}'
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None), socket.EAI_FAMILY)
            or error.errno == getattr(socket, "EAI_ADDRFAMILY", None)
            else f'could not connect: looking up "{visible(address.host)}" failed: {error.strerror}',
            where=address.place,
            todo="Check the host's spelling, your VPN and your name server.",
        ) from None
    except (UnicodeError, ValueError):
        raise AddressInvalid(f'"{visible(address.host)}" can be no host name') from None
    return found  # type: ignore[return-value]  # the stub allows for families that were not asked for


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Not every system has all of these; keepalive itself is what matters.
    for name, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_SECONDS),
        ("TCP_KEEPALIVE", _KEEPALIVE_SECONDS),
        ("TCP_KEEPINTVL", _KEEPALIVE_SECONDS // 3),
        ("TCP_KEEPCNT", 3),
    ):
        if hasattr(socket, name):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _unreachable(error: OSError, address: ServerAddress, deadline: Deadline) -> Unreachable:
    where = address.place
    if isinstance(error, TimeoutError | BlockingIOError):
        return Unreachable(
            f"could not connect: no answer within {deadline.seconds or 0:g} s",
            where=where,
            todo="Check host, port, VPN and firewall; -t gives it more seconds.",
        )
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(
            "could not connect: connection refused",
            where=where,
            todo="Nothing listens there: check host and port, and whether the server runs.",
        )
    if isinstance(error, FileNotFoundError):
        return Unreachable("could not connect: there is no such socket", where=where)
    if isinstance(error, PermissionError):
        return Unreachable("could not connect: you may not use this socket", where=where)
    reason = os.strerror(error.errno) if error.errno else str(error)
    todo = "Check your network and VPN." if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH) else ""
    return Unreachable(f"could not connect: {reason}", where=where, todo=todo)
