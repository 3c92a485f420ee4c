"""Wakes the one thread that waits: signals and the other threads ring, each with what happened.

The one idea: a pipe with one byte a happening, so that a signal, a closed channel and a typed `~.` are told apart
and none is lost. Signals are only noted here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from enum import Enum
from types import FrameType
from typing import Final, Self


class Ring(Enum):
    """What happened."""

    RESIZED = b"w"
    KILLED = b"k"
    ENDED = b"e"
    GONE = b"g"
    DEAD = b"d"
    CLOSE = b"c"
    SUSPEND = b"s"


_DEADLY: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Bell:
    """Open for as long as the context lasts; the signals are those of the main thread's process."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._former: dict[int, signal._HANDLER] = {}
        self.signal = 0

    def ring(self, what: Ring) -> None:
        """Say what happened; from any thread, and after the end, too."""
        # A full pipe wakes as well as a fuller one.
        with contextlib.suppress(OSError):
            os.write(self._writing, what.value)

    def wait(self) -> Ring:
        """What happened next."""
        # A signal interrupts the reading, is noted, and the reading goes on (PEP 475).
        return Ring(os.read(self._reading, 1))

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._note(signal.SIGWINCH, Ring.RESIZED)
            for number in _DEADLY:
                # Ignored stays ignored: nohup.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._note(number, Ring.KILLED)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)
        # The pipe stays: a thread that is late may still ring, and must not reach another file.

    def _note(self, number: int, what: Ring) -> None:
        former = signal.getsignal(number)
        if former is None:
            return

        def note(signalled: int, _frame: FrameType | None) -> None:
            if what is Ring.KILLED:
                self.signal = signalled
            self.ring(what)

        self._former[number] = former
        signal.signal(number, note)
