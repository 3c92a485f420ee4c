"""What there is to keep before a line runs: every file that it would change, once, and whether that is too much.

Looks at files and opens none of them. Used twice: to say before the question whether there will be a way back,
and to keep.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.guard.text import counted, sized, visible
from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.impact.resolving import Fate, Hit
from safeshell.shell.impact.tree import is_inside, walk

_ATTRIBUTES: Final = (Fate.MODE, Fate.OWNER)
_WEIGHT: Final = {
    fate: weight
    for weight, fate in enumerate((Fate.MODE, Fate.OWNER, Fate.MOVED, Fate.REPLACED, Fate.GONE, Fate.WRITTEN))
}
_VIRTUAL: Final = (b"/proc/", b"/sys/", b"/dev/")
_MEMORY: Final = b"/dev/shm/"
_TIGHT: Final = 10
"""A file system with less than this percentage free gets back what a line frees, but for little."""


@frozen
class Limits:
    """How much one line may have kept.

    Args:
        copied: bytes that are copied.
        held: bytes that stay on disk under a further name, instead of being freed.
        files: files and folders.
    """

    copied: int = 32 << 20
    held: int = 1 << 30
    files: int = 50_000


@frozen
class Found:
    """One file to be kept.

    Args:
        path: absolute.
        state: as it is now.
        fate: what becomes of it.
        other: for what is moved, where to.
        apart: its contents have to be kept apart from the file itself.
        turn: when the line comes to it; what was moved last moves back first.
    """

    path: bytes
    state: os.stat_result
    fate: Fate
    other: bytes = b""
    apart: bool = False
    turn: int = 0

    @property
    def has_content(self) -> bool:
        """Whether contents are lost that would have to be kept."""
        return stat.S_ISREG(self.state.st_mode) and self.fate not in (*_ATTRIBUTES, Fate.MOVED)


@frozen
class Gathered:
    """All that is to be kept.

    Args:
        found: the files, folders before what they hold.
        left_out: what can't be kept, in sentences.
        refused: why nothing is kept at all; "" when it is.
        copied: bytes that have to be copied, at most.
        held: bytes that stay on disk, copies among them.
    """

    found: tuple[Found, ...] = ()
    left_out: tuple[str, ...] = ()
    refused: str = ""
    copied: int = 0
    held: int = 0


class Gatherer:
    """Gathers for one line.

    Args:
        limits: how much may be kept.
        device: the file system that entries are kept on; None when that is not known.
        own: the folder of the entries, which is never kept itself.
    """

    def __init__(self, limits: Limits, device: int | None, own: bytes) -> None:
        self._limits = limits
        self._device = device
        self._own = own

    def gather(self, hits: Sequence[Hit], deadline: Deadline) -> Gathered:
        """What of `hits` is there and would be changed.

        Raises:
            OutOfTime: the deadline passed first.
        """
        found: dict[bytes, Found] = {}
        shut: list[bytes] = []
        for hit in hits:
            for kind in (hit.fate, Fate.GONE) if hit.again else (hit.fate,):
                refused = self._take(hit, kind, found, shut, deadline)
                if refused:
                    return Gathered(refused=refused)
        # A folder comes before what it holds: its name is the beginning of theirs.
        return self._measured(sorted(found.values(), key=lambda one: one.path), shut)

    def _take(
        self, hit: Hit, kind: Fate, found: dict[bytes, Found], shut: list[bytes], deadline: Deadline
    ) -> str:
        recursive = hit.recursive or (hit.again and kind is Fate.GONE)
        for path, state in walk(hit.path, deadline, recursive=recursive):
            if state is None:
                shut.append(path)
                continue
            if path.startswith(_VIRTUAL) and not path.startswith(_MEMORY):
                continue  # the kernel's own switches and devices: what is read there is not what is written
            if is_inside(path, self._own):
                return "safeshell's own undo data lies in it"
            before = found.get(path)
            fate, other = kind, hit.other if kind is Fate.MOVED else b""
            if before is not None:
                other = other or before.other  # the last place it comes to is where it will be
                fate = max(fate, before.fate, key=_WEIGHT.__getitem__)
            apart = kind is Fate.WRITTEN or (before is not None and before.apart)
            turn = before.turn if before is not None else len(found)
            found[path] = Found(path, state, fate, other, apart, turn)
            if len(found) > self._limits.files:
                return f"more than {self._limits.files:,} files"
        return ""

    def _measured(self, found: list[Found], shut: list[bytes]) -> Gathered:
        apart = {_file(one) for one in found if one.apart}
        twins: set[tuple[int, int]] = set()
        closed: list[bytes] = []
        copied = held = 0
        special = 0
        out: list[Found] = []
        for one in found:
            if one.has_content:
                separately = _file(one) in apart or one.state.st_dev != self._device
                if not may_be_read(one.state) and (separately or not may_be_linked(one.state)):
                    closed.append(one.path)
                    continue
                if separately and not one.apart:
                    one = replace(one, apart=True)
                if _file(one) not in twins:
                    twins.add(_file(one))
                    size = min(one.state.st_size, max(one.state.st_blocks * 512, 4096))
                    held += size
                    copied += size if separately else 0
            elif stat.S_ISSOCK(one.state.st_mode) and one.fate is not Fate.MOVED:
                special += 1
            out.append(one)
        refused = self._too_much(copied, held, out)
        return Gathered(tuple(out), _left_out(shut, closed, special), refused, copied, held)

    def _too_much(self, copied: int, held: int, found: list[Found]) -> str:
        limits = self._limits
        if copied > limits.copied:
            return f"{sized(copied)} would have to be copied, and up to {sized(limits.copied)} is"
        if held > limits.held:
            return f"{sized(held)}, and up to {sized(limits.held)} is kept"
        if held > limits.copied and found:
            free = _free_percent(found[0].path)
            if free is not None and free < _TIGHT:
                return f"its disk is {100 - free:.0f} % full, and gets back the {sized(held)}"
        room = _room(self._own)
        if room is not None and copied + 4096 * (1 + len(found) // 16) > room:
            return "there is no room for it where undo data is kept"
        return ""


def may_be_read(state: os.stat_result) -> bool:
    """Whether this process may read a file, as far as its permissions say."""
    user = os.geteuid()
    if user == 0:
        return True
    if state.st_uid == user:
        return bool(state.st_mode & stat.S_IRUSR)
    groups = {os.getegid(), *os.getgroups()}
    return bool(state.st_mode & (stat.S_IRGRP if state.st_gid in groups else stat.S_IROTH))


def may_be_linked(state: os.stat_result) -> bool:
    """Whether this process may give a file a further name (proc_sys_fs(5), protected_hardlinks)."""
    return os.geteuid() in (0, state.st_uid)


def _file(one: Found) -> tuple[int, int]:
    return one.state.st_dev, one.state.st_ino


def _left_out(shut: list[bytes], closed: list[bytes], special: int) -> tuple[str, ...]:
    sentences = []
    if shut:
        many = counted(len(shut), "folder")
        sentences.append(f"{many} can't be looked into, {visible(shut[0])} for one")
    if closed:
        sentences.append(f"{counted(len(closed), 'file')} can't be read, {visible(closed[0])} for one")
    if special:
        sentences.append(f"{counted(special, 'socket')} can only be made by what listens there")
    return tuple(sentences)


def _free_percent(path: bytes) -> float | None:
    try:
        found = os.statvfs(os.path.dirname(path))  # noqa: PTH120 - bytes
    except OSError:
        return None
    return 100 * found.f_bavail / found.f_blocks if found.f_blocks else None


def _room(folder: bytes) -> int | None:
    """The bytes free where `folder` is or would be made."""
    while folder not in (b"", b"/"):
        try:
            found = os.statvfs(folder)
        except FileNotFoundError:
            folder = os.path.dirname(folder)  # noqa: PTH120 - bytes
            continue
        except OSError:
            return None
        return found.f_bavail * found.f_frsize
    return None
