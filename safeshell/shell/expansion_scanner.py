"""Quotes and expansions of bash and zsh: what may stand inside of a word, as parts that can be folded later.

Where a word begins and ends is not known here.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Self

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.ansi_quotes import unescape
from safeshell.shell.conventions import Conventions
from safeshell.shell.positions import Positions
from safeshell.shell.source_text import MAX_DEPTH, Fault, Limits, SourceText, too_deep
from safeshell.shell.tree import (
    Literal,
    Parameter,
    Part,
    RawWord,
    Sequence,
    Substitution,
    Unknowable,
)
from safeshell.shell.word import UNKNOWN

_DOUBLE_CHUNK = lazy_pattern(r"[^\"\\`$!\ufffc]+")
_HERE_CHUNK = lazy_pattern(r"[^\\`$\ufffc]+")
_BRACED_CHUNK = lazy_pattern(r"[^}\\'\"`$\ufffc]+")
_PAREN_CHUNK = lazy_pattern(r"[^()\\'\"`$\ufffc]+")
_BRACKET_CHUNK = lazy_pattern(r"[^\[\]\\'\"`$\ufffc]+")
_BACKTICK_CHUNK = lazy_pattern(r"[^`\\]+")
_ACTIVE = lazy_pattern(r"[*?\[]")
_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_ZSH_FLAGGED = lazy_pattern(r"[=~^+#]{1,2}[A-Za-z_][A-Za-z0-9_]*")
_JOINED_EXPANSION = lazy_pattern(r"\$(?:\\\n)+|\$\{?[A-Za-z_][A-Za-z0-9_]*(?:\\\n[A-Za-z0-9_]*)+")
_BRACED_NAME = lazy_pattern(r"(?:([!#])(?=[A-Za-z_0-9@*]))?([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-](?![{(]))")
_OPERATOR = lazy_pattern(r":[-=?+]|[-=?+]|##?|%%?|//?|\^\^?|,,?|~~?|@|:")
_HISTORY = lazy_pattern(
    r"!(?:!|\$|\^|\*|-?[0-9]+|\?[^\n?]*\??|#|[A-Za-z_./~][^\s;&|()<>\"'`:]*)(?::[^\s;&|()<>\"'`]+)?"
)

_QUOTING_OPERATORS: Final = frozenset({"#", "##", "%", "%%", "/", "//", "^", "^^", ",", ",,"})


_MAX_JOINS: Final = 1000
"""Each costs a copy of the text."""


class ExpansionScanner(SourceText, ABC):
    """Reads quotes and expansions.

    Args:
        text, positions, limits, faults: as for any text.
        conventions: of the shell that would read the text.
    """

    def __init__(
        self,
        text: str,
        positions: Positions,
        limits: Limits,
        faults: list[Fault],
        conventions: Conventions,
    ) -> None:
        super().__init__(text, positions, limits, faults)
        self.conventions = conventions
        self.zsh = conventions.zsh
        self.joins = _MAX_JOINS if "\\\n" in text else 0
        self._not_arithmetic: set[int] = set()

    @abstractmethod
    def nested_commands(self, closer: str) -> Sequence:
        """The commands from here to `closer` (`)` or `}`), which is taken too."""

    @abstractmethod
    def whole(self) -> Sequence:
        """All commands of the text."""

    def nested(self, text: str, start: int, end: int, *, exact: bool) -> Self:
        """A reader for a text that stands between `start` and `end`, or was made of what stands there."""
        positions = self.nested_positions(start, end, exact=exact)
        return type(self)(text, positions, self.limits, self.faults, self.conventions)

    def put(self, text: str, end: int) -> None:
        """Put `text` in the place of what stands from here to `end`."""
        self.positions.replaced(self.pos, end, len(text))
        self.text = self.text[: self.pos] + text + self.text[end:]
        self.end = len(self.text)

    def join(self, found: re.Match[str]) -> None:
        """Take the joints of lines out of what was found here; after many of them no more."""
        self.joins -= 1
        self.put(found.group().replace("\\\n", ""), found.end())

    def checkpoint(self) -> Callable[[], None]:
        """A function that takes everything back to the state of now."""
        saved, text, words = self.pos, self.text, self.limits.words
        faults, mark = len(self.faults), self.positions.mark()

        def go_back() -> None:
            del self.faults[faults:]
            self.text, self.end, self.pos = text, len(text), saved
            self.limits.words = words
            self.positions.forget(mark)

        return go_back

    # Quotes

    def _single_quoted(self, parts: list[Part]) -> None:
        start = self.pos
        close = self.text.find("'", start + 1)
        if close < 0:
            self.unfinished("a single quote is never closed", start)
            close = self.end
        self._quoted_text(parts, self.text[start + 1 : close])
        self.pos = min(close + 1, self.end)

    def _quoted_text(self, parts: list[Part], text: str) -> None:
        """Add text that is quoted; a typed U+FFFC in it stays an unknown part."""
        pieces = text.split(UNKNOWN)
        parts.append(Literal(pieces[0], quoted=True))
        for piece in pieces[1:]:
            parts.append(Unknowable(UNKNOWN, quoted=True))
            parts.append(Literal(piece, quoted=True))

    def _double_quoted(self, parts: list[Part]) -> None:
        opening = self.pos
        self.pos += 1
        parts.append(Literal("", quoted=True))
        while self.pos < self.end:
            chunk = _DOUBLE_CHUNK.match(self.text, self.pos)
            if chunk is not None:
                parts.append(Literal(chunk.group(), quoted=True))
                self.pos = chunk.end()
                continue
            char = self.text[self.pos]
            if char == '"':
                self.pos += 1
                return
            if char == "\\":
                self._escaped_in_quotes(parts, '$`"\\\n')
            elif char == "!":
                self._exclamation(parts, quoted=True)
            else:
                self._expansion(parts, quoted=True)
        self.unfinished("a double quote is never closed", opening)

    def _escaped_in_quotes(self, parts: list[Part], special: str) -> None:
        following = self.text[self.pos + 1 : self.pos + 2]
        if following and following in special:
            if following != "\n":
                parts.append(Literal(following, quoted=True))
            self.pos += 2
        else:
            parts.append(Literal("\\", quoted=True))
            self.pos += 1

    def _exclamation(self, parts: list[Part], *, quoted: bool) -> None:
        negates = self.text[self.pos - 1 : self.pos] == "["
        event = _HISTORY.match(self.text, self.pos) if self.conventions.history and not negates else None
        if event is not None:
            parts.append(Unknowable(event.group(), quoted=quoted))
            self.pos = event.end()
        else:
            parts.append(Literal("!", quoted=quoted))
            self.pos += 1

    # Expansions

    def _expansion(self, parts: list[Part], *, quoted: bool) -> None:
        """What begins with `$`, a backtick or U+FFFC."""
        char = self.text[self.pos]
        if char == "`":
            self._backticks(parts, quoted=quoted)
        elif char == "$":
            self._dollar(parts, quoted=quoted)
        else:
            parts.append(Unknowable(UNKNOWN, quoted=quoted))
            self.pos += 1

    def _dollar(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.pos
        while self.joins and (joined := _JOINED_EXPANSION.match(self.text, start)):
            self.join(joined)
        following = self.text[start + 1 : start + 2]
        if following == "(":
            self._dollar_parenthesis(parts, quoted=quoted)
        elif following == "{":
            self._braced(parts, quoted=quoted)
        elif following == "[":
            self.pos += 2
            inner = self._enclosed("[", "]", start)
            parts.append(Unknowable(self.text[start : self.pos], quoted, inner, number=True))
        elif following == "'" and not quoted:
            self._ansi_quoted(parts)
        elif following == '"' and not quoted:
            self.pos += 1
            self._double_quoted(parts)
        elif self.zsh and (name := _ZSH_FLAGGED.match(self.text, start + 1)):
            self.pos = name.end()
            parts.append(Unknowable(self.text[start : self.pos], quoted))
        elif name := _NAME.match(self.text, start + 1):
            self.pos = name.end()
            subscript = self._zsh_subscript()
            source = self.text[start : self.pos]
            parts.append(Parameter(name.group(), source, quoted, subscript=subscript))
        else:
            parts.append(Literal("$", quoted))
            self.pos += 1

    def _zsh_subscript(self) -> tuple[Part, ...] | None:
        if not self.zsh or not self.text.startswith("[", self.pos):
            return None
        start = self.pos
        self.pos += 1
        return self._enclosed("[", "]", start)

    def _ansi_quoted(self, parts: list[Part]) -> None:
        start = self.pos
        self.pos += 2
        while self.pos < self.end and self.text[self.pos] != "'":
            self.pos += 2 if self.text[self.pos] == "\\" else 1
        if self.pos >= self.end:
            self.pos = self.end
            self.unfinished("a single quote is never closed", start)
        self._quoted_text(parts, unescape(self.text[start + 2 : self.pos]))
        self.pos = min(self.pos + 1, self.end)

    def _dollar_parenthesis(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.pos
        if self.text.startswith("((", start + 1):
            inner = self.arithmetic(start + 3)
            if inner is not None:
                parts.append(Unknowable(self.text[start : self.pos], quoted, inner, number=True))
                return
        self.pos = start + 2
        body = self.nested_commands(")")
        parts.append(Substitution(body, self.text[start : self.pos], quoted))

    def arithmetic(self, begin: int) -> tuple[Part, ...] | None:
        """The parts of an arithmetic expression from `begin` to its `))`, which is taken too.

        Returns:
            None when it is no arithmetic but a parenthesis in another; nothing is taken then.
        """
        if begin in self._not_arithmetic:
            return None
        go_back = self.checkpoint()
        self.pos = begin
        self.limits.enter()
        inner = self._enclosed("(", ")", None)
        self.limits.depth -= 1
        if self.pos <= self.end and self.text.startswith("))", self.pos - 1):
            self.pos += 1
            return inner
        open_ended = self.pos > self.end
        go_back()
        if open_ended:
            self.unfinished("`((` is never closed", begin - 2)
        self._not_arithmetic.add(begin)
        return None

    def _enclosed(self, opener: str, closer: str, start: int | None) -> tuple[Part, ...]:
        """The parts up to the `closer` that belongs here, which is taken too.

        Args:
            opener: may stand inside, with a closer of its own.
            closer: what ends it.
            start: where to say that it is never closed; None when the caller looks for that.
        """
        chunks = _PAREN_CHUNK if opener == "(" else _BRACKET_CHUNK
        parts: list[Part] = []
        level = 0
        while self.pos < self.end:
            chunk = chunks.match(self.text, self.pos)
            if chunk is not None:
                parts.append(Literal(chunk.group()))
                self.pos = chunk.end()
                continue
            char = self.text[self.pos]
            if char in (closer, opener):
                self.pos += 1
                if char == closer and level == 0:
                    return tuple(parts)
                level += 1 if char == opener else -1
                if level > MAX_DEPTH:
                    raise too_deep()
                parts.append(Literal(char))
            elif char == "'" and opener == "[":
                self._single_quoted(parts)
            elif char == '"' and opener == "[":
                self._double_quoted(parts)
            elif char in "'\"":
                parts.append(Literal(char))
                self.pos += 1
            elif char == "\\":
                parts.append(Literal(self.text[self.pos + 1 : self.pos + 2], quoted=True))
                self.pos += 2
            else:
                self._expansion(parts, quoted=True)
        self.pos = self.end + 1 if start is None else self.end
        if start is not None:
            self.unfinished(f"`{opener}` is never closed", start)
        return tuple(parts)

    def _braced(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.pos
        self.pos += 2
        if self.pos < self.end and self.text[self.pos] in " \t\n|":
            self.pos += 1
            body = self.nested_commands("}")
            parts.append(Substitution(body, self.text[start : self.pos], quoted, same_shell=True))
            return
        self.limits.enter()
        name = _BRACED_NAME.match(self.text, self.pos)
        subscript: tuple[Part, ...] | None = None
        operator = ""
        if name is not None:
            self.pos = name.end()
            if self.text.startswith("[", self.pos):
                self.pos += 1
                subscript = self._enclosed("[", "]", self.pos - 1)
            if found := _OPERATOR.match(self.text, self.pos):
                operator = found.group()
                self.pos = found.end()
        argument = self._braced_argument(start, operator, quoted=quoted)
        self.limits.depth -= 1
        source = self.text[start : self.pos]
        understood = name is not None and (bool(operator) or not argument)
        if name is None or not understood:
            parts.append(Unknowable(source, quoted, (*(subscript or ()), *argument)))
            return
        prefix = name.group(1) or ""
        parts.append(Parameter(name.group(2), source, quoted, prefix, subscript, operator, argument))

    def _braced_argument(self, start: int, operator: str, *, quoted: bool) -> tuple[Part, ...]:
        """The parts up to the closing brace, which is taken too."""
        single = not quoted or operator in _QUOTING_OPERATORS
        parts: list[Part] = []
        while self.pos < self.end:
            chunk = _BRACED_CHUNK.match(self.text, self.pos)
            if chunk is not None:
                text = chunk.group()
                parts.append(Literal(text, quoted, glob=not quoted and _ACTIVE.search(text) is not None))
                self.pos = chunk.end()
                continue
            char = self.text[self.pos]
            if char == "}":
                self.pos += 1
                return tuple(parts)
            if char == "'" and single:
                self._single_quoted(parts)
            elif char == '"':
                self._double_quoted(parts)
            elif char == "'":
                parts.append(Literal(char, quoted=True))
                self.pos += 1
            elif char == "\\" and quoted:
                self._escaped_in_quotes(parts, '$`"\\}\n')
            elif char == "\\":
                self.escaped(parts)
            else:
                self._expansion(parts, quoted=quoted)
        self.unfinished("`${` is never closed", start)
        return tuple(parts)

    def _backticks(self, parts: list[Part], *, quoted: bool) -> None:
        start = self.pos
        self.pos += 1
        while self.pos < self.end and self.text[self.pos] != "`":
            chunk = _BACKTICK_CHUNK.match(self.text, self.pos)
            self.pos = chunk.end() if chunk is not None else self.pos + 2
        close = min(self.pos, self.end)
        if self.pos >= self.end:
            self.unfinished("a backtick is never closed", start)
        raw = self.text[start + 1 : close]
        self.pos = min(close + 1, self.end)
        special = '$`\\"' if quoted else "$`\\"
        text = re.sub(rf"\\([{re.escape(special)}])", r"\1", raw) if "\\" in raw else raw
        inner = self.nested(text, start + 1, close, exact=text is raw)
        self.limits.enter()
        body = inner.whole()
        self.limits.depth -= 1
        parts.append(Substitution(body, self.text[start : self.pos], quoted))

    # Other texts

    def here_text(self) -> RawWord:
        """All of the text as the body of a here-document whose delimiter was not quoted."""
        parts: list[Part] = []
        while self.pos < self.end:
            chunk = _HERE_CHUNK.match(self.text, self.pos)
            if chunk is not None:
                parts.append(Literal(chunk.group(), quoted=True))
                self.pos = chunk.end()
            elif self.text[self.pos] == "\\":
                self._escaped_in_quotes(parts, "$`\\\n")
            else:
                self._expansion(parts, quoted=True)
        return RawWord(self.positions.span(0, self.end), self.text, tuple(parts))

    def subscript(self) -> tuple[Part, ...]:
        """The parts between the bracket before this place and its partner, which is taken too."""
        return self._enclosed("[", "]", self.pos - 1)
