"""Keeping a file's contents: by another name, by sharing its blocks, or by copying. Putting a copy back.

A second name costs nothing, but is the very file: it may only be taken where the command gives the name away and
leaves the file alone. Sharing blocks (FICLONE: btrfs, xfs, bcachefs) and copying are safe from any later write.
Sources: link(2), ioctl_ficlone(2), lseek(2) on holes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.undo.kept import Way

_FICLONE: Final = 0x40049409
_CHUNK: Final = 1 << 20


class ChangedMeanwhile(OSError):
    """The file is another one than it was a moment ago."""


def keep_by_name(path: bytes, kept: bytes) -> bool:
    """Give the file at `path` the further name `kept`; False where the file systems or the rights forbid it."""
    try:
        os.link(path, kept, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except (OSError, NotImplementedError):
        return False
    return True


def keep_apart(path: bytes, kept: bytes, was: os.stat_result, deadline: Deadline) -> Way:
    """Put the contents of `path` into the new file `kept`, by sharing blocks or else copying.

    Raises:
        OSError: it can't be read, or the disk would not take it.
        OutOfTime: it takes too long.
    """
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        now = os.fstat(source)
        if not stat.S_ISREG(now.st_mode) or (now.st_dev, now.st_ino) != (was.st_dev, was.st_ino):
            raise ChangedMeanwhile(errno.ESTALE, "it is another file now")
        target = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            way = Way.CLONE if _cloned(source, target) else Way.COPY
            if way is Way.COPY:
                _copy(source, target, deadline)
            os.fsync(target)
        finally:
            os.close(target)
    finally:
        os.close(source)
    return way


def put_copy(kept: bytes, target: int) -> None:
    """Write the contents of the file `kept` to the open file `target`, over whatever it held.

    Raises:
        OSError: it can't be read or written.
    """
    source = os.open(kept, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.ftruncate(target, 0)
        os.lseek(target, 0, os.SEEK_SET)
        if not _cloned(source, target):
            _copy(source, target, None)
        os.fsync(target)
    finally:
        os.close(source)


def _cloned(source: int, target: int) -> bool:
    try:
        import fcntl

        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _copy(source: int, target: int, deadline: Deadline | None) -> None:
    """Copy what is there and leave the holes."""
    size = os.fstat(source).st_size
    at = 0
    while at < size:
        start, end = _next_part(source, at, size)
        if start >= size:
            break
        _copy_part(source, target, start, end, deadline)
        at = end
    os.ftruncate(target, max(size, 0))


def _next_part(source: int, at: int, size: int) -> tuple[int, int]:
    """From where to where there is something behind `at`; the end of the file when only a hole follows."""
    if not hasattr(os, "SEEK_DATA"):
        return at, size
    try:
        start = os.lseek(source, at, os.SEEK_DATA)
        return start, os.lseek(source, start, os.SEEK_HOLE)
    except OSError as error:
        return (size, size) if error.errno == errno.ENXIO else (at, size)


def _copy_part(source: int, target: int, start: int, end: int, deadline: Deadline | None) -> None:
    os.lseek(source, start, os.SEEK_SET)
    os.lseek(target, start, os.SEEK_SET)
    left = end - start
    while left > 0:
        if deadline is not None:
            deadline.check()
        chunk = os.read(source, min(_CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]
