"""Something that takes its time: a line that says how far it is, and ^C as a wish to stop, not as an abort.

Nothing here knows what the work is; it asks `should_stop` between its steps.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

_EVERY_SECONDS = 0.1


class LongWork:
    """One piece of work; a context manager around it.

    Args:
        write: writes to the terminal at once.
        hint: what is said of ^C, behind the progress.
    """

    def __init__(self, write: Callable[[str], None], *, hint: str = "^C stops") -> None:
        self._write = write
        self._hint = hint
        self._stop = False
        self._shown_at = float("-inf")
        self._width = 0
        self._before: signal.Handlers | Callable[[int, FrameType | None], object] | int | None = None

    def should_stop(self) -> bool:
        """Whether ^C was pressed."""
        return self._stop

    def progress(self, words: str) -> None:
        """Show how far it is, in place of what was shown before; not more often than eyes can follow."""
        now = time.monotonic()
        if now - self._shown_at < _EVERY_SECONDS:
            return
        self._shown_at = now
        text = "stopping …" if self._stop else f"{words} ({self._hint})"
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._wish_to_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._width:
            self._write("\r" + " " * self._width + "\r")

    def _wish_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stop = True
