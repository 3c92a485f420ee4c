"""A text while a grammar reads it: the place reached, what was wrong so far, and the limits of the whole line.

What is read is decided by the grammars; the limits are one for a line and all texts nested in it.
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.positions import Positions
from safeshell.shell.script import Problem
from safeshell.shell.tree import Literal, Part, Unknowable
from safeshell.shell.word import UNKNOWN

MAX_CHARACTERS: Final = 131_072
"""The longest line that is read; `MAX_ARG_STRLEN` of Linux, the longest argument a program can get."""
MAX_WORDS: Final = 32_768
MAX_DEPTH: Final = 64
MAX_PIPE: Final = 64
_MAX_FAULTS: Final = 64


@frozen
class Fault:
    """Something wrong in a text.

    Args:
        problem: for the script.
        incomplete: the text ended too early; a shell would ask for another line.
    """

    problem: Problem
    incomplete: bool = False


class LimitMet(Exception):
    """A limit was met; nothing of the line is used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def too_deep() -> LimitMet:
    """The error of a line that is nested too deeply."""
    reason = f"the line is nested more than {MAX_DEPTH} levels deep"
    return LimitMet(Problem("shell.too-deep", reason, limit=True))


class Limits:
    """Counts what is bounded in a line, texts nested in it included.

    Args:
        depth: how deep the line itself is nested in others.
    """

    __slots__ = ("depth", "words")

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.words = 0

    def enter(self) -> None:
        """Go one level deeper.

        Raises:
            LimitMet: that is too deep.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep()

    def word(self) -> None:
        """Count one more word.

        Raises:
            LimitMet: there are too many.
        """
        self.words += 1
        if self.words > MAX_WORDS:
            raise LimitMet(
                Problem("shell.too-many-words", f"the line has more than {MAX_WORDS} words", limit=True)
            )


class SourceText:
    """A text and the place reached in it.

    Args:
        text: what is read.
        positions: where it stands in the outermost line.
        limits: of the whole line.
        faults: where to note what is wrong; shared with nested texts.
    """

    def __init__(self, text: str, positions: Positions, limits: Limits, faults: list[Fault]) -> None:
        self.text = text
        self.end = len(text)
        self.pos = 0
        self.positions = positions
        self.limits = limits
        self.faults = faults

    def wrong(self, reason: str, start: int, end: int) -> None:
        """Note a syntax error."""
        if len(self.faults) < _MAX_FAULTS:
            end = min(end, self.end)
            span = self.positions.span(min(start, end), end)
            self.faults.append(Fault(Problem("shell.syntax", reason, span)))

    def unfinished(self, reason: str, start: int) -> None:
        """Note that the text ends too early; `start` is where that began which is never closed."""
        if len(self.faults) < _MAX_FAULTS:
            problem = Problem("shell.syntax", reason, self.positions.span(min(start, self.end), self.end))
            self.faults.append(Fault(problem, incomplete=True))

    def nested_positions(self, start: int, end: int, *, exact: bool) -> Positions:
        """Positions for a text that is the part from `start` to `end` of this one, or was made of it."""
        span = self.positions.span(start, end)
        if exact and self.positions.outer is None and span[1] - span[0] == end - start:
            return Positions(span[0])
        return Positions(outer=span)

    def escaped(self, parts: list[Part]) -> None:
        """Take a backslash and what it takes the meaning from; a line end behind it belongs to nothing."""
        following = self.text[self.pos + 1 : self.pos + 2]
        if not following:
            self.unfinished("the line ends with a backslash, so another line belongs to it", self.pos)
        elif following == UNKNOWN:
            parts.append(Unknowable(UNKNOWN))
        elif following != "\n":
            parts.append(Literal(following, quoted=True))
        self.pos += 2 if following else 1
