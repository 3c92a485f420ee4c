"""A real shell's session, recorded and read back: what was seen is in it, what was typed blind is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeshell.journal.recordings.cast import read_cast
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.lines import text_lines
from safeshell.journal.recordings.recorder import open_recording
from safeshell.terminal.replaying.playback import Output, Size
from safeshell.terminal.replaying.replay_screen import ReplayScreen
from tests.journal.recordings.asciicast import events_in
from tests.journal.recordings.test_recording import SESSION
from tests.person import Person, person_environ

Recorded = tuple[Person, Path]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Recorded]:
    """A person's session in bash, and its recording."""
    with Person("bash", "--norc", "-i", environ=person_environ(tmp_path), columns=80, rows=24) as person:
        recorder = open_recording(
            tmp_path / "state",
            Limits(),
            SESSION,
            now=datetime.now(UTC),
            at=0.0,
            told=lambda said: pytest.fail(said),
        )
        seen = 0

        def step(keys: str, wanted: str, at: float) -> None:
            nonlocal seen
            person.press(keys)
            person.sees(wanted)
            person.look(0.3)
            # In pieces of seven bytes, so that characters and sequences are cut anywhere.
            for place in range(seen, len(person.output), 7):
                recorder.output(person.output[place : min(place + 7, len(person.output))], at)
            seen = len(person.output)

        step("PS1='$ '\r", "$ ", 1.0)
        step("echo wörld 漢字\r", "\nwörld", 2.0)
        step("read -s -p 'Password: ' secret\r", "Password:", 3.0)
        step("hunter2-hunter2\r", "$ ", 4.0)
        step("printf '\\033]52;c;ZXZpbA==\\007\\033[31mred\\033[0m\\n'\r", "\nred", 5.0)
        recorder.marker("deny #4: rm -rf /srv", 6.0)
        recorder.exited(0, 7.0)
        recorder.close()
        assert recorder.path
        yield person, recorder.path


def test_a_password_typed_at_a_prompt_that_does_not_echo_is_not_in_it(session: Recorded) -> None:
    _, path = session

    assert b"Password: " in path.read_bytes()
    assert b"hunter2" not in path.read_bytes()


def test_the_lines_are_those_that_the_person_saw(session: Recorded) -> None:
    person, path = session
    lines = [line.text for line in text_lines(read_cast(path).events)]

    assert "$ echo wörld 漢字" in lines
    assert "wörld 漢字" in lines
    assert "red" in lines
    assert [code for _, code, _ in events_in(path)][-2:] == ["m", "x"]
    assert person.alive


def test_what_is_played_looks_as_it_looked(session: Recorded) -> None:
    import pyte

    person, path = session
    screen = pyte.Screen(100, 30)
    shown = ReplayScreen(100, 30, Size(80, 24))
    stream = pyte.Stream(screen)
    stream.feed(shown.begin())
    for event in read_cast(path).events:
        if event.code == "o":
            stream.feed(shown.show([Output(event.data)]))

    assert [line.rstrip() for line in screen.display[:24]] == person.display.split("\n")
