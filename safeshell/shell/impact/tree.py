"""Walking through folders and counting what is there, links never followed. Files may come and go meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from safeshell.shell.impact.deadline import Deadline, OutOfTime

Seen = tuple[bytes, os.stat_result | None]
"""A path and its state; None for a folder that can't be looked into, which comes a second time so."""


def walk(root: bytes, deadline: Deadline, *, recursive: bool = True) -> Iterator[Seen]:
    """Everything at and below `root`, each folder before what it holds; nothing when there is no such file.

    Raises:
        OutOfTime: the deadline has passed.
    """
    try:
        state = os.lstat(root)
    except OSError:
        return
    yield root, state
    if not (recursive and stat.S_ISDIR(state.st_mode)):
        return
    folders = [root]
    count = 0
    while folders:
        folder = folders.pop()
        deadline.check()
        below: list[bytes] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        state = entry.stat(follow_symlinks=False)
                    except OSError:  # it has gone meanwhile
                        continue
                    yield entry.path, state
                    if stat.S_ISDIR(state.st_mode):
                        below.append(entry.path)
                    count += 1
                    if not count % 256:
                        deadline.check()
        except FileNotFoundError:
            continue
        except OSError:
            yield folder, None
        folders += reversed(below)


class Tally:
    """What was counted.

    Args:
        most: how many files and folders are counted; more are said to be more.
    """

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self.files = 0
        self.folders = 0
        self.links = 0
        self.special = 0
        self.bytes = 0
        self.newest = 0.0
        self.newest_path = b""
        self.shut: list[bytes] = []
        """Folders that can't be looked into."""
        self.link_paths: list[bytes] = []
        self.complete = True

    @property
    def things(self) -> int:
        """All that is no folder."""
        return self.files + self.links + self.special

    def add_tree(self, root: bytes, deadline: Deadline, *, recursive: bool) -> None:
        """Count what is at and below `root`, as far as there is time."""
        try:
            for path, state in walk(root, deadline, recursive=recursive):
                self._add(path, state)
                if self.things + self.folders >= self._most:
                    self.complete = False
                    return
        except OutOfTime:
            self.complete = False

    def _add(self, path: bytes, state: os.stat_result | None) -> None:
        if state is None:
            self.shut.append(path)
            return
        mode = state.st_mode
        if stat.S_ISREG(mode):
            self.files += 1
            self.bytes += state.st_size
        elif stat.S_ISDIR(mode):
            self.folders += 1
            return
        elif stat.S_ISLNK(mode):
            self.links += 1
            if len(self.link_paths) < 1000:
                self.link_paths.append(path)
        else:
            self.special += 1
        if state.st_mtime > self.newest:
            self.newest = state.st_mtime
            self.newest_path = path


def is_inside(path: bytes, folder: bytes) -> bool:
    """Whether `path` is `folder` or lies below it; both normal and without a slash at the end."""
    return path == folder or path.startswith(folder if folder == b"/" else folder + b"/")


def leads_out(link: bytes, roots: list[bytes], readlink: Callable[[bytes], bytes] = os.readlink) -> bool:
    """Whether a link points to something that exists and lies outside of all `roots`."""
    try:
        target = readlink(link)
    except OSError:
        return False
    there = os.path.normpath(os.path.join(os.path.dirname(link), target))  # noqa: PTH118, PTH120 - bytes
    return not any(is_inside(there, root) for root in roots) and os.path.lexists(there)
