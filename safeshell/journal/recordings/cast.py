"""asciicast files as values: the header, the events, the summary. Reads the second and the third form.

Nothing in a file is believed: a strange field reads as empty, a line that is no event is left out and counted, and
the last line may be cut off where its writer was killed. Sources: docs.asciinema.org/manual/asciicast/v2 and …/v3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from safeshell.errors import UsageError
from safeshell.frozen import field, frozen
from safeshell.guard.text import visible
from safeshell.journal.recordings.folder import unreadable
from safeshell.journal.recordings.labels import is_verdict
from safeshell.journal.recordings.session import OWN_KEY

LONGEST_SIZE: Final = 10_000
"""Columns and rows beyond which a size is nonsense."""

_TAIL: Final = 4096
_SUMMARY: Final = f"# {OWN_KEY} ".encode()
_EVENT_START = re.compile(rb'\[\s*([0-9.eE+-]+)\s*,\s*"(.)"')


class CastEvent(NamedTuple):
    """An event.

    Args:
        at: seconds from the beginning.
        code: `o` output, `r` size, `m` marker, `x` exit status, `i` input; others may come.
        data: what belongs to it.
    """

    at: float
    code: str
    data: str


@frozen
class CastHeader:
    """What the first line says.

    Args:
        version: 2 or 3.
        columns, rows: the terminal's size at the start.
        began: when; None when it is not said.
        title: may be empty.
        idle_limit: the longest pause a player should make, in seconds; None when it is not said.
        own: our own fields (`session.RecordedSession`), empty in files of other programs.
    """

    version: int
    columns: int
    rows: int
    began: datetime | None
    title: str
    idle_limit: float | None
    own: Mapping[str, str] = field(default_factory=dict)


@frozen
class CastSummary:
    """What a list shows of a recording.

    Args:
        header: its first line.
        duration: seconds.
        verdicts: how many there are.
        finished: whether it was ended in order.
    """

    header: CastHeader
    duration: float
    verdicts: int
    finished: bool


@frozen
class Cast:
    """A recording, read as a whole.

    Args:
        header: its first line.
        events: in order.
        unread: lines that are no events.
    """

    header: CastHeader
    events: tuple[CastEvent, ...]
    unread: int

    @property
    def duration(self) -> float:
        """Seconds to the last event."""
        return self.events[-1].at if self.events else 0.0


def read_cast(path: Path) -> Cast:
    """The recording at `path`.

    Raises:
        UsageError: it is no recording.
        GuardFailure: it can't be read.
    """
    try:
        with path.open("rb") as file:
            header = parse_header(file.readline(), path)
            found: list[CastEvent] = []
            unread = 0
            for event in _events(file, header.version):
                if event is None:
                    unread += 1
                else:
                    found.append(event)
    except OSError as error:
        raise unreadable(path, error) from error
    return Cast(header, tuple(found), unread)


def summary(path: Path) -> CastSummary:
    """What a list shows of the recording at `path`; one that was not ended in order is read for it.

    Raises:
        UsageError: it is no recording.
        GuardFailure: it can't be read.
    """
    try:
        with path.open("rb") as file:
            header = parse_header(file.readline(), path)
            file.seek(max(0, path.stat().st_size - _TAIL))
            last = file.read(_TAIL).rstrip(b"\n").rpartition(b"\n")[2]
            told = parse_object(last.removeprefix(_SUMMARY)) if last.startswith(_SUMMARY) else None
            if told is not None:
                return _told(header, told)
            file.seek(0)
            file.readline()
            return _counted(header, file)
    except OSError as error:
        raise unreadable(path, error) from error


def parse_header(line: bytes, path: Path) -> CastHeader:
    """The first line.

    Raises:
        UsageError: it is none of asciicast v2 or v3.
    """
    head = parse_object(line)
    version = head.get("version") if head else None
    if head is None or version not in (2, 3):
        told = f"asciicast v{version} can't be played" if version == 1 else "this is no recording"
        raise UsageError(told, where=str(path), todo="asciicast v2 and v3 can: safeshell's own, asciinema's.")
    term = head.get("term") if version == 3 else {"cols": head.get("width"), "rows": head.get("height")}
    size = term if isinstance(term, dict) else {}
    began, idle, own = head.get("timestamp"), head.get("idle_time_limit"), head.get(OWN_KEY)
    title = head.get("title")
    return CastHeader(
        version=3 if version == 3 else 2,
        columns=_size(size.get("cols"), 80),
        rows=_size(size.get("rows"), 24),
        began=_moment(began) if isinstance(began, int | float) else None,
        title=title if isinstance(title, str) else "",
        idle_limit=float(idle) if isinstance(idle, int | float) and idle > 0 else None,
        own={str(name): str(value) for name, value in own.items()} if isinstance(own, dict) else {},
    )


def parse_object(line: bytes) -> dict[str, object] | None:
    """The JSON object that a line is; None when it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def parse_size(data: str) -> tuple[int, int] | None:
    """Columns and rows of a size event; None when it says none."""
    columns, cross, rows = data.partition("x")
    if not cross or not (columns.isascii() and columns.isdigit() and rows.isascii() and rows.isdigit()):
        return None
    if len(data) > 12 or not (0 < int(columns) <= LONGEST_SIZE and 0 < int(rows) <= LONGEST_SIZE):
        return None
    return int(columns), int(rows)


def clock(seconds: float) -> str:
    """A place in a recording: `3:12.4`, `1:03:12.4`."""
    tenths = max(0, int(seconds * 10))
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 10:04.1f}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def shown_name(header: CastHeader) -> str:
    """What the recording is of, safe to show: its target and environment, else its title."""
    target, environment = header.own.get("target", ""), header.own.get("environment", "")
    return visible(f"{target} ({environment})" if target else header.title or "a recording", limit=80)


def _events(lines: Iterator[bytes], version: int) -> Iterator[CastEvent | None]:
    """The events; None for a line that is none and should be."""
    now = 0.0
    for line in lines:
        if line.startswith(b"#") or not line.strip():
            continue
        try:
            event = json.loads(line)
            interval, code, data = event
            moment = float(interval)
        except (ValueError, TypeError, RecursionError, OverflowError):
            if line.endswith(b"\n"):
                yield None
            continue
        if not (isinstance(code, str) and isinstance(data, str) and 0 <= moment < 1e10):
            yield None
            continue
        now = now + moment if version == 3 else max(now, moment)
        yield CastEvent(now, code, data)


def _told(header: CastHeader, told: Mapping[str, object]) -> CastSummary:
    duration, verdicts = told.get("duration"), told.get("verdicts")
    counts = verdicts.values() if isinstance(verdicts, dict) else ()
    return CastSummary(
        header,
        float(duration) if isinstance(duration, int | float) else 0.0,
        sum(count for count in counts if isinstance(count, int)),
        finished=True,
    )


def _counted(header: CastHeader, lines: Iterator[bytes]) -> CastSummary:
    """The summary of a file that has none: from the starts of its lines, without reading what they show."""
    now, verdicts, finished = 0.0, 0, False
    for line in lines:
        start = _EVENT_START.match(line)
        if not start or not line.endswith(b"\n"):
            continue
        try:
            moment = float(start[1])
        except ValueError:
            continue
        if not 0 <= moment < 1e10:
            continue
        now = now + moment if header.version == 3 else max(now, moment)
        finished = start[2] == b"x"
        if start[2] == b"m":
            event = next(_events(iter((line,)), header.version), None)
            verdicts += event is not None and is_verdict(event.data)
    return CastSummary(header, now, verdicts, finished)


def _size(value: object, default: int) -> int:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LONGEST_SIZE
    return value if usable and isinstance(value, int) else default


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
