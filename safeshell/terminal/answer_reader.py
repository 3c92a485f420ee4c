"""Keys become an answer, or none: the part of a question that must not be fooled. Sans-I/O.

Bytes with their time of arrival go in, the text so far and an ending come out; no file descriptor and no
clock in it. The one idea: only keys that a hand has pressed while it could see the question count. So

- what arrives in the first moments (`DEAF`), or goes on arriving without a pause from before, is dropped;
- a bracketed paste ends the question; so does a burst, by the numbers below;
- what a terminal says by itself (cursor reports, focus, mouse, colours, clipboard) is neither text nor a no;
- Enter must stand alone: nothing just before it, nothing just after it.

What comes after the end of a question is no part of the answer, but it may be the beginning of a line, or the rest
of one: `behind` knows, so that no line is dropped in part.

The numbers: a fast typist presses a key every 60 to 100 ms, two rolled keys come 10 to 30 ms apart, a held
key repeats every 30 ms; pasted text comes within a few milliseconds, typing tools default to 12 ms a key.
Where a network that stalls hands over many typed keys at once, that is taken for a paste: the person is told
so and types again.
"""

from __future__ import annotations

from enum import Enum, auto

from safeshell.terminal.key_parser import Key, KeyKind, KeyParser
from safeshell.terminal.line_behind import LineBehind

DEAF = 0.8
"""Seconds after the question is drawn in which keys are dropped: it can't have been read yet."""
QUIET = 0.1
"""Seconds without any input after which type-ahead is over."""
BURST_GAP = 0.01
"""Seconds; keys nearer to each other than this belong to one burst."""
BURST_KEYS = 4
"""That many characters in one burst are a paste, and fewer when they are the whole answer.

Two can be a roll of two fingers, three what a stalled network hands over.
"""
ENTER_GAP = 0.02
"""Seconds that must lie between the last character and Enter."""
ENTER_SILENCE = 0.03
"""Seconds without a key after Enter before it counts."""
PACE = 0.02
"""Seconds a key that the whole answer takes at least, on average."""
LONGEST = 500
"""Characters of an answer; more are dropped."""


class Ending(Enum):
    """How reading an answer ended."""

    ENTERED = auto()
    CANCELLED = auto()
    PASTED = auto()
    TIMED_OUT = auto()


class AnswerReader:
    """Reads one answer. An empty one is a no.

    Args:
        at: the moment (seconds on any steady clock) at which the question stood on the screen.
        timeout: seconds after which the answer is no.
        deaf: seconds in which keys are dropped; 0 for a question that follows on from a typed answer.
    """

    def __init__(self, *, at: float, timeout: float, deaf: float = DEAF) -> None:
        self.text = ""
        self.ending: Ending | None = None
        self.listening = deaf <= 0
        """Whether keys count by now; until then nothing on the screen should invite them."""
        self.behind = LineBehind()
        """What has been fed since the end, and is dropped."""
        self._deadline = at + timeout
        self._listen_at = at + deaf
        self._enter_counts_at: float | None = None
        self._keys = KeyParser()
        self._pace = _Pace()

    def feed(self, data: bytes, at: float) -> None:
        """Take what was read from the terminal in one piece at the moment `at`; anything at all.

        Whoever wants nothing lost lets time pass first, and reads only if the question has not ended by that.
        """
        self.tick(at)
        for key in self._keys.feed(data, at):
            self._press(key, at)

    def tick(self, at: float) -> None:
        """Let time pass until `at`."""
        for key in self._keys.tick(at):
            self._press(key, at)
        if self.ending is not None:
            return
        if self._enter_counts_at is not None and at >= self._enter_counts_at and not self.in_key:
            self.ending = Ending.ENTERED if self.text.strip() else Ending.CANCELLED
        elif at >= self._deadline:
            self.ending = Ending.TIMED_OUT
            if self.text:
                self.behind.break_off()
        elif at >= self._listen_at:
            self.listening = True

    @property
    def in_key(self) -> bool:
        """Whether a part of a key has been fed, and its rest is still to come."""
        return self._keys.wake_at is not None

    def wake_at(self) -> float:
        """The next moment at which `tick` has something to do."""
        moments = (
            self._deadline,
            None if self.in_key else self._enter_counts_at,
            self._keys.wake_at,
            None if self.listening else self._listen_at,
        )
        return min(moment for moment in moments if moment is not None)

    def seconds_left(self, at: float) -> float:
        """Until the time for an answer is over."""
        return max(0.0, self._deadline - at)

    def _press(self, key: Key, at: float) -> None:
        if self.ending is not None:
            self.behind.press(key, same_burst=at - self._pace.last < BURST_GAP)
            self._pace.last = at
        elif key.kind in (KeyKind.CANCEL, KeyKind.INTERRUPT):
            self.ending = Ending.CANCELLED
        elif not self.listening:
            self._drop(key, at)
        else:
            self._take(key, at)

    def _drop(self, key: Key, at: float) -> None:
        """A key that came too early is gone, and the quiet that ends type-ahead has not begun."""
        if key.kind is not KeyKind.IGNORED:
            self._listen_at = max(self._listen_at, at + QUIET)

    def _take(self, key: Key, at: float) -> None:
        match key.kind:
            case KeyKind.PASTE_START | KeyKind.PASTE_END:
                self._end_as_pasted(key)
            case KeyKind.IGNORED | KeyKind.EDIT:
                pass
            case _ if self._enter_counts_at is not None:
                # Something follows Enter at once: lines of a paste, not a decision.
                self.ending = Ending.PASTED
                self.behind.press(key)
            case KeyKind.ENTER if self._pace.too_fast_for_enter(at):
                self.ending = Ending.PASTED
            case KeyKind.ENTER:
                self._enter_counts_at = at + ENTER_SILENCE
            case KeyKind.ERASE:
                self.text = self.text[:-1]
            case KeyKind.ERASE_WORD:
                self.text = self.text[: self.text.rstrip().rfind(" ") + 1]
            case KeyKind.ERASE_ALL:
                self.text = ""
            case _:
                self._type(key, at)

    def _type(self, key: Key, at: float) -> None:
        self.text = (self.text + key.text)[:LONGEST]
        self._pace.key(at)
        if self._pace.longest_run >= BURST_KEYS:
            self._end_as_pasted(key)

    def _end_as_pasted(self, key: Key) -> None:
        """`key` is one of a paste, which need not be over."""
        self.ending = Ending.PASTED
        self.behind.break_off()
        if key.kind is KeyKind.PASTE_START:
            self.behind.press(key)


class _Pace:
    """When the characters of one answer arrived."""

    def __init__(self) -> None:
        self.first = 0.0
        self.last = float("-inf")
        self.keys = 0
        self.run = 0
        self.longest_run = 0

    def key(self, at: float) -> None:
        """One more character, at the moment `at`."""
        self.run = self.run + 1 if at - self.last < BURST_GAP else 1
        self.longest_run = max(self.longest_run, self.run)
        self.first = self.first if self.keys else at
        self.last = at
        self.keys += 1

    def too_fast_for_enter(self, at: float) -> bool:
        """Whether Enter at the moment `at` ends what no hand can have typed."""
        if not self.keys:
            return False
        at_once = self.longest_run == self.keys >= 2
        return at_once or at - self.last < ENTER_GAP or at - self.first < PACE * self.keys
