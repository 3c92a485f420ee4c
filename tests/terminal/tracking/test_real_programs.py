"""Every program by every way of submitting a line: what is read at Enter is what the program gets, to the letter.

A cell is a real program in a real terminal. Cells that a program has no key for are left out of the table, none is
skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.tracking.real_programs import PROGRAMS, RealProgram, Servers
from tests.terminal.tracking.watched_terminal import WatchedTerminal, plain_environ

COLUMNS, ROWS = 60, 14


class Terminals:
    """One terminal a program; a new one after a cell that failed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = Servers()
        self._open: dict[str, WatchedTerminal] = {}
        self._in_use: list[RealProgram] = []

    def of(self, program: RealProgram) -> WatchedTerminal:
        terminal = self._open.pop(program.name, None)
        if terminal is None:
            terminal = WatchedTerminal(
                program.argv(self.servers),
                {**plain_environ(self.folder), **program.environ},
                columns=COLUMNS,
                rows=ROWS,
            )
        self._in_use.append(program)
        return terminal.prompt(program.prompt)

    def back(self, program: RealProgram, terminal: WatchedTerminal) -> None:
        terminal.held.clear()
        self._open[program.name] = terminal

    def close(self) -> None:
        for terminal in self._open.values():
            terminal.close()
        self.servers.stop()


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminals]:
    made = Terminals(tmp_path_factory.mktemp("home"))
    try:
        yield made
    finally:
        made.close()


Way = Callable[[WatchedTerminal, RealProgram], None]
_numbers = iter(range(100, 10_000))


def _reads(terminal: WatchedTerminal, *lines: str) -> None:
    """The held lines are these, and certain."""
    texts = [held.text for held in terminal.held[-len(lines) :]]
    doubts = [held.doubts for held in terminal.held[-len(lines) :] if held.doubts]
    assert (texts, doubts) == (list(lines), [])


def typed(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(line).enter()
    _reads(terminal, line)


def erased_and_typed_again(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type("wrong").type("\x7f" * 5).type(line).enter()
    _reads(terminal, line)


def recalled(terminal: WatchedTerminal, program: RealProgram) -> None:
    first, second = program.plain(next(_numbers)), program.plain(next(_numbers))
    for line in (first, second):
        terminal.type(line).enter()
        terminal.prompt(program.prompt)
    terminal.type("\x1b[A\x1b[A").enter()
    _reads(terminal, first)


def recalled_and_submitted_in_one_write(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(line).enter()
    terminal.prompt(program.prompt)
    terminal.burst("\x1b[A\r").until(lambda: len(terminal.held) == 2)
    _reads(terminal, line)


def searched(terminal: WatchedTerminal, program: RealProgram) -> None:
    number = next(_numbers)
    line = program.plain(number)
    for one in (line, program.plain(next(_numbers))):
        terminal.type(one).enter()
        terminal.prompt(program.prompt)
    terminal.type(f"\x12{number}").enter()
    _reads(terminal, line)
    terminal.prompt(program.prompt)


def edited_in_the_middle(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(line[:-3] + line[-2:]).type("\x1b[D" * 2).type(line[-3]).enter()
    _reads(terminal, line)


def begun_anew_at_its_start(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(line[4:]).type("\x01").type(line[:4]).enter()
    _reads(terminal, line)


def wrapped(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.long(2 * COLUMNS + 17)
    terminal.type(line).enter()
    _reads(terminal, line)


def wrapped_to_the_last_column(terminal: WatchedTerminal, program: RealProgram) -> None:
    tracker = terminal.watcher.tracker
    assert tracker is not None
    used = tracker.cursor.column
    line = program.long(3 * COLUMNS - used - len(program.long(0)))
    assert (used + len(line)) % COLUMNS == 0
    terminal.type(line).enter()
    _reads(terminal, line)


def wrapped_at_the_last_row(terminal: WatchedTerminal, program: RealProgram) -> None:
    tracker = terminal.watcher.tracker
    assert tracker is not None
    while tracker.cursor.row < tracker.top + ROWS - 1:
        terminal.type(program.plain(next(_numbers))).enter()
        terminal.prompt(program.prompt)
    line = program.long(4 * COLUMNS)
    terminal.type(line).enter()
    _reads(terminal, line)


def wrapped_and_edited_at_its_start(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.long(2 * COLUMNS)
    terminal.type(line[3:]).type("\x01").type(line[:3]).enter()
    _reads(terminal, line)


def longer_than_the_screen(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.long(COLUMNS * (ROWS + 6))
    held = terminal.burst(line).rest().enter()
    if program.scrolls_inside:
        assert not held.certain
        assert line in held.texts
    else:
        _reads(terminal, line)


def wide_characters(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.long(0).replace("''", "'données 日本語'") + (
        "" if "''" in program.long(0) else "données日本語"
    )
    held = terminal.type(line).enter()
    if program.wide:
        _reads(terminal, line)
    else:
        assert held.text == line or (not held.certain and line in held.texts)


def pasted(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.burst(line).enter()
    _reads(terminal, line)


def several_lines_pasted(terminal: WatchedTerminal, program: RealProgram) -> None:
    lines = [program.plain(next(_numbers)) for _ in range(5)]
    terminal.burst("".join(f"{line}\r" for line in lines)).until(lambda: len(terminal.held) == 5)
    _reads(terminal, *lines)


def pasted_in_brackets(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.burst(f"\x1b[200~{line}\x1b[201~").rest().enter()
    _reads(terminal, line)


def several_lines_pasted_in_brackets(terminal: WatchedTerminal, program: RealProgram) -> None:
    lines = [program.plain(next(_numbers)) for _ in range(3)]
    terminal.burst("\x1b[200~" + "\r".join(lines) + "\x1b[201~").rest()
    assert not terminal.held
    terminal.enter()
    _reads(terminal, "\n".join(lines))


def completed(terminal: WatchedTerminal, program: RealProgram) -> None:
    assert program.completed is not None
    keys, line = program.completed
    for part in keys.partition("\t"):
        terminal.type(part).rest()
    terminal.enter()
    _reads(terminal, line)


def typed_ahead(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(program.slow).enter()
    terminal.type(line)
    terminal.prompt(line)
    terminal.enter()
    _reads(terminal, line)


def typed_ahead_with_enter(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(program.slow).enter()
    terminal.type(line).burst("\r").until(lambda: len(terminal.held) == 2)
    assert terminal.held[-1].text == line


def one_statement_of_several_lines(terminal: WatchedTerminal, program: RealProgram) -> None:
    *first, last = program.statement
    for line in first:
        terminal.type(line).burst("\r").prompt(program.next_prompt)
        assert not terminal.held, "an unfinished statement is no line to judge"
    terminal.type(last).enter()
    assert not terminal.slipped
    assert [" ".join(held.text.split()) for held in terminal.held] == [
        " ".join("\n".join(program.statement).split())
    ]
    assert terminal.held[-1].certain


def one_statement_in_one_burst(terminal: WatchedTerminal, program: RealProgram) -> None:
    terminal.burst("".join(f"{line}\r" for line in program.statement)).until(lambda: bool(terminal.held))
    assert not terminal.slipped
    assert [" ".join(held.text.split()) for held in terminal.held] == [
        " ".join("\n".join(program.statement).split())
    ]
    assert terminal.held[-1].certain


def window_narrowed_while_typing(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.long(COLUMNS)
    half = len(line) // 2
    try:
        terminal.type(line[:half]).rest().resize(COLUMNS - 17, ROWS).type(line[half:]).enter()
        _reads(terminal, line)
    finally:
        terminal.prompt(program.prompt).resize(COLUMNS, ROWS)


def nothing_typed(terminal: WatchedTerminal, program: RealProgram) -> None:
    terminal.burst("\r").rest()
    terminal.burst("\r\r").rest()
    assert not terminal.held


def line_feed_for_enter(terminal: WatchedTerminal, program: RealProgram) -> None:
    line = program.plain(next(_numbers))
    terminal.type(line).enter(b"\n")
    _reads(terminal, line)


ALWAYS: tuple[Way, ...] = (
    typed,
    erased_and_typed_again,
    wrapped,
    wrapped_to_the_last_column,
    wrapped_at_the_last_row,
    wide_characters,
    pasted,
    several_lines_pasted,
    typed_ahead,
    typed_ahead_with_enter,
    nothing_typed,
)


def _ways(program: RealProgram) -> Iterator[Way]:
    yield from ALWAYS
    if program.history:
        yield from (recalled, recalled_and_submitted_in_one_write)
    if program.line_feed:
        yield line_feed_for_enter
    if program.search:
        yield searched
    if program.edits:
        yield from (
            edited_in_the_middle,
            begun_anew_at_its_start,
            wrapped_and_edited_at_its_start,
            longer_than_the_screen,
            window_narrowed_while_typing,
        )
    if program.brackets_paste:
        yield from (pasted_in_brackets, several_lines_pasted_in_brackets)
    if program.completed:
        yield completed
    if program.statement:
        yield from (one_statement_of_several_lines, one_statement_in_one_burst)


_ATTEMPTS = 3

CELLS = [
    pytest.param(program, way, id=f"{program.name}-{way.__name__}")
    for program in PROGRAMS
    for way in _ways(program)
]


@pytest.mark.parametrize(("program", "way"), CELLS)
def test_the_line_read_at_enter_is_the_line_that_the_program_gets(
    program: RealProgram, way: Way, terminals: Terminals
) -> None:
    # On a busy machine a program may draw so late that the watcher says it is not sure; what it is sure of is right.
    for attempt in range(_ATTEMPTS):
        terminal = terminals.of(program)
        try:
            way(terminal, program)
        except BaseException as failure:
            terminal.close()
            unsure = any(not held.certain for held in terminal.held)
            if not (unsure and isinstance(failure, AssertionError)) or attempt + 1 == _ATTEMPTS:
                raise
        else:
            terminals.back(program, terminal)
            return
