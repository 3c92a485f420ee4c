"""What of a screen is the edited line, and what the editor draws beside it."""

from __future__ import annotations

import re

import pytest

from safeshell.terminal.tracking.edit_line import EditLine, read_edit_line
from safeshell.terminal.tracking.line_editors import (
    KERNEL,
    LIBEDIT,
    LINENOISE,
    NODE,
    PROMPT_TOOLKIT,
    PYREPL,
    READLINE,
    RELINE,
    SHELL,
    SIDEWAYS,
    LineEditor,
)
from safeshell.terminal.tracking.screen_tracker import Place
from tests.terminal.tracking.watched_terminal import make_tracker

_CONTINUATION = re.compile(r"\.\.\. ?")
_GREY, _BLUE, _OFF = "\x1b[90m", "\x1b[44m", "\x1b[0m"


def _read(drawn: str, editor: LineEditor, columns: int = 20) -> EditLine:
    tracker = make_tracker(columns, 8)
    tracker.feed(drawn.encode())
    return read_edit_line(tracker, Place(2, 0), editor, _CONTINUATION)


@pytest.mark.parametrize(
    ("drawn", "editor", "text"),
    [
        pytest.param("> echo a", READLINE, "echo a", id="typed"),
        pytest.param("> echo a ", READLINE, "echo a ", id="a blank that was typed"),
        pytest.param("> echo a\x1b[3D", READLINE, "echo a", id="the cursor in the middle"),
        pytest.param(f"> {'x' * 40}", READLINE, "x" * 40, id="wrapped"),
        pytest.param(f"> {'x' * 40}\x1b[2A", READLINE, "x" * 40, id="wrapped, the cursor above"),
        pytest.param(f"> {'x' * 18} \r", READLINE, "x" * 18, id="readline makes the terminal wrap"),
        pytest.param("> a;\r\nb;", READLINE, "a;\nb;", id="two lines, as a paste leaves them"),
        pytest.param("> a;\r\nb;\x1b[A\x1b[3G", READLINE, "a;\nb;", id="two lines, the cursor in the first"),
        pytest.param(f"> GET a{_GREY} key{_OFF}\x1b[8G", LINENOISE, "GET a", id="a hint behind the cursor"),
        pytest.param(
            f"> SET a b{_GREY} [NX]{_OFF}\x1b[5G", LINENOISE, "SET a b", id="a hint, the cursor further left"
        ),
        pytest.param(f"> rm -{_GREY}rf /{_OFF}\x1b[7G", SHELL, "rm -", id="a suggestion"),
        pytest.param(
            f"> rm x{_GREY} # y{_OFF}\x1b[3G", SHELL, "rm x # y", id="a grey comment, the cursor at the start"
        ),
        pytest.param(f"> rm {_GREY}x{_OFF}", READLINE, "rm x", id="grey text where nothing is suggested"),
        pytest.param("> ls\x1b[15G12:00\x1b[5G", SHELL, "ls", id="a right prompt"),
        pytest.param("> a\x1b[5Cb", KERNEL, "a     b", id="a tab of the kernel's"),
        pytest.param("> 1+1\r\n\x1b[90m2\x1b[0m\x1b[A\x1b[6G", NODE, "1+1", id="a preview below"),
        pytest.param("> for x:\r\n...     p", PYREPL, "for x:\n    p", id="a block"),
        pytest.param("> for x:\r\n...     p\x1b[A", PYREPL, "for x:\n    p", id="a block, the cursor above"),
        pytest.param(
            "> abcdefghijklmnopq\\\r\nrst", PYREPL, "abcdefghijklmnopqrst", id="pyrepl's mark of a wrap"
        ),
        pytest.param(
            f"> {'x' * 18}\r\n{'y' * 5}\x1b[A", RELINE, "x" * 18 + "y" * 5, id="an editor that wraps itself"
        ),
        pytest.param(
            f"> {'x' * 18}\r\n... {'y' * 5}", PROMPT_TOOLKIT, "x" * 18 + "y" * 5, id="a prompt before a wrap"
        ),
        pytest.param(
            f"> im\r\n  {_BLUE} import {_OFF}\x1b[A\x1b[5G", PROMPT_TOOLKIT, "im", id="a menu below"
        ),
        pytest.param("> foo\r\nI-search backward: fo", PROMPT_TOOLKIT, "foo", id="a search below"),
        pytest.param("> foo\r\nbck:fo", LIBEDIT, "foo", id="libedit's search below"),
    ],
)
def test_the_line_is_what_would_be_submitted(drawn: str, editor: LineEditor, text: str) -> None:
    line = _read(drawn, editor)

    assert (line.prompt, line.text, line.doubt) == ("> ", text, "")


@pytest.mark.parametrize(
    ("drawn", "editor", "doubt"),
    [
        (f"> {'x' * 18}\r\nmore\x1b[A\x1b[3G", READLINE, "a row is full"),
        ("> " + "x" * 18, SIDEWAYS, "longer than its row"),
        ("> a\r\nb", LIBEDIT, "do not join"),
        ("> a\r\nb", PYREPL, "no prompt of its own"),
        ("> " + "x" * 200, RELINE, "longer than the screen"),
        (f"> {'x' * 18}\r\nxx{_BLUE}menu{_OFF}xx", PROMPT_TOOLKIT, "a menu covers"),
    ],
)
def test_a_line_that_may_be_another_is_doubted(drawn: str, editor: LineEditor, doubt: str) -> None:
    assert doubt in _read(drawn, editor).doubt
