"""What the pipeline needs from the world: who measures, who asks, who keeps, who records.

Small protocols; each console brings its own implementations. Nothing is implemented here but the absences.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

from safeshell.frozen import field, frozen
from safeshell.guard.challenge import Answer, Question
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.verdict import Verdict

EntryId = NewType("EntryId", int)
"""A line's number in the journal."""


class OutcomeKind(StrEnum):
    """How a line ended."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    CONNECTION_LOST = "connection-lost"


@frozen
class Outcome:
    """What became of a line.

    Args:
        kind: how it ended.
        detail: the error's first words, safe to show; empty for `done`.
        undo_id: what was kept to put it back; empty when nothing was.
    """

    kind: OutcomeKind
    detail: str = ""
    undo_id: str = ""


@frozen
class Entry:
    """What the journal is told before a line runs."""

    verdict: Verdict
    answer: Answer | None = None
    impact: Impact | None = None
    facts: tuple[str, ...] = field(default=())


Run = Callable[[], Outcome]
"""Sends the line and shows its result."""


class ImpactProbe(Protocol):
    """Measures what a line would hit, within a budget, changing nothing."""

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """The impact as far as `budget` allowed. Never raises for a target that can't be measured."""


class Asker(Protocol):
    """Puts a question to a person."""

    def ask(self, question: Question) -> Answer:
        """The answer; anything but the right one is no."""


class UndoKeeper(Protocol):
    """Keeps what a line destroys, so that it can be put back."""

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Run the line, keeping first (or in the same transaction) what it destroys."""


class Recorder(Protocol):
    """Writes the journal."""

    def begin(self, entry: Entry) -> EntryId:
        """Record a line before it runs.

        Raises:
            GuardFailure: it can't be written.
        """

    def complete(self, entry: EntryId, outcome: Outcome) -> None:
        """Record how it ended.

        Raises:
            GuardFailure: it can't be written.
        """


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """The aware moment now."""


class NothingToMeasure:
    """For consoles that can't measure."""

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """Nothing is known."""
        del verdict, budget
        return Impact()


class NothingKept:
    """For consoles and environments without undo."""

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Just run."""
        del reading
        return run()
