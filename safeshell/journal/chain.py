"""Whether the journal is whole: every event in its place, unchanged, and the end not cut off.

What this shows and what it can't. Each event's hash covers its fields and the hash before, and a small file
beside the journal remembers the last one. So a change, a removal, an insertion or another order in one of the
two files shows, also by somebody who recomputes hashes in the journal alone. Whoever may write both files and
knows this program can write a whole other journal that verifies: there is no secret in it, and its owner owns
the files. It shows accidents and tidying, not a forger. Where that matters, send the hash that `safeshell log
verify` prints to another machine from time to time; a forger would have to change that too.

Pure but for the rows it is given.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from safeshell.frozen import frozen
from safeshell.journal.events import BEFORE_THE_FIRST, EventKind, Tip, moment_of, sealed
from safeshell.journal.reader import StoredEvent, StoredValue

_TOLD_AT_MOST = 100


@frozen
class Break:
    """A place where the chain does not hold.

    Args:
        seq: the number of the event at which it shows.
        what: what was found, a clause.
        meaning: what that means, a sentence.
    """

    seq: int
    what: str
    meaning: str


@frozen
class ChainReport:
    """What came of following the chain.

    Args:
        events: how many there are.
        tip: the last one.
        cut: events up to this number were removed because their time was over; 0 for none.
        breaks: where it does not hold, in order; at most 100 are told.
    """

    events: int
    tip: Tip
    cut: int
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        """Whether the journal is whole."""
        return not self.breaks


def follow(events: Iterable[StoredEvent], head: Tip | None) -> ChainReport:
    """Follow the chain from its first event to its last.

    Args:
        events: as stored, in the order of their numbers.
        head: what the head file remembers, read *before* the events (a later append is no fault).
    """
    walk = _Walk(head)
    for event in events:
        walk.step(event)
    return walk.report()


class _Walk:
    """The state of following the chain."""

    def __init__(self, head: Tip | None) -> None:
        self._head = head
        self._head_seen = BEFORE_THE_FIRST if head and head.seq == 0 else ""
        self._count = 0
        self._tip = Tip(0, BEFORE_THE_FIRST)
        self._first: StoredEvent | None = None
        self._cuts: dict[int, str] = {}
        self._breaks: list[Break] = []

    def step(self, event: StoredEvent) -> None:
        seq = event.seq if isinstance(event.seq, int) else self._tip.seq + 1
        body = _object(event)
        if _is(event, EventKind.GAP):
            self._break(seq, _what_is_gone(body), f"{_when(event)}{_GONE}")
        if self._first is None:
            # What was before it may have been removed in order; only a later `cut` event can tell.
            self._first = event
        elif seq == self._tip.seq + 1 or _is(event, EventKind.GAP):
            self._check_seal(event, seq, self._tip.hash)
        else:
            self._break(seq, f"{_numbers(self._tip.seq + 1, seq - 1)} missing before it", _REMOVED)
        if _is(event, EventKind.CUT):
            self._cuts[_whole(body.get("through"))] = str(body.get("hash"))
        self._tip = Tip(seq, _text(event.hash))
        if self._head and seq == self._head.seq:
            self._head_seen = self._tip.hash
        self._count += 1

    def report(self) -> ChainReport:
        cut = self._check_start(self._first) if self._first else 0
        self._check_end()
        self._breaks.sort(key=lambda found: found.seq)
        return ChainReport(self._count, self._tip, cut, tuple(self._breaks[:_TOLD_AT_MOST]))

    def _check_start(self, first: StoredEvent) -> int:
        before = _whole(first.seq) - 1
        if before in self._cuts:
            self._check_seal(first, before + 1, self._cuts[before])
            return before
        if before and not _is(first, EventKind.GAP):
            self._break(before + 1, f"{_numbers(1, before)} missing before it", _REMOVED)
        else:
            self._check_seal(first, before + 1, BEFORE_THE_FIRST)
        return 0

    def _check_seal(self, event: StoredEvent, seq: int, previous: str) -> None:
        if _seal_of(event, previous) != _text(event.hash):
            self._break(seq, "it does not fit its hash and the event before", _CHANGED)

    def _check_end(self) -> None:
        last, head = self._tip.seq, self._head
        if head is None:
            if self._count:
                self._break(last, "nothing remembers it as the last one", _HEADLESS)
        elif head.seq > last:
            self._break(last, f"{_numbers(last + 1, head.seq)} missing after it", _CUT_OFF)
        elif self._head_seen != head.hash:
            self._break(head.seq, "it is another event than the one that the head file remembers", _REWRITTEN)

    def _break(self, seq: int, what: str, meaning: str) -> None:
        self._breaks.append(Break(seq, what, meaning))


_CHANGED = "This event was changed after it was written, or put in another's place."
_REMOVED = "Events were removed from the middle or the beginning."
_CUT_OFF = (
    "The end of the journal is gone: its last events were removed, or an older copy of the file was put "
    "back, or the machine lost power before they reached the disk."
)
_REWRITTEN = "The end of the journal was written anew, or the file was replaced by another."
_HEADLESS = (
    "The head file beside the journal is missing or unreadable, so nobody can tell whether the end was "
    "cut off."
)
_GONE = (
    "They were removed, or an older copy of the file was put back, or the machine lost power before they "
    "reached the disk. What follows is whole unless said otherwise."
)


def _seal_of(event: StoredEvent, previous: str) -> str:
    """The hash that the event's fields give; empty when a field is not even of its kind."""
    seq, at, session, about = event.seq, event.at, event.session, event.about
    kind, body = event.kind, event.body
    if not (isinstance(seq, int) and isinstance(at, int) and isinstance(session, int)):
        return ""
    if not (isinstance(about, int) and isinstance(kind, bytes) and isinstance(body, bytes)):
        return ""
    return sealed(
        previous,
        seq=seq,
        at=at,
        kind=_text(kind),
        session=session,
        about=about,
        body=_text(body),
    )


def _is(event: StoredEvent, kind: EventKind) -> bool:
    return event.kind == kind.value.encode()


def _object(event: StoredEvent) -> dict[str, object]:
    if not (_is(event, EventKind.GAP) or _is(event, EventKind.CUT)):
        return {}
    try:
        parsed = json.loads(_text(event.body))
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _what_is_gone(body: dict[str, object]) -> str:
    found, remembered = _seq_in(body.get("found")), _seq_in(body.get("remembered"))
    if not remembered:
        return f"when it was written, the head file that should name event {found} as the last was gone"
    if remembered > found:
        return f"when it was written, {_numbers(found + 1, remembered)} missing"
    return f"when it was written, event {remembered} was another one than remembered"


def _seq_in(tip: object) -> int:
    return _whole(tip.get("seq")) if isinstance(tip, dict) else 0


def _when(event: StoredEvent) -> str:
    if not isinstance(event.at, int):
        return ""
    return f"Noticed on {moment_of(event.at).astimezone():%Y-%m-%d at %H:%M}. "


def _numbers(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(value: StoredValue) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else ""
