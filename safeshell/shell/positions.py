"""Where the characters of a parsed text stand in the outermost line.

A text may be a part of the line, a text that a wrapper made of it, or a line into which alias bodies were put.
"""

from __future__ import annotations

from bisect import bisect_right

from safeshell.guard.reading import Span


class Positions:
    """Turns positions of the parsed text into spans of the outermost line.

    Args:
        base: where the text begins in the outermost line.
        outer: the span that everything gets when the text does not stand in the line as it is; None when it does.
    """

    __slots__ = ("_begins", "_ends", "_sources", "base", "outer")

    def __init__(self, base: int = 0, outer: Span | None = None) -> None:
        self.base = base
        self.outer = outer
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._sources: list[Span] = []

    @property
    def plain(self) -> bool:
        """Whether a position is found by adding `base` alone."""
        return self.outer is None and not self._begins

    def span(self, start: int, end: int) -> Span:
        """The span of the outermost line that holds the characters from `start` to `end`."""
        if self.outer is not None:
            return self.outer
        if not self._begins:
            return (start + self.base, end + self.base)
        begin = self._source(start)[0] + self.base
        return (begin, self._source(end - 1)[1] + self.base if end > start else begin)

    def replaced(self, start: int, end: int, length: int) -> None:
        """Note that the characters from `start` to `end` gave way to `length` others.

        Replacements come from left to right; one that lies in an earlier one becomes part of it.
        """
        index = bisect_right(self._begins, start) - 1
        if index >= 0 and start < self._ends[index]:
            self._ends[index] += length - (end - start)
            return
        source = (self._source(start)[0], self._source(max(start, end - 1))[1])
        self._begins.append(start)
        self._ends.append(start + length)
        self._sources.append(source)

    def mark(self) -> tuple[int, int]:
        """What `forget` needs to come back to this state."""
        return len(self._begins), self._ends[-1] if self._ends else 0

    def forget(self, mark: tuple[int, int]) -> None:
        """Undo the replacements made since `mark`."""
        count, last = mark
        del self._begins[count:], self._ends[count:], self._sources[count:]
        if count:
            self._ends[-1] = last

    def _source(self, position: int) -> Span:
        index = bisect_right(self._begins, position) - 1
        if index < 0:
            return (position, position + 1)
        if position < self._ends[index]:
            return self._sources[index]
        place = position - self._ends[index] + self._sources[index][1]
        return (place, place + 1)
