"""The process that stays behind: the session is in another one, and if that is killed, the terminal is given back.

It does nothing but wait, so that nothing in it can fail. If it is killed itself, the session's end of the lifeline
reads as closed, and the session ends as if the terminal had hung up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable

from safeshell.errors import ExitStatus, SafeshellError
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal

_FORWARDED = (signal.SIGTERM, signal.SIGHUP)


def watched(terminal: OuterTerminal, run: Callable[[int], int]) -> int:
    """Run a session in a process of its own; its exit status.

    Args:
        terminal: the person's, not raw yet.
        run: the session, given its end of the lifeline.
    """
    lifeline, held = os.pipe2(os.O_CLOEXEC)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(held)
        status = int(ExitStatus.INTERNAL)
        try:
            status = run(lifeline)
        except SafeshellError as error:
            terminal.put_back()
            sys.stderr.write(f"safeshell: {error}\n")
            status = int(error.status)
        except BaseException as failure:  # noqa: BLE001 - a sentence instead of a traceback, and the terminal back
            terminal.put_back_after_crash()
            sys.stderr.write(
                f"safeshell: internal error ({type(failure).__name__}: {failure}); the session is over.\n"
                "  This is a bug: please report it with what you did.\n"
            )
        finally:
            # Only this process's own half of the work may be done at its end.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    os.close(lifeline)
    return _waited(pid, terminal)


def _waited(pid: int, terminal: OuterTerminal) -> int:
    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    former = {number: signal.signal(number, forward) for number in _FORWARDED}
    former[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _, raw = os.waitpid(pid, 0)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    code = os.waitstatus_to_exitcode(raw)
    if code >= 0:
        return code
    terminal.put_back_after_crash()
    name = signal.Signals(-code).name
    sys.stderr.write(
        f"safeshell: the guard was ended by {name}; the shell inside was hung up, and nothing more ran.\n"
    )
    return int(ExitStatus.INTERNAL)
