"""Plays a recording in the terminal at hand, which is put back on every way out. POSIX only."""

from __future__ import annotations

import contextlib
import os
import re
import termios
import time
from collections.abc import Iterator
from typing import Final

from safeshell.errors import UsageError
from safeshell.journal.recordings.cast import Cast, clock
from safeshell.terminal.raw_tty import RawTty, TtyGone, TtyInterrupted
from safeshell.terminal.replaying.playback import Playback, ReplayKey, Shown, Size
from safeshell.terminal.replaying.replay_screen import ReplayScreen

_KEYS: Final = {
    b" ": ReplayKey.PAUSE,
    b".": ReplayKey.STEP,
    b"]": ReplayKey.NEXT_MARKER,
    b"[": ReplayKey.LAST_MARKER,
    b"\x1b[C": ReplayKey.FORWARD,
    b"\x1bOC": ReplayKey.FORWARD,
    b"\x1b[D": ReplayKey.BACK,
    b"\x1bOD": ReplayKey.BACK,
    b"+": ReplayKey.FASTER,
    b">": ReplayKey.FASTER,
    b"\x1b[A": ReplayKey.FASTER,
    b"\x1bOA": ReplayKey.FASTER,
    b"-": ReplayKey.SLOWER,
    b"<": ReplayKey.SLOWER,
    b"\x1b[B": ReplayKey.SLOWER,
    b"\x1bOB": ReplayKey.SLOWER,
    b"g": ReplayKey.START,
    b"\x1b[H": ReplayKey.START,
    b"\x1bOH": ReplayKey.START,
    b"G": ReplayKey.END,
    b"\x1b[F": ReplayKey.END,
    b"\x1bOF": ReplayKey.END,
    b"\x0c": ReplayKey.REDRAW,
    b"q": ReplayKey.QUIT,
    b"\x03": ReplayKey.QUIT,
    b"\x04": ReplayKey.QUIT,
}
_KEY: Final = re.compile(rb"\x1b[\[O][0-9;]*[A-Za-z~]|.", re.DOTALL)
_PIECE: Final = 16 << 10
"""Characters written at once: how long a slow terminal may take is counted for each."""
_LINE_SECONDS: Final = 0.5
"""How often the line below is drawn while it plays, and how soon a new window size is noticed."""


def play(cast: Cast, *, speed: float, idle_limit: float | None, begin_at: float = 0.0) -> None:
    """Play a recording until its end, or until the person leaves.

    Args:
        cast: the recording.
        speed: how many times as fast.
        idle_limit: the longest pause in seconds; None for as they were.
        begin_at: where to begin, in seconds from its beginning.

    Raises:
        UsageError: there is no terminal, or this process is in its background.
    """
    device = _opened()
    with contextlib.suppress(TtyGone, TtyInterrupted), RawTty(device, escapes=False) as tty:
        _leave_output_alone(device)
        player = _Player(tty, device, cast, speed, idle_limit)
        try:
            player.run(begin_at)
        finally:
            with contextlib.suppress(TtyGone):
                tty.write(player.screen.end())


class _Player:
    """Moves what a playback says to the terminal, and keys to the playback."""

    def __init__(self, tty: RawTty, device: int, cast: Cast, speed: float, idle_limit: float | None) -> None:
        self._tty = tty
        self._device = device
        self._size = _window(device)
        recorded = Size(cast.header.columns, cast.header.rows)
        self.screen = ReplayScreen(*self._size, recorded)
        now = time.monotonic()
        self._playback = Playback(cast.events, recorded, now=now, speed=speed, idle_limit=idle_limit)
        self._line_due = now
        self._covers = False

    def run(self, begin_at: float) -> None:
        playback = self._playback
        self._write(self.screen.begin())
        if begin_at > 0:
            self._show(playback.seek(begin_at, time.monotonic()))
        while not playback.ended:
            now = time.monotonic()
            self._follow_window(now)
            self._show(playback.tick(now))
            self._draw_line(now)
            due = playback.due_in(time.monotonic())
            if self._tty.wait(_LINE_SECONDS if due is None else min(due, _LINE_SECONDS)):
                for key in _KEY.findall(self._tty.read()):
                    self._press(key, time.monotonic())

    def _press(self, key: bytes, now: float) -> None:
        playback = self._playback
        if not (key.isdigit() or key in _KEYS):
            return
        if self._covers:
            self._covers = False
            self._show(playback.press(ReplayKey.REDRAW, now))
        if key.isdigit():
            self._show(playback.part(int(key), now))
        else:
            self._show(playback.press(_KEYS[key], now))
        self._line_due = now

    def _follow_window(self, now: float) -> None:
        size = _window(self._device)
        if size != self._size:
            self._size = size
            self.screen.resize(*size)
            self._show(self._playback.press(ReplayKey.REDRAW, now))

    def _draw_line(self, now: float) -> None:
        """The line below, if it is time; without a row of its own only while nothing moves."""
        playback = self._playback
        if now < self._line_due or playback.ended or not (self.screen.has_room or playback.paused):
            return
        self._line_due = now + _LINE_SECONDS
        self._covers = not self.screen.has_room
        self._write(self.screen.line(" ".join(self._said(now))))

    def _said(self, now: float) -> Iterator[str]:
        playback = self._playback
        yield " paused" if playback.paused else " playing"
        yield f"{clock(playback.place(now))} / {clock(playback.duration)}"
        if playback.speed != 1:
            yield f"×{playback.speed:g}"
        if self.screen.is_too_small:
            yield "(recorded in a larger window)"
        yield f"| {playback.marker}" if playback.marker else "| space . [ ] ← → + - 0-9 q"

    def _show(self, shown: list[Shown]) -> None:
        self._write(self.screen.show(shown))

    def _write(self, text: str) -> None:
        for start in range(0, len(text), _PIECE):
            self._tty.write(text[start : start + _PIECE])


def _opened() -> int:
    """The controlling terminal, of which this process is in the foreground.

    Raises:
        UsageError: there is none.
    """
    try:
        device = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        device = -1
    if device >= 0:
        with contextlib.suppress(OSError):
            if os.tcgetpgrp(device) == os.getpgrp():
                return device
        os.close(device)
    raise UsageError(
        "a recording is played in a terminal, and there is none here",
        where="safeshell replay",
        todo="--cat prints its output at once, --markers and --search say what is in it.",
    )


def _leave_output_alone(device: int) -> None:
    """What was recorded has been through a terminal's output settings already. `RawTty` puts them back."""
    attributes = termios.tcgetattr(device)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(device, termios.TCSANOW, attributes)


def _window(device: int) -> tuple[int, int]:
    """Columns and rows."""
    try:
        rows, columns = termios.tcgetwinsize(device)
    except termios.error:
        rows, columns = 0, 0
    return columns or 80, rows or 24
