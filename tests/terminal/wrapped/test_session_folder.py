"""The session's folder: what killed guards left is swept, and nothing of the living is."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.session_folder import SessionFolder, sweep
from tests.terminal.wrapped.wrapped_person import PROMPT, home_in, wrapped


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of session folders, for this test alone."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


def folders(runtime: Path) -> list[str]:
    return sorted(entry.name for entry in runtime.iterdir())


def left_by_a_killed_process() -> Path:
    """The folder of a process that was ended by SIGKILL, with pipes and a file in it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        channel = ShellChannel()
        (channel.folder / "rc.bash").write_text("secret")
        os.write(write, str(channel.folder).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as said:
        return Path(said.read())


def test_what_a_killed_session_left_is_taken_away(runtime: Path) -> None:
    left = left_by_a_killed_process()
    assert (left / "ask").is_fifo()
    assert sweep() == 1
    assert folders(runtime) == []


def test_a_living_session_keeps_its_folder(runtime: Path) -> None:
    with ShellChannel() as channel:
        assert sweep() == 0
        assert (channel.folder / "ask").is_fifo()
    assert folders(runtime) == []


def test_a_folder_of_another_name_and_a_link_stay(runtime: Path, tmp_path: Path) -> None:
    (runtime / "safeshell-of-mine").mkdir()
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("dear")
    (runtime / "safeshell-session-link").symlink_to(precious)
    (runtime / "safeshell-session-file").write_text("no folder")
    assert sweep() == 0
    assert (precious / "file").read_text() == "dear"
    assert len(folders(runtime)) == 3


def test_a_link_inside_a_left_folder_is_not_followed(runtime: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("dear")
    (left_by_a_killed_process() / "zdot").symlink_to(precious)
    assert sweep() == 1
    assert (precious / "file").read_text() == "dear"


def test_sessions_that_begin_while_others_sweep_all_get_a_folder_that_stays(runtime: Path) -> None:
    made: list[SessionFolder] = []
    over = threading.Event()

    def sweep_on() -> None:
        while not over.is_set():
            sweep()

    sweepers = [threading.Thread(target=sweep_on) for _ in range(2)]
    for one in sweepers:
        one.start()
    for _ in range(200):
        made.append(SessionFolder())
    over.set()
    for one in sweepers:
        one.join()
    assert folders(runtime) == sorted(folder.path.name for folder in made)
    for folder in made:
        folder.remove()


def test_the_next_start_sweeps(runtime: Path, tmp_path: Path) -> None:
    left = left_by_a_killed_process()
    with wrapped(home_in(tmp_path), "bash", XDG_RUNTIME_DIR=str(runtime)) as person:
        person.sees(PROMPT)
        assert not left.exists()
        assert len(folders(runtime)) == 1
        person.leave()
    assert folders(runtime) == []
