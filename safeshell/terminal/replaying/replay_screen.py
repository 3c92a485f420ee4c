"""The person's screen while a recording is shown on it: the recorded terminal in its upper rows, a line below.

Strings out, no terminal. The recorded terminal scrolls in as many rows as it had, where this one has more. Where it
has no row to spare, the line covers the last one, and the screen is to be drawn anew when it goes.
"""

from __future__ import annotations

from collections.abc import Iterable

from safeshell.guard.text import visible
from safeshell.journal.listing import columns as columns_of
from safeshell.terminal.replaying.harmless import LEAVE, HarmlessOutput
from safeshell.terminal.replaying.playback import Anew, Output, Shown, Size


class ReplayScreen:
    """What to write to the terminal.

    Args:
        columns, rows: the size of the person's terminal.
        recorded: the size of the recorded one, at its start.
    """

    def __init__(self, columns: int, rows: int, recorded: Size) -> None:
        self._columns = columns
        self._rows = rows
        self._recorded = recorded
        self._output = HarmlessOutput()
        self._fit()

    @property
    def has_room(self) -> bool:
        """Whether the line has a row of its own."""
        return self._output.rows is not None

    @property
    def is_too_small(self) -> bool:
        """Whether the recorded terminal is larger, so that what is shown differs from what was seen."""
        return self._recorded.columns > self._columns or self._recorded.rows > self._rows

    def begin(self) -> str:
        """What was on the screen scrolls away, and is kept where the terminal keeps such."""
        return "\r\n" * self._rows + self._output.clear

    def resize(self, columns: int, rows: int) -> None:
        """The person's terminal has another size; the screen is to be drawn anew."""
        self._columns, self._rows = columns, rows
        self._fit()

    def show(self, shown: Iterable[Shown]) -> str:
        """What a playback says is to be shown."""
        return "".join(map(self._one, shown))

    def line(self, text: str) -> str:
        """The line below; the cursor stays where it is."""
        fitted = visible(text, limit=self._columns)
        while columns_of(fitted) > self._columns:
            fitted = fitted[:-1]
        return f"\x1b7\x1b[?6l\x1b[{self._rows};1H\x1b[0;7m{fitted}\x1b[0m\x1b[K\x1b8"

    def end(self) -> str:
        """What is shown stays, all else is as it was; the cursor is in the last row, which is empty."""
        below = "" if self.has_room else "\n"
        return f"{LEAVE}\x1b[{self._rows};1H{below}\x1b[K"

    def _one(self, shown: Shown) -> str:
        match shown:
            case Output():
                return self._output.feed(shown.text)
            case Size():
                self._recorded = shown
                self._fit()
                return f"\x1b7{self._output.region}\x1b8"
            case Anew():
                self._output = HarmlessOutput()
                self._fit()
                return self._output.clear

    def _fit(self) -> None:
        self._output.rows = self._recorded.rows if self._recorded.rows < self._rows else None
