"""Forwards, jump hosts and destinations of ssh_config and ssh's options, in their usual spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.config_line import LineMistake

_NUMERIC: Final = re.compile(r"[0-9.]*")
_URI: Final = "ssh://"

PortOf = Callable[[str], int | None]
"""The number of a service by its name."""


@frozen
class Place:
    """Where a connection goes.

    Args:
        host: its name or address, without brackets.
        user: who logs in; "" where that isn't said.
        port: the port; 0 where that isn't said.
    """

    host: str
    user: str = ""
    port: int = 0


@frozen
class _Field:
    text: str
    is_path: bool


@frozen
class _End:
    """One side of a forward: a socket's path, or a host and a port."""

    path: str = ""
    host: str | None = None
    port: int = 0

    def __str__(self) -> str:
        if self.path:
            return self.path
        return str(self.port) if self.host is None else f"[{self.host}]:{self.port}"


def read_port(text: str, port_of: PortOf) -> int | None:
    """A port by its number or its name; None for what is neither."""
    if text.isascii() and text.isdigit():
        return int(text) if int(text) <= 65535 else None
    return port_of(text)


def read_forward(
    text: str, port_of: PortOf, *, dynamic: bool, remote: bool, path: Callable[[str], str] = str
) -> str:
    """A forward as `ssh -G` writes it: `[localhost]:8080 [db]:80`, `8080 [db]:80`, `1080`, `/a/socket /another`.

    Args:
        text: with its variables put in.
        port_of: knows services by their names.
        dynamic: whether it leads wherever the far side asks, as a SOCKS proxy.
        remote: whether the far side listens.
        path: puts the tokens into the path of a socket.

    Raises:
        LineMistake: it is no forward.
    """
    mistake = LineMistake(f"{visible(text)} is no forward")
    fields = _fields(text, mistake)
    to_socket = remote and len(fields) == 2 and fields[1].is_path
    connect: _End | None = None
    if dynamic and not to_socket:
        listen = _dynamic(fields, port_of, mistake)
    else:
        listen, connect = _ends(fields, port_of, mistake)
        if not connect.path and connect.port <= 0:
            raise mistake
    if not listen.path and listen.port < (0 if remote else 1):
        raise mistake
    ends = [_End(path(end.path)) if end.path else end for end in (listen, connect) if end]
    if remote and not connect:
        ends.append(_End(host="socks"))
    return " ".join(map(str, ends))


def _fields(text: str, mistake: LineMistake) -> list[_Field]:
    rest = text.lstrip()
    found: list[_Field] = []
    while rest and len(found) < 4:
        field, rest = _bracketed(rest, mistake) if rest.startswith("[") else _plain(rest, mistake)
        found.append(field)
    if rest or not found:
        raise mistake
    return found


def _bracketed(text: str, mistake: LineMistake) -> tuple[_Field, str]:
    inside, bracket, rest = text[1:].partition("]")
    if not bracket or (rest and not rest.startswith(":")):
        raise mistake
    return _Field(inside, "/" in inside), rest[1:]


def _plain(text: str, mistake: LineMistake) -> tuple[_Field, str]:
    taken: list[str] = []
    is_path = False
    at = 0
    while at < len(text) and text[at] != ":":
        if text[at] == "\\":
            at += 1
            if at >= len(text):
                raise mistake
        elif text[at] == "/":
            is_path = True
        taken.append(text[at])
        at += 1
    return _Field("".join(taken), is_path), text[at + 1 :]


def _dynamic(fields: list[_Field], port_of: PortOf, mistake: LineMistake) -> _End:
    match fields:
        case [only]:
            return _End(only.text) if only.is_path else _End(port=_port(only, port_of))
        case [host, port]:
            if port.is_path:
                raise mistake
            return _End(host=host.text, port=_port(port, port_of))
        case _:
            raise mistake


def _ends(fields: list[_Field], port_of: PortOf, mistake: LineMistake) -> tuple[_End, _End]:
    match fields:
        case [listen, connect] if connect.is_path:
            first = _End(listen.text) if listen.is_path else _End(port=_port(listen, port_of))
            return first, _End(connect.text)
        case [listen, host, port] if listen.is_path:
            return _End(listen.text), _End(host=host.text, port=_port(port, port_of))
        case [host, port, connect] if connect.is_path:
            return _End(host=host.text, port=_port(port, port_of)), _End(connect.text)
        case [listen, host, port]:
            return _End(port=_port(listen, port_of)), _End(host=host.text, port=_port(port, port_of))
        case [address, listen, host, port]:
            return (
                _End(host=address.text, port=_port(listen, port_of)),
                _End(host=host.text, port=_port(port, port_of)),
            )
        case _:
            raise mistake


def _port(field: _Field, port_of: PortOf) -> int:
    found = read_port(field.text, port_of)
    return -1 if found is None else found


def read_jump(text: str, port_of: PortOf) -> str:
    """A chain of jump hosts as `ssh -G` writes it: `user@first,last:2222`; `none` for none.

    Raises:
        LineMistake: one of them can't be read.
    """
    chain = text.partition("#")[0].rstrip()
    if text.lower() == "none":
        return "none"
    hops = [_hop(one, port_of) for one in chain.split(",")]
    # The hops before the last are handed on as they are written, and a comment behind them, too.
    before = text.rpartition(",")[0]
    return ",".join(filter(None, (before, _written(hops[-1]))))


def last_hop(chain: str, port_of: PortOf) -> Place:
    """The host of a chain that `read_jump` has written which leads to the destination.

    Raises:
        LineMistake: it can't be read.
    """
    return _hop(chain.rpartition(",")[2], port_of)


def _hop(text: str, port_of: PortOf) -> Place:
    place = read_uri(text, port_of) or _user_host_port(text, port_of)
    if place is None:
        raise LineMistake(f"{visible(text)} is no jump host")
    return place


def _written(place: Place) -> str:
    numeric = ":" in place.host or _NUMERIC.fullmatch(place.host)
    host = f"[{place.host}]" if numeric else place.host
    return f"{place.user + '@' if place.user else ''}{host}{f':{place.port}' if place.port else ''}"


def read_destination(text: str, port_of: PortOf) -> Place:
    """What was typed for a host: `host`, `user@host`, or `ssh://user@host:port`.

    Raises:
        LineMistake: it can't be read.
    """
    place = read_uri(text, port_of)
    if place:
        return place
    user, at, host = text.rpartition("@")
    if at and not user:
        raise LineMistake(f"{visible(text)} has nobody before its @")
    return Place(host, user)


def read_uri(text: str, port_of: PortOf) -> Place | None:
    """A place as `ssh://[user@]host[:port]`; None for what is no URI of ssh.

    Raises:
        LineMistake: it is one, and can't be read.
    """
    if not text.startswith(_URI):
        return None
    rest, slash, path = text.removeprefix(_URI).partition("/")
    place = None if slash and path else _user_host_port(rest, port_of)
    if place is None:
        raise LineMistake(f"{visible(text)} is no place that ssh can go to")
    # Parameters of the connection may stand behind the user, and mean nothing to ssh.
    return Place(place.host, unquote(place.user.partition(";")[0]), place.port)


def _user_host_port(text: str, port_of: PortOf) -> Place | None:
    user, at, rest = text.rpartition("@")
    if at and not user:
        return None
    host, port = _host_port(rest)
    if not host:
        return None
    if not port:
        return Place(host, user)
    number = read_port(port, port_of)
    return Place(host, user, number) if number else None


def _host_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, bracket, behind = text[1:].partition("]")
        return (host, behind.removeprefix(":")) if bracket else ("", "")
    if "/" in text:
        return "", ""
    host, _, port = text.partition(":")
    return host, port
