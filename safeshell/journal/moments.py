"""Moments as people write them: `2h`, `today`, `14:30`, `2026-11-01`, `2026-11-01 14:30`.

In the local time zone unless an offset is written. The present is passed in.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from safeshell.frozen import frozen
from safeshell.guard.durations import parse_duration

_DAYS_BACK = {"today": 0, "yesterday": 1}


@frozen
class Stretch:
    """The time that some words mean: a day from its start to its end, a moment from itself to itself."""

    start: datetime
    end: datetime


def parse_stretch(text: str, now: datetime) -> Stretch:
    """The time that `text` means.

    Args:
        text: a duration back from now, `now`, `today`, `yesterday`, a time of today, a date, or both.
        now: the present, aware.

    Raises:
        ValueError: it is none of these; the message says what there is.
    """
    word = " ".join(text.split()).removesuffix(" ago")
    if word == "now":
        return Stretch(now, now)
    today = now.astimezone().date()
    if word in _DAYS_BACK:
        return _whole_day(today - timedelta(days=_DAYS_BACK[word]))
    try:
        return _written_out(word, today) or _back(word, now)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time; write 2h, today, yesterday, 14:30, 2026-11-01 or '2026-11-01 14:30'"
        ) from None


def _written_out(word: str, today: date) -> Stretch | None:
    if len(word) == len("2026-11-01") and word.count("-") == 2:
        return _whole_day(date.fromisoformat(word))
    if ":" not in word:
        return None
    if "-" in word[:5] and len(word) > len("2026-11-01"):
        moment = datetime.fromisoformat(word).astimezone()
    else:
        moment = datetime.combine(today, time.fromisoformat(word)).astimezone()
    return Stretch(moment, moment)


def _back(word: str, now: datetime) -> Stretch:
    moment = now - parse_duration(word)
    return Stretch(moment, moment)


def _whole_day(day: date) -> Stretch:
    start = datetime.combine(day, time()).astimezone()
    return Stretch(start, datetime.combine(day + timedelta(days=1), time()).astimezone())
