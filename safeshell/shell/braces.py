"""Brace expansion: `{a,b}`, `{1..3}`, over the parts of a word, before anything else is expanded.

Bounded: long ranges become one unknown part, and products that grow without end meet the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.script import Problem
from safeshell.shell.source_text import LimitMet
from safeshell.shell.tree import Literal, Part, Unknowable

MAX_BRACED: Final = 1024
"""The most words that braces may make of one."""
_MAX_RANGE: Final = 64
_RANGE = lazy_pattern(r"(-?[0-9]{1,18})\.\.(-?[0-9]{1,18})(?:\.\.(-?[0-9]{1,18}))?\Z")
_LETTERS = lazy_pattern(r"([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?[0-9]{1,9}))?\Z")
_MARKS = lazy_pattern(r"([{},])")

Parts = tuple[Part, ...]


def has_braces(parts: Sequence[Part]) -> bool:
    """Whether brace expansion may do something to a word."""
    return any(isinstance(part, Literal) and not part.quoted and "{" in part.text for part in parts)


def expand_braces(parts: Parts) -> list[Parts]:
    """The words that a word becomes, at least one.

    Raises:
        LimitMet: they are too many.
    """
    return _Expansion(parts).words()


class _Expansion:
    """One expansion: the word as a row of parts and of single unquoted marks."""

    def __init__(self, parts: Parts) -> None:
        self._items: list[Part | str] = []
        for part in parts:
            if isinstance(part, Literal) and not part.quoted and _MARKS.search(part.text):
                pieces = _MARKS.split(part.text)
                for index, piece in enumerate(pieces):
                    if index % 2:
                        self._items.append(piece)
                    elif piece:
                        self._items.append(Literal(piece, glob=part.glob))
            else:
                self._items.append(part)
        self._partner = self._partners()

    def _partners(self) -> dict[int, tuple[int, list[int]]]:
        """For each `{` that has one, its `}` and the commas between them."""
        found: dict[int, tuple[int, list[int]]] = {}
        stack: list[tuple[int, list[int]]] = []
        for index, item in enumerate(self._items):
            if item == "{":
                stack.append((index, []))
            elif item == "," and stack:
                stack[-1][1].append(index)
            elif item == "}" and stack:
                start, commas = stack.pop()
                found[start] = (index, commas)
        return found

    def words(self) -> list[Parts]:
        """All words."""
        return self._expand(0, len(self._items))

    def _expand(self, start: int, end: int) -> list[Parts]:
        results: list[Parts] = [()]
        plain: list[Part] = []
        index = start
        while index < end:
            item = self._items[index]
            close, commas = self._partner.get(index, (0, []))
            choices = self._choices(index, close, commas) if item == "{" and close else None
            if choices is None:
                plain.append(Literal(item) if isinstance(item, str) else item)
                index += 1
                continue
            if len(results) * len(choices) > MAX_BRACED:
                reason = f"braces make more than {MAX_BRACED} words of one"
                raise LimitMet(Problem("shell.too-many-expansions", reason, limit=True))
            head = tuple(plain)
            plain = []
            results = [(*result, *head, *choice) for result in results for choice in choices]
            index = close + 1
        if not plain:
            return results
        tail = tuple(plain)
        return [(*result, *tail) for result in results]

    def _choices(self, start: int, close: int, commas: list[int]) -> list[Parts] | None:
        """What stands for the braces from `start` to `close`; None when they stay as they are."""
        if commas:
            cuts = [start, *commas, close]
            choices: list[Parts] = []
            for before, after in pairwise(cuts):
                choices.extend(self._expand(before + 1, after))
            return choices
        inside = self._items[start + 1 : close]
        if len(inside) == 1 and isinstance(inside[0], Literal) and not inside[0].quoted:
            return _range(inside[0].text)
        return None


def _range(text: str) -> list[Parts] | None:
    numbers = _RANGE.match(text)
    letters = _LETTERS.match(text) if numbers is None else None
    if numbers is not None:
        first, last = int(numbers.group(1)), int(numbers.group(2))
        step = abs(int(numbers.group(3) or 1)) or 1
    elif letters is not None:
        first, last = ord(letters.group(1)), ord(letters.group(2))
        step = abs(int(letters.group(3) or 1)) or 1
    else:
        return None
    if abs(last - first) // step >= _MAX_RANGE:
        return [(Unknowable("{" + text + "}", number=True),)]
    values = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    if letters is not None:
        return [(Literal(chr(value), quoted=True),) for value in values]
    ends = [end.lstrip("-") for end in text.split("..")[:2]]
    width = max(map(len, ends)) if any(len(end) > 1 and end.startswith("0") for end in ends) else 0
    return [(Literal(_padded(value, width)),) for value in values]


def _padded(value: int, width: int) -> str:
    return f"-{-value:0{width}d}" if value < 0 else f"{value:0{width}d}"
