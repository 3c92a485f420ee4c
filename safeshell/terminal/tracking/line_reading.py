"""Finds and reads the line that Enter would submit: behind the anchor, or behind a prompt that was drawn anew. Pure.

Looks at the tracked screen only; what was typed, and when, is the watcher's business.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.tracking.edit_line import EditLine, read_edit_line
from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.tracking.prompts import Found, PromptMemory, find_prompt, prompt_in, search_in
from safeshell.terminal.tracking.screen_tracker import Place, ScreenTracker

_CONTROL_PICTURE: Final = re.compile(r"\^[@-_?]")
_CATCH_ALL: Final = re.compile(r"[\s\W]*")


@frozen
class ReadLine:
    """What was read.

    Args:
        text: the line.
        prompt: what stands left of it; "" when that is not known.
        doubts: why the text may be wrong.
        other: what the line is as well, if what looks like a prompt in it is one; "" when nothing does.
    """

    text: str
    prompt: str
    doubts: tuple[str, ...] = ()
    other: str = ""


def read_behind_anchor(
    tracker: ScreenTracker, program: Program, memory: PromptMemory, prompt: str, *, moved: bool
) -> ReadLine:
    """The line whose first key was pressed behind the anchor.

    Args:
        tracker: the screen.
        program: whose line it is.
        memory: its prompts.
        prompt: what stood left of the anchor then.
        moved: the anchor is known to say nothing: the key came before the prompt did.
    """
    start = tracker.anchored
    if start is not None and start.row > tracker.cursor.row:
        start = None
    row = start.row if start is not None else tracker.cursor.row
    search = search_in(tracker.row(row), row)
    if search is not None:
        return _read(tracker, program, search)
    if start is not None and not moved and _still_behind(tracker, program, memory, start, prompt):
        line = _line(tracker, program, start)
        again = _drawn_again(tracker, memory, start)
        if again is None:
            return ReadLine(line.text, prompt, _doubts(line))
        other = _read(tracker, program, again)
        if all(tracker.row(number).wraps for number in range(start.row, again.place.row)):
            # A prompt drawn again where a resized line had wrapped, or text that looks like one.
            return ReadLine(line.text, prompt, _doubts(line), other.text)
        return other
    found = find_prompt(tracker, _known(program, memory))
    if found is not None:
        return _read(tracker, program, found)
    return _whole_row(tracker, program)


def _still_behind(
    tracker: ScreenTracker, program: Program, memory: PromptMemory, start: Place, prompt: str
) -> bool:
    """Whether the prompt stands where it stood; an editor of blocks draws another there once the block goes on."""
    row = tracker.row(start.row)
    if row.text(0, start.column) == prompt:
        return True
    found = prompt_in(row, start.row, _known(program, memory)) if program.editor.blocks else None
    return found is not None and found.place == start


def _drawn_again(tracker: ScreenTracker, memory: PromptMemory, start: Place) -> Found | None:
    """A prompt that stands below the one that the line began behind."""
    for number in range(tracker.cursor.row, start.row, -1):
        found = prompt_in(tracker.row(number), number, memory.patterns)
        if found is not None:
            return found
    return None


def prompt_of_cursor(tracker: ScreenTracker, program: Program, memory: PromptMemory) -> Found:
    """The prompt of the line that the cursor stands on: a known one, or all that stands left of the cursor."""
    cursor = tracker.cursor
    row = cursor.row
    while row and tracker.row(row - 1).wraps:
        row -= 1
    found = prompt_in(tracker.row(row), row, _known(program, memory))
    if found is not None and (row < cursor.row or found.place.column <= cursor.column):
        return found
    return Found(cursor, tracker.row(cursor.row).text(0, cursor.column))


def has_text(tracker: ScreenTracker, program: Program, place: Place) -> bool:
    """Whether a line stands behind a place already, before anything was typed on it."""
    return bool(_line(tracker, program, place).text.strip())


def read_untouched(
    tracker: ScreenTracker, program: Program, memory: PromptMemory, *, filled: bool
) -> ReadLine | None:
    """The line on which no key was pressed; None when there is no prompt that is known, and so no line.

    Args:
        tracker: the screen.
        program: whose line it is.
        memory: its prompts.
        filled: the program has put a line there by itself.
    """
    found = find_prompt(tracker, _known(program, memory))
    if found is not None and (filled or found.place.row == tracker.cursor.row):
        return _read(tracker, program, found)
    return _whole_row(tracker, program) if filled else None


def _known(program: Program, memory: PromptMemory) -> tuple[re.Pattern[str], ...]:
    """What the program's prompts look like: those seen, then the usual ones, unless they say next to nothing."""
    usual = (program.primary_pattern, program.continuation_pattern)
    return (*memory.patterns, *(one for one in usual if not _CATCH_ALL.fullmatch(one.pattern)))


def _read(tracker: ScreenTracker, program: Program, found: Found) -> ReadLine:
    line = _line(tracker, program, found.place)
    doubts = list(_doubts(line))
    if "\n" in line.text and found.place.row < tracker.cursor.row and not program.editor.blocks:
        doubts.append("the prompt was found further up, and what stands below it may be no part of the line")
    return ReadLine(line.text, found.text, tuple(doubts))


def _whole_row(tracker: ScreenTracker, program: Program) -> ReadLine:
    """The cursor's row and those that wrap into it, when nobody knows where the prompt ends."""
    row = tracker.cursor.row
    while row and tracker.row(row - 1).wraps:
        row -= 1
    line = _line(tracker, program, Place(0, row))
    usual = prompt_in(tracker.row(row), row, (program.primary_pattern, program.continuation_pattern))
    if usual is not None:
        return _read(tracker, program, usual)
    return ReadLine(
        line.text, "", (*_doubts(line), "the prompt was not found, so it may be a part of the line")
    )


def _line(tracker: ScreenTracker, program: Program, start: Place) -> EditLine:
    return read_edit_line(tracker, start, program.editor, program.continuation_pattern)


def _doubts(line: EditLine) -> tuple[str, ...]:
    return (line.doubt,) if line.doubt else ()


def has_control_pictures(text: str) -> bool:
    """Whether the kernel's picture of a control key, `^[`, stands in a text: it was not obeyed but taken in."""
    return _CONTROL_PICTURE.search(text) is not None
