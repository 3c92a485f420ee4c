"""What a recording of the guarded shell shows: what the person saw, questions included, and no password."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.e2e.guarded_shell import CONFIG, ShellPerson, victim_in
from tests.e2e.program import safeshell

RECORDED = CONFIG.replace("environments = []", 'environments = ["production"]')


def recording_of(home: Path) -> list[list[object]]:
    (file,) = (home / ".local/state/safeshell/recordings").rglob("*.cast")
    return [json.loads(line) for line in file.read_text().splitlines() if line.startswith("[")]


def test_questions_and_answers_are_in_it_as_they_were_seen(tmp_path: Path) -> None:
    victim_in(tmp_path)
    with ShellPerson("bash", tmp_path, config=RECORDED) as person:
        person.asks("rm -rf victim\r")
        person.answer("no, not this")
        person.sees("Refused")
        person.drops()
        person.runs("echo be''hind\r", "behind")
        person.press("exit\r")
        person.ended()

    shown = "".join(str(data) for _, kind, data in recording_of(tmp_path) if kind == "o")
    for text in ("anything else is no", "no, not this", "Refused", "behind"):
        assert text in shown
    assert shown.index("anything else is no") < shown.index("no, not this") < shown.index("behind")
    assert any(kind == "m" and "rm -rf victim" in str(data) for _, kind, data in recording_of(tmp_path))


def test_a_password_is_not_in_it(tmp_path: Path) -> None:
    with ShellPerson("bash", tmp_path, config=RECORDED) as person:
        since = len(person.output)
        person.press("read -rs -p 'Password: ' word; echo; echo ${#word}\r")
        person.prints("Password: $", since=since)
        person.press("hunter2\r")
        person.prints("7\r\n", since=since)
        person.ready()
        person.press("exit\r")
        person.ended()

    (file,) = (tmp_path / ".local/state/safeshell/recordings").rglob("*.cast")
    assert "hunter2" not in file.read_text()


def test_it_can_be_played(tmp_path: Path) -> None:
    victim_in(tmp_path)
    with ShellPerson("bash", tmp_path, config=RECORDED) as person:
        person.asks("rm -rf victim\r")
        person.says_no()
        person.drops()
        person.press("exit\r")
        person.ended()

    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": "", "PATH": os.environ["PATH"]}
    found = safeshell("replay", "--search", "rm -rf", environ=environ)
    assert "rm -rf victim" in found.out.decode()
