"""The journal on disk, for those who write it: appends events, sealed and in one chain for all processes.

An event is never updated. What a chain can and can't show: `chain` (this module only continues it).
Appends of several processes are put in order by SQLite's write lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.errors import GuardFailure
from safeshell.journal.database import HEAD_NAME, JOURNAL_NAME, connect_for_writing
from safeshell.journal.events import (
    BEFORE_THE_FIRST,
    Draft,
    EventKind,
    Tip,
    canonical,
    microseconds,
    sealed,
)
from safeshell.journal.head import Head, opened_head

if TYPE_CHECKING:
    import sqlite3

_INSERT = "INSERT INTO events (seq, at, kind, session, about, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_START = Tip(0, BEFORE_THE_FIRST)


class JournalStore:
    """The journal in a folder. Nothing is opened before the first append.

    Safe to use from several threads. Not across a fork.

    Args:
        folder: the state folder (`state.state_folder()`).
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL_NAME
        self.head_path = folder / HEAD_NAME
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._lock = threading.Lock()

    def append(self, drafts: Sequence[Draft]) -> tuple[int, ...]:
        """Write events in one transaction, all or none; their numbers, in order.

        When the head remembers another end than the one found, a `gap` event is written first, so that an
        append can't hide what was cut off.

        Args:
            drafts: at least one.

        Raises:
            GuardFailure: they can't be written.
        """
        with self._transaction() as (connection, head):
            tip = _last_without_gap(connection, head, drafts[0].at)
            numbers = []
            session = 0
            for draft in drafts:
                if draft.kind is EventKind.SESSION:
                    session = tip.seq + 1
                tip = _insert(connection, tip, draft, session if draft.session is None else draft.session)
                numbers.append(tip.seq)
            connection.execute("COMMIT")
            head.write(tip)
        return tuple(numbers)

    def prune(self, retention: timedelta, *, now: datetime, slack: timedelta = timedelta(0)) -> int:
        """Remove the events that are older than `retention`; how many were removed.

        Sessions that later events belong to stay whole. A `cut` event keeps the hash at the cut, so that the
        chain still holds from there on.

        Args:
            retention: how long events are kept.
            now: the present, aware.
            slack: nothing is done until the oldest is older than it may be by this much.

        Raises:
            GuardFailure: they can't be removed.
        """
        with self._transaction() as (connection, head):
            if not _has_older(connection, microseconds(now - retention - slack)):
                return 0
            through = _last_to_go(connection, microseconds(now - retention))
            if not through:
                return 0
            tip = _last_without_gap(connection, head, now)
            (anchor,) = connection.execute("SELECT hash FROM events WHERE seq = ?", (through,)).fetchone()
            removed = connection.execute("DELETE FROM events WHERE seq <= ?", (through,)).rowcount
            body = canonical({"through": through, "hash": str(anchor), "removed": removed})
            tip = _insert(connection, tip, Draft(EventKind.CUT, now, body), 0)
            connection.execute("COMMIT")
            head.write(tip)
        return removed

    def replaced(self) -> bool:
        """Whether the file that was opened is no longer the one of that name: moved away or removed."""
        if self._connection is None:
            return False
        try:
            return self.path.stat().st_ino != self._inode
        except OSError:
            return True

    def close(self) -> None:
        """Let go of the file; a later append opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self) -> Iterator[tuple[sqlite3.Connection, Head]]:
        """The connection in a write transaction that the caller ends, and the locked head."""
        import sqlite3

        from safeshell.journal.failures import failure_of

        with self._lock:
            connection = self._opened()
            try:
                connection.execute("BEGIN IMMEDIATE")
                with opened_head(self.head_path) as head:
                    yield connection, head
            except (sqlite3.Error, OSError) as error:
                raise failure_of(error, self.path) from error
            finally:
                if connection.in_transaction:
                    _roll_back(connection)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect_for_writing(self.path)
            try:
                self._inode = self.path.stat().st_ino
            except OSError as error:
                self._close()
                raise GuardFailure(
                    "the journal was removed while it was opened",
                    where=str(self.path),
                    todo="Try again; if it goes on, find out what removes it.",
                ) from error
        return self._connection


def _last_without_gap(connection: sqlite3.Connection, head: Head, now: datetime) -> Tip:
    """The event to go on after: the last one, or a `gap` event written now if the head knows another end."""
    tip, remembered = _last(connection), head.read()
    if remembered is None and tip == _START:
        # The first of all. A head from here on, so that a kill before its real one looks like no removal.
        head.write(_START)
        return tip
    return _append_gap(connection, tip, remembered, now) if _is_gap(connection, tip, remembered) else tip


def _last(connection: sqlite3.Connection) -> Tip:
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Tip(int(row[0]), str(row[1])) if row else _START


def _is_gap(connection: sqlite3.Connection, tip: Tip, remembered: Tip | None) -> bool:
    """Whether the end that the head remembers is no longer there."""
    if remembered is None:
        return True
    if remembered in (tip, _START):
        return False
    row = connection.execute("SELECT hash FROM events WHERE seq = ?", (remembered.seq,)).fetchone()
    return row is None or str(row[0]) != remembered.hash


def _append_gap(connection: sqlite3.Connection, tip: Tip, remembered: Tip | None, now: datetime) -> Tip:
    body = {
        "found": {"seq": tip.seq, "hash": tip.hash},
        "remembered": {"seq": remembered.seq, "hash": remembered.hash} if remembered else None,
    }
    # Numbers go on after the lost ones: an id that somebody noted never comes to mean another line.
    after = Tip(max(tip.seq, remembered.seq if remembered else 0), tip.hash)
    return _insert(connection, after, Draft(EventKind.GAP, now, canonical(body)), 0)


def _insert(connection: sqlite3.Connection, after: Tip, draft: Draft, session: int) -> Tip:
    seq, at = after.seq + 1, microseconds(draft.at)
    seal = sealed(
        after.hash,
        seq=seq,
        at=at,
        kind=draft.kind.value,
        session=session,
        about=draft.about,
        body=draft.body,
    )
    connection.execute(_INSERT, (seq, at, draft.kind.value, session, draft.about, draft.body, seal))
    return Tip(seq, seal)


def _has_older(connection: sqlite3.Connection, than: int) -> bool:
    row = connection.execute("SELECT at FROM events ORDER BY seq LIMIT 1").fetchone()
    return row is not None and int(row[0]) < than


def _last_to_go(connection: sqlite3.Connection, before: int) -> int:
    """The last event that may be removed so that no remaining one refers to a removed one; 0 for none."""
    (kept,) = connection.execute("SELECT min(seq) FROM events WHERE at >= ?", (before,)).fetchone()
    if kept is None:
        (kept,) = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM events").fetchone()
    while True:
        (needed,) = connection.execute(
            "SELECT min(session) FROM events WHERE seq >= ? AND session > 0", (kept,)
        ).fetchone()
        if needed is None or needed >= kept:
            row = connection.execute("SELECT max(seq) FROM events WHERE seq < ?", (kept,)).fetchone()
            return int(row[0] or 0)
        kept = needed


def _roll_back(connection: sqlite3.Connection) -> None:
    import sqlite3
    from contextlib import suppress

    # After a full disk SQLite has rolled back by itself and says so.
    with suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
