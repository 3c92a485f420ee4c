"""A replay shows questions, answers and refusals as the person saw them, and nothing that was typed unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pyte

from tests.person import Person
from tests.terminal.wrapped.wrapped_person import MACHINE, PROMPT, home_in, wrapped

COLUMNS, ROWS = 100, 30


def recorded(home: Path) -> list[tuple[str, str]]:
    """The events of the home's only recording: what they are, and what they say."""
    (file,) = (home / ".local/state/safeshell").rglob("*.cast")
    events = [json.loads(line) for line in file.read_text().splitlines()[1:] if line[0] == "["]
    return [(code, data) for _, code, data in events]


def replayed(events: list[tuple[str, str]], until: str) -> list[str]:
    """What a player's screen shows as soon as `until` is on it."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    for code, data in events:
        if code == "o":
            stream.feed(data)
            if any(until in line for line in screen.display):
                return lines_of("\n".join(screen.display))
    raise AssertionError(f"{until!r} is never on the screen:\n" + "\n".join(screen.display))


def at_prompt(person: Person) -> None:
    """Wait for an empty prompt."""
    screen = person.screen
    person.wait_until(lambda: screen.display[screen.cursor.y].rstrip().endswith(PROMPT), "an empty prompt")


def lines_of(display: str) -> list[str]:
    return [line.rstrip() for line in display.split("\n") if line.strip()]


def test_a_replay_shows_the_question_the_answer_and_the_refusal(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    (home / "victim").mkdir()
    (home / "victim/file").write_text("dear")
    with wrapped(home, "bash", columns=COLUMNS, rows=ROWS) as person:
        person.sees(PROMPT)
        person.enter("rm -rf victim")
        person.sees("anything else is no")
        person.answer("wrong-name")
        refused = lines_of(person.sees("Refused"))
        person.sees("P> rm -rf victim")
        person.press("\x15")
        at_prompt(person)
        person.leave()
    events = recorded(home)
    shown = replayed(events, "Refused")
    assert "> wrong-name" in shown
    question = [line for line in refused if "Type" in line or "deletes" in line or "> wrong-name" in line]
    assert question
    assert [line for line in question if line not in shown] == []
    marks = [data for code, data in events if code == "m"]
    assert [mark.partition(":")[0].partition(" ")[0] for mark in marks[:3]] == [
        "asked",
        "confirm",
        "answered",
    ]


def test_a_confirmed_answer_is_seen_before_the_lines_output(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    (home / "victim").mkdir()
    with wrapped(home, "bash", columns=COLUMNS, rows=ROWS) as person:
        person.sees(PROMPT)
        person.enter("rm -rfv victim")
        person.sees("anything else is no")
        person.answer(MACHINE)
        person.sees("removed directory")
        at_prompt(person)
        person.leave()
    shown = replayed(recorded(home), "removed directory")
    answered = next(number for number, line in enumerate(shown) if f"> {MACHINE}" in line)
    assert any("removed directory" in line for line in shown[answered:])


def test_what_is_typed_without_echo_is_not_recorded(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    with wrapped(home, "bash", columns=COLUMNS, rows=ROWS) as person:
        person.sees(PROMPT)
        person.enter("read -rs -p 'Password: ' word; echo thanks")
        person.sees("Password:")
        person.press("hunter2-is-secret\r")
        person.sees("Password: thanks")
        at_prompt(person)
        person.leave()
    events = recorded(home)
    assert any("thanks" in data for _, data in events)
    assert not any("hunter2" in data for _, data in events)
