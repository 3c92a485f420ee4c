"""What is said before the first command, and what a refusal of it means.

Values only: the steps that an address asks for, and the error for each. Every step must succeed: who
goes on after a refused AUTH or SELECT, as redis-cli does, works as another user or on another database.
"""

from __future__ import annotations

from enum import Enum, auto

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.failures import (
    AuthenticationFailed,
    ClientNameRefused,
    HandshakeFailed,
    ProtocolRefused,
    SelectFailed,
)
from safeshell.redis.reply import Error


class Step(Enum):
    """One thing to settle, in the order in which they are sent."""

    AUTH = auto()
    HELLO = auto()
    SELECT = auto()
    SETNAME = auto()


@frozen
class Request:
    """A step's command, word by word; it may hold the password, so it is never shown."""

    step: Step
    argv: tuple[bytes, ...]


def requests_for(address: ServerAddress) -> tuple[Request, ...]:
    """The commands that make a fresh connection what `address` says; none for a plain one.

    AUTH goes by itself, as servers before 6.0 know no HELLO. A user name without a password is sent with an
    empty one: a user without password gets in, and any other is refused instead of staying the default user.
    """
    requests = []
    if address.password is not None or address.username:
        words = (address.username,) if address.username else ()
        argv = (b"AUTH", *(_wire(word) for word in (*words, address.password or "")))
        requests.append(Request(Step.AUTH, argv))
    if address.protocol is Protocol.RESP3:
        requests.append(Request(Step.HELLO, (b"HELLO", b"3")))
    if address.db:
        requests.append(Request(Step.SELECT, (b"SELECT", b"%d" % address.db)))
    if address.client_name:
        requests.append(Request(Step.SETNAME, (b"CLIENT", b"SETNAME", _wire(address.client_name))))
    return tuple(requests)


def refusal(step: Step, error: Error, address: ServerAddress) -> HandshakeFailed:
    """The error that the server's refusal of a step is."""
    where = address.place
    said = visible(error.data)
    if error.code == b"DENIED" or error.data.startswith(b"ERR max number of clients"):
        return HandshakeFailed(f"the server does not let us in: {said}", where=where, reply=error.data)
    if error.code == b"NOAUTH":
        return AuthenticationFailed(
            "the server wants a password",
            where=where,
            todo="Give one: --askpass, REDISCLI_AUTH, or the target's password_command.",
            reply=error.data,
        )
    match step:
        case Step.AUTH:
            user = f'user "{visible(address.username)}"' if address.username else "the default user"
            return AuthenticationFailed(
                f"the server refuses {user}: {said}",
                where=where,
                todo="Check user and password; nothing was run.",
                reply=error.data,
            )
        case Step.HELLO:
            return ProtocolRefused(
                f"the server does not speak RESP3: {said}", where=where, todo="Use -2.", reply=error.data
            )
        case Step.SELECT:
            return SelectFailed(
                f"database {address.db} can't be selected: {said}",
                where=where,
                todo="Nothing was run, least of all on another database.",
                reply=error.data,
            )
        case Step.SETNAME:
            return ClientNameRefused(
                f'the server refuses the client name "{visible(address.client_name)}": {said}',
                where=where,
                reply=error.data,
            )


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
