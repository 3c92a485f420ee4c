"""The folder of one session's pipes and secrets, and what killed sessions have left of theirs.

The one idea: whoever holds the lock on a folder may use it or take it away, and the system lets go of the lock with
the process, however that ends. So there is no moment in which a folder of a living session looks like a dead one's.
POSIX only. Facts: flock(2), open(2), the XDG base directory specification.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

_PREFIX: Final = "safeshell-session-"
_TRIES: Final = 10


class SessionFolder:
    """A folder that only its owner can enter, held until `remove` or the end of the process.

    Args:
        on_disk: where temporary files go, for much may be written to it; else in memory where there is such a place.

    Raises:
        OSError: it can't be made.
    """

    def __init__(self, *, on_disk: bool = False) -> None:
        self.path, self._lock = _made(None if on_disk else _runtime_folder())

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)


def sweep() -> int:
    """Take away what killed sessions of this user have left; how many folders that was.

    Folders of others, and of sessions that live or are about to begin, stay. Never raises.
    """
    return sum(map(_swept_in, {_runtime_folder() or tempfile.gettempdir(), tempfile.gettempdir()}))


def _swept_in(folder: str) -> int:
    swept = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and _is_own_folder(entry):
                swept += _swept(Path(entry.path))
    return swept


def _made(parent: str | None) -> tuple[Path, int]:
    for _ in range(_TRIES):
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = -1
        with contextlib.suppress(FileNotFoundError):
            lock = _opened(path)
            # Somebody who sweeps may have got hold of it first: then it is gone as soon as the lock is ours.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_ino == path.stat().st_ino:
                return path, lock
        if lock >= 0:
            os.close(lock)
    raise FileNotFoundError(2, "a new folder is taken away at once", parent or tempfile.gettempdir())


def _swept(path: Path) -> bool:
    try:
        lock = _opened(path)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # its session lives
    else:
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    finally:
        os.close(lock)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _runtime_folder() -> str | None:
    """Where a session's folder goes: in memory and the person's own where the system has such a place."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return folder if folder and os.access(folder, os.W_OK | os.X_OK) else None
