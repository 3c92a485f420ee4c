"""Durations as people write them: `30s`, `10m`, `1h30m`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta

from safeshell.lazy_pattern import lazy_pattern

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = lazy_pattern(r"(\d+)\s*(s|m|h|d)")


def parse_duration(text: str) -> timedelta:
    """The duration written in `text`.

    Raises:
        ValueError: not a positive duration; the message says what one looks like.
    """
    compact = text.strip().lower()
    parts = _PART.findall(compact)
    if not parts or "".join(n + u for n, u in parts) != re.sub(r"\s+", "", compact):
        raise ValueError(f"{text!r} is not a duration; write 30s, 10m, 1h30m or 2d")
    try:
        total = timedelta(seconds=sum(int(n) * _UNITS[u] for n, u in parts))
    except OverflowError:
        raise ValueError(f"{text!r} is longer than a duration can be") from None
    if not total:
        raise ValueError(f"{text!r} is no time at all; write 30s, 10m, 1h30m or 2d")
    return total


def written(duration: timedelta) -> str:
    """A duration for a prompt: `9m12s`, `30m`, `1h05m`, `45s`; never negative."""
    seconds = max(0, int(duration.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    if not minutes:
        return f"{seconds}s"
    return f"{minutes}m{seconds:02d}s" if seconds else f"{minutes}m"
