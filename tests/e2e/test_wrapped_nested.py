"""A shell that the guarded shell starts asks as well, and says so in its prompt."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import PLAIN, RC, ShellPerson, victim_in

INNER = {
    "bash": ("bash", "bash -l", "sudo bash", "sudo -s", "su", "su -", "zsh", "fish"),
    "zsh": ("zsh", "bash", "sudo zsh", "su root", "fish"),
    "fish": ("fish", "bash", "zsh", "sudo fish"),
}


CASES = [
    pytest.param(
        outer,
        line,
        marks=pytest.mark.skipif(
            os.geteuid() != 0 and line.startswith("su"), reason="sudo and su would ask for a password"
        ),
    )
    for outer in INNER
    for line in INNER[outer]
]


@pytest.mark.parametrize(("outer", "line"), CASES)
def test_a_shell_inside_is_guarded_too(outer: str, line: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    for shell, file in RC.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(PLAIN[shell])
    (tmp_path / ".bash_profile").write_text(PLAIN["bash"])
    with ShellPerson(outer, tmp_path) as person:
        asks_inside(person, line, victim)


def asks_inside(person: ShellPerson, line: str, victim: Path, *more: str) -> None:
    """Open a shell inside by a line; there, and back outside, deleting `victim` (and `more`) is asked about."""
    words = " ".join((str(victim), *more))
    last = more[-1] if more else "victim"
    since = len(person.output)
    person.press(f"{line}\r")
    person.wait_until(lambda: b"GUARDED" in person.output[since:].split(b"\r\n", 1)[-1], "the inner badge")
    person.wait_until(lambda: is_at_prompt(person), "a prompt")

    assert "UNGUARDED" not in person.left
    person.asks(f"rm -rf {words}\r")
    person.says_no()
    assert victim.exists()

    person.wait_until(lambda: person.text.rstrip("\n /").endswith(last), "the line, back for editing")
    drops(person)
    person.press("exit\r")
    person.ready()
    person.asks(f"rm -rf {words}\r")
    person.says_no()
    assert victim.exists()


def is_at_prompt(person: ShellPerson) -> bool:
    """Whether the empty prompt of a shell stands there, be it root's own."""
    return "GUARDED" in person.left and person.left.endswith(("$ ", "# "))


def drops(person: ShellPerson) -> None:
    """Give up the line that is edited; a shell that is busy drawing it may want to hear that twice."""
    for _ in range(10):
        person.press("\x03")
        with contextlib.suppress(AssertionError):
            person.wait_until(lambda: is_at_prompt(person), "a prompt", seconds=1)
            return
