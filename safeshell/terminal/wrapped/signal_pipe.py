"""The signals that a session heeds, as numbers to be read from a pipe, so that one `select` waits for everything."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Final

_WATCHED: Final = (
    signal.SIGWINCH,
    signal.SIGCHLD,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGCONT,
    signal.SIGTSTP,
)


@contextlib.contextmanager
def woken_by_signals() -> Iterator[int]:
    """The reading end of a pipe that gets the number of every watched signal."""
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    former_wakeup = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    former = {number: signal.signal(number, lambda *_: None) for number in _WATCHED}
    try:
        yield woken
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former_wakeup)
        os.close(woken)
        os.close(wake)
