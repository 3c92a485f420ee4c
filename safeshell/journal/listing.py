"""Records as lines of text for a person: the table of `safeshell log`, and one record in full.

Values in, strings out; how wide the output is and how environments look is passed in. Everything that came
from outside goes through `visible`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.challenge import AnswerKind
from safeshell.guard.interfaces import OutcomeKind
from safeshell.guard.text import visible
from safeshell.guard.verdict import VerdictKind
from safeshell.journal.events import EventKind
from safeshell.journal.query import Record

_SGR = re.compile(r"\x1b\[[0-9;]*m")
_TARGET_WIDTH = 16
_RESULT_WIDTH = 18
_ROOM_WANTED = 36
"""Where fewer columns than this are left for the line, it gets a row of its own."""
_UNCUT = 4000

_REFUSED_BECAUSE = {
    AnswerKind.WRONG: "wrong answer",
    AnswerKind.CANCELLED: "cancelled",
    AnswerKind.TIMED_OUT: "no answer in time",
    AnswerKind.PASTED: "pasted answer",
    AnswerKind.NO_TERMINAL: "nobody to ask",
}


class Tone(StrEnum):
    """How much attention a piece of the table asks for."""

    QUIET = "quiet"
    WARNING = "warning"
    BAD = "bad"


@frozen
class Look:
    """How the table looks on one output.

    Args:
        width: columns of the terminal; None for a pipe or file, where nothing is cut.
        environment: an environment's name as it is shown, colours included.
        environment_width: columns that the widest of them takes.
        tint: a text in a tone.
    """

    width: int | None
    environment: Callable[[str], str]
    environment_width: int
    tint: Callable[[str, Tone], str]


def table(records: Iterable[Record], look: Look) -> Iterator[str]:
    """The rows for some records, as they come; on a terminal with a heading where a new day begins."""
    day: date | None = None
    for record in records:
        begun = record.at.astimezone()
        if look.width and begun.date() != day:
            day = begun.date()
            yield look.tint(f"{begun:%A %Y-%m-%d}", Tone.QUIET)
        yield from _rows(record, look)


def _rows(record: Record, look: Look) -> Iterator[str]:
    begun = record.at.astimezone()
    result, tone = result_of(record)
    target, said = visible(record.target), _said(record)
    if look.width:
        target, result = _fitted(target, _TARGET_WIDTH), _fitted(result, _RESULT_WIDTH)
    result = _padded(result, _RESULT_WIDTH)
    head = "  ".join(
        (
            f"{record.id:>6}",
            f"{begun:%H:%M:%S}" if look.width else f"{begun:%Y-%m-%d %H:%M:%S}",
            _padded(look.environment(record.environment), look.environment_width),
            _padded(target, _TARGET_WIDTH),
            look.tint(result, tone) if tone else result,
        )
    )
    if look.width is None:
        yield f"{head}  {said}"
    elif (room := look.width - columns(head) - 2) >= _ROOM_WANTED:
        yield f"{head}  {_fitted(said, room)}"
    else:
        yield _cut(head, look.width).rstrip()
        yield f"{'':>8}{_fitted(said, look.width - 8)}"


def result_of(record: Record) -> tuple[str, Tone | None]:
    """What became of a record in a word or two, and how much attention that asks for."""
    if record.kind is EventKind.NOTE:
        return visible(record.body.text("note")), Tone.WARNING
    if record.end is None:
        return "no outcome", Tone.WARNING
    outcome, answer = record.end.text("outcome"), record.body.text("answer")
    if outcome == OutcomeKind.REFUSED:
        if record.body.text("verdict") == VerdictKind.DENY:
            return "denied", Tone.BAD
        return next((why for kind, why in _REFUSED_BECAUSE.items() if kind == answer), "refused"), Tone.BAD
    word = visible(outcome).replace("-", " ")
    asked = f"{word}, asked" if answer else word
    return asked, None if outcome == OutcomeKind.DONE else Tone.WARNING


def in_full(record: Record) -> Iterator[str]:
    """Everything that is known of a record, a field a row."""
    started, body = record.started, record.body
    yield _row(record.kind.value, str(record.id))
    yield _row("time", f"{record.at.astimezone():%Y-%m-%d %H:%M:%S.%f %z}")
    person = started.text("user")
    if started.text("sudo_user"):
        person += f" (sudo by {started.text('sudo_user')})"
    yield _row("who", f"{person} at {started.text('host')} {started.text('tty')}")
    pid = started.number("pid")
    yield _row("session", f"{record.session} ({started.text('console')}, process {pid})")
    if started.text("recording"):
        yield _row("recording", f"safeshell replay {started.text('recording')} --from '#{record.id}'")
    yield _row("target", f"{record.target} {started.text('address')}")
    mode = body.text("mode") or started.text("mode")
    yield _row("environment", f"{record.environment}, {mode}")
    if record.kind is EventKind.NOTE:
        yield _row(body.text("note"), body.text("text"))
        return
    for place, line in enumerate(body.text("line").split("\n")):
        yield _row("line" if place == 0 else "", line)
    yield from _judged(record)
    yield from _ended(record)


def _judged(record: Record) -> Iterator[str]:
    body = record.body
    yield _row("verdict", f"{body.text('verdict')}, severity {body.text('severity')}")
    for effect in body.objects("effects"):
        back = "can be put back" if effect.raw("reversible") is True else "can't be put back"
        what = " · ".join(filter(None, (effect.text(part) for part in ("kind", "extent", "object"))))
        yield _row("effect", what if effect.text("kind") == "read" else f"{what} ({back})")
    for finding in body.objects("findings"):
        yield _row("because", f"{finding.text('reason')} ({finding.text('rule')})")
        if finding.text("instead"):
            yield _row("instead", finding.text("instead"))
    for impact in body.objects("impact"):
        for fact in impact.texts("facts"):
            yield _row("impact", fact)
    for fact in body.texts("facts"):
        yield _row("fact", fact)
    if body.text("answer"):
        yield _row("asked", f"{body.text('challenge')}: {body.text('answer')}")
    if body.text("reason"):
        yield _row("reason", body.text("reason"))


def _ended(record: Record) -> Iterator[str]:
    if record.end is None:
        yield _row("outcome", "no outcome recorded: it still runs, or the session was killed while it ran")
        return
    seconds = record.end.number("duration") or 0.0
    yield _row("outcome", f"{record.end.text('outcome')} after {seconds * 1000:.1f} ms")
    if record.end.text("detail"):
        yield _row("detail", record.end.text("detail"))
    if record.end.text("undo_id"):
        yield _row("undo", f"safeshell undo {record.end.text('undo_id')}")


def _row(label: str, text: str) -> str:
    return f"{visible(label):<12} {visible(text.strip(), limit=8 * len(text) + 1)}".rstrip()


def _said(record: Record) -> str:
    if record.kind is EventKind.NOTE:
        return visible(record.body.text("text"), limit=_UNCUT)
    line = visible(record.body.text("line"), limit=_UNCUT)
    reason = record.body.text("reason")
    return f"{line}  ({visible(reason)})" if reason else line


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes; colours take none."""
    return sum(map(_columns_of, _SGR.sub("", text)))


def _columns_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _fitted(text: str, width: int) -> str:
    """`text` (without colours) in at most `width` columns; what is cut ends in `…`."""
    if columns(text) <= width:
        return text
    taken = 1
    for place, char in enumerate(text):
        taken += _columns_of(char)
        if taken > width:
            return text[:place] + "…"
    return text


def _cut(row: str, width: int) -> str:
    """A row for a terminal that is narrower than it: without colours, so that none is left open."""
    return row if columns(row) <= width else _fitted(_SGR.sub("", row), width)


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))
