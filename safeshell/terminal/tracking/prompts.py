"""The prompts that a program has shown, and where on the screen one of them stands. Values and a search.

Numbers in a prompt count as any number: `In [3]:` is the prompt of `In [4]:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.tracking.screen_tracker import Place, Row, ScreenTracker

_REMEMBERED: Final = 12
_HIGHEST: Final = 200
"""Rows above the cursor in which a prompt is looked for."""
_DIGITS: Final = re.compile(r"\d+")
_SEARCHES: Final = re.compile(
    r"\((?:failed |failing )?(?:reverse-|i-|bck-|fwd-|forward-)*(?:i-)?search\)(?:`.*?')?:? ?"
    r"|\((?:failed )?reverse-i-search\)`.*?'"
    r"|\(r-search `.*?'\) "
)
"""How readline, reline, pyrepl and linenoise replace the prompt while the history is searched."""


@frozen
class Found:
    """A prompt on the screen.

    Args:
        place: the first cell behind it.
        text: the prompt.
    """

    place: Place
    text: str


class PromptMemory:
    """The prompts of one program, the newest first."""

    def __init__(self) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._beginning: set[str] = set()

    def note(self, prompt: str, *, begins: bool) -> None:
        """A line began behind this prompt.

        Args:
            prompt: what stands left of it.
            begins: it is the first of its statement.
        """
        if not prompt.strip():
            return
        shape = _DIGITS.sub("0", prompt)
        if begins:
            self._beginning.add(shape)
        pattern = self._patterns.pop(shape, None)
        if pattern is None:
            pattern = re.compile(r"\d+".join(map(re.escape, _DIGITS.split(prompt))))
        self._patterns = {shape: pattern, **self._patterns}
        for old in list(self._patterns)[_REMEMBERED:]:
            del self._patterns[old]
            self._beginning.discard(old)

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What matches them at the start of a row."""
        return tuple(self._patterns.values())

    def begins(self, prompt: str) -> bool:
        """Whether it was seen before the first line of a statement."""
        return _DIGITS.sub("0", prompt) in self._beginning


def prompt_in(row: Row, number: int, patterns: Iterable[re.Pattern[str]]) -> Found | None:
    """The prompt that a row begins with; None when it begins with none of `patterns`.

    Args:
        row: the row.
        number: which it is.
        patterns: the likeliest first.
    """
    text = row.text()
    for pattern in patterns:
        match = pattern.match(text)
        if match and match.group().strip():
            return Found(Place(_column(row, match.end()), number), match.group())
    return None


def search_in(row: Row, number: int) -> Found | None:
    """Where the line begins in a row in which the history is searched; None in any other row."""
    return prompt_in(row, number, (_SEARCHES,))


def find_prompt(tracker: ScreenTracker, patterns: tuple[re.Pattern[str], ...]) -> Found | None:
    """The prompt nearest to the cursor, from its row upwards."""
    cursor = tracker.cursor.row
    for number in range(cursor, max(-1, cursor - _HIGHEST), -1):
        found = prompt_in(tracker.row(number), number, patterns)
        if found is not None:
            return found
    return None


def _column(row: Row, characters: int) -> int:
    """The column behind so many characters of a row."""
    seen = 0
    for column, cell in enumerate(row.cells):
        if seen >= characters and cell.text != "":
            return column
        seen += 1 if cell.text is None else len(cell.text)
    return len(row.cells)
