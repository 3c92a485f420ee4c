"""What the journal is made of: events, each sealed by a hash over itself and the one before.

Pure values and the one function that seals them. Nothing is ever changed: a line is one event before it runs
and another after. Bodies are canonical JSON in plain ASCII, so that any text (NUL, stray bytes as lone
surrogates) is stored exactly and hashes the same everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from safeshell.frozen import frozen

BEFORE_THE_FIRST = "0" * 64
"""The hash that the first event of a journal follows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = (datetime(9999, 12, 30, tzinfo=UTC) - _EPOCH) // _MICROSECOND


class EventKind(StrEnum):
    """What an event tells."""

    SESSION = "session"
    LINE = "line"
    OUTCOME = "outcome"
    NOTE = "note"
    SESSION_END = "session-end"
    CUT = "cut"
    """Older events were removed because their time was over."""
    GAP = "gap"
    """The journal was found shorter, or other, than its head remembers."""


@frozen
class Draft:
    """An event that has no number yet.

    Args:
        kind: what it tells.
        at: when, an aware moment.
        body: canonical JSON (`canonical`).
        session: the number of its session's event; None for the session that the same append opens.
        about: for an outcome, the number of its line's event; else 0.
    """

    kind: EventKind
    at: datetime
    body: str
    session: int | None = None
    about: int = 0


@frozen
class Tip:
    """An event's place in the chain: its number and its hash."""

    seq: int
    hash: str


def canonical(body: Mapping[str, object]) -> str:
    """`body` as JSON in the one form that is hashed: sorted keys, no spaces, ASCII."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sealed(previous: str, *, seq: int, at: int, kind: str, session: int, about: int, body: str) -> str:
    """The hash of an event: SHA-256, as 64 hexadecimal digits.

    All but the body are numbers or fixed words without line breaks, so the text that is hashed has one
    reading only.

    Args:
        previous: the hash of the event before.
        seq: its number.
        at: microseconds since 1970 in UTC.
        kind: an `EventKind`'s value.
        session: the number of its session's event, 0 for none.
        about: the number of its line's event, 0 for none.
        body: canonical JSON.
    """
    text = f"{previous}\n{seq}\n{at}\n{kind}\n{session}\n{about}\n{body}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def microseconds(moment: datetime) -> int:
    """An aware moment as the journal stores it."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stored: int) -> datetime:
    """The moment stored as microseconds, in UTC; the nearest that a calendar can show for impossible ones."""
    return _EPOCH + timedelta(microseconds=min(max(stored, 0), _LAST))
