"""A thin pump around `ReplWatcher` for tests: a real program in a real PTY, typed into as a person or a paste does.

The smallest driver there can be; it answers what a terminal answers by itself. No sleeps: everything waits for a
condition with a deadline.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from safeshell.terminal.tracking.events import (
    Action,
    Dropped,
    Event,
    HeldLine,
    InFront,
    Judge,
    Judged,
    Printed,
    Resized,
    Slipped,
    Tick,
    ToProgram,
    Typed,
)
from safeshell.terminal.tracking.foreground import ForegroundWatch, tty_mode
from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.tracking.repl_watcher import ReplWatcher
from safeshell.terminal.tracking.screen_tracker import ScreenTracker, tracker_or_none

DEADLINE = 20.0
_KEY = re.compile(rb"\x1b\[[0-9;?<]*[A-Za-z~]|\x1bO.|\x1b.|[\x00-\x7f]|[\xc0-\xff][\x80-\xbf]*")


def make_tracker(columns: int, rows: int) -> ScreenTracker:
    made = tracker_or_none(columns, rows)
    assert not isinstance(made, str), made
    return made


class WatchedTerminal:
    """A program that runs in a terminal whose lines are watched.

    Args:
        argv: the program.
        environ: all of its environment but what a terminal always sets.
        columns, rows: the size.
        allows: says whether a held line runs; every line by default.
        program: what is taken to be in front; by default what its processes say.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        columns: int = 80,
        rows: int = 24,
        allows: Callable[[HeldLine], bool] = lambda _: True,
        program: Program | None = None,
    ) -> None:
        self.held: list[HeldLine] = []
        self.slipped: list[str] = []
        self.dropped = 0
        self.output = b""
        self.allows = allows
        self.watcher = ReplWatcher(make_tracker, columns=columns, rows=rows)
        self.held_for: list[float] = []
        self.program = program
        self._enter_at = 0.0
        self._size = (columns, rows)
        ready, go = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)
            fixed = {
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8",
                "PATH": os.environ["PATH"],
            }
            os.execvpe(argv[0], list(argv), {**fixed, **environ})
        self._set_size()
        os.write(go, b"x")
        os.close(ready)
        os.close(go)
        self._front = ForegroundWatch(self.master)

    # ------------------------------------------------------------ what a person does

    def type(self, keys: str | bytes) -> Self:
        """Keys one after the other, each when the one before was taken."""
        for key in _KEY.findall(keys.encode() if isinstance(keys, str) else keys):
            # The arrows are other keys to a program that has asked for it (DECCKM).
            asked = self.output.rfind(b"\x1b[?1h") > self.output.rfind(b"\x1b[?1l")
            self._typed(key.replace(b"\x1b[", b"\x1bO") if asked and len(key) == 3 else key)
            self._pump(0.003)
        return self

    def burst(self, data: str | bytes) -> Self:
        """All at once, as a paste comes."""
        self._typed(data.encode() if isinstance(data, str) else data)
        return self

    def enter(self, key: bytes = b"\r") -> HeldLine:
        """Press Enter; the line that was held for it."""
        count = len(self.held)
        self._enter_at = time.monotonic()
        self._typed(key)
        self.until(lambda: len(self.held) > count)
        return self.held[-1]

    def line(self, keys: str | bytes) -> str:
        """Type keys and press Enter; the text that was to be judged."""
        return self.type(keys).enter().text

    def until(self, condition: Callable[[], bool], what: str = "") -> Self:
        """Go on until it holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, (
                f"{what or 'nothing'} came; the screen:\n{self.screen}\nheld: {self.held}"
            )
            self._pump(0.02)
        return self

    def shows(self, text: str) -> Self:
        """Wait until the screen shows it."""
        return self.until(lambda: text in self.screen, repr(text))

    def prompt(self, ending: str) -> Self:
        """Wait until the cursor stands behind this, and the program takes keys."""
        return self.until(
            lambda: self._left_of_cursor().rstrip().endswith(ending.rstrip()) and self._rests(),
            f"the prompt {ending!r}",
        )

    def resize(self, columns: int, rows: int) -> Self:
        self._size = (columns, rows)
        self._handle(Resized(columns, rows))
        self._set_size()
        self.rest()
        return self

    def rest(self) -> Self:
        """Wait until nothing moves."""
        self.until(self._rests)
        return self

    @property
    def screen(self) -> str:
        tracker = self.watcher.tracker
        return tracker.screen_text() if tracker else self.output.decode("utf-8", "replace")

    # ------------------------------------------------------------ the pump

    def _rests(self) -> bool:
        before = len(self.output)
        self._pump(0.05)
        return before == len(self.output) and self.watcher.wake_at is None

    def _left_of_cursor(self) -> str:
        tracker = self.watcher.tracker
        if tracker is None:
            return ""
        return tracker.row(tracker.cursor.row).text(0, tracker.cursor.column)

    def _pump(self, seconds: float) -> None:
        """Carry bytes for so long."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            wake = self.watcher.wake_at
            if wake is not None and wake <= now:
                self._handle(Tick(now, tty_mode(self.master)))
                continue
            if now >= end:
                return
            due = min(end, wake) if wake is not None else end
            if select.select([self.master], [], [], max(0.0, due - now))[0] and not self._read():
                return

    def _read(self) -> bool:
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        if not data:
            return False
        now = time.monotonic()
        self._handle(self._in_front(now))
        self.output += data
        self._handle(Printed(data, now))
        tracker = self.watcher.tracker
        if b"\x1b[6n" in data and tracker is not None:
            cursor = tracker.cursor
            report = f"\x1b[{cursor.row - tracker.top + 1};{min(cursor.column, tracker.columns - 1) + 1}R"
            self._handle(Typed(report.encode(), now, tty_mode(self.master)))
        return True

    def _in_front(self, now: float) -> InFront:
        return InFront(self.program) if self.program is not None else self._front.look(now)

    def _typed(self, data: bytes) -> None:
        now = time.monotonic()
        self._handle(self._in_front(now))
        self._handle(Typed(data, now, tty_mode(self.master)))

    def _handle(self, event: Event) -> None:
        for action in self.watcher.handle(event):
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case ToProgram(data):
                while data:
                    data = data[os.write(self.master, data) :]
            case Judge(held):
                now = time.monotonic()
                if self._enter_at:
                    self.held_for.append(now - self._enter_at)
                    self._enter_at = 0.0
                self.held.append(held)
                self._handle(Judged(self.allows(held), now))
            case Slipped(text):
                self.slipped.append(text)
            case Dropped(count):
                self.dropped += count

    def _set_size(self) -> None:
        columns, rows = self._size
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.master)
        os.waitpid(self.pid, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def plain_environ(folder: Path) -> dict[str, str]:
    """An environment in which programs keep no history and read nobody's settings."""
    return {
        "HOME": str(folder), "HISTFILE": "/dev/null", "INPUTRC": "/dev/null", "PAGER": "cat",
        "PSQLRC": "/dev/null", "PSQL_HISTORY": "/dev/null", "REDISCLI_HISTFILE": "/dev/null",
        "SQLITE_HISTORY": "/dev/null", "NODE_REPL_HISTORY": "", "MYSQL_HISTFILE": "/dev/null",
        "PYTHONHISTFILE": "/dev/null", "PYTHON_HISTORY": "/dev/null", "IRBRC": "/dev/null",
    }  # fmt: skip
