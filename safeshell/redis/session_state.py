"""What a session knows of its own state, and how each command and its reply change that. No I/O.

The server does not say in its replies which database is selected or whether commands are being queued; so it is
followed here, from exactly what was sent and what was answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.reply import Array, Error, Reply, Status, integer_of, items_of

Argv = tuple[bytes, ...]

_SUBSCRIBING: Final = {
    b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"UNSUBSCRIBE", b"PUNSUBSCRIBE", b"SUNSUBSCRIBE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionState:
    """Where a session is.

    Args:
        address: how to connect again, as the same user.
        target: the target's name.
        db: the selected database.
        user: who the server takes us for; "default" until something else was said.
        role: `primary`, `replica`, `sentinel`, or `unknown` where the server does not let us ask.
        cluster: the server is a node of a cluster.
        connected_replicas: of a primary.
        run_id: changes with every start of the server; "" when not known.
        replid: of the history of its writes; "" when not known.
        replid2: of the history that it went on from; "" for none.
        version, kind: of the server, `7.0.15` and `redis`.
        protocol: RESP version spoken now.
        connected: whether the connection stands.
        in_multi: commands are being queued.
        queued: the commands queued so far.
        lost_queue: how many queued commands a lost connection took with it; None when none was open.
        subscribed: channels and patterns listened to.
    """

    address: ServerAddress
    target: str
    db: int = 0
    user: str = "default"
    role: str = "unknown"
    cluster: bool = False
    connected_replicas: int = 0
    run_id: str = ""
    replid: str = ""
    replid2: str = ""
    version: str = ""
    kind: str = "redis"
    protocol: int = 2
    connected: bool = True
    in_multi: bool = False
    queued: tuple[Argv, ...] = ()
    lost_queue: int | None = None
    subscribed: int = 0


def after(state: SessionState, argv: Sequence[bytes], reply: Reply) -> SessionState:
    """The state after `argv` was answered by `reply`."""
    if not argv:
        return state
    name = argv[0].upper()
    if name in (b"EXEC", b"DISCARD") and state.in_multi:
        if isinstance(reply, Error) and reply.code not in (
            b"EXECABORT",
            b"MOVED",
            b"CROSSSLOT",
            b"CLUSTERDOWN",
        ):
            return state  # a syntax error leaves the transaction open
        left = replace(state, in_multi=False, queued=())
        return _after_exec(left, state.queued, reply) if name == b"EXEC" else left
    if name == b"RESET" and not isinstance(reply, Error):
        # Allowed in every state, inside MULTI too: back to how the connection began, before any AUTH.
        return replace(state, db=0, user="default", protocol=2, in_multi=False, queued=(), subscribed=0)
    if state.in_multi:
        if isinstance(reply, Status) and reply.data == b"QUEUED":
            return replace(state, queued=(*state.queued, tuple(argv)))
        return state
    if isinstance(reply, Error):
        return state
    return _after_done(state, tuple(argv), reply)


def lost(state: SessionState) -> SessionState:
    """The state after the connection is gone: what was queued is lost, what was selected is not."""
    queue = len(state.queued) if state.in_multi else state.lost_queue
    return replace(state, connected=False, in_multi=False, queued=(), subscribed=0, lost_queue=queue)


def _after_exec(state: SessionState, queued: tuple[Argv, ...], reply: Reply) -> SessionState:
    replies = items_of(reply)
    if replies is None or len(replies) != len(queued):
        return state
    for argv, answer in zip(queued, replies, strict=True):
        if not isinstance(answer, Error):
            state = _after_done(state, argv, answer)
    return state


def _after_done(state: SessionState, argv: Argv, reply: Reply) -> SessionState:
    name = argv[0].upper()
    if name == b"SELECT" and len(argv) == 2 and argv[1].isdigit():
        return replace(state, db=int(argv[1]))
    if name == b"MULTI":
        return replace(state, in_multi=True, queued=(), lost_queue=None)
    if name == b"AUTH":
        return _logged_in(state, argv[1:])
    if name == b"HELLO":
        return _after_hello(state, argv)
    if name in _SUBSCRIBING:
        return _after_subscribing(state, reply)
    return state


def _after_hello(state: SessionState, argv: Argv) -> SessionState:
    if len(argv) > 1 and argv[1] in (b"2", b"3"):
        state = replace(state, protocol=int(argv[1]))
        state = replace(state, address=replace(state.address, protocol=Protocol(state.protocol)))
    words = [word.upper() for word in argv]
    if b"AUTH" in words[2:]:
        at = words.index(b"AUTH", 2)
        return _logged_in(state, argv[at + 1 : at + 3])
    return state


def _logged_in(state: SessionState, words: Sequence[bytes]) -> SessionState:
    """A login by hand is how the session connects from then on."""
    if len(words) not in (1, 2):
        return state
    username = words[0].decode("utf-8", "surrogateescape") if len(words) == 2 else ""
    password = words[-1].decode("utf-8", "surrogateescape")
    address = replace(state.address, username=username, password=password)
    return replace(state, user=username or "default", address=address)


def _after_subscribing(state: SessionState, reply: Reply) -> SessionState:
    items = items_of(reply) if isinstance(reply, Array) else None
    count = integer_of(items[2]) if items and len(items) == 3 else None
    return state if count is None else replace(state, subscribed=count)
