"""Asking within a time budget, and collecting what was found out until it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from safeshell.guard.reading import Impact
from safeshell.guard.text import visible
from safeshell.redis.failures import ReplyTimeout
from safeshell.redis.reply import Reply
from safeshell.redis.undo_session import Side

Argv = tuple[bytes, ...]
_FACT_LIMIT = 300


class OutOfTime(Exception):
    """The budget has ended; what was found so far is what there is."""


class Measuring:
    """Asks a server as long as there is time.

    Args:
        side: where.
        db: the database that commands mean unless said otherwise.
        seconds: the budget.
        clock: seconds from any moment.
    """

    def __init__(
        self, side: Side, db: int, seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.db = db
        self._side = side
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self._end - self._clock())

    def ask(self, commands: Sequence[Argv], *, db: int | None = None) -> list[Reply]:
        """The replies to `commands`.

        Raises:
            OutOfTime: not before the budget ended.
            SafeshellError: the connection is lost.
        """
        if not commands:
            return []
        left = self.left
        if left <= 0:
            raise OutOfTime
        try:
            return self._side.ask(self.db if db is None else db, commands, timeout=left)
        except ReplyTimeout:
            raise OutOfTime from None


@dataclass(slots=True)
class Findings:
    """What was found out so far.

    Args:
        counts: how many things are lost, by what they are.
        memory: bytes that go; None when unknown.
        facts: sentences, most important first.
        offers: what to do instead.
        complete: false when something was cut short.
    """

    counts: dict[str, int] = field(default_factory=dict)
    memory: int | None = None
    facts: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    complete: bool = True

    def fact(self, text: str) -> None:
        """Add a sentence; what came from the server is made visible in it already or here."""
        self.facts.append(visible(text, limit=_FACT_LIMIT))

    def offer(self, text: str) -> None:
        """Add something to do instead."""
        self.offers.append(visible(text, limit=_FACT_LIMIT))

    def count(self, number: int, unit: str) -> None:
        """Add things that are lost."""
        self.counts[unit] = self.counts.get(unit, 0) + number

    def weigh(self, memory: int) -> None:
        """Add bytes that go."""
        self.memory = (self.memory or 0) + memory

    def impact(self) -> Impact:
        """All of it. A count is only given when it is one kind of thing and nothing was cut short."""
        unit, number = next(iter(self.counts.items()), ("", 0))
        exact = self.complete and len(self.counts) == 1
        return Impact(
            tuple(dict.fromkeys(self.facts)),
            number if exact else None,
            unit if exact else "",
            self.memory,
            self.complete,
            tuple(dict.fromkeys(self.offers)),
        )
