"""-f: the call goes to the background once it is logged in, and whoever started it goes on.

The one idea: the fork is made before there are any threads; the child connects and asks, as if it were in front, and
the parent leaves when the child says that it is ready.
"""

from __future__ import annotations

import os
from collections.abc import Callable


def in_background(work: Callable[[Callable[[], None]], int]) -> int:
    """Do `work` in a child process; return when it is ready, or with its status when it ends before.

    Args:
        work: is given what to call when it is ready.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.close(reading)
            status = work(lambda: _leave(writing))
        finally:
            os._exit(status)
    os.close(writing)
    told = os.read(reading, 1)
    os.close(reading)
    if told:
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _leave(writing: int) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.write(writing, b"!")
    os.close(writing)
