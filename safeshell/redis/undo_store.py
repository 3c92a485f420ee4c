"""Undo entries on disk: a folder per server, a file per entry, readable by their owner only.

Everything about files lives here, and nothing about servers. Entries end after their time, and the oldest go
when all together take more than the budget.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from safeshell.errors import GuardFailure, SafeshellError
from safeshell.guard.text import visible
from safeshell.redis.undo_record import (
    MAGIC,
    Frame,
    Note,
    Origin,
    Restored,
    ServerMark,
    UndoEntry,
    UndoHeader,
    UndoId,
    entry_of,
    frame_bytes,
    read_frames,
)

DEFAULT_KEEP_FOR: Final = timedelta(days=14)
DEFAULT_BUDGET: Final = 1 << 30
_MAX_ENTRIES: Final = 5000
_PRUNE_EVERY: Final = timedelta(minutes=1)
_SUFFIX: Final = ".undo"
_ID_LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"  # none that is easily taken for another
_ID_LENGTH: Final = 6


class NoSuchUndo(SafeshellError):
    """There is no such entry, or nothing to put back."""


class UndoWriter:
    """One entry being written.

    The file is there from the start, so that a full disk is found before anything is destroyed; without a
    frame beyond the header and notes it is removed again.
    """

    def __init__(self, path: Path, file: BinaryIO, header: UndoHeader) -> None:
        self.header = header
        self.kept_bytes = 0
        self._path = path
        self._file = file
        self._frames = 0
        self._file.write(MAGIC + frame_bytes(header))
        self._file.flush()

    @property
    def id(self) -> UndoId:
        """The entry's name."""
        return self.header.id

    def write(self, frame: Frame) -> None:
        """Append a frame.

        Raises:
            GuardFailure: the disk would not take it.
        """
        packed = frame_bytes(frame)
        try:
            self._file.write(packed)
            self._file.flush()
        except OSError as error:
            raise _not_kept(self._path, error) from error
        self._frames += not isinstance(frame, Note)
        self.kept_bytes += len(packed)

    def close(self) -> UndoId | None:
        """Finish; the entry's name, or None when nothing was kept and nothing stays on disk."""
        if not self._frames:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink()
            return None
        with contextlib.suppress(OSError):  # what was flushed is in the system's hands already
            os.fsync(self._file.fileno())
        with contextlib.suppress(OSError):
            self._file.close()
        return self.id


class UndoStore:
    """All entries of this person on this machine, and which of them were begun through this very object.

    Args:
        folder: where; made when needed, for its owner only.
        keep_for: how long an entry stays.
        budget: bytes that all entries together may take.
        clock: the aware moment now.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keep_for: timedelta = DEFAULT_KEEP_FOR,
        budget: int = DEFAULT_BUDGET,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._keep_for = keep_for
        self._budget = budget
        self._clock = clock
        self._pruned: datetime | None = None
        self._begun: set[str] = set()

    def begin(self, server: ServerMark, *, target: str, line: str, origin: Origin) -> UndoWriter:
        """Open a new entry; entries past their time or over the budget go first.

        Args:
            server: where it belongs.
            target: the target's name.
            line: what was typed, secrets redacted already.
            origin: what keeps it.

        Raises:
            GuardFailure: the disk would not take it.
        """
        folder = self.server_folder(server.place)
        try:
            # One by one: the mode given to `parents` is the umask's.
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(exist_ok=True, mode=0o700)
            if self._pruned is None or self._clock() - self._pruned > _PRUNE_EVERY:
                self.prune()
            while True:
                name = UndoId("".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH)))
                path = folder / f"{name}{_SUFFIX}"
                if any(self.folder.glob(f"*/{name}{_SUFFIX}")):
                    continue
                with contextlib.suppress(FileExistsError):
                    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
                    break
            self._begun.add(name)
            made = int(self._clock().timestamp() * 1000)
            header = UndoHeader(name, made, server, target, line, origin)
            return UndoWriter(path, os.fdopen(descriptor, "ab"), header)
        except OSError as error:
            raise _not_kept(folder, error) from error

    def server_folder(self, place: str) -> Path:
        """The folder of the server at `place`."""
        return self.folder / (re.sub(r"[^A-Za-z0-9.-]+", "_", place).strip("._") or "server")

    def load(self, undo_id: str) -> UndoEntry:
        """The entry of that name, or the only one whose name begins so.

        Raises:
            NoSuchUndo: there is none, more than one, or it can't be read.
        """
        wanted = undo_id.strip().lower()
        found = [path for path in self._paths() if path.stem == wanted]
        found = found or [path for path in self._paths() if wanted and path.stem.startswith(wanted)]
        if not found:
            raise NoSuchUndo(
                f"there is no undo {visible(undo_id, limit=40)}",
                todo="It may be past its time. See :undo --list in the console, or safeshell undo --list.",
            )
        if len(found) > 1:
            names = ", ".join(path.stem for path in found)
            raise NoSuchUndo(f"{visible(undo_id, limit=40)} is the beginning of several: {names}")
        entry = _read(found[0])
        if entry is None:
            raise NoSuchUndo("the file is no undo entry, or its beginning is damaged", where=str(found[0]))
        return entry

    def entries(self, place: str | None = None) -> list[UndoEntry]:
        """Every readable entry, of one server or of all, newest first."""
        read = (_read(path) for path in self._paths(place))
        found = [entry for entry in read if entry is not None and not entry.is_empty]
        return sorted(found, key=lambda entry: entry.header.made_ms, reverse=True)

    def last(self, place: str | None = None) -> UndoEntry:
        """The newest entry that was not put back yet and is not itself the keeping of an undo.

        Raises:
            NoSuchUndo: there is none.
        """
        for entry in self._waiting(place):
            return entry
        raise NoSuchUndo(
            f"nothing is kept for {place}" if place else "nothing is kept",
            todo="What was put back already is in the list: :undo --list, safeshell undo --list.",
        )

    def last_begun_here(self, place: str) -> UndoEntry:
        """As `last`, among the entries that were begun through this object: a session's own.

        Raises:
            NoSuchUndo: there is none; the newest of another session is named.
        """
        others: UndoEntry | None = None
        for entry in self._waiting(place):
            if self.is_begun_here(entry):
                return entry
            others = others or entry
        if others is None:
            return self.last(place)
        header = others.header
        raise NoSuchUndo(
            f"this session has kept nothing for {place} that is not put back yet",
            todo=f"Another session has: :undo {header.id} takes back its {visible(header.line, limit=80)!r}. "
            "See :undo --list.",
        )

    def is_begun_here(self, entry: UndoEntry) -> bool:
        """Whether `entry` was begun through this object, and by no other session."""
        return entry.header.id in self._begun

    def mark_restored(self, undo_id: UndoId, *, kept_as: str) -> None:
        """Note in an entry that it was put back; a disk that won't take the note changes nothing else."""
        for path in self._paths():
            if path.stem == undo_id:
                at = int(self._clock().timestamp() * 1000)
                with contextlib.suppress(OSError), path.open("ab") as file:
                    file.write(frame_bytes(Restored(at, kept_as)))

    def prune(self) -> None:
        """Remove entries past their time, then the oldest beyond the budget or some thousands."""
        self._pruned = self._clock()
        oldest = self._clock().timestamp() - self._keep_for.total_seconds()
        left: list[tuple[float, int, Path]] = []
        for path in self._paths():
            with contextlib.suppress(OSError):
                state = path.stat()
                if state.st_mtime < oldest:
                    path.unlink()
                else:
                    left.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in left)
        count = len(left)
        for _, size, path in sorted(left):
            if total <= self._budget and count <= _MAX_ENTRIES:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
            count -= 1

    def _waiting(self, place: str | None) -> Iterator[UndoEntry]:
        """Entries of lines that were not put back yet, the newest first."""
        for path in sorted(self._paths(place), key=_changed, reverse=True):
            entry = _read(path)
            if entry is None or entry.is_empty:
                continue
            if entry.restored is None and entry.header.origin is not Origin.RESTORE:
                yield entry

    def _paths(self, place: str | None = None) -> Iterator[Path]:
        folder = f"{self.server_folder(place).name}" if place else "*"
        return self.folder.glob(f"{folder}/*{_SUFFIX}")


def _changed(path: Path) -> float:
    """When a file was written last; a file that has just gone counts as the oldest."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(path: Path) -> UndoEntry | None:
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return None
            return entry_of(read_frames(file), size=path.stat().st_size)
    except OSError:
        return None


def _not_kept(path: Path, error: OSError) -> GuardFailure:
    return GuardFailure(
        f"the undo data can't be written ({error.strerror or type(error).__name__})",
        where=str(path),
        todo="Make room or give the folder to you, or turn undo off for this environment in the config.",
    )
