"""The history files of shells that can't write them: copies in a scratch folder, and what is new handed back.

The session itself writes the person's own file, and only ever behind its end.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

_MAX_SIZE: Final = 64 << 20
_FISH: Final = b"- cmd: "


class HistoryFiles:
    """One session's copies.

    Args:
        scratch: the folder that its shells may write.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._copies: dict[Path, tuple[Path, bytes]] = {}

    def copy_of(self, name: str) -> str:
        """The path of the copy that a shell is to use for its history file; "" where it is to use none.

        Args:
            name: the shell's own file; a regular one of this user's, or one that is not there yet.
        """
        if not name.startswith("/") or "\n" in name:
            return ""
        path = Path(os.path.realpath(name))
        known = self._copies.get(path)
        if known:
            return str(known[0])
        copy = self._scratch / f"history-{len(self._copies)}"
        return str(copy) if self.copy_to(path, copy) else ""

    def copy_to(self, path: Path, copy: Path) -> bool:
        """Copy a history to where the shell is to find it; whether it is there."""
        content = _content(path)
        if content is None:
            return False
        try:
            copy.touch(mode=0o600)
            copy.write_bytes(content)
        except OSError:
            return False
        self._copies[path] = (copy, content)
        return True

    def give_back(self) -> None:
        """Write what is new since the last time behind the end of the person's own files."""
        for path, (copy, former) in list(self._copies.items()):
            now = _content(copy)
            if now:
                _append(path, added(former, now))
                self._copies[path] = (copy, now)


def added(former: bytes, now: bytes) -> bytes:
    """What a shell has added to its history, which it may have shortened at the front.

    Args:
        former: as it was.
        now: as it is.
    """
    if now.startswith(former):
        return now[len(former) :]
    old, new = _entries(former), _entries(now)
    # Its old lines are an end of the former ones: where the longest such end stops, the new lines begin.
    for count in range(min(len(old), len(new)), 0, -1):
        if new[count - 1] == old[-1] and new[:count] == old[-count:]:
            return b"".join(new[count:])
    # It was put into another order (erasedups, fish): what was not there before is new.
    known = set(old)
    return b"".join(entry for entry in new if entry not in known)


def _entries(history: bytes) -> list[bytes]:
    """A history's entries: lines, or what fish writes of each line."""
    if not history.startswith(_FISH):
        return history.splitlines(keepends=True)
    entries = (b"\n" + history).split(b"\n" + _FISH)[1:]
    return [_FISH + entry.rstrip(b"\n") + b"\n" for entry in entries]


def _content(path: Path) -> bytes | None:
    """What stands in a regular file of this user's; nothing for one that is not there, None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_size > _MAX_SIZE:
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_MAX_SIZE)


def _append(path: Path, content: bytes) -> None:
    if not content:
        return
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(content)
