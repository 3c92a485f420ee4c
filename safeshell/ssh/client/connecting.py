"""The way to the host: our own socket over each of its addresses, or a program that leads there (ProxyCommand).

Nothing of SSH is here. Each address is tried for ConnectTimeout; a proxy that dies ends the conversation at once,
since the other end of its socket is closed then.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from typing import Final

from safeshell.ssh.client.failures import NotReached
from safeshell.ssh.client.telling import Telling
from safeshell.ssh.resolved import Resolved

_FAMILIES: Final = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
_QOS: Final = {
    "lowdelay": 0x10, "throughput": 0x08, "reliability": 0x04, "none": 0, "ef": 0xB8, "le": 0x04,
    "va": 0xB0, **{f"cs{n}": n << 5 for n in range(8)},
    **{f"af{c}{d}": ((c << 3) | (d << 1)) << 2 for c in range(1, 5) for d in range(1, 4)},
}  # fmt: skip
_TCP_INFO_RTT: Final = 68
"""Where tcpi_rtt stands in Linux's struct tcp_info (linux/tcp.h), microseconds."""


def connect(resolved: Resolved, telling: Telling) -> socket.socket:
    """A TCP connection to the host of `resolved`.

    Raises:
        NotReached: none of its addresses answers, or it has none.
    """
    attempts = max(int(resolved.one("connectionattempts", "1")), 1)
    for attempt in range(attempts):
        if attempt:
            time.sleep(1)
        error = NotReached("it has no address of this kind", where=resolved.hostname)
        for address in _addresses(resolved):
            try:
                return _connect_to(address, resolved, telling)
            except NotReached as failed:
                error = failed
                if resolved.one("loglevel", "INFO") not in ("QUIET", "INFO") or attempt + 1 < attempts:
                    telling.debug(str(failed))
    raise error


def through_program(command: str, telling: Telling) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """A conversation with a program that leads to the host; its stderr is ours.

    Args:
        command: for the person's shell, tokens put in.
        telling: tells the person.

    Raises:
        NotReached: it can't be started.
    """
    ours, theirs = socket.socketpair()
    telling.debug(f"Executing proxy command: exec {command}")
    try:
        started = subprocess.Popen(
            [os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {command}"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
        )
    except OSError as error:
        ours.close()
        raise NotReached(f"the proxy can't be started: {error.strerror}", where=command) from error
    finally:
        theirs.close()
    return ours, started


def end_program(started: subprocess.Popen[bytes]) -> None:
    """End a proxy, as ssh does when it is done with it."""
    with contextlib.suppress(ProcessLookupError):
        started.send_signal(signal.SIGHUP)
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.wait(1.0)
        return
    started.kill()
    started.wait()


def round_trip(stream: socket.socket) -> float:
    """Seconds of a round trip, as the kernel has measured it; 0.0 where it does not say."""
    if not sys.platform.startswith("linux"):
        return 0.0
    try:
        info = stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 128)
        return float(struct.unpack_from("I", info, _TCP_INFO_RTT)[0]) / 1e6
    except (OSError, struct.error):
        return 0.0


def set_service(stream: socket.socket, resolved: Resolved, *, interactive: bool) -> None:
    """Mark the packets as IPQoS says for a session with a terminal, or without."""
    words = resolved.one("ipqos").split()
    if not words:
        return
    word = words[0] if interactive or len(words) == 1 else words[1]
    value = _QOS.get(word.lower())
    if value is None:
        try:
            value = int(word, 0)
        except ValueError:
            return
    with contextlib.suppress(OSError):
        if stream.family == socket.AF_INET6:
            stream.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, value)
        elif stream.family == socket.AF_INET:
            stream.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, value)


_Address = tuple[socket.AddressFamily, str, int, int, int]


def _addresses(resolved: Resolved) -> list[_Address]:
    family = _FAMILIES.get(resolved.one("addressfamily", "any"), socket.AF_UNSPEC)
    try:
        found = socket.getaddrinfo(resolved.hostname, resolved.port, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "this is no host name"
        raise NotReached(
            f"Could not resolve hostname: {said}",
            where=resolved.hostname,
            todo="Is the name right, and is the network or VPN there?",
        ) from error
    kept: list[_Address] = []
    for one_family, _, _, _, where in found:
        flow, scope = (int(where[2]), int(where[3])) if len(where) == 4 else (0, 0)
        kept.append((one_family, str(where[0]), int(where[1]), flow, scope))
    return kept


def _connect_to(address: _Address, resolved: Resolved, telling: Telling) -> socket.socket:
    family, host, port, flow, scope = address
    telling.debug(f"Connecting to {resolved.hostname} [{host}] port {port}.")
    stream = socket.socket(family, socket.SOCK_STREAM)
    seconds = resolved.one("connecttimeout", "none")
    try:
        bind = resolved.one("bindaddress")
        if bind:
            stream.bind(socket.getaddrinfo(bind, None, family, socket.SOCK_STREAM)[0][4])
        if seconds.isdigit() and int(seconds):
            stream.settimeout(int(seconds))
        stream.connect((host, port, flow, scope) if family == socket.AF_INET6 else (host, port))
        stream.settimeout(None)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if resolved.one("tcpkeepalive", "yes") == "yes":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    except OSError as error:
        stream.close()
        reason = (
            os.strerror(errno.ETIMEDOUT) if isinstance(error, TimeoutError) else error.strerror or str(error)
        )
        raise NotReached(
            f"Connection to {host} port {port} failed: {reason}",
            where=resolved.hostname,
            todo="Is the host up, is this its SSH port, and is the network or VPN there?",
        ) from error
    return stream
