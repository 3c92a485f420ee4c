"""Whoever of a session dies, whenever: no line runs unasked, the terminal is usable, nothing keeps running."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, person_environ, python
from tests.terminal.wrapped.inside import PATIENCE, guards, none_left, processes, words
from tests.terminal.wrapped.wrapped_person import MACHINE, PROMPT, home_in

OUTER = "outer$ "
SHELLS = ("bash", "zsh", "fish")
WATCHER, GUARD = 0, 1


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path)


@pytest.fixture
def outer(home: Path) -> Iterator[Person]:
    """A person before a plain shell, in which they start safeshell themselves."""
    argv = ("bash", "--norc", "--noprofile")
    environ = person_environ(home, PS1=OUTER)
    with Person(*argv, environ=environ, columns=100, rows=30, folder=home) as person:
        person.prompt(OUTER)
        yield person


def begin(person: Person, *program: str) -> None:
    line = " ".join(python("-m", "safeshell", "--environment", "production", "shell", "--", *program))
    person.line(line)
    person.sees(PROMPT)


def is_usable(person: Person) -> None:
    """The outer shell reads lines, and the terminal's own settings are those of before."""
    person.press("\r")
    person.prompt(OUTER)
    person.line("stty -a | grep -ow -e '-icanon' -e '-echo' -e '-isig' -e '-opost'; echo sound $?")
    person.sees("sound 0" if False else "sound ")
    assert "\n-icanon" not in person.display
    assert "\n-echo" not in person.display
    assert "\n-isig" not in person.display
    assert "\n-opost" not in person.display


def no_session_left(person: Person, home: Path) -> None:
    none_left(person, home, but=frozenset((person.pid,)))


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("who", [WATCHER, GUARD])
def test_killed_in_the_middle_of_a_line_it_does_not_run_the_line(
    outer: Person, home: Path, shell: str, who: int
) -> None:
    begin(outer, shell)
    outer.press("touch ran-unasked")
    outer.sees("ran-unasked")

    os.kill(guards(home)[who], signal.SIGKILL)

    no_session_left(outer, home)
    is_usable(outer)
    assert not (home / "ran-unasked").exists()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("who", [WATCHER, GUARD])
def test_killed_in_the_middle_of_a_question_it_does_not_run_the_line(
    outer: Person, home: Path, shell: str, who: int
) -> None:
    (home / "data").mkdir()
    begin(outer, shell)
    outer.line("rm -rf data")
    outer.sees(MACHINE)
    outer.sees("rm -rf data")

    os.kill(guards(home)[who], signal.SIGKILL)

    no_session_left(outer, home)
    is_usable(outer)
    assert (home / "data").is_dir()


def test_both_killed_at_once_leave_no_shell_that_runs_lines(outer: Person, home: Path) -> None:
    begin(outer, "bash")
    outer.press("touch ran-unasked")
    outer.sees("ran-unasked")

    for pid in guards(home):
        os.kill(pid, signal.SIGKILL)

    no_session_left(outer, home)
    assert not (home / "ran-unasked").exists()
    # Nobody was left to give the terminal back; a shell of any kind does that for itself.
    outer.prompt(OUTER)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_killed_shell_ends_the_session_and_says_so_by_its_status(
    outer: Person, home: Path, shell: str
) -> None:
    begin(outer, shell)
    inside = next(pid for pid in processes(home) if words(pid)[0] == shell.encode() and pid != outer.pid)

    os.kill(inside, signal.SIGKILL)

    outer.prompt(OUTER)
    outer.line("echo status $?")
    outer.sees("status 137")
    no_session_left(outer, home)
    is_usable(outer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("who", [WATCHER, GUARD])
def test_told_to_end_it_hangs_up_the_shell_and_its_jobs(
    outer: Person, home: Path, number: signal.Signals, who: int
) -> None:
    begin(outer, "bash")
    outer.line("sleep 500 & sleep 501")
    outer.wait_until(lambda: sum(b"50" in w for pid in processes(home) for w in words(pid)) >= 2, "both jobs")

    os.kill(guards(home)[who], number)

    no_session_left(outer, home)
    is_usable(outer)


def test_told_to_end_in_the_middle_of_a_question_it_ends(outer: Person, home: Path) -> None:
    (home / "data").mkdir()
    begin(outer, "bash")
    outer.line("rm -rf data")
    outer.sees(MACHINE)

    os.kill(guards(home)[GUARD], signal.SIGTERM)

    no_session_left(outer, home)
    is_usable(outer)
    assert (home / "data").is_dir()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_window_closed_in_the_middle_of_a_question_leaves_nothing_running(
    home: Path, tmp_path: Path, shell: str
) -> None:
    (home / "data").mkdir()
    program = python("-m", "safeshell", "--environment", "production", "shell", "--", shell)
    with Person(*program, environ=person_environ(home), columns=100, rows=30, folder=home) as person:
        person.sees(PROMPT)
        person.line("rm -rf data")
        person.sees(MACHINE)

        person.hang_up()

        none_left(person, home)
    assert (home / "data").is_dir()


def test_a_window_closed_during_a_flood_leaves_nothing_running(home: Path) -> None:
    program = python("-m", "safeshell", "--environment", "production", "shell", "--", "bash")
    with Person(*program, environ=person_environ(home), columns=100, rows=30, folder=home) as person:
        person.sees(PROMPT)
        person.press("yes\r")
        person.wait_until(lambda: len(person.output) > 100_000, "a flood", seconds=PATIENCE)

        person.hang_up()

        none_left(person, home)


def test_stopped_from_outside_it_gives_the_terminal_back_and_goes_on_when_resumed(
    outer: Person, home: Path
) -> None:
    begin(outer, "bash")

    os.kill(guards(home)[GUARD], signal.SIGTSTP)

    outer.sees("Stopped")
    is_usable(outer)
    outer.line("fg")
    outer.line("echo go''ing on")
    outer.sees("going on")
    outer.line("exit")
    outer.prompt(OUTER)
    no_session_left(outer, home)
