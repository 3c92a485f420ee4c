"""One guarded session with one server: sends exactly what was judged, once, and knows where it is.

Fails closed where redis-cli does not: nothing is resent after a lost connection, a lost MULTI is said to be lost,
and a server that is another one than before stops the session until a person says that they know.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

from safeshell.errors import SafeshellError, TargetUnreachable
from safeshell.guard.text import visible
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.cluster import ClusterLinks, redirected_text, redirection_of
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.facts import ServerFacts
from safeshell.redis.live_facts import LiveFacts, replicas_of
from safeshell.redis.reply import Error, Reply
from safeshell.redis.server_info import info_fields
from safeshell.redis.session_state import SessionState, after, lost

OnRedirect = Callable[[ServerAddress], None]
"""Called before a cluster's node is connected to; raises to refuse it."""

_ROLES = {"master": "primary", "slave": "replica", "sentinel": "sentinel"}


class NotConnected(TargetUnreachable):
    """There is no connection; the command was not sent."""


class ServerChanged(TargetUnreachable):
    """What answers now is not the server that answered before; nothing was sent to it."""


class RedisSession:
    """Make one with `open`.

    Args:
        connection: shaken hands.
        target: the target's name.
        cluster: follow redirections.
        on_redirect: called with a node's address before it is connected to.
        told: called with sentences for the person (`-> Redirected to slot …`).
    """

    def __init__(
        self,
        connection: Connection,
        *,
        target: str,
        cluster: bool = False,
        on_redirect: OnRedirect = lambda _: None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        address = connection.address
        self.state = SessionState(
            address=address,
            target=target,
            db=address.db,
            user=address.username or "default",
            protocol=int(address.protocol),
        )
        self._connection = connection
        self._side: Connection | None = None
        self._cluster = cluster
        self._on_redirect = on_redirect
        self._links = ClusterLinks(address, on_redirect) if cluster else None
        self._told = told
        self._live = LiveFacts(version="", kind="")

    @classmethod
    def open(
        cls,
        address: ServerAddress,
        *,
        target: str,
        cluster: bool = False,
        on_redirect: OnRedirect = lambda _: None,
        told: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Connect, log in, select, and find out what server it is: two round trips.

        Raises:
            TargetUnreachable: no connection, or the server refused the login or the database.
        """
        session = cls(
            Connection.open(address), target=target, cluster=cluster, on_redirect=on_redirect, told=told
        )
        try:
            session.state = session._identified(session._connection)
        except BaseException:
            session.close()
            raise
        session._live = LiveFacts(version=session.state.version, kind=session.state.kind)
        return session

    @property
    def connection(self) -> Connection:
        """The connection that user lines go over, for streaming and mass insertion."""
        return self._connection

    def facts(self) -> ServerFacts:
        """What has been learned of the server so far."""
        return self._live.facts

    def learn(self, *commands: Sequence[bytes]) -> ServerFacts:
        """Ask the server for what judging `commands` needs and is not known yet; then `facts()` has it.

        A server that can't be asked teaches nothing, and what is not known is judged as the strictest.
        """
        try:
            self._live.learn(commands, lambda asked: self.side().pipeline(asked, timeout=2.0))
        except SafeshellError:
            self._close_side()
        return self._live.facts

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command exactly as it is, once, and read its reply.

        Raises:
            NotConnected: there is no connection.
            ConnectionLost: it was lost; whether the command ran is said in `may_have_run`.
        """
        self._check_connected()
        try:
            reply = self._connection.call(*argv)
            reply = self._followed(argv, reply)
        except BaseException:
            self._note_loss()
            raise
        self._note(argv, reply)
        return reply

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Send several commands in one go, without looking at what they do to the session's state.

        For commands that are known not to select, queue, subscribe or log in. In a cluster they go one by one.

        Raises:
            NotConnected, ConnectionLost: as `execute`.
        """
        if self._links is not None:
            return [self.execute(argv) for argv in commands]
        self._check_connected()
        try:
            return self._connection.pipeline(commands)
        except BaseException:
            self._note_loss()
            raise

    def send(self, argv: Sequence[bytes]) -> None:
        """Send a command that is answered by messages: MONITOR, SUBSCRIBE and its kin; then use `next_push`.

        Raises:
            NotConnected, ConnectionLost: as `execute`.
        """
        self._check_connected()
        name = argv[0].upper() if argv else b""
        subscribes = name.endswith(b"SUBSCRIBE")
        replies = (0 if self.state.protocol == 3 else len(argv) - 1) if subscribes else 1
        try:
            self._connection.send(*argv, replies=replies)
        except BaseException:
            self._note_loss()
            raise

    def next_push(self, timeout: float | None = None) -> Reply | None:
        """The next message, None when there is none within `timeout` seconds; ^C while waiting harms nothing.

        Raises:
            ConnectionLost: the server has gone.
        """
        try:
            return self._connection.read_any() if self._connection.wait_readable(timeout) else None
        except KeyboardInterrupt:
            raise
        except BaseException:
            self._note_loss()
            raise

    def side(self) -> Connection:
        """A second connection as the same user, for measuring and asking; opened when first wanted.

        Raises:
            TargetUnreachable: it can't be opened.
        """
        if self._side is None or self._side.state is not ConnectionState.READY or self._side.unanswered:
            self._close_side()
            self._side = Connection.open(
                replace(self.state.address, db=self.state.db, protocol=Protocol.RESP2)
            )
            # Looking must not make keys look used: LRU and LFU stay as they are (7.2 and later; an error before).
            self._side.call(b"CLIENT", b"NO-TOUCH", b"ON")
        return self._side

    def reconnect(self, *, accept_change: bool = False) -> None:
        """Connect anew: same user, same database, same server; nothing is resent.

        Args:
            accept_change: go on although the server is another one than before.

        Raises:
            ServerChanged: it is another one, and that was not accepted; there still is no connection.
            TargetUnreachable: no connection.
        """
        self._drop()
        connection = Connection.open(replace(self.state.address, db=self.state.db))
        try:
            found = self._identified(connection)
            if not accept_change:
                _check_same(self.state, found)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self.state = replace(found, connected=True)
        if (found.version, found.kind) != (self._live.facts.version, self._live.facts.kind):
            self._live = LiveFacts(version=found.version, kind=found.kind)

    def switch(self, address: ServerAddress) -> None:
        """Go on as another user or at another address of the same target, in the same database.

        An open transaction is lost.

        Raises:
            TargetUnreachable: no connection there; the old one stands.
        """
        address = replace(address, db=self.state.db, protocol=self.state.address.protocol)
        connection = Connection.open(address)
        try:
            fresh = replace(
                self.state, address=address, user=address.username or "default", in_multi=False, queued=()
            )
            found = self._identified(connection, fresh)
        except BaseException:
            connection.close()
            raise
        self._drop()
        self._connection = connection
        self.state = replace(found, connected=True, lost_queue=None)
        if self._links is not None:
            self._links.close()
            self._links = ClusterLinks(address, self._on_redirect)

    def close(self) -> None:
        """End the session."""
        self._drop()
        if self._links is not None:
            self._links.close()

    def notice_loss(self) -> None:
        """See whether the server has ended the connection meanwhile, as the second connection may have found."""
        if self._connection.state is ConnectionState.READY and not self._connection.unanswered:
            with contextlib.suppress(SafeshellError):
                self._connection.take_ready()
        self._note_loss()

    def _followed(self, argv: Sequence[bytes], reply: Reply) -> Reply:
        # Inside MULTI a command on another node would run at once, outside the transaction: it stays an error.
        if self._links is None or self.state.in_multi or not isinstance(reply, Error):
            return reply
        if redirection_of(reply) is None:
            return reply
        self._connection, reply = self._links.follow(argv, reply, self._connection)
        for redirection in self._links.followed:
            self._told(redirected_text(redirection))
        self.state = replace(self.state, address=self._connection.address)
        self._close_side()
        return reply

    def _note(self, argv: Sequence[bytes], reply: Reply) -> None:
        before = self.state
        self.state = after(before, argv, reply)
        if isinstance(reply, Error) or not argv:
            return
        name = argv[0].upper()
        self._live.remember_loaded(argv)
        if name == b"FUNCTION" or (name == b"EXEC" and before.queued):
            self._live.forget_functions()
        if self.state.address is not before.address:
            self._close_side()
        if name in (b"REPLICAOF", b"SLAVEOF", b"FAILOVER"):
            self._refresh_role()

    def _refresh_role(self) -> None:
        try:
            found = self._identified(self.side())
        except TargetUnreachable:
            return
        self.state = replace(
            self.state, role=found.role, replid=found.replid, connected_replicas=found.connected_replicas
        )

    def _identified(self, connection: Connection, state: SessionState | None = None) -> SessionState:
        state = state or self.state
        server, replication = connection.pipeline([(b"INFO", b"server"), (b"INFO", b"replication")])
        fields = {**info_fields(server), **info_fields(replication)}
        if not fields:
            return replace(state, role="unknown", run_id="", replid="")
        kind = fields.get("server_name") or "redis"
        mode = fields.get("redis_mode", fields.get("server_mode", ""))
        role = "sentinel" if mode == "sentinel" else _ROLES.get(fields.get("role", ""), "unknown")
        return replace(
            state,
            role=role,
            cluster=mode == "cluster",
            connected_replicas=replicas_of(fields),
            run_id=visible(fields.get("run_id", ""), limit=64),
            replid=visible(fields.get("master_replid", ""), limit=64),
            replid2=visible(fields.get("master_replid2", "").strip("0"), limit=64),
            version=visible(fields.get(f"{kind}_version", fields.get("redis_version", "")), limit=32),
            kind=visible(kind, limit=32),
        )

    def _check_connected(self) -> None:
        if not self.state.connected or self._connection.state is not ConnectionState.READY:
            self._note_loss()
            raise NotConnected(
                f"there is no connection to {self.state.target}; nothing was sent",
                todo="The next line connects again.",
            )

    def _note_loss(self) -> None:
        if self._connection.state is not ConnectionState.READY and self.state.connected:
            self._connection.close()
            self._close_side()
            self.state = lost(self.state)

    def _drop(self) -> None:
        self._connection.close()
        self._close_side()
        if self.state.connected:
            self.state = lost(self.state)

    def _close_side(self) -> None:
        if self._side is not None:
            self._side.close()
            self._side = None


def _check_same(before: SessionState, found: SessionState) -> None:
    differences = [
        f"its {what} was {visible(old)} and is {visible(new)}"
        for what, old, new in (
            ("run id", before.run_id[:12], found.run_id[:12]),
            ("role", before.role, found.role),
            ("version", before.version, found.version),
        )
        if old and new and old != new and "unknown" not in (old, new)
    ]
    if differences:
        raise ServerChanged(
            f"{before.target} is not the server that it was: {', '.join(differences)}; nothing was sent to it",
            todo="It was restarted, failed over or replaced. Look at it first; in the console, "
            ":reconnect accept goes on with it.",
        )
