"""What is shown when: the core of the player, without a terminal and without a clock."""

from __future__ import annotations

import pytest

from safeshell.journal.recordings.cast import CastEvent
from safeshell.terminal.replaying.playback import Anew, Output, Playback, ReplayKey, Shown, Size

SIZE = Size(80, 24)
EVENTS = (
    CastEvent(1.0, "o", "one "),
    CastEvent(2.0, "m", "allow #1: ls"),
    CastEvent(2.0, "m", "asked: Type yes"),
    CastEvent(3.0, "o", "two "),
    CastEvent(63.0, "r", "100x50"),
    CastEvent(64.0, "o", "three "),
    CastEvent(70.0, "m", "deny #2: rm"),
    CastEvent(71.0, "o", "four"),
    CastEvent(72.0, "x", "0"),
)


class Played:
    """A playback from moment 1000 on, and all that it has shown."""

    def __init__(self, *, speed: float = 1.0, idle_limit: float | None = None) -> None:
        self.playback = Playback(EVENTS, SIZE, now=1000.0, speed=speed, idle_limit=idle_limit)
        self.shown: list[Shown] = []

    def until(self, seconds: float) -> str:
        """What is on the screen after so many seconds of playing; drawn as soon as it is due."""
        end = 1000.0 + seconds
        now = 1000.0
        while not self.playback.ended:
            due = self.playback.due_in(now)
            if due is None or now + due > end:
                break
            now += due
            self.shown += self.playback.tick(now)
        return self.screen

    def press(self, key: ReplayKey, seconds: float) -> str:
        self.shown += self.playback.press(key, 1000.0 + seconds)
        return self.screen

    @property
    def screen(self) -> str:
        text = ""
        for one in self.shown:
            text = "" if isinstance(one, Anew) else text + one.text if isinstance(one, Output) else text
        return text


def test_output_comes_when_it_came() -> None:
    played = Played()

    assert played.until(0.99) == ""
    assert played.until(1.0) == "one "
    assert played.until(3.0) == "one two "
    assert played.until(63.9) == "one two "
    assert played.until(71.0) == "one two three four"
    assert not played.playback.ended
    played.until(72.0)
    assert played.playback.ended


def test_twice_as_fast() -> None:
    assert Played(speed=2).until(32.0) == "one two three "


def test_long_pauses_are_shortened() -> None:
    played = Played(idle_limit=2.0)

    assert played.until(5.99) == "one two "
    assert played.until(6.0) == "one two three "
    assert played.playback.place(1006.0) == 64.0, "places are those of the session"


def test_a_pause_holds_and_goes_on_where_it_was() -> None:
    played = Played()
    played.until(2.0)
    played.press(ReplayKey.PAUSE, 2.5)

    assert played.playback.due_in(1050.0) is None
    assert played.playback.place(1050.0) == 2.5
    played.press(ReplayKey.PAUSE, 60.0)
    assert played.playback.due_in(1060.0) == pytest.approx(0.5)


def test_a_step_shows_the_next_output_and_pauses() -> None:
    played = Played()

    assert played.press(ReplayKey.STEP, 0.1) == "one "
    assert played.playback.paused
    assert played.press(ReplayKey.STEP, 0.2) == "one two "
    played.press(ReplayKey.STEP, 0.3)
    assert played.shown[-1] == Size(100, 50)
    assert played.press(ReplayKey.STEP, 0.4) == "one two three "
    assert played.press(ReplayKey.STEP, 0.5) == "one two three four"
    assert played.press(ReplayKey.STEP, 0.6) == "one two three four"


def test_from_marker_to_marker_and_back() -> None:
    played = Played()

    assert played.press(ReplayKey.NEXT_MARKER, 0.5) == "one "
    assert played.playback.marker == "allow #1: ls"
    assert played.playback.paused
    played.press(ReplayKey.NEXT_MARKER, 0.6)
    assert played.playback.marker == "asked: Type yes"
    assert played.press(ReplayKey.NEXT_MARKER, 0.7) == "one two three "
    assert played.playback.marker == "deny #2: rm"
    assert played.press(ReplayKey.LAST_MARKER, 0.8) == "one "
    assert played.playback.marker == "asked: Type yes"
    played.press(ReplayKey.LAST_MARKER, 0.9)
    assert played.playback.marker == "allow #1: ls"


def test_beyond_the_last_marker_is_the_end_and_before_the_first_the_beginning() -> None:
    played = Played()
    for _ in range(4):
        played.press(ReplayKey.NEXT_MARKER, 0.5)
    assert played.screen == "one two three four"
    assert not played.playback.ended, "it waits there, so that one can go back"
    for _ in range(4):
        played.press(ReplayKey.LAST_MARKER, 0.6)
    assert played.screen == ""
    assert played.playback.marker == ""


def test_a_marker_that_has_just_gone_by_is_not_the_one_to_go_back_to() -> None:
    played = Played(idle_limit=1.0)
    played.until(6.2)  # the denial is at 6.0
    assert played.playback.marker == "deny #2: rm"
    played.press(ReplayKey.LAST_MARKER, 6.2)

    assert played.playback.marker == "asked: Type yes"


def test_seeking_back_draws_anew() -> None:
    played = Played()
    played.until(64.0)
    assert played.press(ReplayKey.BACK, 64.5) == "one two "
    assert [one for one in played.shown if isinstance(one, Anew)]
    assert played.playback.place(1064.5) == 59.5


def test_what_is_drawn_anew_has_the_size_of_that_moment() -> None:
    played = Played()
    played.until(71.0)
    played.shown.clear()
    played.press(ReplayKey.REDRAW, 71.5)

    assert played.shown == [Anew(), SIZE, Output("one two "), Size(100, 50), Output("three four")]
    played.shown.clear()
    played.shown += played.playback.seek(10.0, 1072.0)
    assert played.shown == [Anew(), SIZE, Output("one two ")]


def test_seeking_forward_draws_only_what_is_new() -> None:
    played = Played()
    played.until(1.0)
    played.press(ReplayKey.FORWARD, 1.5)

    assert played.screen == "one two "
    assert not any(isinstance(one, Anew) for one in played.shown)
    assert played.playback.due_in(1001.5) == pytest.approx(63.0 - 6.5)


def test_tenths_beginning_and_end() -> None:
    played = Played()
    played.shown += played.playback.part(9, 1000.0)
    assert played.screen == "one two three "
    played.press(ReplayKey.END, 1.0)
    assert played.screen == "one two three four"
    assert not played.playback.ended
    played.press(ReplayKey.START, 2.0)
    assert played.screen == ""


def test_speed_changes_from_here_on() -> None:
    played = Played()
    played.until(3.0)
    played.press(ReplayKey.FASTER, 13.0)
    assert played.playback.place(1013.0) == 13.0
    assert played.playback.due_in(1013.0) == pytest.approx(25.0)
    for _ in range(50):
        played.press(ReplayKey.SLOWER, 13.0)
    assert played.playback.speed == 1 / 64


def test_leaving() -> None:
    played = Played()
    played.press(ReplayKey.QUIT, 0.5)

    assert played.playback.ended


def test_a_machine_that_slept_does_not_rush_through_the_rest() -> None:
    events = [CastEvent(float(second), "o", f"{second} ") for second in range(1, 100)]
    playback = Playback(events, SIZE, now=0.0)
    playback.tick(1.0)

    assert playback.tick(5000.0) == [Output("2 ")]
    assert playback.tick(5000.4) == []
    assert playback.tick(5000.6) == [Output("3 ")]


def test_a_flood_is_shown_in_pieces_so_that_keys_are_heard() -> None:
    events = [CastEvent(0.0, "o", "x" * 32_000) for _ in range(100)]
    playback = Playback(events, SIZE, now=0.0)
    first = playback.tick(0.0)

    assert 0 < len(first) < 20
    assert playback.due_in(0.0) == 0.0


def test_going_back_in_a_huge_recording_draws_only_its_last_part() -> None:
    events = [CastEvent(float(number), "o", "x" * (1 << 20)) for number in range(40)]
    playback = Playback(events, SIZE, now=0.0)
    playback.seek(39.0, 0.0)
    shown = playback.seek(38.0, 0.0)

    assert sum(len(one.text) for one in shown if isinstance(one, Output)) <= 17 << 20


def test_an_empty_recording_ends_at_once() -> None:
    playback = Playback((), SIZE, now=0.0)
    for key in (
        ReplayKey.STEP,
        ReplayKey.NEXT_MARKER,
        ReplayKey.LAST_MARKER,
        ReplayKey.REDRAW,
        ReplayKey.PAUSE,
    ):
        playback.press(key, 0.0)
    assert not playback.paused
    playback.tick(0.0)

    assert playback.ended
