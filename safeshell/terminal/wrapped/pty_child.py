"""A program on a new pseudo-terminal: started so that nothing is lost, and told of size, signals and hang-up.

The one idea: between fork and exec only system calls; whatever fails there comes back as an error, not as an
empty session. POSIX only. Facts: pty(7), setsid(2), tty_ioctl(4), exec(3).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import termios
from collections.abc import Callable, Mapping, Sequence

from safeshell.errors import ExitStatus, SafeshellError
from safeshell.terminal.wrapped.double_start import ACTIVE
from safeshell.terminal.wrapped.outer_terminal import WindowSize


class CannotStart(SafeshellError):
    """The program could not be started."""

    status = ExitStatus.COMMAND_FAILED


class PtyChild:
    """A running child and the master side of its terminal.

    Args:
        pid: the child; the leader of its own session.
        master: the terminal's master side, non-blocking.
        slave_name: the name of the terminal's other side, `/dev/pts/7`.
    """

    def __init__(self, pid: int, master: int, slave_name: str) -> None:
        self.pid = pid
        self.master = master
        self.slave_name = slave_name
        self.was_killed = False
        """Whether a signal ended it, which gave it no time to put the terminal in order."""
        self._status: int | None = None

    def resize(self, size: WindowSize) -> None:
        """Tell the terminal its new size; the foreground program hears of it by SIGWINCH."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, size.packed)

    def hang_up(self) -> None:
        """Tell the child that its terminal is gone: an interactive shell ignores SIGTERM, and heeds this."""
        for number in (signal.SIGHUP, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def resume(self) -> None:
        """Let a stopped child go on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def foreground_group(self) -> int:
        """The process group that has the terminal; 0 when none has."""
        try:
            return os.tcgetpgrp(self.master)
        except OSError:
            return 0

    def poll(self) -> tuple[str, int]:
        """What has become of the child: `("running", 0)`, `("stopped", signal)`, `("ended", exit status)`.

        A child that a signal ended has the status 128 + its number, as a shell says it.
        """
        if self._status is not None:
            return "ended", self._status
        try:
            pid, raw = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            self._status = int(ExitStatus.COMMAND_FAILED)
            return "ended", self._status
        if pid == 0:
            return "running", 0
        if os.WIFSTOPPED(raw):
            return "stopped", os.WSTOPSIG(raw)
        code = os.waitstatus_to_exitcode(raw)
        self.was_killed = code < 0
        self._status = code if code >= 0 else 128 - code
        return "ended", self._status

    def forget_typed(self) -> None:
        """Throw away what the child has been typed and has not read."""
        with contextlib.suppress(OSError, termios.error):
            slave = os.open(self.slave_name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                termios.tcflush(slave, termios.TCIFLUSH)
            finally:
                os.close(slave)

    def close(self) -> None:
        """Close the master side; what has not been read from it is lost."""
        with contextlib.suppress(OSError):
            os.close(self.master)


def start(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    size: WindowSize,
    attributes: list[int | list[bytes | int]] | None = None,
    before_exec: Callable[[], None] = lambda: None,
) -> PtyChild:
    """Start `argv` on a new pseudo-terminal.

    Args:
        argv: program and arguments; the program is looked for on `environ`'s PATH.
        environ: its environment; the terminal's name is added, by which a session inside of it is told.
        size: the terminal's size from the first moment on.
        attributes: the terminal's settings (`termios.tcgetattr`); None for the system's own.
        before_exec: runs in the child just before the program; only system calls belong there. What it raises
            keeps the program from starting.

    Raises:
        CannotStart: there is no such program, no terminal to be had, or `before_exec` failed.
    """
    try:
        master, slave = os.openpty()
    except OSError as error:
        raise CannotStart(f"no pseudo-terminal is to be had ({error.strerror})") from error
    slave_name = os.ttyname(slave)
    if attributes is not None:
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size.packed)
    told_in, told_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(argv, {**environ, ACTIVE: slave_name}, slave, told_out, before_exec)
    os.close(slave)
    os.close(told_out)
    with os.fdopen(told_in, "rb") as told:
        said = told.read()
    if said:
        os.close(master)
        os.waitpid(pid, 0)
        raise CannotStart(said.decode("utf-8", "replace"), where=argv[0])
    os.set_blocking(master, False)
    return PtyChild(pid, master, slave_name)


def _become(
    argv: Sequence[str],
    environ: Mapping[str, str],
    slave: int,
    told: int,
    before_exec: Callable[[], None],
) -> None:
    """In the child: become the program, or say why not. Never returns."""
    try:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in range(3):
            os.dup2(slave, descriptor)
        told = _above_standard(told)
        os.closerange(3, told)
        os.closerange(told + 1, _most_descriptors())
        for number in signal.valid_signals():
            # Python ignores SIGPIPE, and handlers of ours mean nothing over there.
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        before_exec()
        os.execvpe(argv[0], list(argv), dict(environ))  # noqa: S606 - the person's own shell
    except OSError as error:
        reason = "is not there" if error.errno == errno.ENOENT else f"can't be started ({error.strerror})"
        os.write(told, f"{argv[0]} {reason}".encode())
    except BaseException as error:  # noqa: BLE001 - this process is a copy that nobody else can end
        os.write(told, f"{argv[0]} was not started: {error}".encode())
    os._exit(127)


def _above_standard(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return moved


def _most_descriptors() -> int:
    try:
        most = os.sysconf("SC_OPEN_MAX")
    except (OSError, ValueError):
        most = 1024
    return min(most, 65536) if most > 0 else 1024
