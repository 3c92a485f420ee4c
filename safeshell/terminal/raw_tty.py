"""The terminal itself while a question stands: opened anew, raw, and put back on every way out.

`/dev/tty`, not standard input: what is piped in is no person, and an open file of our own may be made
non-blocking without changing anybody else's. Nothing here knows what a question is. POSIX only.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
import time
from types import FrameType, TracebackType
from typing import Self

_DEVICE = "/dev/tty"
_BRACKETED_PASTE_ON = "\x1b[?2004h"
_BRACKETED_PASTE_OFF = "\x1b[?2004l"
_DEADLY = (signal.SIGTERM, signal.SIGHUP)
_STUCK_AFTER = 5.0
"""Seconds after which a terminal that takes no output is given up."""


class TtyGone(Exception):
    """The terminal hung up, or takes no output any more."""


class TtyInterrupted(Exception):
    """A deadly signal arrived; it is raised again once the terminal is put back."""


class RawTty:
    """The controlling terminal in raw mode, as a context manager.

    Entering discards pending input (and may raise `TtyGone`). Leaving restores the settings and the signal
    handlers; a SIGTERM or SIGHUP that came meanwhile is then delivered to whoever handled it before. Signals
    are watched for in the main thread only, since no other can.

    Args:
        device: an open file descriptor of the terminal; it is closed at the end.
        escapes: whether the terminal may be sent escape sequences.
    """

    def __init__(self, device: int, *, escapes: bool) -> None:
        self._device = device
        self._escapes = escapes
        self._former = termios.tcgetattr(device)
        self._handlers: dict[int, signal._HANDLER] = {}
        self._signal_in, self._signal_out = -1, -1
        self._signalled: int | None = None

    @classmethod
    def open(cls, *, escapes: bool) -> Self | None:
        """The controlling terminal; None when there is none, or this process is in its background."""
        try:
            device = os.open(_DEVICE, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            if os.tcgetpgrp(device) == os.getpgrp():
                return cls(device, escapes=escapes)
        except (OSError, termios.error):
            # It hung up between being opened and being asked.
            pass
        os.close(device)
        return None

    @property
    def width(self) -> int:
        """Columns now; 80 where the terminal does not say."""
        try:
            return termios.tcgetwinsize(self._device)[1] or 80
        except termios.error:
            return 80

    def wait(self, timeout: float) -> bool:
        """Whether something arrives within `timeout` seconds; it stays where it is until it is read.

        Raises:
            TtyInterrupted: a deadly signal arrived.
            TtyGone: somebody else has the terminal now: whoever started this process is back without it.
        """
        arrived = False
        if self._signalled is None:
            watched = [self._device] + ([self._signal_in] if self._signal_in >= 0 else [])
            ready, _, _ = select.select(watched, [], [], max(timeout, 0.0))
            arrived = self._device in ready
        if self._signalled is not None:
            raise TtyInterrupted
        if not self._is_ours():
            raise TtyGone
        return arrived

    def _is_ours(self) -> bool:
        try:
            return os.tcgetpgrp(self._device) == os.getpgrp()
        except (OSError, termios.error):
            return False

    def read(self) -> bytes:
        """What has arrived; empty when nothing has.

        Raises:
            TtyGone: the terminal hung up.
        """
        try:
            data = os.read(self._device, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TtyGone from error
        if not data:
            raise TtyGone
        return data

    def write(self, text: str) -> None:
        """Write all of `text`.

        Raises:
            TtyGone: the terminal hung up, or takes nothing.
        """
        rest = text.encode("utf-8", "backslashreplace")
        give_up_at = time.monotonic() + _STUCK_AFTER
        while rest:
            left = give_up_at - time.monotonic()
            if left <= 0 or not select.select([], [self._device], [], left)[1]:
                raise TtyGone
            try:
                rest = rest[os.write(self._device, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise TtyGone from error

    def __enter__(self) -> Self:
        try:
            self._watch_signals()
            self._make_raw()
            if self._escapes:
                self.write(_BRACKETED_PASTE_ON)
        except BaseException:
            self._put_back()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._put_back()

    def _make_raw(self) -> None:
        raw = list(self._former)
        raw[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.ISTRIP)
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
        raw[6] = list(self._former[6])
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        # TCSANOW: the draining variants wait for ever on a terminal that ^S has stopped.
        try:
            termios.tcsetattr(self._device, termios.TCSANOW, raw)
            termios.tcflush(self._device, termios.TCIFLUSH)
        except termios.error as error:
            raise TtyGone from error

    def _put_back(self) -> None:
        # Where it hung up, its settings went with it.
        with contextlib.suppress(TtyGone):
            if self._escapes:
                self.write(_BRACKETED_PASTE_OFF)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._device, termios.TCSANOW, self._former)
        os.close(self._device)
        self._unwatch_signals()

    def _watch_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._signal_in, self._signal_out = os.pipe()
        for number in _DEADLY:
            former = signal.getsignal(number)
            # Ignored stays ignored (nohup), and a handler that Python did not install can't be put back.
            if former is not None and former is not signal.SIG_IGN:
                self._handlers[number] = former
                signal.signal(number, self._note_signal)

    def _note_signal(self, number: int, _frame: FrameType | None) -> None:
        # Only noted here, and the waiting read woken: nothing may happen in the middle of anything.
        self._signalled = number
        os.write(self._signal_out, b"!")

    def _unwatch_signals(self) -> None:
        for number, former in self._handlers.items():
            signal.signal(number, former)
        self._handlers.clear()
        for end in (self._signal_in, self._signal_out):
            if end >= 0:
                os.close(end)
        self._signal_in, self._signal_out = -1, -1
        if self._signalled is not None:
            signal.raise_signal(self._signalled)
