"""One session's pen: writes its lines into the journal as the pipeline asks.

The session itself is written together with its first line, so that a console in which nothing was typed
leaves nothing. What an event says is `bodies`; how it is stored is `store`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from safeshell.errors import GuardFailure
from safeshell.guard.interfaces import Entry, EntryId, Outcome
from safeshell.journal.bodies import line_body, outcome_body
from safeshell.journal.events import Draft, EventKind, canonical
from safeshell.journal.session import SessionStart
from safeshell.journal.store import JournalStore

_PRUNE_SLACK = timedelta(days=1)


class NoteKind(StrEnum):
    """What else than lines happens in a session."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"
    RECONNECTED = "reconnected"


class JournalRecorder:
    """Writes one session. An implementation of `guard.interfaces.Recorder`.

    Args:
        store: the journal; the recorder closes it.
        session: who and where.
        clock: tells the aware moment.
        retention: how long events are kept; None for ever. Looked at once a session.
    """

    def __init__(
        self,
        store: JournalStore,
        session: SessionStart,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        retention: timedelta | None = None,
    ) -> None:
        self._store = store
        self._start = session
        self._clock = clock
        self._retention = retention
        self._session: int | None = None
        self._began: dict[EntryId, float] = {}

    @property
    def session(self) -> int | None:
        """The session's number in the journal; None until its first line."""
        return self._session

    def begin(self, entry: Entry) -> EntryId:
        """Record a line before it runs; a chunk of a script is one entry.

        Raises:
            GuardFailure: it can't be written.
        """
        number = EntryId(self._append(EventKind.LINE, canonical(line_body(entry))))
        self._began[number] = time.perf_counter()
        return number

    def complete(self, entry: EntryId, outcome: Outcome) -> None:
        """Record how it ended.

        Raises:
            GuardFailure: it can't be written, or the journal in which it was begun is gone.
        """
        began = self._began.pop(entry, None)
        if began is None or self._store.replaced():
            raise GuardFailure(
                "the journal was moved or removed while the line ran; its end is not recorded",
                where=str(self._store.path),
                todo="The next line begins in the new one.",
            )
        body = canonical(outcome_body(outcome, time.perf_counter() - began))
        self._append(EventKind.OUTCOME, body, about=entry)

    def note(self, kind: NoteKind, text: str = "") -> None:
        """Record what is no line: read-only was left, for a reason; or gone back to.

        Args:
            kind: what happened.
            text: until when and why, in words; no secrets.

        Raises:
            GuardFailure: it can't be written.
        """
        self._append(EventKind.NOTE, canonical({"note": kind.value, "text": text}))

    def close(self) -> None:
        """End the session.

        Raises:
            GuardFailure: its end can't be written; the journal is closed all the same.
        """
        try:
            if self._session is not None and not self._store.replaced():
                self._append(EventKind.SESSION_END, canonical({}))
        finally:
            self._session = None
            self._store.close()

    def _append(self, kind: EventKind, body: str, *, about: int = 0) -> int:
        if self._store.replaced():
            # Someone moved the journal away to begin a new one: this session goes on in that.
            self._store.close()
            self._session = None
            self._began.clear()
        now = self._clock()
        drafts = [Draft(kind, now, body, self._session, about)]
        if self._session is not None:
            (number,) = self._store.append(drafts)
            return number
        opening = Draft(EventKind.SESSION, now, canonical(self._start.body()))
        self._session, number = self._store.append([opening, *drafts])
        if self._retention:
            self._store.prune(self._retention, now=now, slack=_PRUNE_SLACK)
        return number
