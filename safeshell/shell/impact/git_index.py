"""Which files of a git work tree have changed since git last looked, from its index and the files' times and sizes.

In process: git itself could run what a repository's own config names (filters, a file-system monitor). What is
told is a lower bound on what would be lost: a file that only looks changed is counted, one that changed without a
trace is not. Sources: gitformat-index(5), gitrepository-layout(5).
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.impact.tree import is_inside

_LARGEST: Final = 64 << 20
_FIXED: Final = struct.Struct(">10I20sH")
_EXTENDED: Final = 0x4000
_SKIP: Final = 0x4000
_GITLINK: Final = 0o160000
_KINDS: Final = {0o100000: stat.S_IFREG, 0o120000: stat.S_IFLNK}


@frozen
class IndexEntry:
    """A file that git knows.

    Args:
        name: its path in the work tree.
        mode: as git records it.
        mtime: seconds and nanoseconds.
        size: in bytes, modulo 2**32.
        present: it is to be in the work tree.
    """

    name: bytes
    mode: int
    mtime: tuple[int, int]
    size: int
    present: bool


def work_tree_of(path: bytes) -> tuple[bytes, bytes] | None:
    """The work tree that `path` is in and its git folder; None where there is none."""
    folder = path
    while folder:
        git = os.path.join(folder, b".git")  # noqa: PTH118 - bytes
        try:
            state = os.stat(git)  # noqa: PTH116 - bytes
        except OSError:
            state = None
        if state is not None and stat.S_ISDIR(state.st_mode):
            return folder, git
        if state is not None and stat.S_ISREG(state.st_mode):
            there = _named_in(git, state.st_size)
            return (folder, there) if there else None
        above = os.path.dirname(folder)  # noqa: PTH120 - bytes
        if above == folder:
            return None
        folder = above
    return None


def changed_below(path: bytes, deadline: Deadline) -> int | None:
    """How many files that git knows look changed or are gone at or below `path`; None where that can't be told.

    Raises:
        OutOfTime: there are too many.
    """
    found = work_tree_of(path)
    if found is None:
        return None
    tree, git = found
    entries = read_index(Path(os.fsdecode(git)) / "index")
    if entries is None:
        return None
    changed = 0
    for count, entry in enumerate(entries):
        if count % 256 == 0:
            deadline.check()
        name = os.path.join(tree, entry.name)  # noqa: PTH118 - bytes
        if is_inside(name, path) and entry.present and _looks_changed(name, entry):
            changed += 1
    return changed


def read_index(path: Path) -> list[IndexEntry] | None:
    """The entries of an index file; None where it can't be read or is of a form not known here."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        data = path.read_bytes()
        signature, version, count = struct.unpack_from(">4sII", data)
        if signature != b"DIRC" or version not in (2, 3, 4):
            return None
        return list(_entries(data, version, count))
    except (OSError, struct.error, ValueError, IndexError):
        return None


def _entries(data: bytes, version: int, count: int) -> Iterator[IndexEntry]:
    at, before = 12, b""
    for _ in range(count):
        start = at
        _, _, seconds, nanoseconds, _, _, mode, _, _, size, _, flags = _FIXED.unpack_from(data, at)
        at += _FIXED.size
        more = 0
        if flags & _EXTENDED:
            more = int.from_bytes(data[at : at + 2], "big")
            at += 2
        if version == 4:
            cut, at = _number(data, at)
            end = data.index(b"\0", at)
            name = before[: len(before) - cut] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + 8) // 8 * 8
        before = name
        present = not more & _SKIP and (mode & 0o170000) != _GITLINK
        yield IndexEntry(name, mode, (seconds, nanoseconds), size, present)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of varying length as git packs offsets, and what is behind it."""
    byte = data[at]
    at += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[at]
        at += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at


def _looks_changed(path: bytes, entry: IndexEntry) -> bool:
    try:
        state = os.lstat(path)
    except OSError:
        return True
    if _KINDS.get(entry.mode & 0o170000) != stat.S_IFMT(state.st_mode):
        return True
    if state.st_size & 0xFFFFFFFF != entry.size:
        return True
    seconds, nanoseconds = divmod(state.st_mtime_ns, 1_000_000_000)
    if seconds & 0xFFFFFFFF != entry.mtime[0]:
        return True
    return bool(entry.mtime[1]) and nanoseconds != entry.mtime[1]


def _named_in(file: bytes, size: int) -> bytes:
    """The git folder that a `.git` file names, as in worktrees and submodules; b"" for none."""
    if size > 4096:
        return b""
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - bytes
            text = opened.read(4096)
    except OSError:
        return b""
    if not text.startswith(b"gitdir: "):
        return b""
    return os.path.join(os.path.dirname(file), text[8:].rstrip(b"\n"))  # noqa: PTH118, PTH120 - bytes
