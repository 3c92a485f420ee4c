"""The calls in a program text, by their dotted names and arguments, as far as they are written there.

A scan, not a parse: `a.b(c).d` gives the calls `a.b` and `a.b.d`. What a call does is for each language's table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.shell.languages.code_tokens import CodeToken
from safeshell.shell.word import UNKNOWN

DOTS: Final = frozenset({".", "::", "->", "&.", "?.", ":"})
_OPENING: Final = frozenset("([{")
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_MAX_CHAIN: Final = 64
MAX_ARGUMENTS: Final = 1000
"""Of longer argument lists only so many tokens are looked at."""
_MAX_NESTED: Final = 6


@frozen
class Call:
    """One name of the text with what stands before and behind it.

    Args:
        chain: the names in front of it, joined by dots in the source: `("User", "where")`.
        name: the name itself.
        arguments: the tokens of its arguments; () for none.
        called: parentheses follow.
        span: of the name.
        at: the index of the name's token.
    """

    chain: tuple[str, ...]
    name: str
    arguments: tuple[CodeToken, ...]
    called: bool = True
    span: Span = (0, 0)
    at: int = -1

    @property
    def path(self) -> str:
        """The dotted name: `File.delete`."""
        return ".".join((*self.chain, self.name))

    def strings(self) -> tuple[str, ...]:
        """The strings among the arguments, in order."""
        return tuple(token.text for token in self.arguments if token.kind == "string")

    def first_text(self) -> str:
        """The first argument, when it is one literal; `UNKNOWN` stands for what is worked out; "" for none."""
        first = next(self.split(), ())
        if not first:
            return ""
        parts = [
            token.text if token.kind == "string" else UNKNOWN
            for token in first
            if token.text not in ("+", "..", "(", ")")
        ]
        return "".join(parts)

    def split(self) -> Iterator[tuple[CodeToken, ...]]:
        """The arguments between commas outside of all brackets."""
        depth, start = 0, 0
        for at, token in enumerate(self.arguments):
            if token.kind == "sign":
                if token.text in _OPENING:
                    depth += 1
                elif token.text in ")]}":
                    depth -= 1
                elif token.text == "," and depth == 0:
                    yield self.arguments[start:at]
                    start = at + 1
        if self.arguments[start:]:
            yield self.arguments[start:]

    def is_empty(self) -> bool:
        """Whether the first argument is nothing, `{}`, `null` or `[]`."""
        first = "".join(token.text for token in next(self.split(), ()))
        return first in ("", "{}", "null", "nil", "undefined", "[]", "true", "[{}]")


@frozen
class Index:
    """The tokens of a text, with the bracket that closes each one that opens."""

    tokens: tuple[CodeToken, ...]
    pairs: dict[int, int]
    opened_by: dict[int, int]

    def text(self, at: int) -> str:
        """The text of a sign or name at an index; "" behind the ends and for strings."""
        if 0 <= at < len(self.tokens) and self.tokens[at].kind in ("sign", "name"):
            return self.tokens[at].text
        return ""


def index_of(tokens: Sequence[CodeToken]) -> Index:
    """The tokens with their brackets paired; ends of line inside of parentheses are left out."""
    pairs: dict[int, int] = {}
    opened_by: dict[int, int] = {}
    waiting: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in _OPENING:
            waiting.append(at)
        elif waiting and token.text == _CLOSING[tokens[waiting[-1]].text]:
            opened = waiting.pop()
            pairs[opened] = at
            opened_by[at] = opened
    for at in waiting:
        pairs[at] = len(tokens)
    return Index(tuple(tokens), pairs, opened_by)


def groups(tokens: Sequence[CodeToken], depth: int = 0) -> Iterator[tuple[CodeToken, ...]]:
    """The tokens, and then those of each expression inside of a string."""
    yield tuple(tokens)
    for token in tokens:
        if token.inside and depth < _MAX_NESTED:
            yield from groups(token.inside, depth + 1)


def calls_of(index: Index, *, bare_arguments: bool) -> Iterator[Call]:
    """Every name of the text as a call.

    Args:
        index: the tokens.
        bare_arguments: arguments may follow without parentheses (Ruby, Perl, PHP's echo).
    """
    for at, token in enumerate(index.tokens):
        if (
            token.kind == "string"
            and index.text(at - 1) == "["
            and index.text(at + 1) == "]"
            and index.text(at + 2) == "("
        ):
            # a["b"](c)
            inside = index.tokens[at + 3 : min(index.pairs.get(at + 2, at + 3), at + MAX_ARGUMENTS)]
            yield Call(_owner(index, at - 1), token.text, inside, True, (token.start, token.end), at)
        if token.kind != "name":
            continue
        arguments, called = _arguments(index, at, bare_arguments=bare_arguments)
        yield Call(_chain(index, at), token.text, arguments, called, (token.start, token.end), at)


def _arguments(index: Index, at: int, *, bare_arguments: bool) -> tuple[tuple[CodeToken, ...], bool]:
    tokens = index.tokens
    if index.text(at + 1) in ("!", "?") and index.text(at + 2) == "(":
        at += 1
    if index.text(at + 1) == "(":
        return tokens[at + 2 : min(index.pairs.get(at + 1, len(tokens)), at + MAX_ARGUMENTS)], True
    if at + 1 < len(tokens) and tokens[at + 1].kind in ("string", "command") and not bare_arguments:
        # Lua: f "text"
        return tokens[at + 1 : at + 2], True
    if not bare_arguments:
        return (), False
    end = at + 1
    while end < len(tokens):
        token = tokens[end]
        if token.kind == "line" or (
            token.kind == "sign" and token.text in (";", ")", "]", "}", "|", "=", "&&", "||", ".", "&.", "->")
        ):
            break
        if token.kind == "sign" and token.text in _OPENING:
            end = index.pairs.get(end, len(tokens))
        end += 1
        if end - at > 200:
            break
    return tokens[at + 1 : min(end, at + MAX_ARGUMENTS)], False


def _owner(index: Index, bracket: int) -> tuple[str, ...]:
    """The names of what a subscript is on."""
    place = bracket - 1
    while place in index.opened_by:
        place = index.opened_by[place] - 1
    if place < 0 or index.tokens[place].kind != "name":
        return ("?",)
    return (*_chain(index, place), index.tokens[place].text)


def _chain(index: Index, at: int) -> tuple[str, ...]:
    """The names in front of a name, through calls and subscripts: `a.b(c)[0].` gives (a, b)."""
    names: list[str] = []
    place = at - 1
    while index.text(place) in DOTS and len(names) < _MAX_CHAIN:
        place -= 1
        while place >= 0 and index.tokens[place].kind == "line":
            place -= 1
        while place in index.opened_by:
            place = index.opened_by[place] - 1
        if index.text(place) in ("!", "?"):
            place -= 1
        if place < 0 or index.tokens[place].kind not in ("name", "string"):
            names.append("?")
            break
        names.append(index.tokens[place].text)
        place -= 1
    return tuple(reversed(names))
