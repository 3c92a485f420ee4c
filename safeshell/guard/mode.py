"""Modes, and the lock that a person may open for a while.

A mode says what runs unasked. Unlocking is a value with an end: when the time has come it is over,
without anybody doing anything. The clock is passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.durations import written


class Mode(StrEnum):
    """What runs unasked.

    `read-only`: what is proven to read; `guarded`: all but the destructive; `open`: all but catastrophes.
    """

    READ_ONLY = "read-only"
    GUARDED = "guarded"
    OPEN = "open"

    @property
    def strictness(self) -> int:
        """0 for `open`, 1 for `guarded`, 2 for `read-only`."""
        return (Mode.OPEN, Mode.GUARDED, Mode.READ_ONLY).index(self)


def strictest_mode(*modes: Mode) -> Mode:
    """The strictest of some modes (at least one)."""
    return max(modes, key=lambda mode: mode.strictness)


@frozen
class UnlockRule:
    """How far an environment lets a person leave read-only.

    Args:
        max: the longest time.
        reason: whether a reason must be given.
    """

    max: timedelta = timedelta(hours=8)
    reason: bool = False


@frozen
class Unlocked:
    """Read-only left until a moment, for a reason.

    Args:
        until: the aware moment at which it ends by itself.
        reason: why, for the journal.
    """

    until: datetime
    reason: str


def unlock(rule: UnlockRule, *, now: datetime, duration: timedelta, reason: str) -> Unlocked:
    """Leave read-only for `duration`.

    Raises:
        UsageError: longer than the environment allows, or without the reason it wants.
    """
    if duration > rule.max:
        raise UsageError(
            f"{written(duration)} is longer than this environment allows",
            todo=f"Unlock for at most {written(rule.max)}.",
        )
    if rule.reason and not reason.strip():
        raise UsageError(
            "this environment wants a reason for leaving read-only",
            todo=f"Say why: unlock {written(duration)} TICKET-123 what you are about to do.",
        )
    return Unlocked(now + duration, reason.strip())


def mode_now(base: Mode, unlocked: Unlocked | None, now: datetime) -> Mode:
    """The mode in force: an unlocked read-only session is guarded until its time is over."""
    if base is Mode.READ_ONLY and unlocked is not None and now < unlocked.until:
        return Mode.GUARDED
    return base
