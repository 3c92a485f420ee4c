"""What is being kept of the line under way: its entry, opened when there is something to keep.

Knows the store and the limit, not the server. What can't be kept is said at once and noted in the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from safeshell.errors import GuardFailure
from safeshell.guard.text import sized, visible
from safeshell.redis.snapshot import Snapshot
from safeshell.redis.undo_record import Frame, KeptKeys, Note, Origin, ServerMark, UndoId
from safeshell.redis.undo_store import UndoStore, UndoWriter


@dataclass(slots=True)
class LineKeeping:
    """The undo entry of one line.

    Args:
        store: where entries go.
        server: whose entry it is.
        target: the target's name.
        line: as typed, secrets redacted.
        limit: bytes that may be kept of one line.
        told: called with a sentence when something can't be kept.
        origin: what keeps it.
    """

    store: UndoStore
    server: ServerMark
    target: str
    line: str
    limit: int
    told: Callable[[str], None]
    origin: Origin = Origin.LINE
    _writer: UndoWriter | None = None
    _notes: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Bytes that may still be kept."""
        return max(0, self.limit - (self._writer.kept_bytes if self._writer else 0))

    def writer(self) -> UndoWriter:
        """The entry's file, made when first asked for, so that a full disk is found before anything is sent.

        Raises:
            GuardFailure: the disk would not take it.
        """
        if self._writer is None:
            self._writer = self.store.begin(
                self.server, target=self.target, line=self.line, origin=self.origin
            )
        return self._writer

    def allows(self, snapshot: Snapshot, most: int) -> bool:
        """Whether the keys of `snapshot` may be kept; said when they may not.

        Args:
            snapshot: measured.
            most: bytes that are worth it for such a command; what is left of the line's limit counts too.
        """
        most = min(most, self.left)
        if snapshot.memory <= most:
            return True
        key, size = snapshot.largest
        others = " and the others" if size < snapshot.memory else ""
        self.note(
            f"Not kept for undo: {visible(key, limit=60)}{others} take {sized(snapshot.memory)} in memory, "
            f"and {sized(most)} may be kept of this line"
        )
        return False

    def note(self, text: str) -> None:
        """Say what can't be kept, and note it in the entry if there is one in the end."""
        self._notes.append(text)
        self.told(text + ".")

    def keep(self, snapshot: Snapshot, *, atomic: bool) -> None:
        """Write down what `snapshot` found changed; a failure is said, for the line has run already."""
        for key in snapshot.refused:
            self.note(f"Not kept for undo: the server would not dump {visible(key, limit=60)}")
        if kept := snapshot.kept():
            self.write(KeptKeys(kept, atomic=atomic))

    def write(self, frame: Frame) -> None:
        """Write a frame after the line ran; a failure is said."""
        try:
            self.writer().write(frame)
        except GuardFailure as error:
            self.told(f"The line ran, but it can't be undone: {error.message}.")

    def close(self) -> UndoId | None:
        """Finish the entry; its name, or None when nothing was kept."""
        if self._writer is None:
            return None
        for text in self._notes:
            try:
                self._writer.write(Note(text))
            except GuardFailure:
                break
        undo_id = self._writer.close()
        self._writer = None
        return undo_id
