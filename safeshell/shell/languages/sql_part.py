"""One SQL statement on its way through the readers: its tokens, and the ways to look at them.

Also the one question about a condition: does it narrow anything. What a statement does is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.sql_tokens import Kind, Token, depths, outer

MAX_DEPTH: Final = 12
"""Statements in statements are followed this deep."""

_NAMES: Final = (Kind.WORD, Kind.QUOTED, Kind.UNKNOWN, Kind.STRING)
_KEY: Final = lazy_pattern(r"(?:\w+_)?(?:id|pk|uuid|key|ctid|rowid|oid)", re.IGNORECASE)


@frozen
class Part:
    """A statement, or a statement within one.

    Args:
        tokens: of it, at least one.
        dialect: the product, "" when not known.
        depth: how many statements it stands in.
    """

    tokens: tuple[Token, ...]
    dialect: str
    depth: int = 0

    @property
    def span(self) -> Span:
        """Where it stands in the text."""
        return (self.tokens[0].start, self.tokens[-1].end)

    def word(self, at: int) -> str:
        """The word or sign at an index, in upper case; "" for anything else and behind the end."""
        return self.tokens[at].upper if -1 < at < len(self.tokens) else ""

    def words(self) -> tuple[str, ...]:
        """The words and signs outside of all parentheses, in upper case."""
        return tuple(token.upper for token in outer(self.tokens) if token.upper)

    def skip(self, at: int, *words: str) -> int:
        """The index behind those of `words` that stand at `at`, in any order."""
        while self.word(at) in words:
            at += 1
        return at

    def inside(self, start: int, end: int | None = None) -> Part | None:
        """The statement made of the tokens from `start` on; None when there are none or it is nested too deep."""
        tokens = self.tokens[start:end]
        return Part(tokens, self.dialect, self.depth + 1) if tokens and self.depth < MAX_DEPTH else None

    def name(self, at: int) -> tuple[str, int]:
        """The name `a.b.c` at an index, without its quotes, and the index behind it; "" for none."""
        parts: list[str] = []
        while at < len(self.tokens) and self.tokens[at].kind in _NAMES:
            parts.append(self.tokens[at].text)
            at += 1
            if self.word(at) != ".":
                break
            at += 1
        return ".".join(parts), at

    def names(self, at: int) -> tuple[str, int]:
        """The names of a list `a, b`, and the index behind it."""
        found, at = self.name(at)
        listed = [found]
        while found and self.word(at) == ",":
            found, at = self.name(at + 1)
            if found:
                listed.append(found)
        return ", ".join(listed), at

    def find(self, *words: str, start: int = 0) -> int:
        """The index of the first of these words outside of all parentheses; -1 for none."""
        for at, (token, depth) in enumerate(depths(self.tokens)):
            if at >= start and depth == 0 and token.upper in words:
                return at
        return -1


def narrows(condition: Sequence[Token]) -> bool:
    """Whether a WHERE condition leaves anything out: false for `1=1`, `true`, `id = id`, `id > 0`, `x OR 1=1`."""
    return all(
        any(_one_narrows(part) for part in _parted(either, "AND"))
        for either in _parted(_bare(condition), "OR")
    )


def unseen(condition: Sequence[Token]) -> bool:
    """Whether the whole condition is left to the running shell."""
    bare = _bare(condition)
    return bool(bare) and bare[0].kind is Kind.UNKNOWN and (len(bare) == 1 or bare[1].upper not in _COMPARING)


_COMPARING: Final = frozenset(
    {"=", "<", ">", "<=", ">=", "<>", "!=", "IN", "LIKE", "BETWEEN", "IS", "NOT", "ILIKE", "."}
)
_ENDS: Final = frozenset({"RETURNING", "ORDER", "LIMIT", "OPTION", "ALLOW", "SETTINGS"})


_MAX_PEELED: Final = 8


def _bare(condition: Sequence[Token]) -> Sequence[Token]:
    """The condition without what follows it, and without parentheses around all of it."""
    for at, (token, depth) in enumerate(depths(tuple(condition))):
        if depth == 0 and token.upper in _ENDS:
            condition = condition[:at]
            break
    for _ in range(_MAX_PEELED):
        if len(condition) < 2 or condition[0].upper != "(" or condition[-1].upper != ")":
            break
        inside = tuple(depths(tuple(condition)))
        if any(depth == 0 for _, depth in inside[1:-1]):
            break
        condition = condition[1:-1]
    return condition


def _parted(tokens: Sequence[Token], word: str) -> list[Sequence[Token]]:
    """The parts between `word`s outside of all parentheses; BETWEEN's AND is not one."""
    parts: list[Sequence[Token]] = []
    start, between = 0, False
    for at, (token, depth) in enumerate(depths(tuple(tokens))):
        if depth:
            continue
        if token.upper == "BETWEEN":
            between = True
        elif token.upper == word:
            if between and word == "AND":
                between = False
                continue
            parts.append(tokens[start:at])
            start = at + 1
    parts.append(tokens[start:])
    return parts


def _one_narrows(part: Sequence[Token]) -> bool:
    if part and part[0].upper == "(" and part[-1].upper == ")" and len(part) < 200:
        bare = _bare(part)
        if len(bare) < len(part):
            return narrows(bare)
    texts = [token.text.upper() if token.kind is not Kind.STRING else f"'{token.text}'" for token in part]
    match texts:
        case []:
            return True
        case ["TRUE"] | ["'T'"] | ["NOT", "FALSE"] | ["NOT", "0"]:
            return False
        case [number]:
            return part[0].kind is Kind.UNKNOWN or not (number.isdigit() and int(number[:18]) != 0)
        case [*_, "IS", "NOT", "NULL"]:
            return False
        case [*_, "LIKE" | "ILIKE", "'%'"] | [*_, "LIKE" | "ILIKE", "'%%'"]:
            return False
        case [left, sign, right] if part[0].kind is not Kind.UNKNOWN:
            return _comparison_narrows(left, sign, right, number=part[2].kind is Kind.NUMBER)
    for sign in ("=", "<>", "!=", ">=", "<="):
        if texts.count(sign) == 1:
            at = texts.index(sign)
            same = texts[:at] == texts[at + 1 :] and not any(token.kind is Kind.UNKNOWN for token in part)
            return not (same and sign in ("=", ">=", "<="))
    return True


def _comparison_narrows(left: str, sign: str, right: str, *, number: bool) -> bool:
    if left == right:
        return sign not in ("=", ">=", "<=", "<=>", "==", "IS")
    if left.isdigit() and right.isdigit():
        return sign not in ("<", "<>", "!=", "<=", ">", ">=")
    if number and right in ("0", "1") and sign in (">", ">=", "<>", "!="):
        return not (_KEY.fullmatch(left.strip('"`[]')) and (right == "0" or sign == ">="))
    return True
