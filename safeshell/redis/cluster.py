"""Redis Cluster: what MOVED and ASK say, and going where they say with one connection a node.

Reading a redirection is pure. `ClusterLinks` only resends what a node refused to run, once per redirection, and
asks its owner before it talks to a node that nobody named. It knows nothing of transactions: a command that was
refused while MULTI queues must not be handed to it, as elsewhere it would run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.guard.text import visible
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.failures import ConnectionLost
from safeshell.redis.reply import Error, Reply

MAX_REDIRECTIONS: Final = 16
"""How often one command follows redirections; as many as redis-cli's own cluster tests allow."""

SLOTS: Final = 16384
"""How many slots a cluster has."""


class RedirectionKind(StrEnum):
    """What a node means by sending us away."""

    MOVED = "MOVED"
    ASK = "ASK"


@frozen
class Redirection:
    """Where a node sends a command.

    Args:
        kind: MOVED for good, ASK for this one command while the slot moves.
        slot: the slot of the command's keys.
        host: the node's name or IP address without brackets; "" for the host that answered.
        port: the node's port.
    """

    kind: RedirectionKind
    slot: int
    host: str
    port: int


def redirection_of(error: Error) -> Redirection | None:
    """What a node's error says of where to go.

    Args:
        error: `MOVED 3999 127.0.0.1:6381`, `ASK 3999 [::1]:7000`, `MOVED 3999 ::1:7000`, `MOVED 3999 :6381`.

    Returns:
        The redirection; None for any other error, and for one that names no usable place (`?:6381`, which a
        node sends when it does not know the other's name).
    """
    words = error.data.decode("utf-8", "surrogateescape").split(" ")
    if len(words) != 3 or words[0] not in (RedirectionKind.MOVED, RedirectionKind.ASK):
        return None
    slot = _number(words[1], below=SLOTS)
    host, colon, port_text = words[2].rpartition(":")
    port = _number(port_text, below=65536)
    if slot is None or not colon or not port:
        return None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if host == "?" or any(char <= " " or char == "\x7f" for char in host):
        return None
    return Redirection(RedirectionKind(words[0]), slot, host, port)


def redirected_text(redirection: Redirection) -> str:
    """redis-cli's line for a redirection that was followed, without its line break."""
    place = f"{visible(redirection.host)}:{redirection.port}"
    return f"-> Redirected to slot [{redirection.slot}] located at {place}"


class ClusterLinks:
    """The connections to a cluster's nodes, one each, opened when a redirection first leads there.

    `followed` holds the redirections of the last `follow`, their hosts filled in.

    Args:
        base: the node that was connected to first; every other gets its credentials, TLS and protocol.
        on_redirect: called with a node's address before anything is sent there; what it raises goes up, and
            nothing is sent. The credentials go where a node of the cluster says, so this is the place to refuse.
    """

    def __init__(self, base: ServerAddress, on_redirect: Callable[[ServerAddress], None]) -> None:
        self.followed: tuple[Redirection, ...] = ()
        self._base = base
        self._on_redirect = on_redirect
        self._nodes: dict[tuple[str, int], Connection] = {}

    def follow(self, argv: Sequence[bytes], reply: Reply, current: Connection) -> tuple[Connection, Reply]:
        """Go where `reply` says, as often as it takes, and send `argv` there.

        The command is resent only because a node said that it did not run it: once per redirection, at most
        `MAX_REDIRECTIONS` times. ASKING goes in the same packet as the command that it is for.

        Args:
            argv: the command that got `reply`, word by word.
            reply: any reply; one that is no redirection comes back as it is.
            current: the connection that it came from; kept and closed with the others from now on.

        Returns:
            The connection that answered last, which is the one to go on with (as redis-cli does), and its
            reply: still a redirection when there were too many.

        Raises:
            Unreachable, HandshakeFailed: of the node that the redirection leads to; nothing ran.
            ConnectionLost: as `Connection.call`; `may_have_run` says whether the command may have run.
        """
        followed: list[Redirection] = []
        self.followed = ()
        while len(followed) < MAX_REDIRECTIONS:
            redirection = redirection_of(reply) if isinstance(reply, Error) else None
            if redirection is None:
                break
            if not followed:
                self._keep(current)
            redirection = self._resolved(redirection, current)
            current, reply = self._go(redirection, argv)
            followed.append(redirection)
            self.followed = tuple(followed)
        return current, reply

    def begin_anew(self, base: ServerAddress, current: Connection) -> None:
        """Connect to nodes as `base` says from now on: another login or database than before.

        Connections as before would answer as another user or from another database, so they end; all but `current`.
        """
        for connection in self._nodes.values():
            if connection is not current:
                connection.close()
        self._nodes.clear()
        self._base = base

    def close(self) -> None:
        """End every connection that was opened here or handed in. May be called twice."""
        for connection in self._nodes.values():
            connection.close()
        self._nodes.clear()

    def _keep(self, connection: Connection) -> None:
        if connection.address.unix_socket is None:
            self._nodes.setdefault((connection.address.host, connection.address.port), connection)

    def _resolved(self, redirection: Redirection, current: Connection) -> Redirection:
        if redirection.host:
            return redirection
        return replace(redirection, host=current.address.host)

    def _go(self, redirection: Redirection, argv: Sequence[bytes]) -> tuple[Connection, Reply]:
        address = replace(self._base, host=redirection.host, port=redirection.port, unix_socket=None)
        self._on_redirect(address)
        node = (address.host, address.port)
        known = self._nodes.get(node)
        if known is not None and known.state is ConnectionState.READY:
            try:
                return known, _sent(known, redirection, argv)
            except ConnectionLost as lost:
                if lost.may_have_run:
                    raise
        # None yet, or one that had ended before anything was sent on it.
        connection = self._nodes[node] = Connection.open(address)
        return connection, _sent(connection, redirection, argv)


def _sent(connection: Connection, redirection: Redirection, argv: Sequence[bytes]) -> Reply:
    if redirection.kind is RedirectionKind.ASK:
        return connection.pipeline([(b"ASKING",), argv])[-1]
    return connection.call(*argv)


def _number(text: str, *, below: int) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or int(text) >= below:
        return None
    return int(text)
