"""Watches one pseudo-terminal for programs that have no hook, and holds Enter in them until the guard has spoken.

The driver of `ReplWatcher`: says who is in front, what the terminal's mode and the time are, and does what comes of
it. Nothing is followed while a shell with a hook, or a program whose lines nobody can read, is in front.
"""

from __future__ import annotations

import termios
import time
from collections.abc import Callable
from typing import Protocol

from safeshell.frozen import replace
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
    TtyMode,
    Typed,
)
from safeshell.terminal.tracking.foreground import ForegroundWatch, tty_mode
from safeshell.terminal.tracking.painting import below_the_line, line_again
from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.tracking.repl_watcher import ReplWatcher
from safeshell.terminal.tracking.screen_tracker import ScreenTracker, tracker_or_none
from safeshell.terminal.wrapped.marker import Badge
from safeshell.terminal.wrapped.outer_terminal import WindowSize

_PASTE_ON = b"\x1b[?2004h"
_BEHIND_A_PROMPT = 0.06
"""Seconds after which the badge of another program is shown."""


class Screen(Protocol):
    """The person's terminal."""

    drawn: int
    """How often something has been drawn."""
    before_drawing: Callable[[], None]
    """Called before something is drawn."""

    def told(self, text: str) -> None:
        """A sentence."""

    def paint(self, data: bytes) -> None:
        """Bytes that move the cursor and draw what was there."""


class Front(Protocol):
    """Says what is in front in one terminal."""

    is_hooked: bool
    """Whether a shell with a hook is, at the last look."""
    has_terminals: bool
    """Whether a program that has terminals of its own is, at the last look."""
    look_again_at: float | None
    """When to look again though nothing is typed or printed."""

    def group(self) -> int:
        """The process group that has the terminal; 0 when nobody can tell."""

    def look(self, at: float) -> InFront:
        """Who is in front."""


class Watch:
    """One pseudo-terminal's.

    Args:
        master: its controlling side.
        size: of the window.
        hooked: whether a process is a shell that asks by itself.
        at_prompt: whether it waits for a line now, and so can't be anything else.
        judge: the guard's word on a held line.
        screen: the person's terminal.
        badge: told whenever another program is in front: how its lines are read, None for no change.
        forced: what every program without a hook is taken for; None to look.
        front: says who is in front, where that is not this machine's to tell.
    """

    def __init__(
        self,
        master: int,
        size: WindowSize,
        *,
        hooked: Callable[[int], bool] = lambda _: False,
        at_prompt: Callable[[int], bool] = lambda _: False,
        judge: Callable[[HeldLine], bool],
        screen: Screen,
        badge: Callable[[Badge], None],
        forced: Program | None = None,
        front: Front | None = None,
    ) -> None:
        self._master = master
        self._judge = judge
        self._screen = screen
        self._badge = badge
        self._forced = forced
        self._front = front or ForegroundWatch(master, hooked)
        self._at_prompt = at_prompt
        self._size = size
        self._missing = ""
        self._program: Program | None = None
        self._had_terminals = False
        self._watcher = ReplWatcher(_made, columns=size.columns, rows=size.rows)
        self._to_program: list[bytes] = []
        self._now = Badge.GUARDED
        self._badge_due: float | None = None

    @property
    def wake_at(self) -> float | None:
        """When `tick` is due, by `time.monotonic`; None while nothing waits for time to pass."""
        dues = (self._watcher.wake_at, self._badge_due, self._front.look_again_at)
        return min((one for one in dues if one is not None), default=None)

    def keys(self, data: bytes) -> bytes:
        """What of the keys, and of those before, goes to the program now."""
        now = time.monotonic()
        if self._look(now) is None and self._watcher.tracker is None:
            return data
        return self._done(Typed(data, now, self._mode()))

    def printed(self, data: bytes) -> bytes:
        """The program has printed; what goes to it now."""
        now = time.monotonic()
        self._look(now)
        if self._watcher.tracker is None:
            return self._taken()
        return self._done(Printed(data, now))

    def tick(self) -> bytes:
        """Time has passed; what goes to the program now."""
        now = time.monotonic()
        self._look(now)
        if self._badge_due is not None and now >= self._badge_due:
            self._badge_due = None
            self._badge(self._now)
        return self._done(Tick(now, self._mode()))

    def resized(self, size: WindowSize) -> None:
        """The window has another size; to be told before the program is."""
        self._size = size
        self._handle(Resized(size.columns, size.rows))

    # ------------------------------------------------------------ who is in front

    def _look(self, now: float) -> Program | None:
        if self._program is None and self._front.is_hooked and self._at_prompt(self._front.group()):
            return None
        front = self._front.look(now)
        if self._forced is not None and front.program is None and not self._front.is_hooked:
            front = InFront(self._forced)
        elif self._forced is not None and front.program is not None:
            front = replace(front, program=self._forced)
        if front.program is not None and self._missing:
            front = InFront(None)
        if front.program != self._program or self._front.has_terminals != self._had_terminals:
            front = self._changed(front, now)
        self._handle(front)
        return front.program

    def _changed(self, front: InFront, now: float) -> InFront:
        if front.program is not None and self._program is None and not self._missing:
            made = tracker_or_none(self._size.columns, self._size.rows)
            if isinstance(made, str):
                self._missing = made
                self._screen.told(f"{front.program.name}: {made}")
                self._say(Badge.UNGUARDED, now)
                return InFront(None)
            made.close()
        self._program, self._had_terminals = front.program, self._front.has_terminals
        if self._had_terminals:
            self._say(Badge.UNGUARDED, now)
        elif front.program is not None:
            self._say(Badge.WATCHED, now)
        elif self._front.is_hooked:
            self._say(Badge.GUARDED, now)
        return front

    def _say(self, badge: Badge, now: float) -> None:
        """Say it in a moment: what the shell before it has printed at its prompt, its title too, is on its way."""
        self._now, self._badge_due = badge, now + _BEHIND_A_PROMPT

    # ------------------------------------------------------------ what is to be done

    def _done(self, event: Event) -> bytes:
        self._handle(event)
        return self._taken()

    def _taken(self) -> bytes:
        taken, self._to_program = b"".join(self._to_program), []
        return taken

    def _handle(self, event: Event) -> None:
        for action in self._watcher.handle(event):
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case ToProgram(data):
                self._to_program.append(data)
            case Judge(held):
                runs = self._judged(held)
                self._handle(Judged(runs, time.monotonic()))
            case Slipped(text):
                self._screen.told(f"this ran before it was judged, as it looked unfinished: {text!r}")
            case Dropped():
                pass

    def _judged(self, held: HeldLine) -> bool:
        tracker = self._watcher.tracker
        if tracker is None:
            return self._judge(held)
        before = self._screen.drawn
        made_room = False

        def make_room() -> None:
            nonlocal made_room
            if not made_room:
                made_room = True
                self._screen.paint(below_the_line(tracker))

        self._screen.before_drawing = make_room
        try:
            return self._judge(held)
        finally:
            self._screen.before_drawing = lambda: None
            if self._screen.drawn != before:
                # A question has switched bracketed paste off behind it; the program still counts on it.
                paste = _PASTE_ON if tracker.modes.bracketed_paste else b""
                self._screen.paint(paste + line_again(tracker))

    def _mode(self) -> TtyMode:
        try:
            return tty_mode(self._master)
        except (OSError, termios.error):
            return TtyMode()


def _made(columns: int, rows: int) -> ScreenTracker:
    made = tracker_or_none(columns, rows)
    assert not isinstance(made, str), "it was made once before"
    return made
