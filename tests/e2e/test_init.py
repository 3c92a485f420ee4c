"""The guard in a shell that safeshell did not start: `eval "$(safeshell init bash)"` in its own rc file."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import CONFIG, ShellPerson, victim_in
from tests.e2e.program import PROGRAM, safeshell

SHELLS = ("bash", "zsh", "fish")


def person_at(shell: str, home: Path, *, more: str = "") -> ShellPerson:
    """Sits before a bare shell whose rc file has the hook."""
    (home / "init.toml").write_text(CONFIG)
    init = f"{PROGRAM} --config {home}/init.toml --environment production init {shell}"
    rc = f"{init} | source\n" if shell == "fish" else f'eval "$({init})"\n'
    return ShellPerson(shell, home, rc=rc + more, guarded=False)


def guards_of(person: ShellPerson) -> list[int]:
    """The processes that guard a shell, the one that watches over the other first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
        except (OSError, IndexError, ValueError):
            continue
        if session == person.pid and b"init" in words:
            found.append(int(folder.name))
    return sorted(found)


def leaves(person: ShellPerson) -> None:
    """Give up the line, which the shell can't run any more, and leave by ^D."""
    person.drops()
    person.press("\x04")
    person.ended()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_line_is_asked_about_and_the_shell_goes_on(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with person_at(shell, tmp_path) as person:
        assert "PRODUCTION" in person.display
        assert "GUARDED" in person.display
        person.runs("echo be''fore\r", "before")
        question = person.asks("rm -rf victim\r")
        assert "deletes 1 file" in question
        person.says_no()
        person.keeps("rm -rf victim")
        assert victim.exists()

        person.asks("rm -rf victim\r")
        person.answer(os.uname().nodename)
        wait_for(lambda: not victim.exists(), "the deletion")
        person.ready()
        person.runs("echo be''hind\r", "behind")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_guard_ends_with_its_shell_and_leaves_nothing(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path) as person:
        guards = guards_of(person)
        assert len(guards) == 2
        person.press("exit\r")
        person.ended()

        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in guards), "the guard's end")


@pytest.mark.parametrize("shell", SHELLS)
def test_without_its_guard_the_shell_runs_nothing_and_can_be_left(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with person_at(shell, tmp_path) as person:
        guards = guards_of(person)
        for pid in guards:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in guards), "the guard's end")
        since = len(person.output)
        person.press("rm -rf victim\r")
        person.prints("does not answer", since=since)
        assert victim.exists()

        leaves(person)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_guard_that_is_killed_while_it_asks_gives_the_terminal_back(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with person_at(shell, tmp_path) as person:
        person.asks("rm -rf victim\r")
        since = len(person.output)
        os.kill(guards_of(person)[-1], signal.SIGKILL)
        person.prints("does not answer", since=since)

        assert victim.exists()
        leaves(person)


def test_a_shell_inside_is_guarded_by_the_same_guard(tmp_path: Path) -> None:
    victim_in(tmp_path)
    with person_at("bash", tmp_path) as person:
        before = guards_of(person)
        person.press("bash\r")
        person.wait_until(lambda: person.display.count("GUARDED $") == 2, "the inner prompt")
        person.asks("rm -rf victim\r")
        person.says_no()

        assert guards_of(person) == before


def test_unlocking_works_as_ever(tmp_path: Path) -> None:
    config = CONFIG.replace('mode = "guarded"', 'mode = "read-only"')
    with person_at("bash", tmp_path) as person:
        person.press("exit\r")
        person.ended()
    (tmp_path / "init.toml").write_text(config)
    with ShellPerson(
        "bash",
        tmp_path,
        rc=f'eval "$({PROGRAM} --config {tmp_path}/init.toml --environment production init bash)"\n',
        guarded=False,
    ) as person:
        since = len(person.output)
        person.press("touch x\r")
        person.prints("Refused", since=since)
        person.drops()
        person.press("safeshell unlock 5m INC-7 mending\r")
        person.prints("unlocked 5m GUARDED", since=since)
        person.ready()
        person.does("touch x")
        assert (tmp_path / "x").exists()


def test_a_script_and_a_shell_without_a_terminal_get_nothing() -> None:
    done = safeshell("init", "bash")

    assert done.status == 0
    assert done.out == b""


def test_a_broken_configuration_is_told_and_the_shell_is_there(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("version = \n")
    rc = f'eval "$({PROGRAM} --config {tmp_path}/broken.toml init bash)"\n'
    with ShellPerson("bash", tmp_path, rc=rc, guarded=False) as person:
        assert "broken.toml:1" in person.display
        assert "GUARDED" not in person.display
        person.runs("echo he''re\r", "here")
