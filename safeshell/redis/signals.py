"""Ending by SIGTERM or SIGHUP as by any other way out: with the terminal and its title as they were."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

_DEADLY = tuple(number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)))


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Meanwhile a deadly signal raises SystemExit with the status that a shell gives such an end."""
    before = {number: signal.signal(number, _leave) for number in _DEADLY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    raise SystemExit(128 + number)
