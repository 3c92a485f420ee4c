"""How long looking at the machine may take, and how much of it may be looked at."""

from __future__ import annotations

import time
from collections.abc import Callable


class OutOfTime(Exception):
    """The budget has ended; what was found so far is what there is."""


class Deadline:
    """A moment after which nothing more is looked at.

    Args:
        seconds: from now on.
        clock: seconds from any moment.
    """

    __slots__ = ("_clock", "_end")

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def over(self) -> bool:
        """Whether it has passed."""
        return self._clock() >= self._end

    @property
    def left(self) -> float:
        """Seconds until then; never negative."""
        return max(0.0, self._end - self._clock())

    def check(self) -> None:
        """Go on only while there is time.

        Raises:
            OutOfTime: there is none.
        """
        if self._clock() >= self._end:
            raise OutOfTime

    def part(self, share: float) -> Deadline:
        """An earlier end, after `share` of the time that is left."""
        return Deadline(self.left * share, clock=self._clock)
