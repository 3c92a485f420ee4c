"""Measuring and keeping, imported when a line first needs them: a read needs neither, and should start fast.

What is deferred is only the import; from the first line that is asked about or that changes something, everything
goes to the real probe and keeper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from safeshell.guard.interfaces import Outcome, Run
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.verdict import Verdict
from safeshell.redis.reply import Reply
from safeshell.redis.session import RedisSession

if TYPE_CHECKING:
    from safeshell.redis.undo import RedisUndo
    from safeshell.redis.undo_record import UndoId

# These read by themselves, and decide what a later command means; the keeper has to see them.
_TRANSACTION: Final = frozenset({b"MULTI", b"EXEC", b"DISCARD", b"WATCH", b"UNWATCH", b"RESET"})


class LineUndo(Protocol):
    """The keeper as lines use it; `RedisUndo` is one."""

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Run the line, keeping what it destroys."""

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command of the line."""

    def snapshot_chunk(self, argvs: Sequence[Sequence[bytes]], *, db: int | None = None) -> UndoId | None:
        """Keep all keys that some commands write, before they are sent."""


class UndoOnDemand:
    """A `LineUndo` that makes the real one when a line first changes something.

    Args:
        session: the person's.
        make: makes the real one.
    """

    def __init__(self, session: RedisSession, make: Callable[[], RedisUndo]) -> None:
        self._session = session
        self._make = make
        self._made: RedisUndo | None = None

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Run the line, keeping what it destroys; one that is proven to read has nothing to keep."""
        return run() if reading.reads and self._made is None else self._real().run_kept(reading, run)

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command of the line."""
        if self._made is None and not (argv and argv[0].upper() in _TRANSACTION):
            return self._session.execute(argv)
        return self._real().execute(argv)

    def snapshot_chunk(self, argvs: Sequence[Sequence[bytes]], *, db: int | None = None) -> UndoId | None:
        """Keep all keys that some commands write, before they are sent."""
        return None if self._made is None else self._made.snapshot_chunk(argvs, db=db)

    def _real(self) -> RedisUndo:
        if self._made is None:
            self._made = self._make()
        return self._made


class ProbeOnDemand:
    """An `ImpactProbe` that makes the real one when a question first has to be asked.

    Args:
        session: the person's.
        undo_limit: bytes above which nothing is kept; None where nothing is kept at all.
    """

    def __init__(self, session: RedisSession, *, undo_limit: int | None) -> None:
        self._session = session
        self._undo_limit = undo_limit

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """The impact as far as `budget` allowed."""
        from safeshell.redis.impact import RedisProbe

        return RedisProbe(self._session, undo_limit=self._undo_limit).measure(verdict, budget)
