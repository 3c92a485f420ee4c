"""Carries a session: bytes between the person's terminal and the child's, requests to the guard, signals to both.

The driver of `SessionMachine`; decides nothing. The one idea: one thread that waits for whoever is ready, reads from
one side only while the other takes, and never waits in a write. POSIX only.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.journal.recordings.recorder import Recorder
from safeshell.terminal.wrapped.front import Channel, Front, Inside, WatcherOf
from safeshell.terminal.wrapped.live_title import LiveTitle
from safeshell.terminal.wrapped.machine import (
    Answered,
    Ask,
    ChildExited,
    ChildStopped,
    Command,
    Event,
    Exit,
    ForgetTyped,
    HangUpChild,
    HungUp,
    Machine,
    OpenInside,
    Output,
    Reply,
    ResizeChild,
    Resized,
    Say,
    Submitted,
    Suspend,
    Tick,
    Typed,
    WakeIn,
    WriteChild,
    WriteScreen,
)
from safeshell.terminal.wrapped.messages import Request
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size
from safeshell.terminal.wrapped.pty_child import PtyChild
from safeshell.terminal.wrapped.resting_output import LONGEST, is_at_rest
from safeshell.terminal.wrapped.signal_pipe import woken_by_signals

_PIECE: Final = 1 << 16
_MOST_PIECES: Final = 16
"""Pieces of output that are carried before anybody else gets a turn."""
_AHEAD: Final = 1 << 14
"""Bytes that may wait for the screen while more are read: it takes them, and the child prints, at the same time."""
_GIVE_UP: Final = 5.0
"""Seconds for which a hung-up child may still end by itself, and a screen may still take the last output."""
_CLOSED: Final = 0.1
"""Seconds after which a terminal that nothing inside had open is looked at again."""

Judge = Callable[[Request], str]
"""The guard's word on a request; may take as long as a person does."""


class Pump:
    """One session's loop.

    Args:
        terminal: the person's; made raw here, put back by whoever made it.
        child: what runs inside.
        channel: where its shells ask.
        judge: answers them.
        machine: says what follows from what.
        lifeline: readable when the process that watches over this one is gone; None without one.
        recorder: keeps what the screen gets.
        inside: opens further shells; None where the machine is never told to.
        watcher_of: makes what watches a child's terminal; None where nothing does.
        title: the window's, which changes with the time.
        typed: keys that were pressed before the session began.
    """

    def __init__(
        self,
        terminal: OuterTerminal,
        child: PtyChild,
        channel: Channel,
        judge: Judge,
        *,
        machine: Machine,
        lifeline: int | None = None,
        recorder: Recorder | None = None,
        inside: Inside | None = None,
        watcher_of: WatcherOf = lambda _: None,
        title: LiveTitle | None = None,
        typed: bytes = b"",
    ) -> None:
        self._terminal = terminal
        self._judge = judge
        self._machine = machine
        self._lifeline = lifeline
        self.recorder = recorder or Recorder.off()
        """Keeps what the screen gets; may be another one later."""
        self._front = Front(child, channel, inside, watcher_of)
        self._to_screen = bytearray()
        self._to_child = bytearray()
        self._events: deque[Event] = deque([Typed(typed)] if typed else [])
        self._title = title
        self._printed = b""
        self._status: int | None = None
        self._gone = False
        self._give_up_at: float | None = None
        self._listens_at = 0.0
        self._tick_at: float | None = None
        self._signals_in = -1

    def run(self) -> int:
        """Carry the session to its end; the child's exit status.

        Raises:
            termios.error: the terminal hung up before the session began.
        """
        with woken_by_signals() as self._signals_in:
            self._terminal.make_raw()
            self._front.child.resize(window_size(self._terminal.device))
            self._look_after_child()
            self._settle()
            while self._status is None:
                self._turn()
            self._finish_screen()
        return self._status

    @property
    def lost_terminal(self) -> bool:
        """Whether the terminal is gone, or somebody else's."""
        return self._gone

    def while_held(self, judge: Callable[[], bool]) -> bool:
        """The guard's word on a line that a watcher holds: all that was printed before is on the screen first."""
        self._finish_screen()
        try:
            return judge()
        finally:
            self._events.append(Resized(window_size(self._terminal.device)))

    def _turn(self) -> None:
        readable = [self._signals_in, self._front.channel.descriptor]
        if self._lifeline is not None:
            readable.append(self._lifeline)
        if self._give_up_at is None and len(self._to_child) < _PIECE:
            readable.append(self._terminal.device)
        if len(self._to_screen) < _AHEAD and self._listens_at <= time.monotonic():
            readable.append(self._front.child.master)
        writable = [self._front.child.master] if self._to_child else []
        if self._to_screen and not self._gone:
            writable.append(self._terminal.device)
        ready, takers, _ = select.select(readable, writable, [], self._patience())
        if self._give_up_at is not None and time.monotonic() >= self._give_up_at:
            self._end_at_once()
        if self.recorder.is_recording:
            self.recorder.flush_due(time.monotonic())
        watcher = self._front.watcher
        if watcher and watcher.wake_at is not None and watcher.wake_at <= time.monotonic():
            self._type(watcher.tick())
        if self._title:
            self._keep_title(self._title)
        if self._tick_at is not None and self._tick_at <= time.monotonic():
            self._tick_at = None
            self._events.append(Tick())
        if self._signals_in in ready:
            self._heed_signals()
        if self._terminal.device in takers:
            self._write_screen_now()
        if self._front.child.master in takers:
            self._write_child_now()
        if self._front.child.master in ready:
            self._read_child()
        if self._front.channel.descriptor in ready:
            self._events.extend(Submitted(request) for request in self._front.channel.received())
        if self._terminal.device in ready and self._give_up_at is None:
            self._read_keys()
        if self._lifeline in ready:
            self._lose_terminal()
            self._lifeline = None
        self._settle()

    def _patience(self) -> float | None:
        """How long to wait for somebody; None for ever, so that an idle session costs nothing."""
        now = time.monotonic()
        dues = (
            self._give_up_at,
            self.recorder.due_at(),
            self._front.watcher.wake_at if self._front.watcher else None,
            self._title.due_at() if self._title else None,
            self._tick_at,
        )
        moments = [one for one in dues if one is not None]
        if self._listens_at > now:
            moments.append(self._listens_at)
        return max(min(moments) - now, 0.0) if moments else None

    def _keep_title(self, title: LiveTitle) -> None:
        due = title.due_at()
        if due is None or time.monotonic() < due:
            return
        if self._to_screen or not is_at_rest(self._printed):
            title.put_off()
        else:
            title.refresh()

    def _settle(self) -> None:
        while self._events and self._status is None:
            self._carry_out(self._machine.handle(self._events.popleft()))

    def _carry_out(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case WriteScreen(data) if self._gone:
                    pass  # nobody sees it, or it would be in the way of whoever has the terminal now
                case WriteScreen(data):
                    self.recorder.output(data, time.monotonic())
                    self._to_screen += data
                    if self._front.watcher:
                        self._type(self._front.watcher.printed(data))
                    # Short pieces may be parts of one sequence.
                    self._printed = data if len(data) >= LONGEST else (self._printed + data)[-LONGEST:]
                    self._write_screen_now()
                case WriteChild(data):
                    self._type(self._front.watcher.keys(data) if self._front.watcher else data)
                case Say(data):
                    self._type(data)
                case WakeIn(seconds):
                    self._tick_at = time.monotonic() + seconds
                case ResizeChild(size):
                    if self._front.watcher:
                        self._front.watcher.resized(size)
                    self._front.child.resize(size)
                    self.recorder.resized(size.columns, size.rows, time.monotonic())
                case Ask(request, in_order):
                    if not in_order:
                        self._read_rest()
                    self._ask(request)
                case Reply(request, said):
                    self._front.channel.answer(request, said)
                case OpenInside(request):
                    self._open_inside(request)
                case ForgetTyped():
                    self._to_child.clear()
                    self._front.child.forget_typed()
                    self._terminal.forget_typed()
                case HangUpChild():
                    self._front.hang_up()
                case Suspend():
                    self._suspend()
                case Exit(status):
                    self._status = status
                    self.recorder.exited(status, time.monotonic())

    def _type(self, data: bytes) -> None:
        if data:
            self._to_child += data
            self._write_child_now()

    def _ask(self, request: Request) -> None:
        self._finish_screen()
        try:
            said = self._judge(request)
        except SafeshellError:
            said = "no"
        self._events.appendleft(Answered(request, said))
        self._events.append(Resized(window_size(self._terminal.device)))

    # ------------------------------------------------------------ shells in front of others

    def _open_inside(self, request: Request) -> None:
        if self._front.open(request):
            self._begin_anew()

    def _close_inside(self, status: int) -> None:
        request, said = self._front.close(status)
        self._begin_anew()
        self._events.append(Answered(request, said))

    def _begin_anew(self) -> None:
        """Another child has the terminal: nothing that was typed for the one before, and the size as it is now."""
        self._to_child.clear()
        self._listens_at = 0.0
        self._front.child.resize(window_size(self._terminal.device))

    # ------------------------------------------------------------ the child's side

    def _read_child(self) -> None:
        # Linux hands out 4 KiB at a time: while the screen takes them, nobody needs to be waited for in between.
        for _ in range(_MOST_PIECES):
            try:
                data = os.read(self._front.child.master, _PIECE)
            except BlockingIOError:
                return
            except OSError:
                data = b""  # Linux says EIO where others say end of file
            if not data:
                # About to end, or it has closed its terminal on purpose, and may open it again.
                self._listens_at = time.monotonic() + _CLOSED
                return
            self._events.append(Output(data))
            self._settle()
            if self._to_screen:
                return

    def _read_rest(self) -> None:
        """Read what the child has printed already, as far as it is there."""
        while not self._gone:
            try:
                data = os.read(self._front.child.master, _PIECE)
            except OSError:
                return
            if not data:
                return
            self._carry_out(self._machine.handle(Output(data)))
            self._finish_screen()

    def _write_child_now(self) -> None:
        try:
            written = os.write(self._front.child.master, self._to_child)
        except BlockingIOError:
            return
        except OSError:
            self._to_child.clear()  # nobody is there to read it
            return
        del self._to_child[:written]

    def _look_after_child(self) -> None:
        state, value = self._front.child.poll()
        if state == "stopped":
            self._events.append(ChildStopped())
        elif state == "ended" and self._status is None:
            self._read_rest()
            if not self._front.is_alone:
                self._close_inside(value)
                # Whoever waited may have ended meanwhile; no signal comes twice.
                self._look_after_child()
            else:
                self._events.append(ChildExited(value))

    def _end_at_once(self) -> None:
        self._front.kill()
        self._events.append(ChildExited(128 + signal.SIGHUP))
        self._give_up_at = None

    # ------------------------------------------------------------ the person's side

    def _read_keys(self) -> None:
        try:
            data = os.read(self._terminal.device, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._events.append(Typed(data))
        else:
            self._lose_terminal()

    def _write_screen_now(self) -> None:
        try:
            written = os.write(self._terminal.device, self._to_screen)
        except BlockingIOError:
            return
        except OSError:
            self._lose_terminal()
            return
        del self._to_screen[:written]

    def _finish_screen(self) -> None:
        while self._to_screen and not self._gone:
            if not select.select([], [self._terminal.device], [], _GIVE_UP)[1]:
                return
            self._write_screen_now()

    def _lose_terminal(self) -> None:
        """The terminal is gone, or somebody else's: nothing of ours belongs there any more."""
        self._gone = True
        self._to_screen.clear()
        self._hang_up()

    def end_child(self) -> None:
        """Tell the child that its terminal is gone, though it is not: the session is to end."""
        self._hang_up()

    def _hang_up(self) -> None:
        """Let the child end, which it may show, but not take for ever over it."""
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + _GIVE_UP
        self._events.append(HungUp())

    # ------------------------------------------------------------ signals

    def _heed_signals(self) -> None:
        for number in set(os.read(self._signals_in, 512)):
            match number:
                case signal.SIGWINCH:
                    self._events.append(Resized(window_size(self._terminal.device)))
                case signal.SIGCHLD:
                    self._look_after_child()
                case signal.SIGTERM | signal.SIGHUP:
                    self._hang_up()
                case signal.SIGTSTP:
                    self._suspend()
                case signal.SIGCONT:
                    self._resumed()
                case _:
                    pass

    def _suspend(self) -> None:
        self._finish_screen()
        self._terminal.put_back()
        # All of this process group, as a terminal's ^Z would: whoever started us is to see a stopped job.
        os.kill(0, signal.SIGSTOP)
        self._resumed()

    def _resumed(self) -> None:
        with contextlib.suppress(termios.error):
            self._terminal.make_raw()
        self._front.child.resize(window_size(self._terminal.device))
        self._front.child.resume()
