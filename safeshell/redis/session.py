"""One guarded session with one server: sends exactly what was judged, once, and knows where it is.

Fails closed where redis-cli does not: nothing is resent after a lost connection, a lost MULTI is said to be lost,
and a server that is another one than before stops the session until a person says that they know.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Self

from safeshell.errors import Refused, SafeshellError, TargetUnreachable
from safeshell.frozen import replace
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.facts import ServerFacts
from safeshell.redis.failures import Desynchronised, Unreachable
from safeshell.redis.introduction import check_same, introduced, untold_text
from safeshell.redis.live_facts import LiveFacts
from safeshell.redis.reply import Array, Error, Reply
from safeshell.redis.session_nodes import SessionNodes
from safeshell.redis.session_state import (
    SUBSCRIBING,
    SessionState,
    after,
    after_message,
    confirms,
    connected_anew,
    lost,
    turns_replies_off,
)
from safeshell.redis.side_connection import SideConnection

OnRedirect = Callable[[ServerAddress], None]
"""Called before a cluster's node is connected to; raises to refuse it."""

OnNewServer = Callable[[SessionState], None]
"""Called when another server answers than before, or one says only now who it is; raises to refuse it."""

Locate = Callable[[ServerAddress], ServerAddress]
"""Where to connect again, given the last address; raises TargetUnreachable. For Sentinel."""


class NotConnected(TargetUnreachable):
    """There is no connection; the command was not sent."""


class RedisSession:
    """Make one with `open`.

    Args:
        connection: shaken hands.
        target: the target's name.
        cluster: follow redirections.
        on_redirect, on_new_server, locate: as their types say.
        told: called with sentences for the person (`-> Redirected to slot …`).
    """

    def __init__(
        self,
        connection: Connection,
        *,
        target: str,
        cluster: bool = False,
        on_redirect: OnRedirect = lambda _: None,
        on_new_server: OnNewServer = lambda _: None,
        locate: Locate = lambda address: address,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        address = connection.address
        self.state = connected_anew(SessionState(address, target, db=address.db))
        self._connection = connection
        self._side = SideConnection()
        self._on_new_server = on_new_server
        self._locate = locate
        self._nodes = SessionNodes(address, on_redirect=on_redirect, told=told) if cluster else None
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
        on_new_server: OnNewServer = lambda _: None,
        locate: Locate = lambda address: address,
        told: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Connect, log in, select, and find out what server it is: two round trips.

        Raises:
            TargetUnreachable: no connection, or the server refused the login or the database.
        """
        session = cls(
            Connection.open(address),
            target=target,
            cluster=cluster,
            on_redirect=on_redirect,
            on_new_server=on_new_server,
            locate=locate,
            told=told,
        )
        try:
            session._go_on_with(introduced(session._connection, session.state))
        except BaseException:
            session.close()
            raise
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
            self._side.close()
        return self._live.facts

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command exactly as it is, once, and read its reply.

        In a cluster it is sent again where a node says that it belongs, as it did not run.

        Raises:
            NotConnected: there is no connection.
            ConnectionLost: it was lost; whether the command ran is said in `may_have_run`.
            Refused: it would turn replies off, or leads to a node that `on_redirect` refuses.
        """
        self._check_connected()
        if turns_replies_off(argv, self._live.facts.renamed):
            raise Refused(
                "without replies nobody could say what ran, so CLIENT REPLY OFF and SKIP are not sent",
                todo="Redirect the output instead.",
            )
        try:
            reply = self._followed(argv, self._answer(argv))
        except BaseException as failure:
            self._note_failure(failure)
            raise
        self._note(argv, reply)
        return reply

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Send several commands in one go, without looking at what they do to the session's state.

        For commands that are known not to select, queue, subscribe or log in. In a cluster they go one by one.

        Raises:
            NotConnected, ConnectionLost: as `execute`.
        """
        if self._nodes is not None:
            return [self.execute(argv) for argv in commands]
        self._check_connected()
        try:
            return self._connection.pipeline(commands)
        except BaseException as failure:
            self._note_failure(failure)
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
        except BaseException as failure:
            self._note_failure(failure)
            raise

    def next_push(self, timeout: float | None = None) -> Reply | None:
        """The next message, None when there is none within `timeout` seconds; ^C while waiting harms nothing.

        Raises:
            ConnectionLost: the server has gone.
        """
        try:
            if not self._connection.wait_readable(timeout):
                return None
            message = self._connection.read_any()
        except BaseException as failure:
            self._note_failure(failure)
            raise
        if isinstance(message, Error):
            self._connection.unanswered = 0  # one refusal answers for all channels
        self.state = after_message(self.state, message)
        return message

    def side(self) -> Connection:
        """A second connection as the same user, for measuring and asking; opened when first wanted.

        Its database is the one that was selected when it was opened; whoever needs another selects it.

        Raises:
            TargetUnreachable: it can't be opened, or not soon enough.
        """
        return self._side.get(self.state)

    def reconnect(self, *, accept_change: bool = False) -> None:
        """Connect anew: same user, same database, same server; nothing is resent.

        Args:
            accept_change: go on although the server is another one than before.

        Raises:
            ServerChanged: it is another one, and that was not accepted; there still is no connection.
            TargetUnreachable: no connection.
            Refused: `on_new_server` does not want it.
        """
        self._drop()
        connection = self._connected_again()
        try:
            fresh = replace(self.state, address=replace(connection.address, db=self.state.address.db))
            found = introduced(connection, connected_anew(fresh))
            if not accept_change:
                check_same(self.state, found)
            self._adopt(found, connection)
        except BaseException:
            connection.close()
            raise

    def switch(self, address: ServerAddress) -> None:
        """Go on as another user or at another address of the same target, in the same database.

        An open transaction is lost.

        Raises:
            ServerChanged: at the same address, another server answers than before; the old connection stands.
            TargetUnreachable: no connection there; the old one stands.
            Refused: `on_new_server` does not want what is there; the old one stands.
        """
        address = replace(address, db=self.state.db, protocol=self.state.address.protocol)
        connection = Connection.open(address)
        before = self.state
        try:
            found = introduced(connection, connected_anew(replace(before, address=address)))
            if address.place == before.address.place and found.run_id:
                check_same(before, found)
            self._adopt(replace(found, lost_queue=None, lost_watch=False), connection)
        except BaseException:
            connection.close()
            raise
        if self._nodes is not None:
            self._nodes.named_first(address)

    def close(self) -> None:
        """End the session."""
        self._drop()
        if self._nodes is not None:
            self._nodes.close()

    def notice_loss(self) -> None:
        """See whether the server has ended the connection meanwhile, as the second connection may have found."""
        if self._connection.state is ConnectionState.READY and not self._connection.unanswered:
            with contextlib.suppress(SafeshellError):
                self._connection.take_ready()
        self._note_loss()

    def _answer(self, argv: Sequence[bytes]) -> Reply:
        if not argv or argv[0].upper() not in SUBSCRIBING or self.state.in_multi:
            return self._connection.call(*argv)
        # One message for each channel; of them all, those behind the first must not answer what is sent next.
        due = len(argv) - 1 or max(1, self.state.subscribed)
        self.send(argv)
        messages: list[Reply] = []
        while due > 0 and (message := self.next_push()) is not None:
            messages.append(message)
            due -= due if isinstance(message, Error) else confirms(message)
        return messages[0] if len(messages) == 1 else Array(tuple(messages))

    def _followed(self, argv: Sequence[bytes], reply: Reply) -> Reply:
        if self._nodes is None:
            return reply
        followed = self._nodes.answer_of(argv, reply, self._connection, self.state)
        if followed is None:
            return reply
        self._connection, reply, self.state = followed
        self._side.close()
        return reply

    def _note(self, argv: Sequence[bytes], reply: Reply) -> None:
        before = self.state
        self.state = after(before, argv, reply)
        if isinstance(reply, Error) or not argv:
            return
        name = argv[0].upper()
        self._live.remember_loaded(argv)
        if not self.state.connected:  # QUIT
            self._connection.close()
        if self.state.address is not before.address or not self.state.connected:
            self._side.close()
        if self._nodes is not None:
            self._nodes.keep_step(before, self.state, argv, self._connection)
        if self.state.untold and self.state.address is not before.address:
            self._meet_after_login()
        if name in (b"REPLICAOF", b"SLAVEOF", b"FAILOVER"):
            self._refresh_role()

    def _meet_after_login(self) -> None:
        """A server that told nothing before the login may tell now who it is.

        Raises:
            Refused: `on_new_server` does not want it; the connection is closed.
        """
        try:
            found = introduced(self._connection, self.state)
        except SafeshellError:
            self._note_loss()
            return
        try:
            self._on_new_server(found)
        except BaseException:
            self._drop()
            raise
        self._go_on_with(found)

    def _refresh_role(self) -> None:
        try:
            found = introduced(self.side(), self.state)
        except SafeshellError:
            return
        self.state = found

    def _connected_again(self) -> Connection:
        address = self._locate(replace(self.state.address, db=self.state.db))
        try:
            return Connection.open(address)
        except Unreachable:
            elsewhere = self._nodes.begin_again_from(address) if self._nodes else None
            if elsewhere is None:
                raise
            return Connection.open(elsewhere)

    def _adopt(self, found: SessionState, connection: Connection) -> None:
        """Go on at a fresh connection, unless `on_new_server` does not want what is there."""
        if found.run_id != self.state.run_id:
            self._on_new_server(found)
        self._drop()
        self._connection = connection
        if self._nodes is not None:
            self._nodes.begin_anew(found, connection)
        self._go_on_with(found)

    def _go_on_with(self, found: SessionState) -> None:
        """Take over what a server said of itself."""
        known = self._live.facts
        same = found.run_id == self.state.run_id
        if not same or (found.version, found.kind) != (known.version, known.kind):
            self._live = LiveFacts(version=found.version, kind=found.kind)
        self.state = found
        if text := untold_text(found):
            self._told(text)

    def _check_connected(self) -> None:
        if not self.state.connected or self._connection.state is not ConnectionState.READY:
            self._note_loss()
            raise NotConnected(
                f"there is no connection to {self.state.target}; nothing was sent",
                todo="The next line connects again.",
            )

    def _note_failure(self, failure: BaseException) -> None:
        """After `failure`: replies that belong to nothing make a connection useless, and only a new one helps."""
        if isinstance(failure, Desynchronised):
            self._connection.close()
        self._note_loss()

    def _note_loss(self) -> None:
        if self._connection.state is not ConnectionState.READY and self.state.connected:
            self._connection.close()
            self._side.close()
            self.state = lost(self.state)

    def _drop(self) -> None:
        self._connection.close()
        self._side.close()
        if self.state.connected:
            self.state = lost(self.state)
