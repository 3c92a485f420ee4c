"""The line that is edited, read from the cells of a tracked screen: from the anchor to the end of the input. Pure.

The one idea: rows that wrap are one line, a row that ends before the cursor's row is a line of a longer edit,
and what an editor adds by itself (suggestions, right prompts, menus) is told apart by how it is drawn.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.tracking.line_editors import Hints, LineEditor
from safeshell.terminal.tracking.screen_tracker import Cell, Place, Row, ScreenTracker

_Line = list[Cell]
_MENU: Final = 3


@frozen
class EditLine:
    """What is on the edit line.

    Args:
        prompt: what stands left of it in its first row.
        text: the line; rows of a longer edit are joined by line feeds, without their continuation prompts.
        hint: what the editor shows behind it by itself.
        last_row: the last row that it takes.
        doubt: why the text may not be all of the line; "" when there is no reason to think so.
    """

    prompt: str
    text: str
    hint: str
    last_row: int
    doubt: str = ""


def read_edit_line(
    tracker: ScreenTracker, start: Place, editor: LineEditor, continuation: re.Pattern[str]
) -> EditLine:
    """The line that begins at `start`.

    Args:
        tracker: the screen.
        start: the first cell behind the prompt.
        editor: how it is drawn.
        continuation: matches the prompt of a further row of the same edit, at the row's start.
    """
    cursor = tracker.cursor
    rows = _Rows(tracker)
    edit = _gathered(rows, start, cursor, editor, continuation)
    doubt = edit.doubt
    if editor.one_line and len(edit.lines) > 1:
        doubt = "its rows do not join"
    if cursor.row > edit.last and not (edit.last < rows.last and rows[edit.last + 1].is_search):
        doubt = "the cursor is not on the line"
    if editor.blocks and edit.last - start.row + 1 >= tracker.rows:
        doubt = "the line may be longer than the screen"
    if editor.sideways and edit.last == start.row and rows[start.row].cells[-1].text not in (None, " "):
        doubt = "the line is longer than its row, which shows a part of it"
    if cursor.column == 0 and rows[cursor.row].blank and edit.cursor_line == len(edit.lines) - 1:
        # A blank that readline writes to make the terminal wrap a line that ends with its row.
        del edit.lines[-1][edit.cursor_at :]
    hint = _cut(edit.lines, editor, edit.cursor_line, edit.cursor_at)
    texts = [_text(edit.lines[0], keep_blanks=len(edit.lines) == 1 and not editor.sideways)]
    for line in edit.lines[1:]:
        text = _text(line, keep_blanks=False)
        match = continuation.match(text) or continuation.match(text + " ")
        texts.append(text[match.end() :] if match else text)
        if editor.blocks and not match:
            doubt = "a row of it has no prompt of its own"
    return EditLine(rows[start.row].text(0, start.column), "\n".join(texts), hint, edit.last, doubt)


class _Edit:
    """The cells of an edit, line by line, and where in them the cursor stands."""

    def __init__(self) -> None:
        self.lines: list[_Line] = [[]]
        self.cursor_line = self.cursor_at = 0
        self.last = 0
        self.doubt = ""


def _gathered(
    rows: _Rows, start: Place, cursor: Place, editor: LineEditor, continuation: re.Pattern[str]
) -> _Edit:
    """Follow an edit from row to row, as far as it goes."""
    edit, at, first = _Edit(), start.row, start.column
    while True:
        row = rows[at]
        if at == cursor.row:
            edit.cursor_line = len(edit.lines) - 1
            edit.cursor_at = len(edit.lines[-1]) + max(cursor.column - first, 0)
        marked = bool(editor.wrap_mark) and row.cells[-1].text == editor.wrap_mark
        full = marked if editor.wrap_mark else row.cells[-1].text is not None
        edit.lines[-1] += row.cells[first : -1 if marked else None]
        edit.last, first = at, 0
        if editor.blocks and _is_covered(row):
            edit.doubt = "a menu covers a part of it"
        if at >= rows.last or rows[at + 1].is_search:
            return edit
        below = rows[at + 1]
        if row.wraps or (full and (at < cursor.row or (editor.wraps_itself and below.is_text))):
            # prompt_toolkit puts a prompt in front of a row that wraps, too.
            match = continuation.match(below.text()) if editor.blocks and not row.wraps else None
            first = match.end() if match else 0
        elif at < cursor.row or _belongs(below, editor, continuation):
            if full and at >= cursor.row:
                edit.doubt = "a row is full to its end, and what stands below may belong to it"
            edit.lines.append([])
        else:
            return edit
        at += 1


class _Rows:
    """The rows of a screen, each read once."""

    def __init__(self, tracker: ScreenTracker) -> None:
        self._tracker = tracker
        self._read: dict[int, Row] = {}
        self.last = tracker.top + tracker.rows - 1

    def __getitem__(self, row: int) -> Row:
        if row not in self._read:
            self._read[row] = self._tracker.row(row)
        return self._read[row]


def _is_covered(row: Row) -> bool:
    """Whether something is drawn over a row: one filled cell may be a bracket pointed out, three are a menu."""
    run = 0
    for cell in row.cells:
        run = run + 1 if cell.filled else 0
        if run == _MENU:
            return True
    return False


def _belongs(row: Row, editor: LineEditor, continuation: re.Pattern[str]) -> bool:
    """Whether a row below the cursor's is a part of the same edit."""
    return row.is_text and (editor.below or continuation.match(row.text()) is not None)


def _cut(lines: list[_Line], editor: LineEditor, cursor_line: int, cursor_at: int) -> str:
    """Take away what the editor shows behind the line by itself; what that was."""
    if cursor_line != len(lines) - 1:
        return ""
    line = lines[-1]
    cut = len(line)
    while cut and line[cut - 1].text is None:
        cut -= 1
    if editor.right_prompt:
        gap = next((at for at in range(max(cursor_at, 0), cut) if line[at].text is None), cut)
        cut = gap
        while cut and line[cut - 1].text is None:
            cut -= 1
    end = cut
    if editor.hints is not Hints.NONE:
        while end > max(cursor_at, 0) and _may_be_hint(line[end - 1]):
            end -= 1
        behind = line[end:cut]
        if not any(cell.dim for cell in behind) or (
            editor.hints is Hints.AT_CURSOR and end != max(cursor_at, 0)
        ):
            end = cut
        while end < cut and not line[end].dim and editor.hints is Hints.ANYWHERE:
            end += 1  # blanks that were typed stand before the hint
    hint = _text(line[end:], keep_blanks=True).strip()
    del line[end:]
    return hint


def _may_be_hint(cell: Cell) -> bool:
    return cell.dim or cell.text in (None, " ", "")


def _text(cells: _Line, *, keep_blanks: bool) -> str:
    end = len(cells)
    while end and cells[end - 1].text is None:
        end -= 1
    text = "".join(" " if cell.text is None else cell.text for cell in cells[:end])
    return text if keep_blanks else text.rstrip(" ")
