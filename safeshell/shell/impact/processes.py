"""The processes of this machine, as /proc tells of them: names, ages, parents, what they hold open.

Only reading, in process; of others' processes what this user may see. Where there is no /proc there is nothing.
Source: proc(5).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.impact.touch import ProcessTouch
from safeshell.shell.impact.tree import is_inside
from safeshell.shell.impact.units import full_name

_PROC: Final = b"/proc"
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_COMM_LENGTH: Final = 15
_LISTENING: Final = b"0A"
_COSTLY: Final = lazy_pattern(r"[*+?}]\)?[*+{]|\)[*+{]|\(\?|\\[1-9]|^.{200}")
"""Patterns whose matching may take longer than any budget: repeated repetitions, references back."""


@frozen
class Process:
    """One process.

    Args:
        pid: its number.
        parent: its parent's.
        group: its process group.
        name: of its program, at most 15 bytes of it.
        command: its words.
        started: seconds since the system booted.
        user: whose it is, by number.
    """

    pid: int
    parent: int
    group: int
    name: str
    command: tuple[str, ...]
    started: float
    user: int


@frozen
class Use:
    """A process that uses something in a folder.

    Args:
        process: which.
        files: how many files it has open there.
        lives: its working directory or its program is there.
    """

    process: Process
    files: int
    lives: bool


class NoSuchPattern(Exception):
    """A pattern that is no regular expression."""


def processes(deadline: Deadline) -> list[Process]:
    """All processes but this one.

    Raises:
        OutOfTime: there are too many.
    """
    found = []
    own = os.getpid()
    for pid in _pids():
        deadline.check()
        process = _process(pid) if pid != own else None
        if process is not None:
            found.append(process)
    return found


def age_of(process: Process) -> float:
    """For how many seconds it has been running."""
    return max(0.0, _uptime() - process.started)


def hit_by(touch: ProcessTouch, known: list[Process]) -> list[Process]:
    """Those that a signal would reach.

    Raises:
        NoSuchPattern: the pattern can't be followed.
    """
    if touch.pids:
        return [one for one in known if _is_meant(one, touch.pids)]
    users = _user_numbers(touch.user)
    fits = _fitting(touch)
    found = [one for one in known if fits(one) and (users is None or one.user in users)]
    found.sort(key=lambda one: one.started)
    if touch.newest:
        return found[-1:]
    return found[:1] if touch.oldest else found


def children_of(hit: Iterable[Process], known: list[Process]) -> list[Process]:
    """What these have started, and what that has, in turn; those themselves not among them."""
    chosen = {one.pid for one in hit}
    below = set(chosen)
    found: list[Process] = []
    grew = True
    while grew:
        grew = False
        for one in known:
            if one.parent in below and one.pid not in below:
                below.add(one.pid)
                found.append(one)
                grew = True
    return found


def users_of(folders: list[bytes], known: list[Process], deadline: Deadline) -> list[Use]:
    """The processes that have files open at or below one of `folders`, work there or run a program from there.

    Raises:
        OutOfTime: there are too many.
    """
    found = []
    for process in known:
        deadline.check()
        files = sum(1 for path in _open_files(process.pid) if _is_in(path, folders))
        lives = any(_is_in(_link(process.pid, name), folders) for name in (b"cwd", b"exe"))
        if files or lives:
            found.append(Use(process, files, lives))
    return sorted(found, key=lambda use: (use.files, use.lives), reverse=True)


def listening_ports(hit: Iterable[Process]) -> list[int]:
    """The TCP ports on which some processes listen, as far as their sockets may be seen."""
    inodes = {
        path[8:-1] for one in hit for path in _open_files(one.pid) if path.startswith(b"socket:[")
    }  # fmt: skip
    ports = set()
    for table in (b"/net/tcp", b"/net/tcp6"):
        with contextlib.suppress(OSError), open(_PROC + table, "rb") as file:  # noqa: PTH123 - bytes
            for line in file.readlines()[1:]:
                fields = line.split()
                if len(fields) > 9 and fields[3] == _LISTENING and fields[9] in inodes:
                    ports.add(int(fields[1].rpartition(b":")[2], 16))
    return sorted(ports)


def in_unit(unit: str, known: list[Process]) -> list[Process]:
    """The processes of a service, by the control group that systemd runs it in."""
    ending = f"/{full_name(unit)}".encode("utf-8", "replace")
    found = []
    for one in known:
        with contextlib.suppress(OSError), open(b"%b/%d/cgroup" % (_PROC, one.pid), "rb") as file:  # noqa: PTH123
            if any((line.rstrip() + b"/").find(ending + b"/") >= 0 for line in file):
                found.append(one)
    return found


def _is_meant(process: Process, pids: tuple[int, ...]) -> bool:
    for pid in pids:
        if pid == -1 or process.pid == pid or (pid < -1 and process.group == -pid):
            return True
        if pid == 0 and process.group == os.getpgrp():
            return True
    return False


def _fitting(touch: ProcessTouch) -> Callable[[Process], bool]:
    """Whether a process is one that the names or patterns mean."""
    flags = re.IGNORECASE if touch.icase else 0
    if not touch.pattern:
        wanted = {_cased(name.rpartition("/")[2], touch.icase) for name in touch.names}
        return lambda one: _cased(_full_name(one), touch.icase) in wanted
    if not touch.names:
        return lambda _: bool(touch.user)
    if any(_COSTLY.search(name) for name in touch.names):
        raise NoSuchPattern("the pattern is not followed")
    try:
        # Typed as an extended regular expression; the two kinds agree on what people write here.
        patterns = [re.compile(name, flags) for name in touch.names]
    except (re.error, RecursionError, OverflowError) as error:
        raise NoSuchPattern("the pattern is no regular expression") from error

    def fits(one: Process) -> bool:
        text = " ".join(one.command)[:4096] if touch.full and one.command else one.name
        return any((each.fullmatch if touch.exact else each.search)(text) for each in patterns)

    return fits


def _full_name(one: Process) -> str:
    """A name that was cut short, whole again where the command tells it."""
    if len(one.name.encode("utf-8", "surrogateescape")) < _COMM_LENGTH or not one.command:
        return one.name
    name = one.command[0].rpartition("/")[2]
    return name if name.startswith(one.name) else one.name


def _cased(name: str, icase: bool) -> str:  # noqa: FBT001 - two uses, above
    return name.casefold() if icase else name


def _user_numbers(names: str) -> set[int] | None:
    """The numbers of the users named; None for anybody."""
    if not names:
        return None
    import pwd

    found = set()
    for name in names.split(","):
        if name.isdigit():
            found.add(int(name))
            continue
        with contextlib.suppress(KeyError):
            found.add(pwd.getpwnam(name).pw_uid)
    return found


def _pids() -> Iterator[int]:
    try:
        names = os.listdir(_PROC)  # noqa: PTH208 - bytes
    except OSError:
        return
    for name in names:
        if name.isdigit():
            yield int(name)


def _process(pid: int) -> Process | None:
    folder = b"%b/%d" % (_PROC, pid)
    try:
        with open(folder + b"/stat", "rb") as file:  # noqa: PTH123 - bytes
            stat = file.read()
        with open(folder + b"/cmdline", "rb") as file:  # noqa: PTH123 - bytes
            words = file.read(65536).split(b"\0")
        user = os.stat(folder).st_uid  # noqa: PTH116 - bytes
    except OSError:
        return None
    # The name stands in brackets and may hold any sign, brackets too.
    name = stat[stat.find(b"(") + 1 : stat.rfind(b")")]
    fields = stat[stat.rfind(b")") + 2 :].split()
    if len(fields) < 20:
        return None
    command = tuple(word.decode("utf-8", "surrogateescape") for word in words if word)
    started = int(fields[19]) / _TICKS
    return Process(
        pid, int(fields[1]), int(fields[2]), name.decode("utf-8", "surrogateescape"), command, started, user
    )


def _uptime() -> float:
    with contextlib.suppress(OSError, ValueError), open(_PROC + b"/uptime", "rb") as file:  # noqa: PTH123
        return float(file.read().split()[0])
    return time.monotonic()


def _open_files(pid: int) -> Iterator[bytes]:
    folder = b"%b/%d/fd" % (_PROC, pid)
    try:
        names = os.listdir(folder)  # noqa: PTH208 - bytes
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            yield os.readlink(folder + b"/" + name)  # noqa: PTH115 - bytes


def _link(pid: int, name: bytes) -> bytes:
    try:
        return os.readlink(b"%b/%d/%b" % (_PROC, pid, name))  # noqa: PTH115 - bytes
    except OSError:
        return b""


def _is_in(path: bytes, folders: list[bytes]) -> bool:
    return any(is_inside(path, folder) for folder in folders)
