"""Which program reads a terminal now: its foreground process group, looked up by what Linux tells of processes.

Touches the terminal and /proc, and decides nothing that a process's words do not say. Linux only: elsewhere
(macOS has libproc for it, which was not tried) no program is ever found, and so no line is read from a screen.
"""

from __future__ import annotations

import os
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.inner import Language
from safeshell.terminal.tracking.events import InFront, TtyMode
from safeshell.terminal.tracking.programs import Program, program_of

_LOOKED_OFTEN: Final = 0.05
"""Seconds for which an answer is good while the process group stays the same: it may run another program (exec)."""
_SETTLING: Final = 0.3
"""Seconds after which a process that was just started has become the program that it is to be."""
_DEEPEST: Final = 8
_HIGHEST: Final = 6
_FULL_SCREEN: Final = frozenset(
    "less more most pg pspg view vi vim nvim vimdiff nano pico emacs emacsclient micro hx helix joe ne mcedit man"
    " fzf sk git tig lazygit htop top btop tmux screen dialog whiptail".split()
)


OTHER_TERMINALS: Final = frozenset("tmux screen zellij byobu abduco dtach dvtm mtm script expect".split())
"""What has terminals of its own, in which nobody can say from outside what is typed to whom."""


@frozen
class Process:
    """A process of a terminal's foreground.

    Args:
        pid: its number.
        argv: its words.
        executable: the file that it runs; "" when that can't be seen, as with another user's.
        at_terminal: it reads its standard input from a terminal.
    """

    pid: int
    argv: tuple[str, ...]
    executable: str = ""
    at_terminal: bool = True


def tty_mode(master: int) -> TtyMode:
    """How a terminal takes input now.

    Args:
        master: the descriptor of its controlling side.

    Raises:
        termios.error: the terminal is gone.
    """
    local = termios.tcgetattr(master)[3]
    return TtyMode(bool(local & termios.ICANON), bool(local & termios.ECHO))


def foreground_processes(master: int) -> tuple[Process, ...]:
    """The processes of the foreground group, outermost first; () when nobody can tell.

    Args:
        master: the descriptor of the terminal's controlling side.
    """
    try:
        group = os.tcgetpgrp(master)
    except OSError:
        return ()
    found: list[Process] = []
    pids = [group]
    while pids and len(found) < _DEEPEST:
        pid = pids.pop(0)
        process = _process(pid)
        if process is not None:
            found.append(process)
        pids += [child for child in _children(pid) if _group_of(child) == group]
    return tuple(found)


def program_in(processes: tuple[Process, ...]) -> InFront:
    """Who reads the terminal, by the processes of its foreground: the innermost known program that reads from there.

    Args:
        processes: outermost first. While one of them is a pager or an editor, the program is busy.
    """
    program, full_screen = None, False
    for process in processes:
        full_screen = full_screen or (bool(process.argv) and Path(process.argv[0]).name in _FULL_SCREEN)
        found = program_of(process.argv, process.executable) if process.at_terminal else None
        program = found or program
    return InFront(program, busy=full_screen and program is not None)


class ForegroundWatch:
    """Says who is in front, and looks no more often than it must.

    Args:
        master: the descriptor of the terminal's controlling side.
        hooked: says of a process whether its lines are guarded by a hook of its own: a shell of the session.
    """

    def __init__(self, master: int, hooked: Callable[[int], bool] = lambda _: False) -> None:
        self._master = master
        self._hooked = hooked
        self._group = -1
        self._looked_at = self._changed_at = float("-inf")
        self.look_again_at: float | None = None
        """When to look again though nothing is typed or printed: what is in front has just been started."""
        self._front = InFront(None)
        self.has_terminals = False
        """Whether a program that has terminals of its own was in front, at the last look."""
        self.is_hooked = False
        """Whether a shell with a hook was in front, at the last look."""

    def group(self) -> int:
        """The process group that has the terminal; 0 when nobody can tell."""
        try:
            return os.tcgetpgrp(self._master)
        except OSError:
            return 0

    def look(self, at: float) -> InFront:
        """Who is in front.

        To be asked whenever the program printed, and when keys come. Costs a microsecond, and a look at the
        processes (some dozens of microseconds) no more than twenty times a second, but for the first moments of one.

        Args:
            at: seconds of a clock that never goes back.
        """
        try:
            group = os.tcgetpgrp(self._master)
        except OSError:
            return InFront(None)
        if group != self._group:
            self._group, self._changed_at = group, at
        # A shell with a hook may have become one without, and a new process another program.
        settling = self.is_hooked or at - self._changed_at < _SETTLING
        if settling or at - self._looked_at >= _LOOKED_OFTEN:
            self._looked_at = at
            self._front = self._found(group)
        self.look_again_at = at + _LOOKED_OFTEN if settling and not self.is_hooked else None
        return self._front

    def _found(self, group: int) -> InFront:
        self.is_hooked = self._hooked(group)
        self.has_terminals = False
        if self.is_hooked:
            return InFront(None)
        processes = foreground_processes(self._master)
        names = {Path(process.argv[0]).name for process in processes if process.argv}
        self.has_terminals = not OTHER_TERMINALS.isdisjoint(name.partition(":")[0] for name in names)
        front = program_in(processes)
        return front if front.program is not None else InFront(self._shell_of(group), busy=True)

    def _shell_of(self, group: int) -> Program | None:
        """The shell without a hook that has started what is in front, and will read what that leaves unread."""
        pid = group
        for _ in range(_HIGHEST):
            pid = parent_of(pid)
            if pid <= 1 or pid == os.getpid() or self._hooked(pid):
                return None
            process = _process(pid)
            program = program_of(process.argv, process.executable) if process is not None else None
            if program is not None and program.language is Language.SHELL:
                return program
        return None


def _process(pid: int) -> Process | None:
    folder = Path("/proc") / str(pid)
    try:
        raw = (folder / "cmdline").read_bytes()
    except OSError:
        return None
    argv = tuple(word.decode("utf-8", "surrogateescape") for word in raw.rstrip(b"\0").split(b"\0"))
    return Process(pid, argv, _link(folder / "exe"), _at_terminal(folder))


def _at_terminal(folder: Path) -> bool:
    target = _link(folder / "fd" / "0")
    return not target or target.startswith(("/dev/pts/", "/dev/tty", "/dev/console"))


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    """A process's parent; 0 when nobody can tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    # The second field is the name, in parentheses, and may hold anything.
    return int(stat.rpartition(")")[2].split()[1])


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1
