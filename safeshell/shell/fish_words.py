"""Words of fish, with its quotes, variables and command substitutions, as the same parts that bash's words have.

Source: fish's language manual. What joins words into commands is not known here.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.ansi_quotes import unescape
from safeshell.shell.source_text import SourceText
from safeshell.shell.tree import Literal, Parameter, Part, RawWord, Sequence, Substitution, Unknowable
from safeshell.shell.word import UNKNOWN

_PLAIN_WORD = lazy_pattern(r"[A-Za-z0-9_./:@,+%=^-]+(?=[ \t\n;|]|\Z)")
_CHUNK = lazy_pattern(r"[^ \t\r\n|&;()<>\\'\"$\ufffc]+")
_DOUBLE_CHUNK = lazy_pattern(r"[^\"\\$\ufffc]+")
_SINGLE_CHUNK = lazy_pattern(r"[^'\\\ufffc]+")
_ACTIVE = lazy_pattern(r"[*?]")
_VARIABLE = lazy_pattern(r"\$+([A-Za-z_][A-Za-z0-9_]*)")
_ESCAPE = lazy_pattern(
    r"\\(?:[xX][0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|[abefnrtv])"
)
_AMPERSAND_IN_WORD = lazy_pattern(r"&(?=[^ \t\n|&;()<>])")
_INDEX = lazy_pattern(r"[0-9]{1,4}\Z")
_ENDS: Final = frozenset(" \t\n;|)<>")


class FishWords(SourceText, ABC):
    """Reads words."""

    @abstractmethod
    def nested_commands(self, closer: str) -> Sequence:
        """The commands from here to `closer`, which is taken too."""

    def word(self) -> RawWord | None:
        """The word that begins here; None when none does."""
        plain = _PLAIN_WORD.match(self.text, self.pos)
        start = self.pos
        if plain is not None:
            self.limits.word()
            self.pos = plain.end()
            return RawWord(self.positions.span(start, self.pos), plain.group())
        parts: list[Part] = []
        while self.pos < self.end and self._part(parts, start):
            pass
        if self.pos == start:
            return None
        self.limits.word()
        return RawWord(self.positions.span(start, self.pos), self.text[start : self.pos], tuple(parts))

    def _part(self, parts: list[Part], start: int) -> bool:
        chunk = _CHUNK.match(self.text, self.pos)
        if chunk is not None:
            text = chunk.group()
            parts.append(Literal(text, glob=_ACTIVE.search(text) is not None))
            self.pos = chunk.end()
            return True
        char = self.text[self.pos]
        if char in _ENDS or (char == "\r" and self.text[self.pos + 1 : self.pos + 2] in ("", "\n")):
            return False
        if char == "\r":
            parts.append(Literal(char))
            self.pos += 1
            return True
        if char == "&":
            if self.pos == start or not _AMPERSAND_IN_WORD.match(self.text, self.pos):
                return False
            parts.append(Literal("&", quoted=True))
            self.pos += 1
        elif char == "(":
            self._substitution(parts, 1, quoted=False)
        elif char == "\\":
            self._escaped(parts)
        elif char == "'":
            self._single_quoted(parts)
        elif char == '"':
            self._double_quoted(parts)
        elif char == "$":
            self._dollar(parts, quoted=False)
        else:
            parts.append(Unknowable(UNKNOWN))
            self.pos += 1
        return True

    def _escaped(self, parts: list[Part]) -> None:
        if escape := _ESCAPE.match(self.text, self.pos):
            text = escape.group()
            parts.append(Literal(unescape(text.replace("\\X", "\\x")), quoted=True))
            self.pos = escape.end()
            return
        self.escaped(parts)

    def _single_quoted(self, parts: list[Part]) -> None:
        start = self.pos
        self.pos += 1
        parts.append(Literal("", quoted=True))
        while self.pos < self.end:
            if chunk := _SINGLE_CHUNK.match(self.text, self.pos):
                parts.append(Literal(chunk.group(), quoted=True))
                self.pos = chunk.end()
                continue
            char = self.text[self.pos]
            if char == "'":
                self.pos += 1
                return
            self._in_quotes(parts, char, "\\'")
        self.unfinished("a single quote is never closed", start)

    def _double_quoted(self, parts: list[Part]) -> None:
        start = self.pos
        self.pos += 1
        parts.append(Literal("", quoted=True))
        while self.pos < self.end:
            if chunk := _DOUBLE_CHUNK.match(self.text, self.pos):
                parts.append(Literal(chunk.group(), quoted=True))
                self.pos = chunk.end()
                continue
            char = self.text[self.pos]
            if char == '"':
                self.pos += 1
                return
            if char == "$":
                self._dollar(parts, quoted=True)
            else:
                self._in_quotes(parts, char, '\\"$\n')
        self.unfinished("a double quote is never closed", start)

    def _in_quotes(self, parts: list[Part], char: str, special: str) -> None:
        """A backslash or an unknown part inside of quotes."""
        following = self.text[self.pos + 1 : self.pos + 2]
        if char == UNKNOWN:
            parts.append(Unknowable(UNKNOWN, quoted=True))
            self.pos += 1
        elif following and following in special:
            if following != "\n":
                parts.append(Literal(following, quoted=True))
            self.pos += 2
        else:
            parts.append(Literal(char, quoted=True))
            self.pos += 1

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.pos
        if self.text.startswith("$(", start):
            self._substitution(parts, 2, quoted=quoted)
            return
        name = _VARIABLE.match(self.text, start)
        if name is None:
            parts.append(Literal("$", quoted=quoted))
            self.pos += 1
            return
        self.pos = name.end()
        subscript = self._subscript()
        source = self.text[start : self.pos]
        if source.startswith("$$"):
            parts.append(Unknowable(source, quoted, subscript or ()))
        else:
            parts.append(_parameter(name.group(1), source, subscript, quoted=quoted))

    def _subscript(self) -> tuple[Part, ...] | None:
        """`[1]`, `[2..-1]` after a variable or a substitution."""
        if not self.text.startswith("[", self.pos):
            return None
        start = self.pos
        self.pos += 1
        parts: list[Part] = []
        while self.pos < self.end and not self.text.startswith("]", self.pos):
            if self.text[self.pos] in " \t":
                self.pos += 1
                continue
            before = self.pos
            if piece := re.compile(r"[^\]$('\"\\ \t\n|&;)<>\ufffc]+").match(self.text, self.pos):
                parts.append(Literal(piece.group()))
                self.pos = piece.end()
            elif not self._part(parts, start):
                break
            if self.pos == before:
                break
        if self.text.startswith("]", self.pos):
            self.pos += 1
        else:
            self.unfinished("`[` is never closed", start)
        return tuple(parts)

    def _substitution(self, parts: list[Part], length: int, *, quoted: bool) -> None:
        start = self.pos
        self.pos += length
        body = self.nested_commands(")")
        whole = self._subscript() is None
        source = self.text[start : self.pos]
        substitution = Substitution(body, source, quoted)
        parts.append(substitution if whole else Unknowable(source, quoted, (substitution,)))


def _parameter(name: str, source: str, subscript: tuple[Part, ...] | None, *, quoted: bool) -> Parameter:
    """A variable; `$argv` is what a function was called with."""
    if name != "argv":
        return Parameter(name, source, quoted, subscript=subscript)
    if subscript is None:
        return Parameter("@", source, quoted)
    first = subscript[0] if len(subscript) == 1 else None
    if isinstance(first, Literal) and _INDEX.match(first.text):
        return Parameter(first.text, source, quoted)
    return Parameter("argv", source, quoted, subscript=subscript)
