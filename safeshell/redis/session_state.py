"""What a session knows of its own state, and how each command and its reply change that. No I/O.

The server does not say in its replies which database is selected or whether commands are being queued; so it is
followed here, from exactly what was sent and what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.reply import Error, Reply, Status, integer_of, items_of, string_of

Argv = tuple[bytes, ...]

SUBSCRIBING: Final = frozenset({
    b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"UNSUBSCRIBE", b"PUNSUBSCRIBE", b"SUNSUBSCRIBE",
})  # fmt: skip
"""Commands that are answered by one message for each channel."""

# What a server says to EXEC when it has thrown the queue away: cluster errors come without EXECABORT.
_QUEUE_DROPPED: Final = {
    b"EXECABORT", b"MOVED", b"ASK", b"TRYAGAIN", b"CROSSSLOT", b"CLUSTERDOWN",
}  # fmt: skip


@frozen
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
        untold: the server's refusal when it was asked who it is; "" when it told.
        protocol: RESP version spoken now.
        connected: whether the connection stands.
        in_multi: commands are being queued.
        queued: the commands queued so far.
        watching: WATCH guards some keys until the next EXEC or DISCARD.
        lost_queue: how many queued commands a lost connection took with it; None when none was open, and
            again from the first command that is answered afterwards.
        lost_watch: a lost connection took what WATCH guarded with it, so that an EXEC would run unguarded; until
            then as well.
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
    untold: str = ""
    protocol: int = 2
    connected: bool = True
    in_multi: bool = False
    queued: tuple[Argv, ...] = ()
    watching: bool = False
    lost_queue: int | None = None
    lost_watch: bool = False
    subscribed: int = 0


def after(state: SessionState, argv: Sequence[bytes], reply: Reply) -> SessionState:
    """The state after `argv` was answered by `reply`."""
    if not argv:
        return state
    if state.lost_queue is not None or state.lost_watch:
        state = replace(state, lost_queue=None, lost_watch=False)
    name = argv[0].upper()
    if name in (b"EXEC", b"DISCARD") and state.in_multi:
        if isinstance(reply, Error) and reply.code not in _QUEUE_DROPPED:
            return state  # DISCARD with a word too much leaves the transaction open
        left = replace(state, in_multi=False, queued=(), watching=False)
        return _after_exec(left, state.queued, reply) if name == b"EXEC" else left
    if name == b"EXEC" and isinstance(reply, Error) and reply.code == b"EXECABORT":
        return replace(state, watching=False)  # an EXEC with a word too much, although nothing was queued
    if name == b"RESET" and not isinstance(reply, Error):
        # Allowed in every state, inside MULTI too: back to how the connection began, before any AUTH.
        fresh = replace(state, in_multi=False, queued=(), watching=False, subscribed=0)
        return replace(fresh, db=0, user="default", protocol=2)
    if name == b"QUIT" and not isinstance(reply, Error):
        return replace(lost(state), lost_queue=None, lost_watch=False)  # as asked, inside MULTI too
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
    watch = state.watching or state.lost_watch
    gone = replace(state, connected=False, in_multi=False, queued=(), watching=False, subscribed=0)
    return replace(gone, lost_queue=queue, lost_watch=watch)


def connected_anew(state: SessionState) -> SessionState:
    """The state on a fresh connection to `state.address`, which has shaken hands and selected `state.db`.

    Whoever a RESET had made of the old connection: the new one logged in as the address says.
    """
    address = state.address
    return replace(
        state,
        connected=True,
        user=address.username or "default",
        protocol=int(address.protocol),
        in_multi=False,
        queued=(),
        watching=False,
        subscribed=0,
    )


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
        return replace(state, in_multi=True, queued=())
    if name in (b"WATCH", b"UNWATCH"):
        return replace(state, watching=name == b"WATCH")
    if name == b"AUTH":
        return _logged_in(state, argv[1:])
    if name == b"HELLO":
        return _after_hello(state, argv)
    if name in SUBSCRIBING:
        return after_message(state, reply)
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


def after_message(state: SessionState, message: Reply) -> SessionState:
    """The state after a message that confirms a subscription or its end; any other message changes nothing."""
    items = items_of(message)
    count = integer_of(items[2]) if items and confirms(message) else None
    return state if count is None else replace(state, subscribed=count)


def confirms(message: Reply) -> bool:
    """Whether a message is the answer to SUBSCRIBE or one of its kin, for one channel."""
    items = items_of(message) or ()
    return len(items) == 3 and (string_of(items[0]) or b"").upper() in SUBSCRIBING


def at_node(state: SessionState, address: ServerAddress, node: SessionState) -> SessionState:
    """The state of a cluster's session that goes on at another node.

    Args:
        state: before.
        address: of the node; of it only the place counts.
        node: what the node said of itself.
    """
    place = replace(state.address, host=address.host, port=address.port, unix_socket=address.unix_socket)
    return replace(
        node,
        address=place,
        db=state.db,
        user=state.user,
        protocol=state.protocol,
        connected=True,
        in_multi=False,
        queued=(),
        watching=False,
        lost_queue=state.lost_queue,
        lost_watch=state.lost_watch,
        subscribed=0,
    )


def turns_replies_off(argv: Sequence[bytes], renamed: Mapping[str, str]) -> bool:
    """Whether a command makes the server silent: CLIENT REPLY OFF or SKIP.

    Args:
        argv: its words.
        renamed: a name as typed, upper case → the real one.
    """
    if len(argv) < 3 or argv[1].upper() != b"REPLY" or argv[2].upper() not in (b"OFF", b"SKIP"):
        return False
    name = argv[0].upper().decode("utf-8", "replace")
    return renamed.get(name, name) == "CLIENT"
