"""Full-screen programs, jobs and flow control are inside as they are outside: the same keys give the same screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.person import Person, person_environ
from tests.terminal.wrapped.inside import PATIENCE
from tests.terminal.wrapped.wrapped_person import PROMPT, home_in, wrapped

COLUMNS, ROWS = 90, 24
TERM = "screen-256color"
"""As xterm vim asks what the screen's emulator has never heard of."""
PACKAGES = {"vim": "vim-tiny", "less": "less", "top": "procps", "tmux": "tmux", "fzf": "fzf"}
SEQUENCES = (
    b"\x1b]0;a title\x07\x1b]52;c;aGVsbG8=\x1b\\\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\"
    b"\x1bP+q544e\x1b\\\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\"
    b"\x1b_Gf=24,s=1,v=1;AAAA\x1b\\\x1b^private\x1b\\\x1bXstring\x1b\\"
    b"\x1b[?2026h\x1b[>1u\x1b[?u\x1b[<u\x1b[?2026l\x1b[38;2;1;2;3mtrue\x1b[0m"
    + "für \u65e5\u672c \U0001f9d1\u200d\U0001f680".encode()
    + b"\xff\xfe\xc3\x28 broken\x9b\x00"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path)


@contextmanager
def both(home: Path, *program: str) -> Iterator[tuple[Person, Person]]:
    """A person before a program, and one before the same program wrapped."""
    name = Path(program[0]).name
    assert shutil.which(program[0]), f"{name} is not installed: apt-get install {PACKAGES.get(name, name)}"
    environ = {"LESS": "", "LESSHISTFILE": "-", "TERM": TERM}
    with (
        Person(
            *program, environ=person_environ(home, **environ), columns=COLUMNS, rows=ROWS, folder=home
        ) as bare,
        inside_wrapped(home, *program, **environ) as inside,
    ):
        yield bare, inside


def inside_wrapped(home: Path, *program: str, **environ: str) -> Person:
    return wrapped(home, *program, environment="production", columns=COLUMNS, rows=ROWS, **environ)


def press(people: tuple[Person, Person], keys: str, shown: str) -> None:
    """Both press keys, and see the same."""
    for person in people:
        person.press(keys)
        person.sees(shown, seconds=PATIENCE)
    same(people)


def same(people: tuple[Person, Person]) -> None:
    bare, inside = people
    inside.wait_until(
        lambda: bare.look() == inside.look() and _cursor(bare) == _cursor(inside),
        f"the screen that it has outside:\n{bare.display}",
    )


def _printed_since(person: Person, mark: int) -> bool:
    return len(person.output) > mark


def _cursor(person: Person) -> tuple[int, int]:
    return person.screen.cursor.x, person.screen.cursor.y


def test_vim_edits(home: Path) -> None:
    (home / "text").write_text("".join(f"line {at} of a file\n" for at in range(100)))
    with both(home, "vim", "-u", "NONE", "-N", "-n", "text") as people:
        press(people, "G", "line 99 of a file")
        press(people, "oadded by hand\x1b", "added by hand")
        for person in people:
            mark = len(person.output)
            person.resize(70, 18)
            person.wait_until(partial(_printed_since, person, mark), "vim for another window")
            person.press(":set number\r")
            person.sees("101 added by hand")
        # Painted anew, as the emulator and vim need not agree on what a window keeps that got smaller.
        press(people, "\x0c", "101 added by hand")
        press(people, "gg", "1 line 0 of a file")
        press(people, ":q!\r", "")
        assert [person.ended() for person in people] == [0, 0]


def test_less_pages_and_searches(home: Path) -> None:
    (home / "text").write_text("".join(f"line {at} of a file\n" for at in range(500)))
    with both(home, "less", "text") as people:
        press(people, " ", "line 40 of a file")
        press(people, "/line 321\r", "line 321 of a file")
        press(people, "G", "line 499 of a file")
        press(people, "q", "")
        assert [person.ended() for person in people] == [0, 0]


def test_fzf_picks(home: Path) -> None:
    environ = {"FZF_DEFAULT_COMMAND": "seq 100 300", "FZF_DEFAULT_OPTS": ""}
    assert shutil.which("fzf"), "fzf is not installed: apt-get install fzf"
    with inside_wrapped(home, "sh", "-c", "fzf > picked", **environ) as person:
        person.sees("201/201", seconds=PATIENCE)
        person.press("277")
        person.sees(" 1/201")
        person.press("\r")
        assert person.ended() == 0
    assert (home / "picked").read_text() == "277\n"


def test_top_shows_and_follows_the_window(home: Path) -> None:
    assert shutil.which("top"), "top is not installed: apt-get install procps"
    with inside_wrapped(home, "top", "-d", "1") as person:
        person.sees("PID USER", seconds=PATIENCE)
        mark = len(person.output)
        person.resize(70, 15)
        person.wait_until(lambda: b"PID USER" in person.output[mark:], "the table for another window")
        person.press("q")
        assert person.ended() == 0


def test_tmux_splits_and_detaches(home: Path) -> None:
    assert shutil.which("tmux"), "tmux is not installed: apt-get install tmux"
    server = f"safeshell-{uuid.uuid4().hex[:8]}"
    environ = {"TMUX_TMPDIR": str(home), "PS1": "in> "}
    program = ("tmux", "-L", server, "-f", "/dev/null", "new", "sh")
    try:
        with inside_wrapped(home, *program, **environ) as person:
            person.sees("[0]", seconds=PATIENCE)
            person.press('\x02"')
            person.sees(lambda shown: "\u2500\u2500" in shown or "----" in shown)
            person.line("echo in the lo''wer")
            person.sees("in the lower")
            person.press("\x02d")
            assert person.ended() == 0
            assert "detached" in person.text
    finally:
        subprocess.run(
            ["tmux", "-L", server, "kill-server"], env=person_environ(home, **environ), check=False,
            capture_output=True,
        )  # fmt: skip


def test_a_stopped_editor_comes_back_with_its_screen(home: Path) -> None:
    (home / "text").write_text("line 0 of a file\n")
    with wrapped(home, "bash", TERM=TERM) as person:
        person.sees(PROMPT)
        person.line("vim -u NONE -N -n text")
        person.sees("line 0 of a file")
        person.press("\x1a")
        person.sees("Stopped")
        person.prompt("P> ")
        person.line("echo mean''while")
        person.sees("meanwhile")
        mark = len(person.output)
        person.line("fg")
        person.wait_until(lambda: b"line 0 of a file" in person.output[mark:], "the editor's screen")
        person.press(":q!\r")
        person.prompt("P> ")
        person.line("echo aft''er")
        person.sees("after")


def test_control_s_holds_the_output_and_control_q_lets_it_go(home: Path) -> None:
    script = "stty ixon; echo begun; while read -r line; do echo got $line; done"
    with wrapped(home, "sh", "-c", script) as person:
        person.sees("begun")
        person.press("\x13")
        person.press("held back\r")
        person.look(0.5)
        assert "got held" not in person.display
        person.press("\x11")
        person.sees("got held back")
        person.press("\x04")
        assert person.ended() == 0


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_control_strings_and_broken_characters_pass_whole_however_they_are_cut(home: Path, size: int) -> None:
    (home / "bytes").write_bytes(b"<<" + SEQUENCES * 3 + b">>")
    script = (
        "import os,sys,tty; tty.setraw(1); data = open('bytes','rb').read(); size = int(sys.argv[1])\n"
        "for at in range(0, len(data), size): os.write(1, data[at:at + size])"
    )
    program = (shutil.which("python3") or "python3", "-c", script, str(size))
    with wrapped(home, *program) as person:
        assert person.ended() == 0
        assert b"<<" + SEQUENCES * 3 + b">>" in person.output


def test_a_terminal_s_replies_and_pastes_arrive_byte_for_byte(home: Path) -> None:
    typed = (
        b"\x1b[200~rm -rf /\r\n\x03\x1b[201~\x1b]11;rgb:0000/0000/0000\x1b\\\x1bP1+r544e=78\x1b\\"
        b"\x1b[<0;10;20M\x1b[97;5u\x1b[I\x1b[O" + "ü日".encode() + b"\xff!!"
    )
    script = (
        "import os,tty; tty.setraw(0); os.write(1, b'READY'); data = b''\n"
        "while not data.endswith(b'!!'): data += os.read(0, 65536)\n"
        "open('got', 'wb').write(data)"
    )
    with wrapped(home, shutil.which("python3") or "python3", "-c", script) as person:
        person.sees("READY")
        for at in range(len(typed)):
            os.write(person.terminal, typed[at : at + 1])
        assert person.ended() == 0
    assert (home / "got").read_bytes() == typed
