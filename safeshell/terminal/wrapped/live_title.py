"""The window's title while an unlocking runs out: kept true although no prompt is drawn meanwhile.

Says when the words change next, so that nothing is done in between, and nothing at all while nothing is unlocked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_SOON: Final = 2 * _MINUTE
"""Up to this the words tell seconds, above it minutes that have begun; of whole seconds (`marker`)."""
_LATER: Final = 0.1


class LiveTitle:
    """One session's title.

    Args:
        show: sets the title as it is to be now.
        left: how long read-only stays left; None when it is not.
    """

    def __init__(self, show: Callable[[], None], left: Callable[[], timedelta | None]) -> None:
        self._show = show
        self._left = left
        self._due: float | None = None

    def due_at(self) -> float | None:
        """When the title is to be set next, in seconds of the steady clock; None for not by itself."""
        if self._due is None and (left := self._left()) is not None:
            self._due = time.monotonic() + _next_change(left)
        return self._due

    def set_soon(self) -> None:
        """Its words have changed: set it as soon as nothing is broken by that."""
        self._due = time.monotonic()

    def refresh(self) -> None:
        """Set the title, where it is time to."""
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._show()

    def put_off(self) -> None:
        """Nothing can be written just now: a little later."""
        self._due = time.monotonic() + _LATER


def _next_change(left: timedelta) -> float:
    """Seconds until the words are others."""
    until = (left - _SECOND) % _MINUTE if left >= _SOON + _SECOND else left % _SECOND
    return until.total_seconds() + 0.001
