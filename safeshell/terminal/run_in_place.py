"""Running a program in this one's place: its input, output, terminal and end are as if this process were not there.

Nothing of the three streams is touched. What comes from the keyboard is the program's to heed; who ends this process
ends the program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

_KEYBOARD: Final = (signal.SIGINT, signal.SIGQUIT)
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


def run_in_place(argv: Sequence[str], *, program: str, environ: Mapping[str, str]) -> int:
    """Run a program to its end.

    Args:
        argv: its words, the name that it is to see itself by first.
        program: the file that is run.
        environ: its environment.

    Returns:
        Its exit status; the number of the signal that ended it, negative.

    Raises:
        OSError: it can't be started.
    """
    former = {number: signal.signal(number, signal.SIG_IGN) for number in _KEYBOARD}
    try:
        heeded = [number for number in _KEYBOARD if former[number] is not signal.SIG_IGN]
        child = subprocess.Popen(argv, executable=program, env=environ, preexec_fn=lambda: _heed(heeded))
        for number in _ENDING:
            former[number] = signal.signal(number, lambda got, _: child.send_signal(got))
        return child.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def end_alike(status: int) -> int:
    """End this process by the signal that ended a program; the status, where it was none.

    Args:
        status: as `run_in_place` returns it.
    """
    if status >= 0:
        return status
    import resource

    # One core file of the program is enough.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError):  # SIGKILL has but one way to be handled
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
    return 128 - status  # blocked: told as shells tell it


def _heed(numbers: Sequence[signal.Signals]) -> None:
    """Give the program the keyboard's signals as this process was given them."""
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
