"""Holds Enter in programs that have no hook, until the line on the screen was judged. Sans-I/O; no clock.

Keys go to the program at once, and what it prints goes to the screen at once; this machine only watches both. At the
first key of a line it holds on to the place of the cursor, once the prompt is there; at Enter it waits until
the screen is quiet, reads the line, and lets the guard speak. What is typed meanwhile waits its turn. A
password is neither read nor kept, a full-screen program is left alone. Where the screen can't be trusted, the
line says so by its doubts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from safeshell.terminal.tracking.doubting import held_line
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
from safeshell.terminal.tracking.input_tokens import PARTIAL_WAIT, InputReader, Token, TokenKind
from safeshell.terminal.tracking.line_reading import (
    ReadLine,
    has_text,
    prompt_of_cursor,
    read_behind_anchor,
    read_untouched,
)
from safeshell.terminal.tracking.open_line import OpenLine
from safeshell.terminal.tracking.programs import Program, program_by_prompt
from safeshell.terminal.tracking.prompts import Found
from safeshell.terminal.tracking.quiet import SETTLE, Quiet
from safeshell.terminal.tracking.screen_tracker import ScreenTracker
from safeshell.terminal.tracking.statement_so_far import StatementSoFar

_HELD_MOST: Final = 0.4
"""Seconds for which Enter waits for the screen, beyond the echo that is owed."""
_UNSEEN_WAIT: Final = 1.0
"""Seconds for which Enter waits for an echo in a program that does its own: it may be busy."""
_FIRST_KEY_WAIT: Final = 0.15
_PASTE_GAP: Final = 1.0
"""Seconds without input after which a paste is over, whether its end was seen or not."""
_PATIENCE: Final = 0.25
"""Seconds for which a screen that shows something else than was typed may still come to show that."""


class ReplWatcher:
    """Watches one terminal.

    Args:
        make_tracker: makes an empty screen of so many columns and rows.
        columns, rows: the size of the terminal.
    """

    def __init__(self, make_tracker: Callable[[int, int], ScreenTracker], *, columns: int, rows: int) -> None:
        self._make_tracker = make_tracker
        self._size = (columns, rows)
        self._tracker: ScreenTracker | None = None
        self._outer: Program | None = None
        self._program: Program | None = None
        self._statement = StatementSoFar()
        self._quiet = Quiet()
        self._mode = TtyMode()
        self._input = InputReader()
        self._input_at = 0.0
        self._queue: deque[Token] = deque()
        self._pasting = False
        self._busy = False
        self._waiting_since: float | None = None
        self._held: HeldLine | None = None
        self._line: OpenLine | None = None
        self._fed = False
        self._text_sent = self._unanswered = False
        self._entered_at: float | None = None
        self._filled = False
        self._told: list[Action] = []
        self.wake_at: float | None = None
        """When a `Tick` is due, in the clock of the events; None while nothing waits for time to pass."""

    @property
    def tracker(self) -> ScreenTracker | None:
        """The followed screen; None while no such program is in front."""
        return self._tracker

    def handle(self, event: Event) -> tuple[Action, ...]:
        """What follows from `event`, to be done in order."""
        match event:
            case Printed(data, at):
                if self._tracker is None:
                    return ()
                self._tracker.feed(data)
                self._fed = True
                self._quiet.output(at)
                self._text_sent = self._unanswered = False
                if self._line is not None:
                    self._line.answered = True
                if self._queue and self._held is None:
                    self.wake_at = at  # with the terminal's mode as it is now
                return ()
            case Typed(data, at, mode):
                if not self._queue and at - self._input_at > _PASTE_GAP:
                    self._pasting = False  # its end was lost, or the person goes on typing without it
                self._mode, self._input_at = mode, at
                if self._tracker is None:
                    return self._pass_all(data)
                if self._others_turn():
                    # What was typed ahead for the program waits until it is its turn again.
                    return (ToProgram(b"".join(token.data for token in self._input.flush()) + data),)
                return (*self._take_in(self._input.feed(data)), *self._step(at))
            case Tick(at, mode):
                self._mode = mode
                if self._input.waits and at >= self._input_due:
                    self._queue.extend(self._input.flush())
                return self._step(at)
            case Resized(columns, rows):
                self._size = (columns, rows)
                if self._tracker is not None:
                    self._tracker.resize(columns, rows)
                return ()
            case InFront(program, busy):
                self._busy = busy
                return self._changed(program)
            case Judged(runs, at):
                return self._judged(at, runs=runs)

    # ------------------------------------------------------------ who reads the terminal

    def _changed(self, program: Program | None) -> tuple[Action, ...]:
        if program == self._outer:
            return ()
        rest: tuple[Action, ...] = ()
        if self._held is not None:
            # Its line, and what was typed behind it, must not reach another program.
            self._held = None
            rest = self._drop_waiting()
        elif program is None:
            rest = self._pass_all(b"")
        if self._tracker is not None and program is None:
            self._tracker.close()
            self._tracker = None
        elif self._tracker is None and program is not None:
            self._tracker = self._make_tracker(*self._size)
            self._fed = False
        self._close_line()
        self._outer = self._program = program
        self._statement = StatementSoFar()
        self._filled = self._pasting = False
        self._waiting_since = self._entered_at = None
        return rest

    def _pass_all(self, data: bytes) -> tuple[Action, ...]:
        """Everything that waits, and `data`, as it is: nobody reads a line."""
        waiting = b"".join(token.data for token in (*self._queue, *self._input.flush()))
        self._queue.clear()
        self._close_line()
        self.wake_at = self._waiting_since = None
        return (ToProgram(waiting + data),) if waiting or data else ()

    def _drop_waiting(self, kept: int = 0) -> tuple[Action, ...]:
        count = len(self._queue) - kept
        self._input.flush()
        self._queue.clear()
        self._pasting = False
        return (Dropped(count),) if count else ()

    # ------------------------------------------------------------ keys, one after the other

    def _take_in(self, tokens: list[Token]) -> tuple[Action, ...]:
        """Queue the keys; what the terminal says by itself goes on at once, as a program may wait for it."""
        self._queue.extend(token for token in tokens if token.kind is not TokenKind.REPORT)
        reports = b"".join(token.data for token in tokens if token.kind is TokenKind.REPORT)
        return (ToProgram(reports),) if reports else ()

    @property
    def _input_due(self) -> float:
        """When half a sequence is taken as it is; the end of a paste is waited for longer."""
        return self._input_at + (_PASTE_GAP if self._pasting else PARTIAL_WAIT)

    def _step(self, at: float) -> tuple[Action, ...]:
        """Pass on what may go now; `wake_at` says when more may."""
        self.wake_at = self._input_due if self._input.waits else None
        actions: list[Action] = []
        while self._queue and self._held is None:
            done = self._take(self._queue[0], at)
            if done is None:
                break
            actions += done
        return (*self._taken_told(), *_joined(actions))

    def _take(self, token: Token, at: float) -> list[Action] | None:
        """What becomes of the first token of the queue; None when it has to wait."""
        tracker = self._tracker
        if tracker is None or self._others_turn():
            return None
        if self._mode.secret:
            self._close_line()
            return self._send(at)
        if token.kind is TokenKind.PASTE_BEGIN:
            self._pasting = tracker.modes.bracketed_paste
        elif token.kind is TokenKind.PASTE_END:
            self._pasting = False
        if not self._pasting:
            if self._submits(token):
                return self._enter(at)
            if token.kind is TokenKind.END:
                # The kernel hands a line without its end to the program: as good as Enter.
                submits = self._mode.canonical and self._line is not None and self._line.typed.anything
                return self._enter(at) if submits else self._send(at)
            if token.kind is TokenKind.ABANDON:
                self._close_line()
                self._statement.given_up()
                return self._send(at)
        if not self._open(at):
            return None
        assert self._line is not None, "it was opened"
        self._line.typed.note(token, pasted=self._pasting)
        self._text_sent = token.kind is TokenKind.TEXT or self._text_sent
        return self._send(at)

    def _submits(self, token: Token) -> bool:
        """Whether a key is Enter to the program, or to the kernel where that edits."""
        if token.kind is TokenKind.NEXT_LINE or token.data == b"\n":
            taken = self._program is None or self._program.editor.takes_line_feed
            return (
                (taken or self._mode.canonical) if token.kind is TokenKind.ENTER else not self._mode.canonical
            )
        return token.kind is TokenKind.ENTER

    def _others_turn(self) -> bool:
        """Whether keys are for something that the program has started, or for its own full screen."""
        if self._tracker is None or self._tracker.modes.alternate:
            return True
        return self._busy and not self._mode.canonical

    def _send(self, at: float) -> list[Action]:
        self._quiet.sent(at)
        return [ToProgram(self._queue.popleft().data)]

    def _quiet_by(self, at: float, most: float, least: float = 0.0) -> bool:
        """Whether to go on: the screen is quiet, or was waited for long enough."""
        if self._waiting_since is None:
            self._waiting_since = at
        due = min(self._quiet.settled_at(least), self._waiting_since + most)
        if at < due:
            self.wake_at = due if self.wake_at is None else min(due, self.wake_at)
            return False
        self._waiting_since = None
        return True

    # ------------------------------------------------------------ a line begins

    def _open(self, at: float) -> bool:
        """Hold on to where the line begins, at its first key; False when that has to wait for the prompt."""
        if self._line is not None and not self._line.goes_on:
            return True
        if not self._quiet_by(at, _FIRST_KEY_WAIT):
            return False
        assert self._tracker is not None, "there is a program"
        assert self._program is not None, "there is a tracker"
        if self._block_goes_on():
            return True
        self._heed_program(self._left_of_cursor())
        # A program that has not even ended the row of the line before is not at its prompt.
        silent = self._unanswered and not self._mode.canonical
        busy = silent or self._busy or (self._mode.canonical and not self._program.editor.canonical)
        if busy:
            found = Found(self._tracker.cursor, self._left_of_cursor())
        else:
            found = prompt_of_cursor(self._tracker, self._program, self._statement.memory)
        self._tracker.anchor(found.place)
        self._line = OpenLine(found.text, busy=busy, unseen=not self._fed)
        if not busy and has_text(self._tracker, self._program, found.place):
            self._line.typed.unknown_before()
        if not busy:
            self._heed_prompt(found.text)
        else:
            self._statement.without_prompt()
        self._filled = False
        return True

    def _left_of_cursor(self) -> str:
        assert self._tracker is not None, "there is a program"
        cursor = self._tracker.cursor
        return self._tracker.row(cursor.row).text(0, cursor.column)

    def _block_goes_on(self) -> bool:
        """Whether the row that the last Enter added is a part of the edit that was begun; else that edit is over."""
        if self._line is None or self._program is None or not self._line.goes_on:
            return False
        if self._program.continuation_pattern.match(self._left_of_cursor()):
            self._line.goes_on = False
            self._statement.edited_again()
            return True
        self._close_line()
        return False

    def _heed_program(self, prompt: str) -> Program:
        """The program that speaks, where only its prompt can tell."""
        assert self._outer is not None, "there is a line"
        self._program = program_by_prompt(prompt, self._outer)
        return self._program

    def _heed_prompt(self, prompt: str) -> None:
        """Whether the statement goes on, by the prompt that the program shows now."""
        slipped = self._statement.heed(prompt, self._heed_program(prompt))
        if slipped:
            self._told.append(Slipped(slipped))

    def _close_line(self) -> None:
        self._line = None
        if self._tracker is not None:
            self._tracker.drop_anchor()

    def _taken_told(self) -> tuple[Action, ...]:
        told, self._told = tuple(self._told), []
        return told

    # ------------------------------------------------------------ a line ends

    def _enter(self, at: float) -> list[Action] | None:
        assert self._tracker is not None, "there is a program"
        assert self._program is not None, "there is a tracker"
        unseen = self._text_sent and not self._mode.canonical and self._line is not None
        least = _UNSEEN_WAIT if unseen else 0.0
        began = self._line is not None
        if not self._quiet_by(
            at, _HELD_MOST + max(self._quiet.echo_wait, least) if began else _FIRST_KEY_WAIT, least
        ):
            return None
        noisy = at < self._quiet.settled_at()
        if self._entered_at is None:
            self._entered_at = at
        if self._line is not None and self._line.goes_on:
            self._block_goes_on()
        read = self._read()
        if read is None:
            return self._release(at, self._statement.text, goes_on=self._statement.goes_on)
        program, line = self._heed_program(read.prompt), self._line
        held = held_line(
            read,
            line,
            program,
            behind=self._statement.behind,
            noisy=noisy,
            canonical=self._mode.canonical,
        )
        patience = _PATIENCE if held.line.strip() else _UNSEEN_WAIT
        if line is not None and not line.typed.agrees_with(held.line) and at < self._entered_at + patience:
            # What was typed may be on its way to the screen.
            self.wake_at = at + SETTLE
            return None
        if held.certain:
            if not held.text.strip():
                return self._release(at, "", goes_on=False)
            if self._statement.adds_nothing(held.line):
                return self._release(at, held.text, goes_on=False)
            if self._statement.unfinished(held.text, program):
                return self._release(at, held.text, goes_on=True)
        self._held, self._entered_at = held, None
        return [Judge(held)]

    def _read(self) -> ReadLine | None:
        """The line on the screen; None when Enter was pressed where there is no line to be seen."""
        assert self._tracker is not None, "there is a program"
        assert self._program is not None, "there is a tracker"
        if self._line is not None:
            moved = self._line.busy and not (self._busy or self._mode.canonical)
            if moved and not self._line.answered:
                return ReadLine("", "")
            read = read_behind_anchor(
                self._tracker, self._program, self._statement.memory, self._line.prompt, moved=moved
            )
            if moved and read.text.endswith("\n"):
                return ReadLine("", "")  # the line before, as long as the prompt for this one is not there
            if moved:
                self._heed_prompt(read.prompt)
            return read
        untouched = read_untouched(self._tracker, self._program, self._statement.memory, filled=self._filled)
        if untouched is not None:
            self._heed_prompt(untouched.prompt)
        return untouched

    def _release(self, at: float, text: str, *, goes_on: bool) -> list[Action]:
        """Let Enter go; `text` is the statement that it ends or goes on with."""
        assert self._program is not None, "there is a line"
        token = self._queue[0]
        self._statement.submitted(text, goes_on=goes_on)
        self._filled = token.kind is TokenKind.NEXT_LINE
        self._text_sent, self._unanswered, self._entered_at = False, True, None
        if goes_on and self._program.editor.blocks and self._line is not None:
            self._line.goes_on = True
            self._line.typed.note(token, pasted=True)
        else:
            self._close_line()
        return self._send(at)

    def _judged(self, at: float, *, runs: bool) -> tuple[Action, ...]:
        held, self._held = self._held, None
        if held is None:
            return ()
        if not runs:
            return self._drop_waiting(1)
        self._statement.judged(held.text, held.program)
        actions = self._release(at, held.text, goes_on=False)
        if self._queue:
            self.wake_at = at
        return tuple(actions)


def _joined(actions: list[Action]) -> list[Action]:
    """The same with what goes to the program put together."""
    joined: list[Action] = []
    for action in actions:
        if joined and isinstance(action, ToProgram) and isinstance(joined[-1], ToProgram):
            joined[-1] = ToProgram(joined[-1].data + action.data)
        else:
            joined.append(action)
    return joined
