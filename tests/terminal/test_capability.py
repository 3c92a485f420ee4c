"""What a terminal can show, told from environment variables."""

from __future__ import annotations

import pytest

from safeshell.terminal.capability import color_depth, has_title, shows_unicode
from safeshell.terminal.color import ColorDepth

NONE, SIXTEEN, PALETTE, TRUE = ColorDepth.NONE, ColorDepth.SIXTEEN, ColorDepth.PALETTE, ColorDepth.TRUE


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({}, NONE),
        ({"TERM": ""}, NONE),
        ({"TERM": "dumb"}, NONE),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, NONE),
        ({"TERM": "unknown"}, NONE),
        ({"TERM": "vt100"}, NONE),
        ({"TERM": "xterm"}, SIXTEEN),
        ({"TERM": "linux"}, SIXTEEN),
        ({"TERM": "screen"}, SIXTEEN),
        ({"TERM": "xterm-256color"}, PALETTE),
        ({"TERM": "tmux-256color"}, PALETTE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, TRUE),
        ({"TERM": "xterm", "COLORTERM": "1"}, SIXTEEN),
        ({"TERM": "xterm-direct"}, TRUE),
        ({"TERM": "xterm-kitty"}, TRUE),
        ({"TERM": "alacritty"}, TRUE),
        ({"OS": "Windows_NT"}, SIXTEEN),
        ({"OS": "Windows_NT", "WT_SESSION": "1"}, TRUE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": "false"}, NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, PALETTE),
    ],
    ids=str,
)
def test_the_environment_says_how_many_colors(environ: dict[str, str], depth: ColorDepth) -> None:
    assert color_depth(environ, is_tty=True, no_color=False) is depth


def test_no_color_and_no_terminal_mean_no_colors() -> None:
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}

    assert color_depth(environ, is_tty=True, no_color=True) is NONE
    assert color_depth(environ, is_tty=False, no_color=False) is NONE


@pytest.mark.parametrize(
    ("environ", "encoding", "shown"),
    [
        ({}, "utf-8", True),
        ({"LANG": "de_DE.UTF-8"}, "utf-8", True),
        ({"LANG": "de_DE.utf8"}, "UTF-8", True),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "utf-8", False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", False),
        ({"LANG": "C.UTF-8"}, "ascii", False),
        ({"LANG": "C.UTF-8"}, "latin-1", False),
        ({}, "cp1252", False),
        ({}, "no such encoding", False),
        ({}, None, False),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, "utf-8", False),
    ],
    ids=str,
)
def test_symbols_are_shown_where_they_can_be(
    environ: dict[str, str], encoding: str | None, shown: bool
) -> None:
    assert shows_unicode(environ, encoding) is shown


@pytest.mark.parametrize(
    ("term", "titled"),
    [
        ("xterm-256color", True),
        ("tmux-256color", True),
        ("dumb", False),
        ("linux", False),
        ("", False),
        ("vt100", False),
    ],
)
def test_only_windows_have_titles(term: str, titled: bool) -> None:
    assert has_title({"TERM": term}, is_tty=True) is titled
    assert not has_title({"TERM": term}, is_tty=False)
