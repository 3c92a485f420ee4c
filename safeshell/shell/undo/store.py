"""Undo entries of files on disk: a folder for each, readable by their owner only.

An entry is made in a folder named `ID.partial`, which is renamed when everything in it is on disk: what is called
partial never was a way back, for its line did not run. Entries end after their time, and the oldest go when all
together hold more than the budget. Nothing here looks at the files that entries are about.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from safeshell.errors import GuardFailure, SafeshellError
from safeshell.frozen import replace
from safeshell.guard.text import visible
from safeshell.shell.undo.file_state import FileState
from safeshell.shell.undo.kept import (
    BadManifest,
    Head,
    Item,
    KeptFiles,
    Way,
    after_from,
    after_lines,
    head_from,
    manifest_from,
    manifest_lines,
)

DEFAULT_KEEP_FOR: Final = timedelta(days=14)
DEFAULT_BUDGET: Final = 1 << 30
_MOST_ENTRIES: Final = 2000
_ID_LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"  # none that is easily taken for another
_ID: Final = re.compile(f"[{_ID_LETTERS}]{{6}}")
_PARTIAL: Final = ".partial"
_DROPPED: Final = ".dropped"
_MANIFEST: Final = "manifest"
_AFTER: Final = "after"
_RESTORED: Final = "restored"
_LOCK: Final = "lock"
_DATA: Final = "data"


class NoSuchFileUndo(SafeshellError):
    """There is no such entry, or it can't be read."""


class EntryWriter:
    """One entry being made; `commit` makes it one, leaving it in any other way removes it.

    Args:
        store: whose.
        head: what it is about.
        folder: where it is made.
        lock: an open file that says somebody is at work here; closed at the end.
    """

    def __init__(self, store: FileUndoStore, head: Head, folder: Path, lock: int) -> None:
        self.head = head
        self._store = store
        self._folder = folder
        self._lock = lock
        self._data = os.fsencode(folder / _DATA) + b"/"
        self._committed = False

    def data_path(self, number: int) -> bytes:
        """Where the contents of number `number` are to be kept."""
        return self._data + b"%d" % number

    def commit(self, items: Sequence[Item], *, held: int, left_out: Sequence[str]) -> str:
        """Put the entry on disk for good; its name.

        Args:
            items: what is kept.
            held: bytes of disk that it holds.
            left_out: what could not be kept.

        Raises:
            OSError: the disk would not take it.
        """
        self.head = replace(self.head, held=held, left_out=tuple(left_out), count=len(items))
        _written(self._folder / _MANIFEST, manifest_lines(self.head, items))
        _synced(self._folder / _DATA)
        _synced(self._folder)
        self._folder.rename(self._store.folder / self.head.id)
        _synced(self._store.folder)
        self._committed = True
        return self.head.id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)
        if not self._committed:
            _remove(self._folder)


class FileUndoStore:
    """All entries about files of this person on this machine.

    Args:
        folder: where; made when needed, for its owner only.
        keep_for: how long an entry stays.
        budget: bytes that all entries together may hold.
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
        self.keep_for = keep_for
        self.budget = budget
        self._clock = clock

    def begin(self, *, session: str, target: str, line: str, needed: int = 0, of: str = "") -> EntryWriter:
        """Begin an entry; those past their time go first, then the oldest until there is room.

        Args:
            session: whose line it is.
            target: the target's name.
            line: as typed, secrets redacted already.
            needed: bytes that it is going to hold.
            of: the entry that is about to be put back; "" for a line's own.

        Raises:
            OSError: the folder can't be written.
        """
        # One by one: the mode given to `parents` is the umask's.
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        self.prune(needed)
        import secrets  # brings half of the library's cryptography: only when something is kept

        while True:
            name = "".join(secrets.choice(_ID_LETTERS) for _ in range(6))
            folder = self.folder / f"{name}{_PARTIAL}"
            if (self.folder / name).exists():
                continue
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                break
        try:
            lock = _locked(folder / _LOCK)
            (folder / _DATA).mkdir(mode=0o700)
        except OSError:
            _remove(folder)
            raise
        made = self._clock().timestamp()
        return EntryWriter(self, Head(name, made, session, target, line, of=of), folder, lock)

    def entries(self) -> list[KeptFiles]:
        """Every readable entry, newest first, without its items."""
        found = [one for one in map(self._head, self._folders()) if one is not None]
        return sorted(found, key=lambda one: one.head.made, reverse=True)

    def load(self, undo_id: str) -> KeptFiles:
        """The entry of that name, or the only one whose name begins so, with its items.

        Raises:
            NoSuchFileUndo: there is none, more than one, or it can't be read.
        """
        wanted = undo_id.strip().lower()
        names = [folder.name for folder in self._folders()]
        found = [wanted] if wanted in names else [one for one in names if wanted and one.startswith(wanted)]
        if len(found) > 1:
            raise NoSuchFileUndo(
                f"{visible(undo_id, limit=40)} is the beginning of several: {', '.join(found)}"
            )
        if not found:
            raise NoSuchFileUndo(
                f"there is no undo {visible(undo_id, limit=40)}",
                todo="It may be past its time. See safeshell undo --list.",
            )
        return self._whole(self.folder / found[0])

    def last(self, session: str | None = None) -> KeptFiles:
        """The newest entry that is a line's own and was not put back yet, of one session or of all.

        Raises:
            NoSuchFileUndo: there is none.
        """
        for entry in self.entries():
            head = entry.head
            if session in (None, head.session) and entry.restored is None and not head.of:
                return self._whole(self.folder / head.id)
        raise NoSuchFileUndo(
            "no file is kept" if session is None else "nothing is kept of this session's lines",
            todo="What was put back already is in the list: safeshell undo --list.",
        )

    def data_path(self, undo_id: str, number: int) -> bytes:
        """Where the contents of number `number` of an entry are kept."""
        return os.fsencode(self.folder / undo_id / _DATA / str(number))

    def note_after(self, undo_id: str, states: Sequence[FileState | None]) -> None:
        """Note how the line left the items of an entry.

        Raises:
            OSError: the disk would not take it.
        """
        new = self.folder / undo_id / f"{_AFTER}.new"
        _written(new, after_lines(states))
        new.replace(self.folder / undo_id / _AFTER)

    def mark_restored(self, entry: KeptFiles) -> None:
        """Note that an entry was put back.

        What it held by a further name is a file that lives again: it is let go, so that later work does not
        change what is kept, and the file has as many names as before.

        Raises:
            OSError: the disk would not take the note.
        """
        _written(self.folder / entry.head.id / _RESTORED, [b"%f\n" % self._clock().timestamp()])
        for item in entry.items:
            if item.way is Way.LINK and item.twin < 0:
                with contextlib.suppress(OSError):
                    os.unlink(self.data_path(entry.head.id, item.data))  # noqa: PTH108 - bytes

    def forget(self, undo_id: str) -> None:
        """Remove an entry, and with it what it held.

        Raises:
            NoSuchFileUndo: there is none.
            GuardFailure: it can't be removed.
        """
        entry = self.load(undo_id)
        try:
            self._drop(self.folder / entry.head.id)
        except OSError as error:
            raise GuardFailure(
                f"the entry can't be removed ({error.strerror or error})", where=str(self.folder)
            ) from error

    def prune(self, needed: int = 0) -> None:
        """Remove what never became an entry, entries past their time, then the oldest beyond the budget.

        Args:
            needed: bytes that are about to be added.
        """
        self._sweep()
        oldest = (self._clock() - self.keep_for).timestamp()
        left: list[KeptFiles] = []
        for entry in self.entries():
            if entry.head.made < oldest:
                self._try_drop(entry.head.id)
            else:
                left.append(entry)
        total = sum(entry.head.held for entry in left) + needed
        while left and (total > self.budget or len(left) > _MOST_ENTRIES):
            entry = left.pop()
            self._try_drop(entry.head.id)
            total -= entry.head.held

    def _sweep(self) -> None:
        for folder in self.folder.glob("*.*"):
            if folder.suffix == _DROPPED or (folder.suffix == _PARTIAL and _is_abandoned(folder)):
                _remove(folder)

    def _try_drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._drop(self.folder / name)

    def _drop(self, folder: Path) -> None:
        # Under another name first: an entry is whole or not there.
        dropped = folder.with_name(f"{folder.name}-{os.urandom(4).hex()}{_DROPPED}")
        folder.rename(dropped)
        _remove(dropped)

    def _folders(self) -> Iterator[Path]:
        try:
            found = sorted(self.folder.iterdir())
        except OSError:
            return iter(())
        return (one for one in found if _ID.fullmatch(one.name))

    def _head(self, folder: Path) -> KeptFiles | None:
        try:
            with (folder / _MANIFEST).open("rb") as file:
                head = head_from(file.readline())
        except (OSError, BadManifest):
            return None
        return KeptFiles(head, (), None, _moment(folder / _RESTORED))

    def _whole(self, folder: Path) -> KeptFiles:
        try:
            with (folder / _MANIFEST).open("rb") as file:
                head, items = manifest_from(file)
        except (OSError, BadManifest) as error:
            raise NoSuchFileUndo(f"the entry can't be read: {error}", where=str(folder)) from error
        after = None
        with contextlib.suppress(OSError), (folder / _AFTER).open("rb") as file:
            after = after_from(file)
        if after is not None and len(after) != len(items):
            after = None
        return KeptFiles(head, items, after, _moment(folder / _RESTORED))


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _written(path: Path, lines: Sequence[bytes] | Iterator[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=1 << 16) as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that sync no folders
            raise
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int:
    import fcntl

    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def _is_abandoned(folder: Path) -> bool:
    """Whether nobody is at work in a partial entry any more: a lock goes with its process, however that ended."""
    import fcntl

    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            import time

            return time.time() - folder.stat().st_mtime > 60
        return False
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _moment(path: Path) -> float | None:
    try:
        return float(path.read_bytes())
    except (OSError, ValueError):
        return None
