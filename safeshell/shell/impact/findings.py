"""What was found out so far: sentences, counts, bytes, and whether something was cut short."""

from __future__ import annotations

from safeshell.guard.reading import Impact
from safeshell.guard.text import visible

_FACT_LIMIT = 300


class Findings:
    """Collects for one line."""

    def __init__(self) -> None:
        self.facts: list[str] = []
        self.offers: list[str] = []
        self.counts: dict[str, int] = {}
        self.bytes: int | None = None
        self.complete = True
        self.exact = True
        """Whether the counts are all that is hit; False when something could not be told."""
        self.way_back = False

    def fact(self, text: str) -> None:
        """Add a sentence; what came from the machine is made visible in it already or here."""
        self.facts.append(visible(text, limit=_FACT_LIMIT))

    def offer(self, text: str) -> None:
        """Add something to do instead."""
        self.offers.append(visible(text, limit=_FACT_LIMIT))

    def count(self, number: int, unit: str) -> None:
        """Add things that are hit."""
        self.counts[unit] = self.counts.get(unit, 0) + number

    def weigh(self, size: int) -> None:
        """Add bytes that go."""
        self.bytes = (self.bytes or 0) + size

    def impact(self) -> Impact:
        """All of it. A count is only given when it is one kind of thing and nothing was cut short or untold."""
        unit, number = next(iter(self.counts.items()), ("", 0))
        exact = self.complete and self.exact and len(self.counts) == 1
        return Impact(
            tuple(dict.fromkeys(self.facts)),
            number if exact else None,
            unit if exact else "",
            self.bytes,
            self.complete,
            tuple(dict.fromkeys(self.offers)),
            self.way_back,
        )
