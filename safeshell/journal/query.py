"""Questions to the journal: which lines, newest or oldest first, with their sessions and how they ended.

A record is a line (or a note) joined from its two or three events. Nothing stored is trusted: a missing or
strange field reads as empty, never as a failure; `chain` is who tells that it was changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cached_property, lru_cache

from safeshell.errors import UsageError
from safeshell.frozen import field, frozen
from safeshell.guard.verdict import VerdictKind
from safeshell.journal.events import EventKind, microseconds, moment_of
from safeshell.journal.reader import JournalReader, StoredValue

# The last outcome counts, should there ever be two.
_RECORDS = """
    SELECT e.seq, e.at, e.kind, e.session, e.body, s.body, o.body
    FROM events e
    LEFT JOIN events s ON s.seq = e.session AND s.kind = 'session'
    LEFT JOIN events o ON o.seq = (SELECT max(seq) FROM events WHERE about = e.seq AND about > 0)
    WHERE e.kind IN ('line', 'note')
"""
# Bodies are canonical JSON, so a field's text can be looked for as it stands, without parsing every body:
# quotes inside of values are escaped. A note has no place of its own; what it matches is told afterwards.
_FILTERED = """
    AND e.at >= ? AND e.at < ? AND (? = 0 OR e.session = ?)
    AND (e.kind = 'note' OR instr(e.body, ?) > 0 AND instr(e.body, ?) > 0)
    AND (? = '' OR instr(e.body, ?) > 0)
"""
_NEWER = " AND (e.seq > ? OR e.seq IN (SELECT value FROM json_each(?))) ORDER BY e.seq"
_ALWAYS = (-(1 << 63), (1 << 63) - 1)


class Fields:
    """A stored body: its fields as what they should be, or empty.

    Args:
        body: a body as stored, which is only parsed when a field is asked for; or an object inside of one.
    """

    def __init__(self, body: StoredValue | Mapping[str, object] = None) -> None:
        self._body = body

    def text(self, name: str) -> str:
        """A text; empty when there is none."""
        value = self._fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float | None:
        """A number; None when there is none."""
        value = self._fields.get(name)
        return value if isinstance(value, int | float) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(item for item in self._list(name) if isinstance(item, str))

    def objects(self, name: str) -> tuple[Fields, ...]:
        """The objects of a list, or the one object that stands there alone."""
        value = self._fields.get(name)
        items = [value] if isinstance(value, dict) else self._list(name)
        return tuple(Fields(item) for item in items if isinstance(item, dict))

    def raw(self, name: str) -> object:
        """The value as it is; None when there is none."""
        return self._fields.get(name)

    @cached_property
    def _fields(self) -> Mapping[str, object]:
        if isinstance(self._body, Mapping):
            return self._body
        try:
            parsed = json.loads(self._body) if isinstance(self._body, bytes) else None
        except (ValueError, RecursionError):
            parsed = None
        return parsed if isinstance(parsed, dict) else {}

    def _list(self, name: str) -> list[object]:
        value = self._fields.get(name)
        return value if isinstance(value, list) else []


@frozen
class Record:
    """A line or a note.

    Args:
        id: its number.
        at: when it was begun.
        kind: `LINE` or `NOTE`.
        session: the number of its session.
        started: what is known of the session (`session.SessionStart`).
        body: what was known before it ran (`bodies.line_body`).
        end: how it ended (`bodies.outcome_body`); None when nothing was recorded.
    """

    id: int
    at: datetime
    kind: EventKind
    session: int
    started: Fields
    body: Fields
    end: Fields | None = field(default=None)

    @property
    def target(self) -> str:
        """The line's target, a note's session's."""
        return self.body.text("target") or self.started.text("target")

    @property
    def environment(self) -> str:
        """The line's environment, a note's session's."""
        return self.body.text("environment") or self.started.text("environment")

    @property
    def is_open(self) -> bool:
        """Whether a line has no end: it still runs, or its session was killed."""
        return self.kind is EventKind.LINE and self.end is None


@frozen
class Filter:
    """Which records are wanted; everything by default.

    Args:
        target: this target's.
        environment: this environment's.
        since: begun at this moment or later.
        until: begun before this moment.
        verdict: judged so; notes have no verdict.
        session: of the session with this number.
        user: typed by this account, or by this one under sudo.
        text: with this in the line, in the reason given or in what came of it, in any case.
    """

    target: str = ""
    environment: str = ""
    since: datetime | None = None
    until: datetime | None = None
    verdict: VerdictKind | None = None
    session: int | None = None
    user: str = ""
    text: str = ""

    def matches(self, record: Record) -> bool:
        """Whether `record` is wanted."""
        if self.target and record.target != self.target:
            return False
        if self.environment and record.environment != self.environment:
            return False
        if (self.since and record.at < self.since) or (self.until and record.at >= self.until):
            return False
        if self.verdict and record.body.text("verdict") != self.verdict:
            return False
        if self.session is not None and record.session != self.session:
            return False
        if self.user and self.user not in (record.started.text("user"), record.started.text("sudo_user")):
            return False
        return not self.text or self._says(record)

    def _says(self, record: Record) -> bool:
        told = [record.body.text(name) for name in ("line", "reason", "text")]
        told += [record.end.text("detail")] if record.end else []
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in told)


def newest(reader: JournalReader, wanted: Filter, limit: int) -> tuple[list[Record], bool]:
    """The newest records that are wanted, oldest of them first; and whether there are older ones.

    Raises:
        GuardFailure: the journal can't be read.
    """
    found: list[Record] = []
    for record in _filtered(reader, wanted, " ORDER BY e.seq DESC"):
        if len(found) == limit:
            return found[::-1], True
        found.append(record)
    return found[::-1], False


def everything(reader: JournalReader, wanted: Filter) -> Iterator[Record]:
    """All records that are wanted, oldest first, one by one.

    Raises:
        GuardFailure: the journal can't be read.
    """
    return _filtered(reader, wanted, " ORDER BY e.seq")


def newer(reader: JournalReader, after: int, unfinished: Collection[int]) -> Iterator[Record]:
    """The records after number `after`, and those of `unfinished`, oldest first.

    Raises:
        GuardFailure: the journal can't be read.
    """
    for row in reader.rows(_RECORDS + _NEWER, (after, json.dumps(sorted(unfinished)))):
        yield _record(row)


def record_with(reader: JournalReader, number: int) -> Record:
    """The record with a number.

    Raises:
        UsageError: there is none.
        GuardFailure: the journal can't be read.
    """
    for row in reader.rows(_RECORDS + " AND e.seq = ?", (number,)):
        return _record(row)
    raise UsageError(
        f"the journal has no line {number}",
        where=str(reader.path),
        todo="See safeshell log for their numbers.",
    )


def last_number(reader: JournalReader) -> int:
    """The number of the last event; 0 for none.

    Raises:
        GuardFailure: the journal can't be read.
    """
    for (number,) in reader.rows("SELECT max(seq) FROM events", ()):
        return number if isinstance(number, int) else 0
    return 0


def _filtered(reader: JournalReader, wanted: Filter, order: str) -> Iterator[Record]:
    since = microseconds(wanted.since) if wanted.since else _ALWAYS[0]
    until = microseconds(wanted.until) if wanted.until else _ALWAYS[1]
    session = wanted.session or 0
    verdict = _pair("verdict", wanted.verdict.value) if wanted.verdict else ""
    places = (_pair("target", wanted.target), _pair("environment", wanted.environment))
    parameters = (since, until, session, session, *places, verdict, verdict)
    for row in reader.rows(_RECORDS + _FILTERED + order, parameters):
        record = _record(row)
        if wanted.matches(record):
            yield record


def _pair(name: str, value: str) -> str:
    """A field as it stands in a canonical body; for an empty value what stands in every line's."""
    return f'"{name}":{json.dumps(value)}' if value else f'"{name}":'


def _record(row: tuple[StoredValue, ...]) -> Record:
    seq, at, kind, session, body, started, end = row
    return Record(
        id=seq if isinstance(seq, int) else 0,
        at=moment_of(at if isinstance(at, int) else 0),
        kind=EventKind.LINE if kind == b"line" else EventKind.NOTE,
        session=session if isinstance(session, int) else 0,
        started=_of_session(started),
        body=Fields(body),
        end=Fields(end) if end is not None else None,
    )


@lru_cache(maxsize=64)
def _of_session(body: StoredValue) -> Fields:
    """The fields of a session, which many records share."""
    return Fields(body)
