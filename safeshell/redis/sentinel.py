"""Asking Sentinels which server is the primary (or a replica) under a name, and checking that it is.

One question to each Sentinel in turn until one leads to a server that says of itself what was looked for: a
Sentinel may be out of date for seconds after a failover. Nothing is remembered and nothing is retried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from safeshell.errors import SafeshellError
from safeshell.guard.text import visible
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.failures import HandshakeFailed, Unreachable
from safeshell.redis.reply import Error, Reply, items_of, pairs_of, string_of
from safeshell.redis.server_info import info_fields


class _Wanted(StrEnum):
    PRIMARY = "master"
    REPLICA = "slave"

    @property
    def word(self) -> str:
        return "primary" if self is _Wanted.PRIMARY else "replica"


@dataclass(slots=True)
class _Heard:
    """What was learnt on the way, for the error when nothing is found."""

    failures: list[str] = field(default_factory=list)
    known_names: dict[str, None] = field(default_factory=dict)
    name_unknown: bool = False


def find_primary(addresses: Sequence[ServerAddress], master: str, base: ServerAddress) -> ServerAddress:
    """The primary that the Sentinels watch as `master`, checked to be one.

    Args:
        addresses: the Sentinels, asked in this order; each with the Sentinels' own credentials and TLS.
        master: the name of the primary at the Sentinels.
        base: everything but host and port of the server: credentials, TLS, database.

    Returns:
        `base` with the primary's host and port.

    Raises:
        Unreachable: no Sentinel answers, none knows the name (the names that they know are listed), or what
            they name can't be reached or is no primary.
        HandshakeFailed: the server that they name refuses `base`'s user, password or database.
    """
    return _find(addresses, master, base, _Wanted.PRIMARY)


def find_replica(addresses: Sequence[ServerAddress], master: str, base: ServerAddress) -> ServerAddress:
    """A replica of the primary that the Sentinels watch as `master`, checked to be one.

    Replicas that a Sentinel holds for down are left out; those in touch with their primary come first.

    Args, result and errors as `find_primary`.
    """
    return _find(addresses, master, base, _Wanted.REPLICA)


def _find(
    addresses: Sequence[ServerAddress], master: str, base: ServerAddress, wanted: _Wanted
) -> ServerAddress:
    heard = _Heard()
    tried: set[tuple[str, int]] = set()
    for sentinel in addresses:
        for host, port in _named_by(sentinel, master, wanted, heard):
            if (host, port) in tried:
                continue
            tried.add((host, port))
            found = replace(base, host=host, port=port, unix_socket=None)
            if _is_what_was_wanted(found, wanted, sentinel, heard):
                return found
    raise _not_found(addresses, master, wanted, heard)


def _named_by(
    sentinel: ServerAddress, master: str, wanted: _Wanted, heard: _Heard
) -> Sequence[tuple[str, int]]:
    """The places that one Sentinel names; none when it can't be asked, which goes to `heard`."""
    name = master.encode("utf-8", "surrogateescape")
    timeout = sentinel.connect_timeout
    try:
        with Connection.open(sentinel) as connection:
            if wanted is _Wanted.PRIMARY:
                reply = connection.call(b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", name, timeout=timeout)
                places = _primary_place(reply)
                unknown = items_of(reply) is None and not isinstance(reply, Error)
            else:
                reply = connection.call(b"SENTINEL", b"REPLICAS", name, timeout=timeout)
                if _is_unknown_subcommand(reply):  # before Redis 5
                    reply = connection.call(b"SENTINEL", b"SLAVES", name, timeout=timeout)
                places = _replica_places(reply)
                unknown = isinstance(reply, Error) and b"No such master" in reply.data
                if not places and items_of(reply) is not None:
                    heard.failures.append(f"{sentinel.place} knows of no replica that is up")
            if unknown:
                heard.name_unknown = True
                heard.known_names |= dict.fromkeys(
                    _names(connection.call(b"SENTINEL", b"MASTERS", timeout=timeout))
                )
            elif isinstance(reply, Error):
                heard.failures.append(f"{sentinel.place} is no Sentinel or refuses: {visible(reply.data)}")
            return places
    except SafeshellError as error:
        heard.failures.append(f"{sentinel.place}: {error.message}")
        return ()


def _is_what_was_wanted(
    found: ServerAddress, wanted: _Wanted, sentinel: ServerAddress, heard: _Heard
) -> bool:
    named = f"{sentinel.place} names {found.place}"
    try:
        with Connection.open(found) as connection:
            role = _role(connection, found.connect_timeout)
    except HandshakeFailed:
        raise
    except SafeshellError as error:
        heard.failures.append(f"{named}, but {error.message}")
        return False
    if role == wanted:
        return True
    said = {"master": "a primary", "slave": "a replica"}.get(role, visible(role, limit=40) or "nothing")
    heard.failures.append(f"{named}, but that says it is {said}, no {wanted.word}")
    return False


def _role(connection: Connection, timeout: float | None) -> str:
    """`master`, `slave`, …; INFO's where ROLE is refused, as ROLE is @dangerous and INFO often allowed."""
    items = items_of(connection.call(b"ROLE", timeout=timeout))
    if items:
        return _text(items[0])
    return info_fields(connection.call(b"INFO", b"replication", timeout=timeout)).get("role", "")


def _primary_place(reply: Reply) -> Sequence[tuple[str, int]]:
    items = items_of(reply)
    if items is None or len(items) != 2:
        return ()
    return _place(_text(items[0]), _text(items[1]))


def _replica_places(reply: Reply) -> Sequence[tuple[str, int]]:
    in_touch: list[tuple[str, int]] = []
    others: list[tuple[str, int]] = []
    for fields in map(_fields, items_of(reply) or ()):
        flags = set(fields.get("flags", "").split(","))
        if flags & {"s_down", "o_down", "disconnected"}:
            continue
        good = in_touch if fields.get("master-link-status") == "ok" else others
        good.extend(_place(fields.get("ip", ""), fields.get("port", "")))
    return (*in_touch, *others)


def _place(host: str, port: str) -> Sequence[tuple[str, int]]:
    usable = host and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    return ((host, int(port)),) if usable else ()


def _names(reply: Reply) -> Sequence[str]:
    return tuple(name for fields in map(_fields, items_of(reply) or ()) if (name := fields.get("name")))


def _is_unknown_subcommand(reply: Reply) -> bool:
    return (
        isinstance(reply, Error) and b"unknown" in reply.data.lower() and b"subcommand" in reply.data.lower()
    )


def _fields(reply: Reply) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in pairs_of(reply) or ()}


def _text(reply: Reply) -> str:
    return (string_of(reply) or b"").decode("utf-8", "surrogateescape")


def _not_found(
    addresses: Sequence[ServerAddress], master: str, wanted: _Wanted, heard: _Heard
) -> Unreachable:
    shown = visible(master, limit=80)
    where = ", ".join(address.place for address in addresses)
    if heard.name_unknown and not heard.failures:
        names = ", ".join(visible(name, limit=80) for name in heard.known_names)
        return Unreachable(
            f'the Sentinels watch no primary named "{shown}"',
            where=where,
            todo=f"They know: {names}." if names else "They watch no primary at all.",
        )
    if not addresses:
        return Unreachable("no Sentinel is given", todo="Name at least one in the target's sentinel hosts.")
    if heard.name_unknown:
        heard.failures.append(f'a Sentinel that answered watches no "{shown}"')
    return Unreachable(
        f'no {wanted.word} of "{shown}" was found: ' + "; ".join(heard.failures or ["no Sentinel names one"]),
        where=where,
        todo="Nothing was run. After a failover it can take some seconds until the Sentinels agree.",
    )
