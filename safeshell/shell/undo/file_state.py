"""What a file is besides its contents: kind, mode, owner, times, links, extended attributes. Taken, compared, set.

Nothing here knows of entries or of keeping.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from safeshell.frozen import field, frozen

_NO_ATTRIBUTES: Final[Mapping[str, bytes]] = MappingProxyType({})
_MOST_ATTRIBUTES: Final = 64 << 10
_SKIPPED: Final = ("system.nfs4_acl", "com.apple.provenance")


@frozen
class FileState:
    """What lstat(2) says of a file, as far as it can be put back.

    Args:
        mode: type and permissions.
        uid, gid: whose.
        size: in bytes.
        mtime, atime, ctime: in nanoseconds; the last can't be put back, but tells of every change.
        device, inode: which file it is, while it exists.
        names: how many names it has.
        rdev: of a device file.
        target: where a link points.
        attributes: extended ones, access lists among them, where they were asked for.
    """

    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    atime: int
    ctime: int
    device: int
    inode: int
    names: int = 1
    rdev: int = 0
    target: bytes = b""
    attributes: Mapping[str, bytes] = field(default_factory=lambda: _NO_ATTRIBUTES)

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.mode)

    def same_content(self, other: FileState) -> bool:
        """Whether the two hold the same as kind, size, time and target tell; a folder holds nothing itself."""
        if stat.S_IFMT(self.mode) != stat.S_IFMT(other.mode) or self.target != other.target:
            return False
        if self.is_folder or self.is_link:
            return True
        return (self.size, self.mtime, self.rdev) == (other.size, other.mtime, other.rdev)

    def same_attributes(self, other: FileState) -> bool:
        """Whether permissions and owner are the same; a link's permissions mean nothing."""
        if (self.uid, self.gid) != (other.uid, other.gid):
            return False
        return self.is_link or stat.S_IMODE(self.mode) == stat.S_IMODE(other.mode)

    def untouched(self, before: FileState) -> bool:
        """Whether it is the very file of before, and nothing was done to it, not even something undone again."""
        place = (self.device, self.inode, self.ctime)
        return place == (before.device, before.inode, before.ctime) and self.same(before)

    def same(self, other: FileState) -> bool:
        """Whether nothing tells the two apart."""
        return self.same_content(other) and self.same_attributes(other)


def state_from(path: bytes, found: os.stat_result) -> FileState:
    """The state of `path` from what lstat(2) said.

    Raises:
        OSError: it is a link and has gone.
    """
    target = os.readlink(path) if stat.S_ISLNK(found.st_mode) else b""  # noqa: PTH115 - bytes
    return FileState(
        found.st_mode,
        found.st_uid,
        found.st_gid,
        found.st_size,
        found.st_mtime_ns,
        found.st_atime_ns,
        found.st_ctime_ns,
        found.st_dev,
        found.st_ino,
        found.st_nlink,
        found.st_rdev if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode) else 0,
        target,
    )


def state_of(path: bytes) -> FileState | None:
    """The present state of `path`, a link not followed; None when there is no such file.

    Raises:
        OSError: it can't be looked at.
    """
    try:
        return state_from(path, os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def attributes_of(path: bytes) -> dict[str, bytes]:
    """The extended attributes of a file, as far as they may be read and are not huge."""
    found: dict[str, bytes] = {}
    if not hasattr(os, "listxattr"):
        return found
    size = 0
    with contextlib.suppress(OSError):
        for name in os.listxattr(path, follow_symlinks=False):
            if name in _SKIPPED:
                continue
            with contextlib.suppress(OSError):
                value = os.getxattr(path, name, follow_symlinks=False)
                size += len(name) + len(value)
                if size > _MOST_ATTRIBUTES:
                    return found
                found[name] = value
    return found


def put_attributes(path: bytes, state: FileState) -> list[str]:
    """Give a file the owner, permissions, extended attributes and times of `state`; what could not be given."""
    failed: list[str] = []
    link = state.is_link
    with _noting(failed, "its owner"):
        now = os.lstat(path)
        if (now.st_uid, now.st_gid) != (state.uid, state.gid):
            os.chown(path, state.uid, state.gid, follow_symlinks=False)
    if not link:
        with _noting(failed, "its permissions"):
            # After the owner: giving a file away takes its set-user-id bit.
            os.chmod(path, stat.S_IMODE(state.mode))  # noqa: PTH101 - bytes
    if hasattr(os, "setxattr"):
        for name, value in state.attributes.items():
            with _noting(failed, f"its attribute {name}"):
                if _attribute(path, name) != value:
                    os.setxattr(path, name, value, follow_symlinks=False)
    with _noting(failed, "its times"):
        os.utime(path, ns=(state.atime, state.mtime), follow_symlinks=False)
    return failed


def _attribute(path: bytes, name: str) -> bytes | None:
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return None


class _noting:  # noqa: N801 - reads as a word of the language
    """Notes what failed with an `OSError`, and goes on."""

    def __init__(self, failed: list[str], what: str) -> None:
        self._failed = failed
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, OSError):
            self._failed.append(self._what)
            return True
        return False


def as_plain(state: FileState) -> list[Any]:
    """The state as JSON can write it."""
    plain: list[Any] = [
        state.mode, state.uid, state.gid, state.size, state.mtime, state.atime, state.ctime,
        state.device, state.inode, state.names, state.rdev, os.fsdecode(state.target),
    ]  # fmt: skip
    if state.attributes:
        plain.append({name: value.hex() for name, value in state.attributes.items()})
    return plain


def from_plain(plain: list[Any]) -> FileState:
    """The state that was written.

    Raises:
        ValueError, TypeError, IndexError: it is none.
    """
    mode, uid, gid, size, mtime, atime, ctime, device, inode, names, rdev = (int(one) for one in plain[:11])
    attributes = {
        str(name): bytes.fromhex(value) for name, value in (plain[12] if len(plain) > 12 else {}).items()
    }
    return FileState(
        mode,
        uid,
        gid,
        size,
        mtime,
        atime,
        ctime,
        device,
        inode,
        names,
        rdev,
        os.fsencode(plain[11]),
        attributes,
    )
