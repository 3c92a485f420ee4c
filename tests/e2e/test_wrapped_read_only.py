"""A read-only session can't write, whatever it runs; unlocked, a shell that can is in front of it for a while."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.guarded_shell import HISTORY, PLAIN, RC, ShellPerson, victim_in

CONFIG = """\
version = 1

[recording]
environments = []

[environments.production]
mode = "read-only"
unlock = {{ max = "30m", reason = true }}
undo = false

[shell]
kernel = "{kernel}"
"""
SHELLS = ("bash", "zsh", "fish")


def person_at(shell: str, home: Path, *, kernel: str = "require", rc: str = "", **more: str) -> ShellPerson:
    variables = home / ".config/fish/fish_variables"
    variables.parent.mkdir(parents=True, exist_ok=True)
    # What fish writes when it is started for the first time, which it can't do in here.
    variables.write_text("# VERSION: 3.0\nSETUVAR __fish_initialized:3400\n")
    return ShellPerson(shell, home, rc=rc, config=CONFIG.format(kernel=kernel), **more)


def unlocked(person: ShellPerson, length: str = "10m", shown: str = "unlocked 10m") -> None:
    since = len(person.output)
    person.press(f"safeshell unlock {length} INC-7 mending it\r")
    person.prints("can't change anything; one that can", since=since)
    person.prints(shown, since=since)
    person.ready()


def locked(person: ShellPerson, keys: str = "safeshell lock\r") -> None:
    since = len(person.output)
    person.press(keys)
    person.prints("Read-only again", since=since)
    person.prints("read-only GUARDED", since=since)
    person.ready()


def recalls(person: ShellPerson, *lines: str) -> None:
    """Go up in the history, a line at a time."""
    for line in lines:
        person.press("\x1b[A")
        person.has(line)
    person.drops()


def with_a_false_df(home: Path) -> str:
    """A program by the name of one that only reads; what an rc file says so that it is found."""
    program = home / "bin" / "df"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho x >{home}/x && echo it wrote || echo it was held\n")
    program.chmod(0o755)
    return f"export PATH={program.parent}:$PATH\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_proof_takes_for_reading_writes_nothing_all_the_same(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path, rc=with_a_false_df(tmp_path)) as person:
        assert "read-only by the kernel" in person.display

        person.runs("df\r", "it was held")
        assert not (tmp_path / "x").exists()


def test_where_the_kernel_is_not_wanted_only_the_proof_holds(tmp_path: Path) -> None:
    with person_at("bash", tmp_path, kernel="off", rc=with_a_false_df(tmp_path)) as person:
        assert "by the kernel" not in person.display

        person.runs("df\r", "it wrote")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_writable_shell_does_not_outlive_its_time(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path) as person:
        unlocked(person, "2s", shown="unlocked [12]s")
        until = time.monotonic() + 2.1
        person.wait_until(lambda: time.monotonic() > until, "the end of that time")

        locked(person, "\r")


@pytest.mark.parametrize("shell", SHELLS)
def test_unlocked_it_writes_and_locked_again_it_does_not(shell: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    with person_at(shell, tmp_path) as person:
        person.does("cd deep")
        unlocked(person)
        person.runs("pwd\r", str(tmp_path / "deep"))
        person.does("echo written >here")
        assert (tmp_path / "deep" / "here").read_text() == "written\n"
        person.does("cd er")
        locked(person)

        person.runs("pwd\r", str(folder))
        since = len(person.output)
        person.press("echo more >here\r")
        person.prints("Refused", since=since)
        assert not (folder / "here").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_exported_and_the_history_go_along(shell: str, tmp_path: Path) -> None:
    (tmp_path / HISTORY[shell]).parent.mkdir(parents=True, exist_ok=True)
    if shell != "fish":
        (tmp_path / HISTORY[shell]).write_text("echo from long ago\n")
    with person_at(shell, tmp_path) as person:
        person.does("set -gx WHO me" if shell == "fish" else "export WHO=me")
        person.runs("echo before\r", "before")
        # fish takes from its history what is older than a second of the clock.
        second = int(time.time())
        person.wait_until(lambda: int(time.time()) > second, "the next second")
        unlocked(person)
        recalls(person, "safeshell unlock", "echo before")
        person.runs("echo $WHO-''is\r", "me-is")
        person.runs("echo within\r", "within")
        locked(person)
        recalls(person, "safeshell", "echo within") if shell != "fish" else None
        person.press("exit\r")
        person.ended()

    kept = person.history()
    assert "echo before" in kept
    assert "echo within" in kept
    if shell != "fish":
        assert kept.startswith("echo from long ago\n")
        assert kept.count("echo before") == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_leaving_the_writable_shell_locks(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path) as person:
        unlocked(person)
        locked(person, "exit\r")


@pytest.mark.parametrize("shell", SHELLS)
def test_what_destroys_is_asked_about_in_the_writable_shell_too(shell: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    with person_at(shell, tmp_path) as person:
        unlocked(person)
        person.asks("rm -rf victim\r")
        person.says_no()

        assert victim.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_variable_that_was_taken_back_stays_so(shell: str, tmp_path: Path) -> None:
    with person_at(shell, tmp_path, rc="", KUBECONFIG="/production") as person:
        person.does("set -e KUBECONFIG" if shell == "fish" else "unset KUBECONFIG")
        unlocked(person)
        person.runs('echo it-i""s-"$KUBECONFIG".\r', "it-is-\\.")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("inner", ["bash", "zsh"])
def test_a_shell_in_the_writable_shell_is_guarded_as_well(shell: str, inner: str, tmp_path: Path) -> None:
    victim = victim_in(tmp_path)
    (tmp_path / RC[inner]).write_text(PLAIN[inner])
    with person_at(shell, tmp_path) as person:
        unlocked(person)
        since = len(person.output)
        person.press(f"{inner}\r")
        person.wait_until(
            lambda: b"GUARDED" in person.output[since:].split(b"\r\n", 1)[-1], "the inner badge"
        )
        person.ready()
        person.asks("rm -rf victim\r")
        person.says_no()
        assert victim.exists()


def test_nothing_that_fish_would_run_elsewhere_can_be_left_behind(tmp_path: Path) -> None:
    data = tmp_path / ".local/share/fish"
    (data / "vendor_conf.d").mkdir(parents=True)
    program = tmp_path / "bin" / "df"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nfor place in {data} {data}/vendor_conf.d $XDG_DATA_HOME/fish; do\n"
        "  echo 'echo planted' >$place/planted.fish\ndone 2>/dev/null\necho it tried\n"
    )
    program.chmod(0o755)
    with person_at("fish", tmp_path, rc=f"export PATH={program.parent}:$PATH\n") as person:
        person.runs("df\r", "it tried")
        person.runs("echo kept in mind\r", "kept in mind")
        person.press("exit\r")
        person.ended()

    assert not list(tmp_path.rglob("planted.fish"))
    assert "echo kept in mind" in person.history()
