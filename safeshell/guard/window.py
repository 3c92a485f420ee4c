"""Change windows: the days and hours in which an environment may be changed.

A window is data; whether a moment lies in it is arithmetic in the window's own time zone. No clock here.
"""

from __future__ import annotations

from datetime import datetime, time, tzinfo

from safeshell.frozen import frozen

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@frozen
class Window:
    """Days and hours in which changes are welcome.

    Args:
        days: 0 is Monday.
        start: first moment of a day's window.
        end: first moment after it; before `start` it runs past midnight, and belongs to the day it began on.
        timezone: whose hours they are.
        text: the window as the config wrote it, for messages.
    """

    days: frozenset[int]
    start: time
    end: time
    timezone: tzinfo
    text: str

    def contains(self, moment: datetime) -> bool:
        """Whether the aware `moment` lies in the window."""
        local = moment.astimezone(self.timezone)
        clock = local.time()
        if self.start < self.end:
            return local.weekday() in self.days and self.start <= clock < self.end
        if clock >= self.start:
            return local.weekday() in self.days
        return clock < self.end and (local.weekday() - 1) % 7 in self.days


def parse_days(text: str) -> frozenset[int]:
    """`mon-thu`, `mon,wed,fri`, `sat-mon`.

    Raises:
        ValueError: a word is no day; the message names it and the days there are.
    """
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)


def parse_hours(text: str) -> tuple[time, time]:
    """`09:00-15:30` as two times of day; `00:00-24:00` is the whole day.

    Raises:
        ValueError: not two times; the message says what they look like.
    """
    start, dash, end = text.replace(" ", "").partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a span of hours; write 09:00-15:30")
    return _clock(start, text), time(0, 0) if end in ("24:00", "00:00") else _clock(end, text)


def _day(word: str) -> int:
    if word[:3] in DAYS and word in (DAYS[DAYS.index(word[:3])], *_long_names(word[:3])):
        return DAYS.index(word[:3])
    raise ValueError(f"{word!r} is not a day; write {', '.join(DAYS)}, or a span like mon-thu")


def _long_names(day: str) -> tuple[str, ...]:
    names = {"tue": ("tues", "tuesday"), "wed": ("wednesday",), "thu": ("thur", "thurs", "thursday")}
    return names.get(day, ("saturday",) if day == "sat" else (day + "day",))


def _clock(word: str, text: str) -> time:
    hours, colon, minutes = word.partition(":")
    if colon and hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60:
        return time(int(hours), int(minutes))
    raise ValueError(f"{word!r} in {text!r} is not a time of day; write 09:00-15:30")
