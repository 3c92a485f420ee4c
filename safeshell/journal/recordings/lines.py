"""A recording's output as lines of text, as a person would have read them, for searching.

No terminal: one line with a cursor in it, which is enough for what shells and their line editors do (erasing,
going back, inserting). What a full-screen program draws comes out piece by piece, where it moves to another row.
Sans-I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from safeshell.journal.recordings.cast import CastEvent
from safeshell.journal.recordings.sequences import Kind, Piece, Splitter

_LONGEST: Final = 16_384
"""Characters after which a line is taken as ended."""
_OTHER_ROW: Final = frozenset("ABEFHJLMSTdef") | {"r"}
_ESCAPES_TO_OTHER_ROW: Final = frozenset("DEMc78")
_PLAIN_LINES = re.compile(r"(?:(?:[^\x00-\x1f\x7f-\x9f]++|\x1b\[[0-9;:]*m)*+\r?\n)++")
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_NUMBER = re.compile(r"\d{1,5}\Z")


class TextLine(NamedTuple):
    """A line.

    Args:
        at: when its last character came, in seconds from the beginning; the prompt may be hours older.
        text: without anything but characters.
    """

    at: float
    text: str


def text_lines(events: Iterable[CastEvent]) -> Iterator[TextLine]:
    """The lines that the output of `events` makes; empty ones are left out."""
    reader = _Reader()
    for event in events:
        if event.code == "o":
            yield from reader.feed(event.data, event.at)
    yield from reader.end()


class _Reader:
    """One line and the cursor in it."""

    def __init__(self) -> None:
        self._splitter = Splitter()
        self._line = ""
        self._column = 0
        self._at = 0.0

    def feed(self, text: str, at: float) -> Iterator[TextLine]:
        place = 0
        while place < len(text):
            # Whole lines in which nothing happens but colours are nearly all of what is much.
            plain = _PLAIN_LINES.match(text, place) if self._is_at_start else None
            if plain:
                for line in _COLOUR.sub("", plain[0]).split("\n"):
                    if said := line.rstrip():
                        yield TextLine(at, said)
                place = plain.end()
                continue
            end = text.find("\n", place) + 1 or len(text)
            yield from self._feed_slowly(text[place:end], at)
            place = end

    @property
    def _is_at_start(self) -> bool:
        return not (self._line or self._column) and self._splitter.is_idle

    def _feed_slowly(self, text: str, at: float) -> Iterator[TextLine]:
        for piece in self._splitter.feed(text):
            if piece.kind is Kind.RUN:
                self._write(piece.raw, at)
                if len(self._line) >= _LONGEST:
                    yield from self.end()
            elif self._ends_line(piece):
                yield from self.end()

    def end(self) -> Iterator[TextLine]:
        """The line as it is now; a new one begins."""
        text = self._line.rstrip()
        self._line, self._column = "", 0
        if text:
            yield TextLine(self._at, text)

    def _write(self, text: str, at: float) -> None:
        self._at = at
        line, column = self._line, self._column
        if column > len(line):
            line += " " * (column - len(line))
        self._line = line[:column] + text + line[column + len(text) :]
        self._column = column + len(text)

    def _ends_line(self, piece: Piece) -> bool:
        if piece.kind is Kind.CSI:
            return self._csi(piece)
        if piece.kind is Kind.ESCAPE:
            return piece.final in _ESCAPES_TO_OTHER_ROW
        match piece.raw:
            case "\n" | "\v" | "\f":
                return True
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(0, self._column - 1)
            case "\t":
                self._column += 8 - self._column % 8
        return False

    def _csi(self, piece: Piece) -> bool:
        """Do to the line what a sequence does; whether the cursor leaves it."""
        line, column = self._line, self._column
        said = _NUMBER.match(piece.parameters)
        count = max(1, int(said[0])) if said else 1
        match piece.final:
            case "K" if piece.parameters in ("", "0"):
                self._line = line[:column]
            case "K" if piece.parameters == "1":
                self._line = " " * min(column, len(line)) + line[column:]
            case "K":
                self._line = ""
            case "J" if piece.parameters in ("", "0"):
                # Line editors erase so what is behind the cursor.
                self._line = line[:column]
            case "P":
                self._line = line[:column] + line[column + count :]
            case "X":
                self._line = line[:column] + " " * len(line[column : column + count]) + line[column + count :]
            case "@":
                self._line = line[:column] + " " * min(count, _LONGEST) + line[column:]
            case "C" | "a":
                self._column = min(column + count, _LONGEST)
            case "D":
                self._column = max(0, column - count)
            case "G" | "`":
                self._column = min(count - 1, _LONGEST)
            case "h" | "l":
                return piece.parameters in ("?1049", "?47", "?1047")
            case final:
                return final in _OTHER_ROW
        return False
