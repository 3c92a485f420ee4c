"""The second connection of a session: for measuring and asking, never for what a person typed.

Opened when first wanted, opened again when the server has ended it, and quick to give up: what it makes known is
worth little time, and nobody must wait for it.
"""

from __future__ import annotations

from typing import Final

from safeshell.errors import TargetUnreachable
from safeshell.frozen import replace
from safeshell.redis.address import Protocol
from safeshell.redis.connection import Connection, ConnectionState
from safeshell.redis.failures import ConnectionLost, ReplyTimeout, Unreachable
from safeshell.redis.session_state import SessionState

_SECONDS: Final = 2.0


class SideConnection:
    """Holds the second connection."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def get(self, state: SessionState) -> Connection:
        """The connection, opened as `state` says if there is none that is good.

        Raises:
            ConnectionLost: it was lost, and can't be opened again.
            TargetUnreachable: it can't be opened, or not within two seconds.
        """
        connection = self._connection
        lost: ConnectionLost | None = None
        if connection is not None and _is_free(connection):
            try:
                connection.take_ready()  # a server ends idle connections; better noticed before asking
            except ConnectionLost as ended:
                lost = ended
        if connection is None or not _is_free(connection):
            self.close()
            try:
                connection = self._connection = _opened(state)
            except TargetUnreachable as unreachable:
                raise lost or unreachable from None
        return connection

    def close(self) -> None:
        """End it. May be called twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_free(connection: Connection) -> bool:
    return connection.state is ConnectionState.READY and not connection.unanswered


def _opened(state: SessionState) -> Connection:
    patience = min(state.address.connect_timeout or _SECONDS, _SECONDS)
    connection = Connection.open(
        replace(state.address, db=state.db, protocol=Protocol.RESP2, connect_timeout=patience)
    )
    if _has_no_touch(state.version):
        try:
            # Looking must not make keys look used: LRU and LFU stay as they are.
            connection.call(b"CLIENT", b"NO-TOUCH", b"ON", timeout=patience)
        except ReplyTimeout as late:
            connection.close()
            raise Unreachable(f"connected, but {late.message}", where=state.address.place) from None
    return connection


def _has_no_touch(version: str) -> bool:
    """Whether CLIENT NO-TOUCH is there (7.2, Valkey too); an unknown version is tried, as an error does no harm."""
    numbers = [int(part) for part in version.split(".")[:2] if part.isascii() and part.isdigit()]
    return len(numbers) < 2 or numbers >= [7, 2]
