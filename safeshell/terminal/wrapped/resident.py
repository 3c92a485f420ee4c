"""The guard of a shell that somebody else has started: a process in its background that answers its hook.

Two processes in a group of their own. One judges, and takes the shell's terminal for as long as a question stands;
the other waits, and gives the terminal back if the first is killed. Both end with the shell. POSIX only. Facts:
tcsetpgrp(3), credentials(7), pidfd_open(2).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from safeshell.guard.challenge import Answer, Question
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal
from safeshell.terminal.wrapped.session_screen import SessionScreen

_GREETING: Final = 60.0
"""Seconds for the shell to say that its hook is in place; without that there is nobody to guard."""
_LOOKED: Final = 1.0
"""Seconds between two looks whether the shell lives, where the system can't say it by itself."""
_PASTE_ON: Final = b"\x1b[?2004h"


class Gate(Protocol):
    """Answers requests."""

    def judge(self, request: Request) -> str:
        """What the shell is told."""


class BorrowedScreen(SessionScreen):
    """The shell's terminal, which is this process's for as long as it asks."""

    def ask(self, question: Question) -> Answer:
        """The person's answer."""
        with taken(self._terminal.device):
            return super().ask(question)


@contextlib.contextmanager
def taken(device: int) -> Iterator[None]:
    """Be the terminal's foreground process group meanwhile; whoever was is so again afterwards."""
    try:
        former = os.tcgetpgrp(device)
        os.tcsetpgrp(device, os.getpgrp())
    except OSError:
        # It is gone, or another session's: asking will find that nobody can be asked.
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(device, former)


def detach(work: Callable[[], None], terminal: OuterTerminal, channel: ShellChannel) -> int:
    """Leave `work` behind in the background, watched over; the process that the shell may look for.

    Args:
        work: the guard's; runs until the shell ends.
        terminal: the shell's.
        channel: where the shell asks; taken away at the end.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setpgid(0, 0)
        # To take a terminal from its background, and to write to it, is what this is for.
        for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        worker = os.fork()
        if worker == 0:
            work()
        else:
            _watch_over(worker, terminal, channel)
    finally:
        os._exit(0)


def _watch_over(worker: int, terminal: OuterTerminal, channel: ShellChannel) -> None:
    front = _front(terminal.device)
    _, raw = os.waitpid(worker, 0)
    if os.WIFSIGNALED(raw) and _front(terminal.device) == os.getpgrp():
        # Killed while it asked: the shell waits for its answer no longer, and needs its terminal.
        terminal.put_back_after_crash()
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal.device, front)
    channel.close()


def _front(device: int) -> int:
    try:
        return os.tcgetpgrp(device)
    except OSError:
        return 0


def serve(gate: Gate, screen: SessionScreen, terminal: OuterTerminal, channel: ShellChannel) -> None:
    """Answer the shell's requests until it ends.

    Args:
        gate: says what is answered.
        screen: where it draws.
        terminal: the shell's.
        channel: where the shell asks.
    """
    shell = _Shell()
    while shell.lives():
        ready, _, _ = select.select([channel.descriptor, *shell.descriptors], [], [], shell.patience)
        if channel.descriptor not in ready:
            continue
        for request in channel.received():
            shell.greeted(request)
            said = gate.judge(request)
            if said.startswith("no"):
                # What was typed behind a line that does not run was meant to follow it.
                with contextlib.suppress(termios.error):
                    termios.tcflush(terminal.device, termios.TCIFLUSH)
            if said.endswith("drawn"):
                # A question has switched bracketed paste off behind it; the shell still counts on it.
                screen.paint(_PASTE_ON)
            channel.answer(request, said)


class _Shell:
    """The shell that is guarded: the first that greets."""

    def __init__(self) -> None:
        self._pid = 0
        self._descriptor = -1
        self._ended = False
        self._until = time.monotonic() + _GREETING

    @property
    def descriptors(self) -> list[int]:
        """Readable when it has ended."""
        return [self._descriptor] if self._descriptor >= 0 else []

    @property
    def patience(self) -> float | None:
        """How long to wait before looking again; None where it says by itself that it has ended."""
        return None if self._descriptor >= 0 else _LOOKED

    def greeted(self, request: Request) -> None:
        """Something was said; by the shell itself when it is the first greeting."""
        if self._pid or request.kind is not RequestKind.HELLO:
            return
        self._pid = request.pid
        with contextlib.suppress(OSError, AttributeError):
            self._descriptor = os.pidfd_open(self._pid)

    def lives(self) -> bool:
        """Whether there is still somebody to guard."""
        if not self._pid:
            return time.monotonic() < self._until
        if self._descriptor >= 0:
            return not select.select([self._descriptor], [], [], 0)[0]
        try:
            os.kill(self._pid, 0)
        except OSError:
            return False
        return True


def shells_terminal() -> tuple[int, str] | None:
    """The controlling terminal and its name; None without one."""
    try:
        device = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    for descriptor in (0, 2, device):
        with contextlib.suppress(OSError):
            return device, os.ttyname(descriptor)
    return None
