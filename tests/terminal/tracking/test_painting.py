"""A question below the line leaves line, cursor and colours as the program knows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.terminal.tracking.painting import below_the_line, line_again
from safeshell.terminal.tracking.screen_tracker import ScreenTracker
from tests.terminal.tracking.watched_terminal import WatchedTerminal, make_tracker, plain_environ

COLUMNS, ROWS = 30, 10
_QUESTION = b"\x1b[41mreally?\x1b[0m\r\n  type the name: web\r\n"


def _bottom(tracker: ScreenTracker, rows: int) -> list[tuple[str, list[str]]]:
    """The last rows down to the cursor's, with their looks."""
    last = tracker.cursor.row
    while last < tracker.top + tracker.rows - 1 and not tracker.row(last + 1).blank:
        last += 1
    return [
        (tracker.row(row).text().rstrip(), [cell.look for cell in tracker.row(row).cells if cell.text])
        for row in range(last - rows + 1, last + 1)
    ]


@pytest.mark.parametrize("above", [0, 4, 9, 30])
@pytest.mark.parametrize(
    ("drawn", "rows"),
    [
        ("> drop table x;", 1),
        ("> \x1b[32mdrop\x1b[0m table\x1b[3D", 1),
        ("> " + "x" * 70, 3),
        ("> " + "x" * 70 + "\x1b[2A\x1b[5G", 3),
        ("> " + "x" * 28, 1),
        ("> 日本" + "語" * 12, 1),
        ("> a;\r\nb;\x1b[A\x1b[4G", 2),
        ("> im\r\n  \x1b[44m import \x1b[0m\x1b[A\x1b[5G\x1b[1;35m", 2),
    ],
)
def test_the_line_stands_below_the_question_as_it_stood(above: int, drawn: str, rows: int) -> None:
    program, terminal = make_tracker(COLUMNS, ROWS), make_tracker(COLUMNS, ROWS)
    output = ("text\r\n" * above + drawn).encode()
    program.feed(output)
    terminal.feed(output)

    terminal.feed(below_the_line(program) + _QUESTION + line_again(program))

    assert _bottom(terminal, rows) == _bottom(program, rows)
    assert terminal.cursor.column == program.cursor.column
    assert terminal.look == program.look
    assert "really?" in terminal.screen_text()

    # The program goes on from where it thinks that it is.
    for tracker in (program, terminal):
        tracker.feed(b"Z\x1b[K")
    assert _bottom(terminal, 1) == _bottom(program, 1)


def test_a_real_editor_finds_its_line_after_a_question(tmp_path: Path) -> None:
    environ = {**plain_environ(tmp_path), "PS1": "u@h:~$ "}
    terminal = WatchedTerminal(
        ["bash", "--norc", "--noprofile"],
        environ,
        columns=COLUMNS,
        rows=ROWS,
        allows=lambda held: "no" not in held.text,
    )
    with terminal:
        line = "echo no " + "abc" * 15
        terminal.prompt("$ ").type(line).enter()
        terminal.rest()
        program = terminal.watcher.tracker
        assert program is not None
        outer = make_tracker(COLUMNS, ROWS)
        outer.feed(terminal.output + below_the_line(program) + _QUESTION + line_again(program))
        seen = len(terminal.output)

        # Erase the word that was refused, from the middle of the wrapped line, and submit it.
        terminal.type("\x01\x1bf\x1bf\x17" + "yes").enter()
        terminal.prompt("$ ")
        outer.feed(terminal.output[seen:])

        assert terminal.held[-1].text == "echo yes " + "abc" * 15
        assert outer.screen_text().split("\n")[-5:] == program.screen_text().split("\n")[-5:]
