"""Text in cells: how wide it is, where it wraps, and one line that is redrawn while it is typed.

Pure. Widths follow Unicode's East Asian Width; text with escape sequences in it does not belong here.
"""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes; it must be safe to show (no control characters)."""
    if text.isascii():
        return len(text)
    return sum(_cell_width(char) for char in text)


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """`text` broken into lines of at most `width` cells, at spaces where possible.

    Args:
        text: one paragraph, safe to show.
        width: of the screen; less than 20 is taken as 20.
        indent: before every line but the first.
    """
    width = max(width, 20)
    lines: list[str] = []
    line: str | None = None
    for word in text.split(" "):
        candidate = word if line is None else f"{line} {word}"
        if cells(candidate) <= width:
            line = candidate
            continue
        if line is not None and line.strip():
            lines.append(line)
            candidate = indent + word
        while cells(candidate) > width:
            head = _head(candidate, width)
            lines.append(head)
            candidate = indent + candidate[len(head) :]
        line = candidate
    return [*lines, line or ""]


def tail(text: str, width: int) -> str:
    """The end of `text` that fits into `width` cells."""
    start = len(text)
    room = width
    while start and (room := room - _cell_width(text[start - 1])) >= 0:
        start -= 1
    return text[start:]


def redrawn(prompt: str, text: str, width: int, before: int) -> tuple[str, int]:
    """What to write so that the cursor's line shows `prompt` and as much of the end of `text` as fits.

    It uses no escape sequence, so that it works on a dumb terminal, and never reaches the last column, so
    that it stays on one line however the window was resized.

    Args:
        prompt: what stands before the text; safe to show.
        text: what has been typed; safe to show.
        width: of the screen now.
        before: cells that the line took when it was drawn last.

    Returns:
        What to write, and how many cells the line takes now.
    """
    room = max(width - 1, 8)
    line = prompt + tail(text, room - cells(prompt))
    now = cells(line)
    blank = " " * (min(before, room) - now)
    return f"\r{line}{blank}" + (f"\r{line}" if blank else ""), now


def _head(text: str, width: int) -> str:
    end = 0
    room = width
    while end < len(text) and (room := room - _cell_width(text[end])) >= 0:
        end += 1
    return text[: max(end, 1)]


def _cell_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
