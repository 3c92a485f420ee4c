"""Much at once: output without end, resizes without end, fifty sessions; nothing is lost, nothing hangs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.person import Person, person_environ, python
from tests.terminal.wrapped.inside import PATIENCE, guards, none_left, processes
from tests.terminal.wrapped.wrapped_person import MACHINE, PROMPT, home_in, wrapped

MANY = 200 << 20
AT_ONCE = 50
STOPS = 2.0
"""Seconds; 0.1 where nothing else is running."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path)


class Listener(Person):
    """Keeps of what comes no more than its digest, without drawing it: for outputs that are longer than a screen."""

    def __init__(self, *argv: str, home: Path) -> None:
        super().__init__(*argv, environ=person_environ(home), folder=home)

    def digest(self) -> tuple[int, str]:
        """Bytes between `<<` and `>>`, and their SHA-256."""
        os.set_blocking(self.terminal, True)
        taken, head, tail, count = hashlib.sha256(), b"", b"", 0
        began = False
        with contextlib.suppress(OSError):
            while data := os.read(self.terminal, 1 << 16):
                if not began:
                    head += data
                    if b"<<" not in head:
                        continue
                    began, data = True, head.partition(b"<<")[2]
                data = tail + data
                end = data.find(b">>")
                if end >= 0:
                    taken.update(data[:end])
                    return count + end, taken.hexdigest()
                taken.update(data[:-1])
                count += len(data) - 1
                tail = data[-1:]
        raise AssertionError(f"the output ended after {count} bytes")


def test_two_hundred_megabytes_pass_byte_for_byte(home: Path) -> None:
    script = (
        "import os, tty; tty.setraw(1)\n"
        f"piece = bytes(set(range(256)) - set(b'<>')) * 258; left = {MANY}\n"
        "os.write(1, b'<<')\n"
        "while left: left -= os.write(1, piece[:min(left, len(piece))])\n"
        "os.write(1, b'>>')"
    )
    program = python("-m", "safeshell", "--environment", "production", "shell", "--", *python("-c", script))
    with Listener(*program, home=home) as person:
        count, _ = person.digest()
        assert count == MANY


def test_a_long_output_s_every_byte_is_as_it_was_printed(home: Path, tmp_path: Path) -> None:
    data = os.urandom(20 << 20).replace(b"<", b"a").replace(b">", b"b")
    (tmp_path / "data").write_bytes(data)
    script = (
        "import os, sys, tty; tty.setraw(1); data = b'<<' + open(sys.argv[1], 'rb').read() + b'>>'\n"
        "while data: data = data[os.write(1, data[:5000]):]"
    )
    inside = python("-c", script, str(tmp_path / "data"))
    program = python("-m", "safeshell", "--environment", "production", "shell", "--", *inside)
    with Listener(*program, home=home) as person:
        assert person.digest() == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_flood_stops_at_once_at_control_c(home: Path, shell: str) -> None:
    with wrapped(home, shell) as person:
        person.sees(PROMPT)
        person.line("yes fl''ood")
        person.wait_until(lambda: len(person.output) > 100_000, "a flood", seconds=PATIENCE)
        flood = _named(home, "yes")

        began = time.monotonic()
        os.write(person.terminal, b"\x03")
        while any(os.path.exists(f"/proc/{pid}") for pid in flood):
            assert time.monotonic() - began < STOPS, "the flood goes on"
            with contextlib.suppress(BlockingIOError):
                os.read(person.terminal, 1 << 16)
        person.prompt("P> ")


def test_what_a_reader_has_enough_of_ends_by_itself(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        for at in range(5):
            person.line(f"yes | head -n 20000 | tail -n 1; echo rou''nd {at}")
            person.sees(f"round {at}")
        none_left(person, home, but=frozenset(_session(home)))


def test_a_storm_of_resizes_ends_in_the_last_size(home: Path) -> None:
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        for at in range(1000):
            person.resize(40 + at % 100, 10 + at % 40)
            person.look(0)
        person.resize(93, 27)
        person.line("stty size")
        person.sees("27 93")


def test_a_storm_of_resizes_does_not_answer_a_question(home: Path) -> None:
    (home / "data").mkdir()
    with wrapped(home, "bash") as person:
        person.sees(PROMPT)
        person.line("rm -rf data")
        person.sees(MACHINE)
        guard = guards(home)[1]
        for at in range(300):
            person.resize(60 + at % 60, 20 + at % 20)
            os.kill(guard, signal.SIGWINCH)
            person.look(0)
        person.resize(94, 28)
        person.press("\x03")
        person.prompt("rm -rf data")
        person.press("\x15")
        person.line("stty size")
        person.sees("28 94")
    assert (home / "data").is_dir()


def test_nothing_is_read_ahead_for_a_screen_that_takes_nothing(home: Path) -> None:
    with wrapped(home, "sh", "-c", "yes") as person:
        person.wait_until(lambda: len(person.output) > 100_000, "a flood", seconds=PATIENCE)
        (flood,) = _named(home, "yes")
        # Nobody looks for a while: the flood stands still.
        give_up_at = time.monotonic() + PATIENCE
        before, now = -1, _printed(flood)
        while before != now:
            assert time.monotonic() < give_up_at, "the flood is read though nobody takes it"
            time.sleep(0.3)
            before, now = now, _printed(flood)
        person.wait_until(lambda: _printed(flood) > now + 50_000, "its going on", seconds=PATIENCE)


def test_fifty_sessions_at_once_each_run_their_line_and_leave_a_whole_journal(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "runtime").mkdir(mode=0o700)
    with contextlib.ExitStack() as stack:
        people = [
            stack.enter_context(wrapped(home, "bash", XDG_RUNTIME_DIR=str(tmp_path / "runtime")))
            for _ in range(AT_ONCE)
        ]
        for at, person in enumerate(people):
            person.sees(PROMPT, seconds=90)
            person.press(f"touch {tmp_path}/ran-{at}; exit\r")
        for person in people:
            assert person.ended() == 0
        none_left(people[0], home)

    assert {one.name for one in tmp_path.glob("ran-*")} == {f"ran-{at}" for at in range(AT_ONCE)}
    assert not list((tmp_path / "runtime").iterdir())
    done = subprocess.run(
        python("-m", "safeshell", "log", "verify"), env=person_environ(home), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _named(home: Path, name: str) -> list[int]:
    return [pid for pid in processes(home) if _name(pid) == name]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _session(home: Path) -> list[int]:
    """The session's own processes and its shell."""
    return [*guards(home), *_named(home, "bash")]


def _printed(pid: int) -> int:
    """Bytes that a process has written so far."""
    found = re.search(r"wchar: (\d+)", Path(f"/proc/{pid}/io").read_text())
    assert found
    return int(found[1])
