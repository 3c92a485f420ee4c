"""The console's history: one file for all sessions, appended under a lock, never holding a secret.

Only the file and what may go into it live here; how it is browsed and searched is the line editor's business.
A line is kept as it was typed, one a line, oldest first. Nothing here ever shortens the file by what this
session knows: it is cut, oldest lines first, only when it has grown too large, and only under the lock.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from safeshell.errors import SafeshellError

MAX_BYTES: Final = 2 << 20
"""The file is cut when it grows beyond this."""
MAX_LINE_BYTES: Final = 64 << 10
"""A longer line is not kept: it is data, not something to recall."""

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


class HistoryUnwritable(SafeshellError):
    """The history file can't be read or written; the console goes on without."""


class HistoryFile:
    """The lines that were typed, in a file that only its owner can read.

    Args:
        path: the file; its folder is made when needed.
        redact: a line with its secrets replaced (`redact.redact_line`); a line that it changes is not kept.
        max_bytes: the size beyond which the oldest lines go.
    """

    def __init__(self, path: Path, *, redact: Callable[[str], str], max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._redact = redact
        self._max_bytes = max_bytes
        self._unsaved: list[str] = []

    def keeps(self, line: str) -> bool:
        """Whether `line` may be kept: not blank, not endless, no secret in it."""
        return bool(line.strip()) and len(_encoded(line)) <= MAX_LINE_BYTES and self._redact(line) == line

    def append(self, lines: Sequence[str]) -> None:
        """Add what was submitted, each pasted line for itself, repetitions once.

        Raises:
            HistoryUnwritable: the file can't be written.
        """
        kept: list[str] = []
        for line in (part for submitted in lines for part in submitted.splitlines()):
            if self.keeps(line) and kept[-1:] != [line]:
                kept.append(line)
        if not kept:
            return
        self._unsaved += kept
        try:
            with self._locked() as file:
                file.seek(0, os.SEEK_END)
                file.write(b"".join(_encoded(line) + b"\n" for line in self._unsaved))
                file.flush()
                if file.tell() > self._max_bytes:
                    self._drop_oldest(file)
            self._unsaved.clear()
        except OSError as error:
            raise HistoryUnwritable(
                f"the history can't be written ({error.strerror})",
                where=str(self.path),
                todo="What is typed now can be recalled in this session only.",
            ) from error

    def lines(self) -> list[str]:
        """Every kept line of every session, oldest first; of this one too where the file can't be written."""
        try:
            data = self.path.read_bytes()
        except OSError:
            data = b""
        # Only a line feed ends a line: splitlines() would also cut at what a typed line may hold.
        return [*(_decoded(line) for line in data.split(b"\n") if line), *self._unsaved]

    def version(self) -> tuple[int, int, int]:
        """A value that changes when any session has written."""
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0, len(self._unsaved))
        return (found.st_ino, found.st_size, len(self._unsaved))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The file, open for reading and writing, ours alone, and still the one that `path` names."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                _lock(file)
                if not self._is_current(file):
                    continue
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                    self.path.chmod(0o600)
                yield file
                return

    def _is_current(self, file: BinaryIO) -> bool:
        """False when another session has put a shortened file in this one's place while we waited."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except OSError:
            return False

    def _drop_oldest(self, file: BinaryIO) -> None:
        """Keep the newest three quarters, in a new file: a crash leaves the old or the new one."""
        file.seek(-(self._max_bytes * 3 // 4), os.SEEK_END)
        file.readline()
        newest = file.read()
        shorter = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        descriptor = os.open(shorter, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as replacement:
            replacement.write(newest)
        shorter.replace(self.path)


def _encoded(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
