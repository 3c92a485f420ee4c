"""The player in a real terminal: what is seen, what keys do, and that the terminal is put back on every way out."""

from __future__ import annotations

import json
import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, person_environ, python

HEADER = {"version": 3, "term": {"cols": 80, "rows": 10}, "timestamp": 1504467315}
PLAY = (
    "import sys\n"
    "from pathlib import Path\n"
    "from safeshell.journal.recordings.cast import read_cast\n"
    "from safeshell.terminal.replaying.player import play\n"
    "play(read_cast(Path(sys.argv[1])), speed=float(sys.argv[2]), idle_limit=None, begin_at=float(sys.argv[3]))\n"
)
SCENES: list[tuple[float, str, str]] = [
    (0.0, "o", "prompt$ rm -rf /srv\r\n"),
    (0.1, "m", "deny #4: rm -rf /srv"),
    (0.1, "o", "refused\r\n"),
    (60.0, "o", "after a minute\r\n"),
    (1.0, "m", "allow #5: ls"),
    (60.0, "o", "after two minutes\r\n"),
]


class Cinema:
    """A person, and the recordings that they are shown."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "talk.cast"
        self.environ = person_environ(folder)
        self.people: list[Person] = []

    def shows(
        self,
        scenes: list[tuple[float, str, str]],
        *,
        speed: float = 1.0,
        begin: float = 0.0,
        rows: int = 20,
        columns: int = 80,
    ) -> Person:
        lines = [HEADER, *(list(scene) for scene in scenes)]
        self.file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        words = python("-c", PLAY, str(self.file), str(speed), str(begin))
        # A shell in front, so that something is there that sees what state the terminal was left in.
        shell = ("sh", "-c", 'echo before; "$@"; echo "left with $?"; read answer; echo "[$answer]"', "sh")
        person = Person(*shell, *words, environ=self.environ, rows=rows, columns=columns)
        self.people.append(person)
        return person


@pytest.fixture
def cinema(tmp_path: Path) -> Iterator[Cinema]:
    found = Cinema(tmp_path)
    yield found
    for person in found.people:
        person.close()


def is_as_before(person: Person) -> bool:
    local, output = person.settings[3], person.settings[1]
    return bool(
        local & termios.ECHO and local & termios.ICANON and local & termios.ISIG and output & termios.OPOST
    )


def left(person: Person, status: int = 0) -> None:
    """The player has ended, and the terminal works."""
    person.sees(f"left with {status}")
    assert is_as_before(person)
    person.press("typed\r")
    person.sees("[typed]")


def test_a_recording_is_played_to_its_end(cinema: Cinema) -> None:
    person = cinema.shows([(0.0, "o", "one\r\n"), (0.2, "o", "two\r\n")])
    person.sees("two")

    left(person)
    assert "one" in person.text
    assert "before" in person.text, "what was on the screen is kept above"


def test_space_pauses_and_goes_on(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, speed=64)
    person.sees("refused")
    person.press(" ")
    person.sees("paused")
    assert "after a minute" not in person.look(1.2)
    person.press(" ")
    person.sees("after two minutes")
    left(person)


def test_jumping_from_verdict_to_verdict(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, speed=1 / 64)
    person.sees("prompt$ rm -rf /srv")
    person.press("]")
    person.sees("paused 0:00.1 / 2:01.2")
    shown = person.sees("deny #4: rm -rf /srv")
    assert "refused" not in shown, "the moment at which it was said"
    person.press("]")
    shown = person.sees("allow #5: ls")
    assert "after a minute" in shown
    person.press("[")
    shown = person.sees("deny #4")
    assert "after a minute" not in shown
    person.press("q")
    left(person)


def test_stepping_and_seeking(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, speed=1 / 64)
    person.sees("playing")
    person.press(".")
    person.sees("refused")
    assert "minute" not in person.display
    person.press(".")
    person.sees("after a minute")
    person.press("\x1b[D")
    person.sees(lambda shown: "after a minute" not in shown and "refused" in shown)
    person.press("G")
    person.sees("after two minutes")
    person.press("0")
    person.sees(lambda shown: "refused" not in shown)
    person.press("9")
    person.sees("after a minute")
    person.press("\x03")
    left(person)


def test_it_begins_where_it_is_told(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, begin=70.0, speed=1 / 64)
    person.sees("after a minute")

    assert "after two" not in person.display
    person.press("q")
    left(person)


def test_output_is_drawn_as_it_was_seen(cinema: Cinema) -> None:
    # Line feeds alone go down, as a program in raw mode meant them; the recorded terminal had ten rows.
    scenes = [(0.0, "o", "a\nb\nc"), (0.0, "o", "\r" + "\n" * 9 + "bottom\r\nscrolled"), (9.0, "o", "")]
    person = cinema.shows([(at, code, text) for at, code, text in scenes])
    person.sees("scrolled")

    lines = person.display.split("\n")
    assert [line.strip() for line in lines[8:10]] == ["bottom", "scrolled"]
    assert not any(lines[10:19])
    person.press("q")
    left(person)


def test_a_window_without_a_row_to_spare_shows_the_line_only_while_nothing_moves(cinema: Cinema) -> None:
    rows = "".join(f"row {number}\r\n" for number in range(1, 10)) + "row 10"
    person = cinema.shows([(0.0, "o", rows), (600.0, "o", "!")], rows=10)
    person.sees("row 10")
    assert "playing" not in person.look(1.0)
    person.press(" ")
    person.sees("paused")
    assert "row 10" not in person.display
    person.press(" ")
    person.sees("row 10")
    assert "row 1\n" in person.display
    person.press("q")
    left(person)


def test_a_window_that_changes_its_size_is_followed(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, speed=1 / 64)
    person.sees("playing")
    person.resize(60, 30)
    person.wait_until(lambda: "playing" in person.screen.display[29], "the line in the last row")
    assert "prompt$" in person.screen.display[0]
    person.press("q")
    left(person)


def test_nothing_recorded_makes_this_terminal_answer(cinema: Cinema) -> None:
    scenes = [
        (0.0, "o", "\x1b[c\x1b[6n\x1b]11;?\x07\x05\x1bZ"),
        (0.0, "o", "\x1b]52;c;eA==\x07shown\r\n"),
        (0.2, "o", ""),
    ]
    person = cinema.shows([(at, code, text) for at, code, text in scenes])
    person.sees("shown")
    left(person)

    assert b"\x1b[6n" not in person.output
    assert b"]52;" not in person.output


def test_modes_that_a_recording_leaves_on_are_taken_back(cinema: Cinema) -> None:
    person = cinema.shows([(0.0, "o", "\x1b[?1049h\x1b[?25l\x1b[31mred\x1b[?7l\x1b[2;5r"), (9.0, "o", "")])
    person.sees("red")
    person.press("q")
    left(person)

    assert not person.screen.cursor.hidden
    assert person.screen.margins is None or person.screen.margins.bottom == 19
    assert person.cell("left").fg == "default"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(cinema: Cinema, number: signal.Signals) -> None:
    person = cinema.shows(SCENES, speed=1 / 64)
    person.sees("playing")
    assert not person.echoes
    player = _child_of(person.pid)
    os.kill(player, number)
    person.sees(lambda shown: "left with" in shown)
    assert is_as_before(person)


def test_a_closed_window_ends_it(cinema: Cinema) -> None:
    person = cinema.shows(SCENES, speed=1 / 64)
    person.sees("playing")
    player = _child_of(person.pid)
    person.hang_up()

    person.wait_until(lambda: not _runs(player), "the player's end")


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
