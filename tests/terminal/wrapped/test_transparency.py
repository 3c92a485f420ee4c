"""What runs inside does not notice: bytes, sizes, signals, status, and the terminal afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, person_environ, python
from tests.terminal.wrapped.wrapped_person import PROMPT, home_in, wrapped


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path)


@pytest.fixture
def outer(home: Path) -> Iterator[Person]:
    """A person before a plain shell, in which they start safeshell themselves."""
    argv = ("bash", "--norc", "--noprofile")
    with Person(
        *argv, environ=person_environ(home, PS1="outer$ "), columns=100, rows=30, folder=home
    ) as person:
        person.prompt("outer$ ")
        yield person


def start_inside(person: Person, *program: str) -> None:
    words = " ".join(python("-m", "safeshell", "--environment", "production", "shell", "--", *program))
    person.enter(words, pace=0)
    person.sees(PROMPT)


def processes(home: Path) -> list[int]:
    """safeshell's own processes of this home, the watching one first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            environ = (folder / "environ").read_bytes()
        except OSError:
            continue
        if b"safeshell" in words and f"HOME={home}\0".encode() in environ:
            found.append(int(folder.name))
    return sorted(found)


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)]
)
def test_the_status_is_that_of_what_ran_inside(home: Path, script: str, status: int) -> None:
    with wrapped(home, "sh", "-c", script) as person:
        assert person.ended() == status


def test_everything_that_was_printed_arrives_though_the_program_has_ended(home: Path) -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' x; exit 3"
    with wrapped(home, "sh", "-c", script) as person:
        assert person.ended() == 3
        assert person.output.count(b"x") >= 3_000_000


def test_every_byte_passes_as_it_is(home: Path) -> None:
    script = "import os,tty; tty.setraw(1); os.write(1, b'<<' + bytes(range(256)) * 3 + b'>>')"
    with wrapped(home, *python("-c", script)) as person:
        person.ended()

        assert b"<<" + bytes(range(256)) * 3 + b">>" in person.output


def test_what_is_typed_arrives_byte_for_byte(home: Path, tmp_path: Path) -> None:
    got = tmp_path / "got"
    script = (
        "import os,sys,tty; tty.setraw(0); print('READY', flush=True); f = open(sys.argv[1], 'wb')\n"
        "while (d := os.read(0, 65536)) and not d.endswith(b'!!'): f.write(d)"
    )
    data = bytes(range(256)) * 800
    with wrapped(home, *python("-c", script, str(got))) as person:
        person.sees("READY")
        person.press(data)
        person.wait_until(lambda: got.stat().st_size >= len(data) - 8192, "the keys' arrival")
        person.press(b"!!")
        person.ended()

    assert data.startswith(got.read_bytes())
    assert got.stat().st_size >= len(data) - 8192


def test_the_window_s_size_is_known_from_the_start_and_followed(home: Path) -> None:
    with wrapped(home, "bash", columns=91, rows=23) as person:
        person.sees(PROMPT)
        person.enter("stty size")
        person.sees("23 91")
        person.resize(70, 20)
        person.enter("stty size")
        person.sees("20 70")


def test_the_terminal_is_given_back_as_it_was(outer: Person) -> None:
    before = outer.settings
    start_inside(outer, "bash")
    assert not outer.echoes

    outer.enter("exit")
    outer.prompt("outer$ ")

    assert outer.settings == before
    outer.enter("echo back $?")
    outer.sees("back 0")


def test_a_closed_window_ends_the_shell_inside(home: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.enter(f"echo $$ > {pid_file}")
        person.wait_until(
            lambda: pid_file.exists() and pid_file.read_text().strip() != "", "the shell's number"
        )
        person.hang_up()
        pid = int(pid_file.read_text())
        give_up_at = time.monotonic() + 10
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < give_up_at, "the shell outlived its window"
            time.sleep(0.05)
        assert person.ended() != 0


def test_a_job_that_ignores_the_hang_up_does_not_keep_the_session(home: Path) -> None:
    with wrapped(home, "sh", "-c", "trap '' HUP; sleep 30 & exit 4") as person:
        began = time.monotonic()

        assert person.ended() == 4
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("which", [0, 1])
def test_killed_without_a_word_it_leaves_a_usable_terminal_and_no_shell(
    outer: Person, home: Path, which: int
) -> None:
    before = outer.settings
    start_inside(outer, "bash")
    inside = [int(line) for line in subprocess.run(
        ["pgrep", "-f", "rcfile .*safeshell-"], capture_output=True, text=True, check=False
    ).stdout.split() if f"HOME={home}\0".encode() in Path(f"/proc/{line}/environ").read_bytes()]  # fmt: skip
    assert inside

    os.kill(processes(home)[which], signal.SIGKILL)
    outer.sees(lambda shown: shown.rstrip().endswith("outer$"))
    outer.wait_until(lambda: outer.settings == before, "the terminal's own settings")

    outer.wait_until(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in inside), "the end of the shell inside"
    )
    outer.enter("echo still usable")
    outer.sees("still usable\n")


def test_a_polite_end_hangs_up_the_shell_and_gives_the_terminal_back(outer: Person, home: Path) -> None:
    before = outer.settings
    start_inside(outer, "bash")

    os.kill(processes(home)[0], signal.SIGTERM)
    outer.prompt("outer$ ")

    assert outer.settings == before


def test_a_shell_that_stops_itself_stops_the_session_and_comes_back(outer: Person) -> None:
    start_inside(outer, "bash")
    outer.enter("suspend -f")
    outer.sees("Stopped")
    outer.prompt("outer$ ")
    assert outer.echoes or outer.settings  # the outer shell's own editor may have the terminal

    outer.enter("fg")
    outer.enter("echo in again")
    outer.sees("in again\n")
    outer.enter("exit")
    outer.prompt("outer$ ")


def test_jobs_stop_and_go_on_inside(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.enter("sleep 100")
        person.look(0.3)
        person.press("\x1a")
        person.sees("Stopped")
        person.enter("kill %1; wait; echo gone")
        person.sees("gone\n")


def test_a_flood_can_be_interrupted(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.press("yes\r")
        person.wait_until(lambda: len(person.output) > 200_000, "a flood")
        person.press("\x03")
        person.enter("echo the flood is over")
        person.sees("the flood is over\n")


def test_a_reader_that_has_enough_is_no_trouble(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.enter("yes | head -3; echo status ${PIPESTATUS[1]}")
        person.sees("status 0")


def test_an_idle_session_takes_no_time_at_all(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.look(0.5)
        ours = processes(home)
        before = [Path(f"/proc/{pid}/stat").read_text().split()[13:15] for pid in ours]
        person.look(1.5)

        assert [Path(f"/proc/{pid}/stat").read_text().split()[13:15] for pid in ours] == before


def test_a_program_that_is_not_there_is_told_and_the_terminal_is_as_before(home: Path) -> None:
    with wrapped(home, "no-such-program-anywhere") as person:
        assert person.ended() == 1
        assert "no-such-program-anywhere" in person.text
        assert "is not there" in person.text


def test_without_a_terminal_it_says_what_there_is_for_scripts(home: Path) -> None:
    done = subprocess.run(
        python("-m", "safeshell", "shell"), env=person_environ(home), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "safeshell check" in done.stderr


def test_nothing_of_a_session_is_left_lying_about(home: Path, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    with wrapped(home, "bash", XDG_RUNTIME_DIR=str(runtime)) as person:
        person.sees(PROMPT)
        (folder,) = runtime.iterdir()
        assert (folder.stat().st_mode & 0o777, {one.name for one in folder.iterdir()}) == (
            0o700,
            {"ask", "answer"},
        )
        person.enter("exit")
        person.ended()

    assert not list(runtime.iterdir())
