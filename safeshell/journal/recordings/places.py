"""Places in a recording as people name them: `1:30`, `90s`, a line of the journal, words of a marker."""

from __future__ import annotations

import re
from collections.abc import Iterable

from safeshell.guard.durations import parse_duration
from safeshell.journal.recordings.cast import CastEvent
from safeshell.journal.recordings.labels import entry_mark

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)")
_SECONDS = re.compile(r"\d{1,7}(?:\.\d+)?")
_ENTRY = re.compile(r"#(\d{1,18})")


def place_named(name: str, events: Iterable[CastEvent]) -> float:
    """The place called `name`, in seconds from the beginning.

    Args:
        name: `90`, `1:30`, `1:02:03`, `90s`, `5m`; `#42` for the journal's line 42; or text that a marker holds,
            in any case.
        events: the recording's.

    Raises:
        ValueError: there is no such place; the message says what there may be.
    """
    word = name.strip()
    if _SECONDS.fullmatch(word):
        return float(word)
    if found := _CLOCK.fullmatch(word):
        hours, minutes, seconds = found.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    try:
        return parse_duration(word).total_seconds()
    except ValueError:
        pass
    wanted = entry_mark(int(entry[1])) if (entry := _ENTRY.fullmatch(word)) else word
    for event in events:
        if event.code == "m" and wanted.casefold() in event.data.casefold():
            return event.at
    raise ValueError(
        f"{name!r} is no time (1:30, 90s) and in no marker; safeshell replay --markers shows what there is"
    )
