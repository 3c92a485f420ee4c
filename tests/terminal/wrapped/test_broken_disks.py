"""A full disk, a state folder that is not one's own, a config that got broken: told in a sentence, never guessed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.person import Person, person_environ, python
from tests.terminal.wrapped.inside import PATIENCE, guards
from tests.terminal.wrapped.wrapped_person import GUARDED, PROMPT, home_in, wrapped

STATE = ".local/state"


def may_mount() -> bool:
    """Whether this machine lets the tester mount a file system where only they see it."""
    done = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return done.returncode == 0


needs_mounts = pytest.mark.skipif(
    not may_mount(), reason="this kernel lets nobody mount in a namespace of their own"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path)


@contextmanager
def on_own_disk(home: Path, options: str, *, environment: str = "production") -> Iterator[Person]:
    """A person before a wrapped bash whose state is on a small disk of its own, seen by nobody else."""
    state = home / STATE
    state.mkdir(parents=True, exist_ok=True)
    program = " ".join(python("-m", "safeshell", "--environment", environment, "shell", "--", "bash"))
    script = f"mount -t tmpfs -o {options} tmpfs {state} && exec {program}"
    words = ("unshare", "-rm", "sh", "-c", script)
    with Person(*words, environ=person_environ(home), columns=100, rows=40, folder=home) as person:
        person.sees(PROMPT.replace("P>", "") if environment == "production" else "P>", seconds=PATIENCE)
        person.prompt("P> ")
        yield person


def fill(person: Person, home: Path) -> Path:
    """Leave no room on the session's own disk; the file that takes it."""
    rest = Path(f"/proc/{guards(home)[1]}/root{home / STATE}/rest")
    with rest.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    return rest


def has_ended(person: Person, made: Path) -> bool:
    return made.exists() or "did not run" in person.display


@needs_mounts
def test_on_a_full_disk_no_line_of_production_runs_and_it_says_why(home: Path) -> None:
    with on_own_disk(home, "size=1m") as person:
        rest = fill(person, home)
        # What the journal still has room for in its own blocks may pass; then it is full.
        for at in range(60):
            line = home / f"ran-{at}"
            person.line(f"touch {line.name}")
            person.wait_until(partial(has_ended, person, line), "an end")
            if not line.exists():
                break
            person.prompt("P> ")
        shown = person.sees("did not run")
        assert "production wants a journal" in " ".join(shown.split())
        assert "disk is full" in " ".join(shown.split())
        assert not line.exists()

        rest.unlink()
        person.prompt(f"touch {line.name}")
        person.press("\x15")
        person.line("touch ran-again")
        person.wait_until(lambda: (home / "ran-again").exists(), "a line to run once there is room")


@needs_mounts
def test_a_full_disk_at_the_start_is_told_and_production_runs_nothing(home: Path) -> None:
    with on_own_disk(home, "size=4k,nr_inodes=2") as person:
        person.line("touch ran")
        person.sees("did not run")
        assert not (home / "ran").exists()


@needs_mounts
def test_where_no_journal_is_required_lines_run_and_its_loss_is_told(home: Path) -> None:
    (home / ".config/safeshell/config.toml").write_text(
        'version = 1\n[environments.development]\nmode = "guarded"\njournal_required = false\n'
    )
    with on_own_disk(home, "size=4k,nr_inodes=2", environment="development") as person:
        person.line("touch ran")
        person.wait_until(lambda: (home / "ran").exists(), "the line to run")
        person.sees("journal")


def test_a_state_folder_that_can_t_be_written_holds_lines_of_production(home: Path) -> None:
    # A file where the folder should be: that stops even root.
    (home / ".local").mkdir()
    (home / STATE).write_text("in the way")
    with wrapped(home, "bash") as person:
        person.prompt("P> ")
        person.line("touch ran")
        shown = person.sees("did not run")
        assert "production wants a journal" in " ".join(shown.split())
        person.prompt("P> touch ran")
        person.press("\x15")
        person.prompt("P> ")
        assert person.leave() == 0
    assert not (home / "ran").exists()


def test_an_unprivileged_person_with_a_state_folder_of_somebody_else_s_is_told(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    (home / STATE).mkdir(parents=True)
    os.chmod(home / STATE, 0o755)
    for folder in (home, *home.parents):
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            os.chmod(folder, 0o755)
    words = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    program = python("-m", "safeshell", "--environment", "production", "shell", "--", "bash")
    with Person(*words, *program, environ=person_environ(home), columns=100, rows=40, folder=home) as person:
        person.prompt("P> ")
        person.line("echo r''an")
        shown = person.sees("did not run")
        assert "wants a journal" in " ".join(shown.split())


def test_no_shell_starts_under_a_config_that_does_not_validate(home: Path) -> None:
    config = home / ".config/safeshell/config.toml"
    config.write_text('version = 1\n[environments.production]\nmode = "guardd"\n')
    with wrapped(home, "bash") as person:
        assert person.ended() == 78
        assert "config.toml" in person.text
        assert "guardd" in person.text
        assert "Traceback" not in person.text


def test_a_config_broken_under_a_running_session_changes_nothing_for_it(home: Path) -> None:
    (home / "data").mkdir()
    with wrapped(home, "bash") as person:
        person.prompt("P> ")
        (home / ".config/safeshell/config.toml").write_text("this is = = no config")
        person.line("touch ran")
        person.wait_until(lambda: (home / "ran").exists(), "a harmless line to run")
        person.prompt("P> ")
        person.line("rm -rf data")
        person.sees("anything else is no")
        person.press("\x03")
        person.prompt("rm -rf data")
        person.press("\x15")
        person.line("safeshell check -- ls; echo status $?")
        person.sees("status 78")
        (home / ".config/safeshell/config.toml").write_text(GUARDED)
    assert (home / "data").is_dir()
