"""The window's title: set, safe, and put back."""

from __future__ import annotations

import subprocess
import sys

import pyte
import pytest

from safeshell.terminal.title import WindowTitle

XTERM = {"TERM": "xterm-256color"}


def test_the_title_is_shown_and_put_back_once() -> None:
    written: list[str] = []

    with WindowTitle(written.append, XTERM, is_tty=True) as title:
        title.set("PRODUCTION cache-prod")
        title.set("PRODUCTION cache-prod db 2")
        title.restore()

    assert written == [
        "\x1b[22;0t",
        "\x1b]0;PRODUCTION cache-prod\x07",
        "\x1b]0;PRODUCTION cache-prod db 2\x07",
        "\x1b]0;\x07\x1b[23;0t",
    ]


def test_an_error_in_the_session_puts_it_back_too() -> None:
    written: list[str] = []

    with pytest.raises(ZeroDivisionError), WindowTitle(written.append, XTERM, is_tty=True) as title:
        title.set("PRODUCTION")
        raise ZeroDivisionError

    assert written[-1].endswith("\x1b[23;0t")


def test_leaving_the_interpreter_puts_it_back() -> None:
    program = (
        "import sys; from safeshell.terminal.title import WindowTitle;"
        "WindowTitle(sys.stdout.write, {'TERM': 'xterm'}, is_tty=True).set('here'); sys.exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stdout.endswith("\x1b[23;0t")


@pytest.mark.parametrize(
    ("environ", "is_tty"), [({"TERM": "dumb"}, True), ({"TERM": "linux"}, True), (XTERM, False)]
)
def test_where_there_is_no_title_nothing_is_written(environ: dict[str, str], is_tty: bool) -> None:
    written: list[str] = []

    with WindowTitle(written.append, environ, is_tty=is_tty) as title:
        title.set("PRODUCTION")

    assert not written


def test_a_title_from_outside_cannot_end_itself() -> None:
    screen = pyte.Screen(40, 2)
    stream = pyte.Stream(screen)

    WindowTitle(stream.feed, XTERM, is_tty=True).set("db\x07\x1b[31mred\x1b]0;owned\x1b\\" + "x" * 500)

    assert screen.title.startswith(r"db\x07\x1b[31mred\x1b]0;owned\x1b\\"[:-1])
    assert len(screen.title) < 130
    assert screen.display[0].strip() == ""


def test_a_window_that_is_gone_is_no_error() -> None:
    def write(text: str) -> None:
        if "23;0t" in text:
            raise BrokenPipeError

    title = WindowTitle(write, XTERM, is_tty=True)
    title.set("PRODUCTION")

    title.restore()
