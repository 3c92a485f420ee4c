"""Makes room below a line that is being edited, and draws the line again where it is: bytes for the real terminal.

A program that is read from the screen knows nothing of a question that is asked at its line. Line editors find their
way by moves from where the cursor was, so the question goes below, stays in the scrollback, and the very same
rows are drawn again behind it. Only the tracker is looked at; its own screen sees nothing of this.
"""

from __future__ import annotations

from safeshell.terminal.tracking.screen_tracker import Row, ScreenTracker


def below_the_line(tracker: ScreenTracker) -> bytes:
    """Moves the terminal's cursor from where the program has it to an empty row below all that it shows."""
    return _down(_last_row(tracker) - tracker.cursor.row) + b"\x1b[0m\r\n\x1b[J"


def line_again(tracker: ScreenTracker) -> bytes:
    """Draws the edited line, its prompt and what stands below it, from the cursor's row on, as they were.

    To be written when the terminal's cursor stands at the start of an empty row. The cursor, and how the next
    character looks, are then as the program knows them.
    """
    cursor, last = tracker.cursor, _last_row(tracker)
    anchor = tracker.anchored
    first = min(cursor.row, anchor.row if anchor is not None else cursor.row)
    first = max(first, last - tracker.rows + 1, 0)
    while first > max(tracker.top, last - tracker.rows + 1) and tracker.row(first - 1).wraps:
        first -= 1
    drawn: list[bytes] = []
    for number in range(first, last + 1):
        row = tracker.row(number)
        drawn.append(painted_row(row))
        if number < last:
            # A row that wraps is filled, and the next character wraps in the terminal, too.
            drawn.append(b"" if row.wraps else b"\x1b[0m\r\n")
    up = last - cursor.row
    drawn.append(f"\x1b[{up}A".encode() if up > 0 else b"")
    drawn.append(_to_column(tracker, cursor.column, cursor.row))
    return b"".join(drawn) + f"\x1b[0m{_sgr(tracker.look)}".encode()


def painted_row(row: Row) -> bytes:
    """A row's text with its looks, from its first column on; blank cells at the end are left out unless it wraps."""
    cells = row.cells
    end = len(cells)
    while end and cells[end - 1].text is None and not cells[end - 1].look and not row.wraps:
        end -= 1
    parts, look = ["\x1b[0m"], ""
    for cell in cells[:end]:
        if cell.look != look:
            look = cell.look
            parts.append(f"\x1b[0m{_sgr(look)}")
        parts.append(" " if cell.text is None else cell.text)
    return "".join(parts).encode("utf-8", "replace")


def _last_row(tracker: ScreenTracker) -> int:
    """The lowest row at or below the cursor that shows anything."""
    cursor = tracker.cursor.row
    last = tracker.top + tracker.rows - 1
    while last > cursor and tracker.row(last).blank:
        last -= 1
    return last


def _down(rows: int) -> bytes:
    return f"\x1b[{rows}B".encode() if rows > 0 else b""


def _to_column(tracker: ScreenTracker, column: int, row: int) -> bytes:
    if column < tracker.columns:
        return f"\x1b[{column + 1}G".encode()
    # Only writing the last cell brings the cursor to where the next character wraps.
    last = tracker.row(row).cells[-1]
    text = last.text or " "
    if last.text == "" and tracker.columns > 1:
        wide = tracker.row(row).cells[-2]
        return f"\x1b[{tracker.columns - 1}G\x1b[0m{_sgr(wide.look)}{wide.text or ' '}".encode()
    return f"\x1b[{tracker.columns}G\x1b[0m{_sgr(last.look)}{text}".encode()


def _sgr(look: str) -> str:
    return f"\x1b[{look}m" if look else ""
