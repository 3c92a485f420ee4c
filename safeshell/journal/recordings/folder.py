"""The folder of recordings: their names, which there are, which must go. One file each, for its owner only.

What is in a file is not looked at here. A file that is still being written is locked by its writer, and stays.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from safeshell.errors import GuardFailure, UsageError
from safeshell.frozen import frozen
from safeshell.guard.text import counted, visible
from safeshell.journal.state import private_folder
from safeshell.lazy_pattern import lazy_pattern

FOLDER_NAME: Final = "recordings"
SUFFIX: Final = ".cast"

_LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"  # none that is easily taken for another
_FIRST_LETTERS: Final = _LETTERS[8:]  # no digit: a number is a line of the journal
_ID_LENGTH: Final = 6
_NAME = lazy_pattern(rf"\d{{8}}T\d{{6}}Z-([{_LETTERS}]{{{_ID_LENGTH}}})\{SUFFIX}")


@frozen
class Limits:
    """How much is kept.

    Args:
        max_size: bytes that one recording may take; past them only markers are kept.
        total_size: bytes that all may take together; the oldest go first.
        keep_for: how long one is kept after its last event.
    """

    max_size: int = 100_000_000
    total_size: int = 2_000_000_000
    keep_for: timedelta = timedelta(days=30)


@frozen
class RecordingFile:
    """A recording on disk.

    Args:
        path: its file.
        id: its name for people.
        size: bytes.
        changed: seconds since 1970 at which it was last written.
    """

    path: Path
    id: str
    size: int
    changed: float


class RecordingsFolder:
    """All recordings of this person on this machine.

    Args:
        state: the state folder (`state.state_folder()`).
    """

    def __init__(self, state: Path) -> None:
        self.path = state / FOLDER_NAME

    def create(self, now: datetime) -> tuple[RecordingFile, int]:
        """A new, empty, locked file and its open descriptor, which children do not inherit.

        Raises:
            GuardFailure, OSError: it can't be made.
        """
        import fcntl

        private_folder(self.path.parent)
        private_folder(self.path)
        taken = {one.id for one in self.files()}
        name = _new_id()
        while name in taken:
            name = _new_id()
        path = self.path / f"{_stamp(now)}-{name}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return RecordingFile(path, name, 0, now.timestamp()), descriptor

    def files(self) -> list[RecordingFile]:
        """The recordings, newest first; none when the folder can't be read."""
        return sorted(self._found(), key=lambda one: one.path.name, reverse=True)

    def find(self, name: str) -> RecordingFile:
        """The recording called `name`, or the only one whose name begins so.

        Raises:
            UsageError: there is none, or there are several.
        """
        found = [one for one in self.files() if one.id.startswith(name)]
        exact = [one for one in found if one.id == name]
        if len(exact or found) == 1:
            return (exact or found)[0]
        what = f"{counted(len(found), 'recording')} begin with" if found else "there is no recording"
        raise UsageError(f"{what} {visible(name)!r}", todo="See safeshell replay --list for their names.")

    def prune(self, limits: Limits, now: datetime) -> int:
        """Remove what is kept for long enough, and the oldest beyond the total size; how many were removed.

        What can't be removed stays, without a word: the next session tries again.
        """
        oldest = now.timestamp() - limits.keep_for.total_seconds()
        total = removed = 0
        for one in self.files():
            total += one.size
            if (one.changed < oldest or total > limits.total_size) and not is_being_written(one.path):
                with contextlib.suppress(OSError):
                    one.path.unlink()
                    removed += 1
        return removed

    def _found(self) -> Iterator[RecordingFile]:
        try:
            entries = list(os.scandir(self.path))
        except OSError:
            return
        for entry in entries:
            name = _NAME.fullmatch(entry.name)
            with contextlib.suppress(OSError):  # gone since it was listed
                if name and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield RecordingFile(Path(entry.path), name[1], status.st_size, status.st_mtime)


def is_being_written(path: Path) -> bool:
    """Whether a session that still runs writes the recording at `path`."""
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def unreadable(path: Path, error: OSError) -> GuardFailure:
    """The sentence for a recording that can't be read."""
    return GuardFailure(
        f"the recording can't be read: {error.strerror or error}",
        where=str(path),
        todo="See that it exists and is yours.",
    )


def _new_id() -> str:
    # Not `secrets`, whose import takes longer than all the rest: a name is no secret, only not to be given twice.
    first, *rest = os.urandom(_ID_LENGTH)
    return _FIRST_LETTERS[first % len(_FIRST_LETTERS)] + "".join(
        _LETTERS[one % len(_LETTERS)] for one in rest
    )


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
