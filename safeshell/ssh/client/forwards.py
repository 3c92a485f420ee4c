"""Ports that lead through the connection: -L from here to there, -R from there to here, -D wherever the caller says.

The one idea: a listener is a thread that accepts; each connection is a channel and a relay. Forms of unix sockets
are not done here; `fitness` says so before.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from typing import Final

import paramiko

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.client.failures import SshFailed
from safeshell.ssh.client.relaying import relay, relay_aside
from safeshell.ssh.client.socks import NotSocks, Socks, Wanted
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.client.wire import ChannelRefused, Gone, Wire
from safeshell.ssh.resolved import Resolved

_END: Final = re.compile(r"(?:\[(?P<host>[^\]]*)\]:|(?P<bare>[^:/\[\] ]*):)?(?P<port>\d+)")
_PIECE: Final = 4096
_ANY: Final = ("", "*")


@frozen
class Forward:
    """One forward.

    Args:
        bind: the address that listens; None for the usual one.
        listen: the port that listens.
        host, port: where it leads; host "" when each caller says that (SOCKS).
    """

    bind: str | None
    listen: int
    host: str = ""
    port: int = 0


def read_forward(text: str) -> Forward | None:
    """Read a forward in the words of `ssh -G`; None for one over unix sockets.

    Args:
        text: `8080 [db]:80`, `[*]:81 [::1]:80`, `9000 [socks]:0`; `1080` or `[localhost]:1081` for a dynamic one.
    """
    ends = [_END.fullmatch(word) for word in text.split()]
    if not ends or None in ends or len(ends) > 2:
        return None
    first = ends[0]
    assert first is not None
    bind = first["host"] if first["host"] is not None else first["bare"]
    if len(ends) == 1:
        return Forward(bind, int(first["port"]))
    second = ends[1]
    assert second is not None
    host = second["host"] or second["bare"] or ""
    socks = host == "socks" and second["port"] == "0"
    return Forward(bind, int(first["port"]), "" if socks else host, int(second["port"]))


class Forwards:
    """All forwards of a connection.

    Args:
        wire: the connection.
        resolved: its configuration.
        telling: says what could not be had.
    """

    def __init__(self, wire: Wire, resolved: Resolved, telling: Telling) -> None:
        self._wire = wire
        self._resolved = resolved
        self._telling = telling
        self._listeners: list[socket.socket] = []
        self._remote: dict[int, Forward] = {}
        self._open: dict[int, str] = {}

    def start(self) -> None:
        """Listen on both sides.

        Raises:
            SshFailed: one could not be had, and ExitOnForwardFailure says that this is the end.
        """
        if self._resolved.one("clearallforwardings") == "yes":
            return
        local = self._resolved.all("localforward")
        # For one to a unix socket `ssh -G` (9.2) says a dynamic one as well, on the same port.
        false = {text.partition(" ")[0] for text in local if text.partition(" ")[2].startswith("/")}
        dynamic = tuple(text for text in self._resolved.all("dynamicforward") if text not in false)
        for text in local + dynamic:
            forward = read_forward(text)
            if forward is not None:
                self._listen(forward)
        remote = [found for text in self._resolved.all("remoteforward") if (found := read_forward(text))]
        if remote:
            self._wire.take_forwarded(self._arrived)
        for forward in remote:
            self._ask_remote(forward)

    def stop(self) -> None:
        """Listen no more."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def listed(self) -> list[str]:
        """The connections that are open now, a line each."""
        return [f"  #{number} {text}" for number, text in sorted(self._open.items())]

    def _listen(self, forward: Forward) -> None:
        found, reason = False, ""
        for family, address in _local_addresses(
            forward.bind, open_to_all=self._resolved.one("gatewayports") == "yes"
        ):
            listener = socket.socket(family, socket.SOCK_STREAM)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address, forward.listen))
                listener.listen(128)
            except OSError as error:
                listener.close()
                reason = error.strerror or str(error)
                continue
            found = True
            self._listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, forward), daemon=True).start()
            self._telling.debug(f"Local forwarding listening on {address} port {forward.listen}.")
        if not found:
            self._failed(f"port {forward.listen} here can't be listened on: {reason}")

    def _accept(self, listener: socket.socket, forward: Forward) -> None:
        while True:
            try:
                stream, origin = listener.accept()
            except OSError:
                return
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._lead_there, args=(stream, origin, forward), daemon=True).start()

    def _lead_there(self, stream: socket.socket, origin: tuple[str, int], forward: Forward) -> None:
        wanted = None
        host, port = forward.host, forward.port
        if not host:
            wanted = _socks_of(stream.recv, stream.sendall)
            if wanted is None:
                stream.close()
                return
            host, port = wanted.host, wanted.port
        try:
            channel = self._wire.open("direct-tcpip", to=(host, port), origin=(origin[0], origin[1]))
        except (ChannelRefused, Gone) as error:
            self._telling.info(f"channel: open failed: {visible(host)} port {port}: {visible(str(error))}")
            if wanted:
                with contextlib.suppress(OSError):
                    stream.sendall(wanted.no)
            stream.close()
            return
        self._open[channel.chanid] = f"direct-tcpip to {visible(host)} port {port}"
        with contextlib.suppress(OSError):
            if wanted:
                stream.sendall(wanted.yes)
                channel.sendall(wanted.early)
        relay(channel, stream)
        self._open.pop(channel.chanid, None)

    def _ask_remote(self, forward: Forward) -> None:
        bind = "localhost" if forward.bind is None else "" if forward.bind in _ANY else forward.bind
        # Before it is asked for: the first connection may come with the answer.
        self._remote[forward.listen] = forward
        reply = self._wire.ask_server("tcpip-forward", bind, forward.listen)
        if reply is None:
            self._failed(f"remote port forwarding failed for listen port {forward.listen}")
            return
        port = forward.listen or reply.get_int()
        self._remote[port] = forward
        if not forward.listen:
            there = f"{forward.host}:{forward.port}" if forward.host else "the address that each caller names"
            self._telling.info(f"Allocated port {port} for remote forward to {there}")

    def _arrived(self, channel: paramiko.Channel, _origin: tuple[str, int], server: tuple[str, int]) -> None:
        # paramiko's thread is here: nothing may wait.
        threading.Thread(target=self._lead_here, args=(channel, server[1]), daemon=True).start()

    def _lead_here(self, channel: paramiko.Channel, port: int) -> None:
        forward = self._remote.get(port)
        if forward is None:
            channel.close()
            return
        host, to, wanted = forward.host, forward.port, None
        if not host:
            wanted = _socks_of(channel.recv, channel.sendall)
            if wanted is None:
                channel.close()
                return
            host, to = wanted.host, wanted.port
        try:
            stream = socket.create_connection((host, to))
        except OSError as error:
            self._telling.info(f"connect_to {visible(host)} port {to}: failed: {error.strerror or error}")
            if wanted:
                with contextlib.suppress(OSError):
                    channel.sendall(wanted.no)
            channel.close()
            return
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open[channel.chanid] = f"forwarded-tcpip to {visible(host)} port {to}"
        with contextlib.suppress(OSError):
            if wanted:
                channel.sendall(wanted.yes)
                stream.sendall(wanted.early)
        relay_aside(channel, stream)

    def _failed(self, text: str) -> None:
        if self._resolved.one("exitonforwardfailure") == "yes":
            raise SshFailed(text, where="a forward", todo="ExitOnForwardFailure ends the call here.")
        self._telling.error(f"Warning: {text}")


def _socks_of(receive: Callable[[int], bytes], send: Callable[[bytes], object]) -> Wanted | None:
    talk = Socks()
    with contextlib.suppress(OSError):
        while data := receive(_PIECE):
            try:
                answer, wanted = talk.feed(data)
            except NotSocks as error:
                if error.answer:
                    send(error.answer)
                return None
            if answer:
                send(answer)
            if wanted:
                return wanted
    return None


def _local_addresses(bind: str | None, *, open_to_all: bool) -> list[tuple[socket.AddressFamily, str]]:
    if bind in _ANY or (bind is None and open_to_all):
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104 - the person asks for that
    try:
        found = socket.getaddrinfo(bind or "localhost", None, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))
