"""Words of bash and zsh, out of literals, quotes and expansions.

What a word means is not known here, nor which words make a command.
"""

from __future__ import annotations

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.expansion_scanner import ExpansionScanner
from safeshell.shell.tree import (
    Literal,
    Part,
    ProcessSubstitution,
    RawWord,
)

_PLAIN_WORD = lazy_pattern(r"[A-Za-z0-9_./:@,+%-][A-Za-z0-9_./:@,+%=-]*(?=[ \t\n;|&)]|\Z)")
_CHUNK = lazy_pattern(r"[^ \t\r\n|&;()<>\\'\"`$!\ufffc]+")
_ACTIVE = lazy_pattern(r"[*?\[]")
_NUMERIC_GLOB = lazy_pattern(r"<[0-9]*-[0-9]*>")
_ARRAY_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\+?=\Z")


class WordScanner(ExpansionScanner):
    """Reads words."""

    brace_closes = False
    """In zsh: a `}` without a partner in its word ends the word, and the group that it is in."""

    def word(self, *, argument: bool = False) -> RawWord | None:
        """The word that begins here; None when none does.

        Args:
            argument: it is not in command position, where zsh reads `(` as the beginning of a pattern.
        """
        plain = _PLAIN_WORD.match(self.text, self.pos)
        if plain is not None:
            self.limits.word()
            start, self.pos = self.pos, plain.end()
            return RawWord(self.positions.span(start, self.pos), plain.group())
        start = self.pos
        parts: list[Part] = []
        if self.zsh and self.text.startswith("=(", start):
            self.pos += 2
            body = self.nested_commands(")")
            parts.append(ProcessSubstitution(body, self.text[start : self.pos]))
        while self.pos < self.end and self._part(parts, start, argument=argument):
            pass
        if self.pos == start:
            return None
        self.limits.word()
        return RawWord(self.positions.span(start, self.pos), self.text[start : self.pos], tuple(parts))

    def _part(self, parts: list[Part], start: int, *, argument: bool) -> bool:
        """Read one part of an unquoted word; False where the word ends."""
        chunk = _CHUNK.match(self.text, self.pos)
        if chunk is not None:
            text = chunk.group()
            if self.brace_closes and "}" in text:
                text = _before_closing_brace(self.text[start : self.pos], text)
                if not text:
                    return False
            parts.append(Literal(text, glob=_ACTIVE.search(text) is not None))
            self.pos += len(text)
            return True
        char = self.text[self.pos]
        if char in " \t\n;|&)":
            return False
        if char == "\r":
            if self.text[self.pos + 1 : self.pos + 2] in ("", "\n"):
                return False
            parts.append(Literal(char))
            self.pos += 1
            return True
        if char == "(":
            if self._opens_pattern(start, argument=argument):
                self._pattern_group(parts)
                return True
            return False
        if char in "<>":
            return self._process_substitution(parts)
        if char == "\\":
            self.escaped(parts)
        elif char == "'":
            self._single_quoted(parts)
        elif char == '"':
            self._double_quoted(parts)
        elif char == "!":
            self._exclamation(parts, quoted=False)
        else:
            self._expansion(parts, quoted=False)
        return True

    def _opens_pattern(self, start: int, *, argument: bool) -> bool:
        if self.pos > start and self.text[self.pos - 1] in "?*+@!":
            return True
        if not self.zsh:
            return False
        if self.pos == start:
            return argument
        return not _ARRAY_NAME.match(self.text[start : self.pos])

    def _pattern_group(self, parts: list[Part]) -> None:
        """`(a|b)` of a pattern; blanks and operators in it are ordinary characters."""
        opening, level = self.pos, 0
        while self.pos < self.end:
            char = self.text[self.pos]
            if char not in "() \t\n;|&<>" and self._part(parts, opening, argument=True):
                continue
            level += (char == "(") - (char == ")")
            parts.append(Literal(char, glob=char in "()"))
            self.pos += 1
            if level == 0:
                return
        self.unfinished("a parenthesis is never closed", opening)

    def _process_substitution(self, parts: list[Part]) -> bool:
        if self.zsh and (numbers := _NUMERIC_GLOB.match(self.text, self.pos)):
            parts.append(Literal(numbers.group(), glob=True))
            self.pos = numbers.end()
            return True
        if not self.text.startswith("(", self.pos + 1):
            return False
        start = self.pos
        self.pos += 2
        body = self.nested_commands(")")
        source = self.text[start : self.pos]
        parts.append(ProcessSubstitution(body, source, source.startswith(">")))
        return True


def _before_closing_brace(before: str, text: str) -> str:
    """The part of `text` up to a `}` that closes more than `before` and `text` open."""
    level = max(0, before.count("{") - before.count("}"))
    for index, char in enumerate(text):
        level += (char == "{") - (char == "}")
        if level < 0:
            return text[:index]
    return text
