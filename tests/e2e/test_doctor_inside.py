"""`safeshell doctor` inside a session says whether this very shell is guarded, by what became of its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.guarded_shell import ShellPerson
from tests.e2e.program import PROGRAM
from tests.e2e.test_init import person_at

SHELLS = ("bash", "zsh", "fish")


def told(person: ShellPerson, line: str = "safeshell doctor --offline") -> str:
    since = len(person.output)
    person.press(f"{line}\r")
    person.prints("this shell: ", since=since)
    person.wait_until(lambda: person.left.endswith(("$ ", "# ")), "the prompt")
    shown = person.text[person.text.rindex("this shell: ") :]
    return " ".join(shown.split("\n", 1)[0].split())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_guarded_shell_is_told_so(shell: str, tmp_path: Path) -> None:
    with ShellPerson(shell, tmp_path) as person:
        assert "GUARDED: this line was held at Enter" in told(person)
        assert "UNGUARDED" not in told(person)


@pytest.mark.parametrize("shell", SHELLS)
def test_so_is_one_that_has_the_hook_by_itself(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path) as person:
        assert "GUARDED: this line was held at Enter" in told(person)


def test_a_line_that_came_past_the_guard_gives_it_away(tmp_path: Path) -> None:
    with ShellPerson(
        "bash", tmp_path, rc="later() { PROMPT_COMMAND+=('safeshell doctor --offline'); }\n"
    ) as person:
        since = len(person.output)
        person.press("later\r")
        person.prints("UNGUARDED: this line ran without", since=since)


def test_a_shell_without_the_hook_is_told_what_it_is(tmp_path: Path) -> None:
    with ShellPerson("bash", tmp_path) as person:
        person.press("dash\r")
        person.wait_until(lambda: person.left.endswith("# "), "dash's prompt")

        assert "no hook" in told(person, f"{PROGRAM} doctor --offline")
