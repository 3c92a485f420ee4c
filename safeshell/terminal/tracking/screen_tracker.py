"""What is asked of a terminal emulator: follow a screen, hold a place on it, say what stands where. No
emulator here.

The one idea: everything else in this package sees only `ScreenTracker`, so that the library behind it can change.
Rows are counted from the top of what the tracker remembers, scrolled-off rows included; columns from 0.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from safeshell.frozen import frozen

_SEARCH: Final = re.compile(r"(?:bck|fwd)(?:-i-search)?[?:]|I-search(?: backward)?:|search:")


@frozen
class Place:
    """A cell of the screen.

    Args:
        column: from 0; equal to the width for a cursor that will wrap with the next character.
        row: from 0, the oldest row that is remembered.
    """

    column: int
    row: int


@frozen
class Cell:
    """What stands in one cell.

    Args:
        text: a character with what combines with it; "" in the second cell of a wide one; None where nothing was
            written since the cell was last cleared.
        look: the SGR parameters that it is drawn with, `1;31`; "" for plain text.
        dim: faint or grey, as suggestions and hints are drawn.
        filled: on a background of its own, or reversed, as menus and bars are drawn.
    """

    text: str | None
    look: str = ""
    dim: bool = False
    filled: bool = False


@frozen
class Row:
    """One row of the screen.

    Args:
        cells: as many as the screen is wide.
        wraps: the text goes on in the next row because it did not fit.
    """

    cells: tuple[Cell, ...]
    wraps: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing can be seen in it."""
        return all(cell.text in (None, " ", "") and not cell.filled for cell in self.cells)

    @property
    def is_search(self) -> bool:
        """Whether it says what is searched in the history, as some editors do below the line."""
        return _SEARCH.match(self.text()) is not None

    @property
    def is_text(self) -> bool:
        """Whether what stands first in it is text on the terminal's own background: no blank, menu or bar."""
        first = next((cell for cell in self.cells if cell.filled or cell.text not in (None, " ", "")), None)
        return first is not None and not first.filled

    def text(self, start: int = 0, end: int | None = None) -> str:
        """What stands between two columns, blanks for what was never written."""
        return "".join(" " if cell.text is None else cell.text for cell in self.cells[start:end])


@frozen
class Modes:
    """What the program has switched the terminal to.

    Args:
        alternate: the second screen, which full-screen programs use.
        bracketed_paste: a paste is announced.
        kitty_keyboard: the flags of that keyboard protocol; 0 for none.
    """

    alternate: bool = False
    bracketed_paste: bool = False
    kitty_keyboard: int = 0


class ScreenTracker(Protocol):
    """Follows what a program draws. An anchored place stays with its text when that scrolls or is reflowed."""

    @property
    def columns(self) -> int:
        """The width in cells."""

    @property
    def rows(self) -> int:
        """The height in cells."""

    @property
    def top(self) -> int:
        """The row that stands at the top of the screen."""

    @property
    def cursor(self) -> Place:
        """Where the next character goes."""

    @property
    def look(self) -> str:
        """The SGR parameters that the next character is drawn with; "" for plain."""

    @property
    def modes(self) -> Modes:
        """What the program has switched on."""

    @property
    def anchored(self) -> Place | None:
        """Where the anchored place is now; None without one, or when its text is gone."""

    def feed(self, data: bytes) -> None:
        """Take what the program printed; sequences and characters may be cut anywhere."""

    def resize(self, columns: int, rows: int) -> None:
        """Take another size, reflowing what wraps."""

    def anchor(self, place: Place) -> None:
        """Hold on to a place; the one held before is let go."""

    def drop_anchor(self) -> None:
        """Let go of the place."""

    def row(self, row: int) -> Row:
        """What stands in a row between 0 and the last one of the screen."""

    def screen_text(self) -> str:
        """The screen as text, line by line, without the blanks at the ends."""

    def close(self) -> None:
        """Give the memory back; the tracker can't be used any more."""


MISSING = (
    "Lines of programs without a hook of their own can't be read here: the terminal emulator is not installed"
    " (pip install 'safeshell[track]'; it exists for Linux with glibc)."
)


def tracker_or_none(columns: int, rows: int) -> ScreenTracker | str:
    """A tracker with an empty screen of this size; where this machine has none, a sentence that says so.

    Importing the library takes about as long as starting safeshell does: call it once beforehand. A second tracker
    costs nothing to speak of.
    """
    try:
        from safeshell.terminal.tracking.ghostty_tracker import GhosttyTracker
    except (ImportError, OSError):
        return MISSING
    return GhosttyTracker(columns, rows)
