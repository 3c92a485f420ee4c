"""Simple commands of bash and zsh: assignments, words, redirections, here-documents; aliases put in their place.

What joins and nests commands is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.conventions import Conventions
from safeshell.shell.positions import Positions
from safeshell.shell.script import Problem
from safeshell.shell.source_text import Fault, LimitMet, Limits
from safeshell.shell.tree import (
    HereText,
    Literal,
    Part,
    RawAssignment,
    RawRedirect,
    RawWord,
    Simple,
)
from safeshell.shell.word_scanner import WordScanner

_BLANKS = lazy_pattern(r"(?:[ \t]|\\\n|\r(?=\n|\Z))+")
_COMMENT = lazy_pattern(r"#[^\n]*")
_REDIRECT = lazy_pattern(
    r"(?:(&>>|&>)|([0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|<(?!\()|>>|>\||>&|>(?!\()))([!|&]*)"
)
_REDIRECT_START: Final = frozenset("<>&{0123456789")
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")
_ARRAY_ARGUMENT = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\+?=\(")
_ALIASED = lazy_pattern(r"[^\s|&;()<>$`'\"\\=*?\[\]{}~\ufffc]+(?=[\s|&;()<>]|\Z)")
_DECLARING: Final = frozenset({"declare", "typeset", "local", "export", "readonly", "integer", "float"})
_DESCRIPTOR_TARGET = lazy_pattern(r"(?:[0-9]+-?|-|p)\Z")
_JOINED = lazy_pattern(r"[A-Za-z0-9_{}!./:=-]+(?:\\\n[A-Za-z0-9_{}!./:=-]*)+")
_MAX_ALIASES: Final = 1000
_ENDS: Final = frozenset("\n;|&)")


class CommandScanner(WordScanner):
    """Reads simple commands.

    Args:
        text, positions, limits, faults, conventions: as for words.
    """

    def __init__(
        self,
        text: str,
        positions: Positions,
        limits: Limits,
        faults: list[Fault],
        conventions: Conventions,
    ) -> None:
        super().__init__(text, positions, limits, faults, conventions)
        self.pending: list[HereText] = []
        self._alias_ends: list[tuple[int, str]] = []
        self._alias_count = 0
        self._alias_at = -1

    def checkpoint(self) -> Callable[[], None]:
        """A function that takes everything back to the state of now."""
        rest, pending = super().checkpoint(), self.pending[:]
        alias_ends, alias_at = self._alias_ends[:], self._alias_at

        def go_back() -> None:
            rest()
            self.pending, self._alias_ends, self._alias_at = pending, alias_ends, alias_at

        return go_back

    def skip_blanks(self) -> None:
        """Go past blanks, joined lines and a comment."""
        text = self.text
        if self.pos < self.end and text[self.pos] in " \t\\\r":
            blanks = _BLANKS.match(text, self.pos)
            if blanks is not None:
                self.pos = blanks.end()
        if text.startswith("#", self.pos) and self.conventions.comments:
            comment = _COMMENT.match(text, self.pos)
            if comment is not None:
                self.pos = comment.end()
        elif self.joins:
            self.join_lines()

    def skip_newlines(self) -> None:
        """Go past blanks, comments and line ends, reading here-documents on the way."""
        while True:
            self.skip_blanks()
            if self.pos >= self.end or self.text[self.pos] != "\n":
                break
            self.newline()

    def newline(self) -> None:
        """Take a line end and the here-documents that begin after it."""
        self.pos += 1
        if self.pending:
            waiting, self.pending = self.pending, []
            for here in waiting:
                self._here_document(here)

    # Simple commands

    def simple(self, closer: str = "") -> Simple | None:
        """The simple command that begins here; None when there is none.

        Args:
            closer: a word that ends it wherever it stands, as `}` does in zsh.
        """
        start = last = self.pos
        words: list[RawWord] = []
        assignments: list[RawAssignment] = []
        redirects: list[RawRedirect] = []
        arrays: list[tuple[int, tuple[RawWord, ...]]] = []
        while self.pos < self.end:
            char = self.text[self.pos]
            if char in _ENDS and not self.text.startswith("&>", self.pos):
                break
            if char in _REDIRECT_START and (redirect := self.redirect()) is not None:
                redirects.append(redirect)
            elif closer and words and self.text.startswith(closer, self.pos):
                break
            elif not words and (assignment := self._assignment()) is not None:
                assignments.append(assignment)
            elif self._replace(first=not words):
                continue
            elif words and words[0].source in _DECLARING and _ARRAY_ARGUMENT.match(self.text, self.pos):
                self._array_argument(words, arrays)
            else:
                word = self.word(argument=bool(words))
                if word is None:
                    if not (words or assignments or redirects):
                        return None
                    self.wrong(f"`{self.text[self.pos]}` is not expected here", self.pos, self.pos + 1)
                    self.pos += 1
                    break
                words.append(word)
            last = self.pos
            self.skip_blanks()
        if last == start:
            return None
        span = self.positions.span(start, last)
        return Simple(span, tuple(words), tuple(assignments), tuple(redirects), tuple(arrays))

    def _ends_word(self, position: int) -> bool:
        return position >= self.end or self.text[position] in " \t\n;|&()<>"

    def _assignment(self) -> RawAssignment | None:
        name = _ASSIGNMENT.match(self.text, self.pos)
        if name is None:
            return None
        start, sign = self.pos, name.group(2)
        self.pos = name.end()
        subscript: tuple[Part, ...] | None = None
        if sign == "[":
            if start in self._not_arithmetic:
                self.pos = start
                return None
            go_back = self.checkpoint()
            subscript = self.subscript()
            sign = (
                "="
                if self.text.startswith("=", self.pos)
                else "+="
                if self.text.startswith("+=", self.pos)
                else ""
            )
            if not sign:
                go_back()
                self._not_arithmetic.add(start)
                self.pos = start
                return None
            self.pos += len(sign)
        elements: tuple[RawWord, ...] | None = None
        begin = self.pos
        if self.text.startswith("(", begin):
            elements = self._array()
            value: RawWord | None = None
        else:
            value = self.word(argument=True)
        if value is None:
            value = RawWord(self.positions.span(begin, self.pos), self.text[begin : self.pos])
        return RawAssignment(name.group(1), value, sign == "+=", elements, subscript)

    def _array(self) -> tuple[RawWord, ...]:
        """The elements of `(…)`, both parentheses taken too."""
        start = self.pos
        self.pos += 1
        elements: list[RawWord] = []
        while True:
            self.skip_newlines()
            if self.pos >= self.end:
                self.unfinished("the parenthesis of an array is never closed", start)
                break
            if self.text[self.pos] == ")":
                self.pos += 1
                break
            word = self.word(argument=True)
            if word is None:
                self.wrong(f"`{self.text[self.pos]}` is not expected in an array", self.pos, self.pos + 1)
                break
            elements.append(word)
        return tuple(elements)

    def _array_argument(self, words: list[RawWord], arrays: list[tuple[int, tuple[RawWord, ...]]]) -> None:
        start = self.pos
        self.pos = self.text.index("(", start)
        arrays.append((len(words), self._array()))
        source = self.text[start : self.pos].replace("\\\n", "")
        words.append(RawWord(self.positions.span(start, self.pos), source))

    def _replace(self, *, first: bool) -> bool:
        """Join a word's lines, or put an alias's body in its place; whether something was done."""
        if self.joins and self.join_lines():
            return True
        return bool(self.conventions.aliases) and self.expand_alias(first=first)

    def join_lines(self) -> bool:
        """Take the joints of lines out of a plain word that begins here, so that it is known as what it is."""
        found = _JOINED.match(self.text, self.pos) if self.joins else None
        if found is not None:
            self.join(found)
        return found is not None

    # Redirections

    def redirect(self) -> RawRedirect | None:
        """The redirection that begins here; None when none does."""
        found = _REDIRECT.match(self.text, self.pos)
        if found is None:
            return None
        start = self.pos
        both, number, operator, force = found.groups()
        operator = both or operator
        self.pos = found.start(4)
        if self.zsh and force and operator in (">", ">>", "&>", "&>>", ">&"):
            operator = self._forced(operator, force)
        descriptor = int(number) if number is not None and number.isdigit() and len(number) < 10 else None
        self.skip_blanks()
        begin = self.pos
        target = self.word(argument=True)
        if target is None:
            self._no_target(operator, start)
            target = RawWord(self.positions.span(begin, begin), "")
        if operator in ("<<", "<<-"):
            return self._here_redirect(operator, target, descriptor, start)
        if operator == ">&" and number is None and not _names_descriptor(target):
            operator = "&>"
        return RawRedirect(self.positions.span(start, self.pos), operator, target, descriptor)

    def _forced(self, operator: str, force: str) -> str:
        """Forms of zsh, `>!`, `>>|`, `&>!`, `>>&`: the operator in bash's form, its mark taken."""
        marks = 0
        if force[0] == "&" and operator in (">>",):
            operator, marks = "&>>", 1
        if force[marks : marks + 1] in ("!", "|"):
            marks += 1
            operator = ">|" if operator == ">" else operator
        self.pos += marks
        return operator

    def _no_target(self, operator: str, start: int) -> None:
        if self.pos >= self.end:
            self.wrong(f"`{operator}` needs a file name", start, self.pos)
        else:
            char = self.text[self.pos]
            shown = "the end of the line" if char == "\n" else f"`{char}`"
            self.wrong(f"`{operator}` needs a file name, not {shown}", start, self.pos + 1)

    def _here_redirect(
        self, operator: str, target: RawWord, descriptor: int | None, start: int
    ) -> RawRedirect:
        delimiter, quoted = target.source, False
        if target.parts is not None:
            quoted = any(isinstance(part, Literal) and part.quoted for part in target.parts)
            delimiter = "".join(
                part.text if isinstance(part, Literal) else part.source for part in target.parts
            )
        here = HereText(delimiter, quoted=quoted, strips=operator == "<<-")
        self.pending.append(here)
        return RawRedirect(self.positions.span(start, self.pos), operator, None, descriptor, here)

    def _here_document(self, here: HereText) -> None:
        start = self.pos
        lines: list[str] = []
        closed = False
        while self.pos < self.end:
            close = self.text.find("\n", self.pos)
            after = self.end if close < 0 else close + 1
            line = self.text[self.pos : after]
            if here.strips:
                line = line.lstrip("\t")
            if line.rstrip("\r\n") == here.delimiter:
                closed = True
                break
            lines.append(line)
            self.pos = after
        stop = self.pos
        body = "".join(lines)
        if closed:
            after = self.text.find("\n", self.pos)
            self.pos = self.end if after < 0 else after + 1
        else:
            self.unfinished(f"the here-document is not ended by `{here.delimiter}`", start)
        exact = len(body) == stop - start
        if here.quoted:
            parts: list[Part] = []
            self._quoted_text(parts, body)
            here.word = RawWord(self.positions.span(start, stop), body, tuple(parts))
        else:
            here.word = self.nested(body, start, stop, exact=exact).here_text()

    def finish_here_documents(self) -> None:
        """Say of every here-document still waited for that it does not come."""
        for here in self.pending:
            self.unfinished(f"the here-document ended by `{here.delimiter}` is missing", self.end)
        self.pending = []

    # Aliases

    def expand_alias(self, *, first: bool) -> bool:
        """Put an alias's body in the place of its name; whether that was done."""
        found = _ALIASED.match(self.text, self.pos)
        if found is None:
            return False
        name, aliases = found.group(), self.conventions.aliases
        while self._alias_ends and self._alias_ends[-1][0] <= self.pos:
            self._alias_ends.pop()
        if any(name == active for _, active in self._alias_ends):
            return False
        body = aliases.get(name) if first or self.pos == self._alias_at else None
        if body is None and self.zsh:
            body = aliases.get(f"-g {name}")
            _, dot, suffix = name.rpartition(".")
            if body is None and first and dot and f"-s {suffix}" in aliases:
                body = f"{aliases[f'-s {suffix}']} {name}"
        if body is None:
            return False
        self._put_alias(name, body, found.end())
        return True

    def _put_alias(self, name: str, body: str, end: int) -> None:
        self._alias_count += 1
        if self._alias_count > _MAX_ALIASES:
            reason = f"more than {_MAX_ALIASES} aliases stand in the line"
            raise LimitMet(Problem("shell.too-many-expansions", reason, limit=True))
        start = self.pos
        self.put(body, end)
        self._alias_ends.append((start + len(body), name))
        if body.endswith((" ", "\t")):
            after = _BLANKS.match(self.text, start + len(body))
            self._alias_at = after.end() if after is not None else start + len(body)
        self.skip_blanks()

    def put(self, text: str, end: int) -> None:
        """Put `text` in the place of what stands from here to `end`."""
        growth = len(text) - (end - self.pos)
        super().put(text, end)
        if self._alias_at >= end:
            self._alias_at += growth
        self._alias_ends = [(until + growth, active) for until, active in self._alias_ends]


def _names_descriptor(target: RawWord) -> bool:
    """Whether the target of `>&` is another descriptor, or may be one."""
    if target.parts is not None and not all(isinstance(part, Literal) for part in target.parts):
        return True
    return _DESCRIPTOR_TARGET.match(target.source) is not None
