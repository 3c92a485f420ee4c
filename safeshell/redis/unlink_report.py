"""What `:unlink` tells while it walks and when it ends. Values and words only."""

from __future__ import annotations

from datetime import timedelta

from safeshell.frozen import frozen
from safeshell.guard.durations import written
from safeshell.guard.text import counted, sized, visible
from safeshell.redis.unlink_request import UnlinkRequest


@frozen
class UnlinkProgress:
    """How far it is.

    Args:
        matched: keys found so far.
        unlinked: keys removed so far.
        share: how much of the database was walked, 0 to 1; an estimate.
        seconds: since the start.
    """

    matched: int
    unlinked: int
    share: float
    seconds: float

    @property
    def words(self) -> str:
        """For one line of a screen: `41% · 48,211 keys unlinked · 52,100/s`; before the first, what was found."""
        if not self.unlinked:
            return f"{self.share:.0%} · {counted(self.matched, 'key')} found"
        rate = f" · {self.unlinked / self.seconds:,.0f}/s" if self.seconds > 0 and self.unlinked else ""
        return f"{self.share:.0%} · {counted(self.unlinked, 'key')} unlinked{rate}"


@frozen
class UnlinkReport:
    """How it ended.

    Args:
        request: what was asked for; resolved when it went on from an earlier one.
        db: the database.
        matched, unlinked: keys, those before a `--continue` included.
        seconds: how long it took.
        stopped: whether it was stopped before the end.
        undo_id: the entry that brings keys back; empty when nothing was kept.
        kept: keys in that entry.
        samples: some of the keys, for a dry run.
        memory: what all matching keys take, estimated, for a dry run.
    """

    request: UnlinkRequest
    db: int
    matched: int
    unlinked: int
    seconds: float
    stopped: bool = False
    undo_id: str = ""
    kept: int = 0
    samples: tuple[bytes, ...] = ()
    memory: int | None = None

    def lines(self) -> list[str]:
        """The report for a person, safe to show."""
        pattern = visible(self.request.pattern, limit=80)
        if self.request.dry_run:
            size = f", about {sized(self.memory)}" if self.memory is not None and self.matched else ""
            part = " so far" if self.stopped else ""
            found = f"{counted(self.matched, 'key')} of db {self.db} match {pattern}{part}{size}"
            return [
                f"{found}. Nothing was removed.",
                *(f"  {visible(key, limit=100)}" for key in self.samples),
            ]
        took = written_seconds(self.seconds)
        lines = [f"Unlinked {counted(self.unlinked, 'key')} of db {self.db} that match {pattern} in {took}."]
        if self.stopped:
            lines.append("Stopped before the end; :unlink --continue goes on from here.")
        if self.undo_id:
            some = "all of them" if self.kept >= self.unlinked else counted(self.kept, "key")
            lines.append(f"Undo {self.undo_id} brings back {some}.")
        return lines


def written_seconds(seconds: float) -> str:
    """`0.84 s`, or as other durations are written from a minute on."""
    return f"{seconds:.2f} s" if seconds < 60 else written(timedelta(seconds=seconds))
