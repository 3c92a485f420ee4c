"""What of a recording is shown when: playing, pausing, stepping, jumping. Sans-I/O, no terminal and no clock in it.

Keys and moments in, things to show out. A place is a moment of the recording, in seconds from its beginning, pauses
included; long ones are shortened while playing, and only there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from safeshell.frozen import frozen
from safeshell.journal.recordings.cast import CastEvent, parse_size

SEEK_SECONDS: Final = 5.0
SLOWEST, FASTEST = 1 / 64, 1024.0
_AT_ONCE: Final = 256 << 10
"""Characters that are shown before keys are looked at again."""
_JUST_PASSED: Final = 1.0
"""Seconds for which a marker that went by counts as the present one."""
_LATEST: Final = 0.5
"""Seconds that may be caught up with."""
_LOOKED_BACK: Final = 16 << 20
"""Characters of output that make up a screen that is shown anew; more can't be on it but in odd cases."""


class ReplayKey(Enum):
    """What a person can do."""

    PAUSE = auto()
    STEP = auto()
    NEXT_MARKER = auto()
    LAST_MARKER = auto()
    FORWARD = auto()
    BACK = auto()
    FASTER = auto()
    SLOWER = auto()
    START = auto()
    END = auto()
    REDRAW = auto()
    QUIT = auto()


@frozen
class Output:
    """Show this, as it was recorded."""

    text: str


@frozen
class Size:
    """The recorded terminal has this size from here on."""

    columns: int
    rows: int


@frozen
class Anew:
    """Begin with an empty screen; what follows is all that led to what is to be seen."""


Shown = Output | Size | Anew


class Playback:
    """A recording being played.

    Args:
        events: the recording's, in order.
        size: the terminal's size at the start.
        now: the present, in seconds of the steady clock that all later calls count by.
        speed: how many times as fast.
        idle_limit: the longest pause, in recorded seconds; None for as they were.
    """

    def __init__(
        self,
        events: Sequence[CastEvent],
        size: Size,
        *,
        now: float,
        speed: float = 1.0,
        idle_limit: float | None = None,
    ) -> None:
        self._events = events
        self._times = [event.at for event in events]
        self._markers = [index for index, event in enumerate(events) if event.code == "m"]
        self._start_size = size
        self._idle_limit = idle_limit
        self._next = 0
        self._place = 0.0
        self._since = now
        self.speed = speed
        self.paused = False
        self.ended = False
        self.marker = ""

    @property
    def duration(self) -> float:
        """Seconds to the last event."""
        return self._times[-1] if self._times else 0.0

    def place(self, now: float) -> float:
        """Where it is, in seconds from the beginning."""
        if self.paused or self._next >= len(self._events):
            return self._place
        gap = self._times[self._next] - self._place
        needed = self._needed(gap)
        return self._place + gap * min(1.0, (now - self._since) / needed) if needed > 0 else self._place

    def due_in(self, now: float) -> float | None:
        """Seconds until `tick` has something to show; None while nothing comes by itself."""
        if self.paused or self.ended:
            return None
        if self._next >= len(self._events):
            return 0.0
        return max(0.0, self._since + self._needed(self._times[self._next] - self._place) - now)

    def tick(self, now: float) -> list[Shown]:
        """What is to be shown by now; at the end of the recording it has ended."""
        shown: list[Shown] = []
        taken = 0
        if self._next < len(self._events):
            # A machine that slept, or a slow terminal: from here on at the right pace, no rush to catch up.
            needed = self._needed(self._times[self._next] - self._place)
            self._since = max(self._since, now - needed - _LATEST)
        while self.due_in(now) == 0.0 and taken < _AT_ONCE:
            if self._next >= len(self._events):
                self.ended = True
                break
            event = self._events[self._next]
            self._since += self._needed(event.at - self._place)
            taken += len(event.data) + 1
            shown += self._advance()
        return shown

    def press(self, key: ReplayKey, now: float) -> list[Shown]:
        """Do what a key says; what is to be shown for it."""
        match key:
            case ReplayKey.PAUSE:
                self._hold(now, paused=not self.paused)
            case ReplayKey.STEP:
                self._hold(now, paused=True)
                return self._step()
            case ReplayKey.NEXT_MARKER | ReplayKey.LAST_MARKER:
                return self._to_marker(now, forward=key is ReplayKey.NEXT_MARKER)
            case ReplayKey.FORWARD | ReplayKey.BACK:
                by = SEEK_SECONDS if key is ReplayKey.FORWARD else -SEEK_SECONDS
                return self.seek(self.place(now) + by, now)
            case ReplayKey.FASTER | ReplayKey.SLOWER:
                self._hold(now, paused=self.paused)
                faster = self.speed * (2 if key is ReplayKey.FASTER else 0.5)
                self.speed = min(FASTEST, max(SLOWEST, faster))
            case ReplayKey.START:
                return self.seek(0.0, now)
            case ReplayKey.END:
                self._hold(now, paused=True)
                return self.seek(self.duration, now)
            case ReplayKey.REDRAW:
                self._hold(now, paused=self.paused)
                return self._anew(self._next)
            case ReplayKey.QUIT:
                self.ended = True
        return []

    def part(self, tenths: int, now: float) -> list[Shown]:
        """Go to so many tenths of the recording; what is to be shown for it."""
        return self.seek(self.duration * tenths / 10, now)

    def seek(self, place: float, now: float) -> list[Shown]:
        """Go to a place; what is to be shown for it.

        Args:
            place: in seconds from the beginning; taken as the nearest that there is.
            now: the present.
        """
        place = min(max(0.0, place), self.duration)
        # What happens at the place itself has happened, but for its very beginning.
        return self._jump(bisect_right(self._times, place) if place > 0 else 0, place, now)

    def _jump(self, target: int, place: float, now: float) -> list[Shown]:
        shown = self._go_on(target) if target >= self._next else self._anew(target)
        self._place, self._since = place, now
        return shown

    def _needed(self, gap: float) -> float:
        """Seconds that a pause of `gap` recorded seconds takes."""
        limited = gap if self._idle_limit is None else min(gap, self._idle_limit)
        return limited / self.speed

    def _hold(self, now: float, *, paused: bool) -> None:
        """Take the present place as the one to go on from."""
        self._place, self._since = self.place(now), now
        self.paused = paused

    def _advance(self) -> list[Shown]:
        event = self._events[self._next]
        self._next += 1
        self._place = event.at
        if event.code == "m":
            self.marker = event.data
        return _shown(event)

    def _step(self) -> list[Shown]:
        """Up to and with the next event that shows something."""
        shown: list[Shown] = []
        while self._next < len(self._events) and not shown:
            shown = self._advance()
        return shown

    def _to_marker(self, now: float, *, forward: bool) -> list[Shown]:
        """To the marker after or before this place; to the end or the beginning when there is none."""
        self._hold(now, paused=True)
        if forward:
            found = next((index for index in self._markers if index >= self._next), None)
        else:
            found = next((index for index in reversed(self._markers) if self._is_behind(index)), None)
        if found is None:
            return self.seek(self.duration if forward else 0.0, now)
        return self._jump(found + 1, self._times[found], now)

    def _is_behind(self, marker: int) -> bool:
        """Whether going back leads to this marker: not to the one that a person looks at or has just seen pass."""
        here = self._next - 1
        if here >= 0 and self._events[here].code == "m" and self._times[here] == self._place:
            return marker < here
        return marker < self._next and self._times[marker] <= self._place - _JUST_PASSED

    def _go_on(self, target: int) -> list[Shown]:
        """Show what lies between here and the event `target`, at once."""
        between = self._events[self._next : target]
        if sum(len(event.data) for event in between) > _LOOKED_BACK:
            return self._anew(target)
        shown = [one for event in between for one in _shown(event)]
        self._passed(target)
        return _joined(shown)

    def _anew(self, target: int) -> list[Shown]:
        """Show all that led to the event `target`, on an empty screen."""
        first, size, room = target, self._start_size, _LOOKED_BACK
        while first > 0 and room > 0:
            first -= 1
            room -= len(self._events[first].data)
        for event in self._events[:first]:
            size = _size(event) or size
        shown = [one for event in self._events[first:target] for one in _shown(event)]
        self._passed(target)
        return [Anew(), size, *_joined(shown)]

    def _passed(self, target: int) -> None:
        before = (event.data for event in reversed(self._events[:target]) if event.code == "m")
        self.marker = next(before, "")
        self._next = target


def _shown(event: CastEvent) -> list[Shown]:
    if event.code == "o":
        return [Output(event.data)]
    size = _size(event)
    return [size] if size else []


def _size(event: CastEvent) -> Size | None:
    size = parse_size(event.data) if event.code == "r" else None
    return Size(*size) if size else None


def _joined(shown: list[Shown]) -> list[Shown]:
    """Neighbouring outputs as one."""
    joined: list[Shown] = []
    texts: list[str] = []
    for one in shown:
        if isinstance(one, Output):
            texts.append(one.text)
            continue
        if texts:
            joined.append(Output("".join(texts)))
            texts = []
        joined.append(one)
    if texts:
        joined.append(Output("".join(texts)))
    return joined
