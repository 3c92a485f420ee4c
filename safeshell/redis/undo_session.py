"""What keeping and measuring need of a session: to send, to send beside it, and to know where they are.

Types only. `RedisSession` is one; tests may bring a smaller one around a real connection.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock, Thread
from typing import Final, Protocol

from safeshell.errors import SafeshellError
from safeshell.guard.text import visible
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.facts import ServerFacts
from safeshell.redis.failures import ReplyTimeout
from safeshell.redis.key_capture import KeyCapture
from safeshell.redis.reply import Error, Reply
from safeshell.redis.server_info import info_fields

Argv = tuple[bytes, ...]

_CHUNK: Final = 2000


class WhereItIs(Protocol):
    """The part of a session's state that is asked for here."""

    @property
    def address(self) -> ServerAddress:
        """Where the connection leads."""

    @property
    def target(self) -> str:
        """The target's name."""

    @property
    def db(self) -> int:
        """The selected database."""

    @property
    def cluster(self) -> bool:
        """Whether the server is a node of a cluster."""

    @property
    def kind(self) -> str:
        """`redis`, `valkey`, …."""

    @property
    def version(self) -> str:
        """The server's version."""

    @property
    def run_id(self) -> str:
        """Changes with every start."""

    @property
    def replid(self) -> str:
        """Goes on through restarts and failovers."""

    @property
    def in_multi(self) -> bool:
        """Whether commands are being queued."""

    @property
    def queued(self) -> Sequence[Sequence[bytes]]:
        """The commands queued so far."""


class UndoSession(Protocol):
    """A session, as far as it is needed here."""

    @property
    def state(self) -> WhereItIs:
        """Where it is now."""

    def facts(self) -> ServerFacts:
        """What is known of the server's commands."""

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command of the person's and read its reply."""

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Send several on the person's own connection in one go; none may change the session's state."""

    def side(self) -> Connection:
        """A second connection to the same server, opened when first asked for."""


class SideRefused(SafeshellError):
    """The second connection can't work in the database that is meant."""


class Side:
    """The second connection, always in the database that is meant.

    Args:
        session: whose.
    """

    def __init__(self, session: UndoSession) -> None:
        self._session = session
        self._captures: dict[str, KeyCapture] = {}
        self._last: Connection | None = None
        self._opening = Lock()

    def capture(self) -> KeyCapture:
        """What this server can be asked, found out once for each run of it.

        Raises:
            SafeshellError: as `ask`.
        """
        state = self._session.state
        if state.run_id not in self._captures:
            policy = info_fields(self.ask(state.db, [(b"INFO", b"memory")])[0]).get("maxmemory_policy", "")
            self._captures[state.run_id] = KeyCapture.of_server(state.version, policy)
        return self._captures[state.run_id]

    def ask(
        self, db: int, commands: Sequence[Sequence[bytes]], *, timeout: float | None = None
    ) -> list[Reply]:
        """The replies to reading `commands` in `db`, in one round trip for up to some thousands.

        Args:
            db: the database they mean.
            commands: each its words. Readers only: SELECT goes in front of them unseen.
            timeout: seconds for all of it; None waits.

        Raises:
            SideRefused: the database can't be selected.
            ReplyTimeout: not in time; the connection is closed, since its replies are still due.
            SafeshellError: the connection is lost.
        """
        end = None if timeout is None else time.monotonic() + timeout
        connection = self._connection(timeout)
        replies: list[Reply] = []
        select: list[Sequence[bytes]] = [_select(db)]
        try:
            for start in range(0, len(commands), _CHUNK):
                left = None if end is None else max(0.0, end - time.monotonic())
                replies += connection.pipeline(select + list(commands[start : start + _CHUNK]), timeout=left)
                if select:
                    _check_selected(replies.pop(0), db)
                    select = []
        except (ReplyTimeout, KeyboardInterrupt):
            connection.close()
            raise
        return replies

    def in_db(self, db: int) -> Connection:
        """The connection itself with `db` selected, for those who write.

        Raises:
            SideRefused: the database can't be selected.
            SafeshellError: the connection is lost.
        """
        connection = self._connection(None)
        _check_selected(connection.call(*_select(db)), db)
        return connection

    def _connection(self, timeout: float | None) -> Connection:
        """The session's second connection.

        Where there is little time and it is not open yet, another thread opens it: a server that hangs would
        keep us until the connection's own time-out. It is there for the next time then.
        """
        last = self._last
        if timeout is None or (last is not None and last.state is ConnectionState.READY):
            with self._opening:
                self._last = self._session.side()
            return self._last
        opened: list[Connection | SafeshellError] = []
        thread = Thread(target=self._open, args=(opened,), daemon=True)
        thread.start()
        thread.join(timeout)
        if not opened:
            raise ReplyTimeout("the second connection could not be opened in time")
        if isinstance(opened[0], SafeshellError):
            raise opened[0]
        return opened[0]

    def _open(self, opened: list[Connection | SafeshellError]) -> None:
        try:
            with self._opening:
                self._last = self._session.side()
            opened.append(self._last)
        except SafeshellError as error:
            opened.append(error)


def _select(db: int) -> Argv:
    return (b"SELECT", b"%d" % db)


def _check_selected(reply: Reply, db: int) -> None:
    if isinstance(reply, Error):
        raise SideRefused(
            f"the second connection can't select database {db}: {visible(reply.data)}",
            todo="Nothing was kept or changed by it.",
        )
