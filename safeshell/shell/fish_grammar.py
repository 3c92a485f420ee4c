"""Commands of fish: `begin … end`, `if`, `while`, `for`, `switch`, `function`, `and`, `or`, `not`, pipes.

It makes the same tree as the grammar of bash. What is wrong is noted and stepped over.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.conventions import Conventions
from safeshell.shell.fish_words import FishWords
from safeshell.shell.positions import Positions
from safeshell.shell.script import Problem
from safeshell.shell.source_text import MAX_PIPE, Fault, LimitMet, Limits
from safeshell.shell.tree import (
    NOTHING,
    AndOr,
    Background,
    Case,
    For,
    Function,
    If,
    Node,
    Pipeline,
    RawAssignment,
    RawRedirect,
    RawWord,
    Redirected,
    Sequence,
    Simple,
    While,
)

_BLANKS = lazy_pattern(r"(?:[ \t]|\\\n|\r(?=\n|\Z))+")
_COMMENT = lazy_pattern(r"#[^\n]*")
_KEYWORD = lazy_pattern(
    r"(?:if|while|for|switch|function|begin|and|or|not|!|time|else|case|end|\{|\})(?=[ \t\n;|&()<>]|\Z)"
)
_JOIN = lazy_pattern(r"(and|or)(?=[ \t])")
_REDIRECT = lazy_pattern(r"(&>>|&>)\??|([0-9]+)?(>>|>&|>\?|<&|<\?|>(?!\|)|<)")
_PIPE = lazy_pattern(r"(?:&|[0-9]*>)?\|(?!\|)")
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)=")
_END: Final = frozenset({"end"})
_BRANCH_END: Final = frozenset({"end", "else"})
_CASE_END: Final = frozenset({"end", "case"})
_CLOSERS: Final = frozenset({"end", "else", "case", "}"})
_OPERATORS: Final = {">?": ">", "<?": "<"}


class FishGrammar(FishWords):
    """Reads whole texts.

    Args:
        text, positions, limits, faults: as for any text.
        conventions: the aliases in force.
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
        self._wanted: list[frozenset[str]] = []

    def whole(self) -> Sequence:
        """All commands of the text."""
        return self._sequence(frozenset())

    def nested_commands(self, closer: str) -> Sequence:
        """The commands from here to `closer`, which is taken too."""
        start = self.pos - 1
        self.limits.enter()
        wanted, self._wanted = self._wanted, []
        body = self._sequence(frozenset({closer}))
        self._wanted = wanted
        self.limits.depth -= 1
        if self.text.startswith(closer, self.pos):
            self.pos += 1
        else:
            self.unfinished(f"`(` is not ended by `{closer}`", start)
        return body

    # Lists

    def _sequence(self, closers: frozenset[str]) -> Sequence:
        self._wanted.append(closers)
        items: list[Node] = []
        while True:
            self._skip_separators()
            if self.pos >= self.end or self._closed(closers):
                break
            begin = self.pos
            node = self._and_or()
            if node is None:
                if self.pos == begin:
                    self.wrong(f"`{self.text[begin]}` is not expected here", begin, begin + 1)
                    self.pos += 1
                continue
            if self.text.startswith("&", self.pos) and not self.text.startswith("&&", self.pos):
                self.pos += 1
                node = Background(node)
            rest = self._joined()
            items.append(AndOr(node, rest) if rest else node)
        self._wanted.pop()
        return Sequence(tuple(items))

    def _joined(self) -> tuple[tuple[str, Node], ...]:
        """The commands on `and` and `or` lines after a command."""
        rest: list[tuple[str, Node]] = []
        while True:
            self._skip_separators()
            join = _JOIN.match(self.text, self.pos)
            if join is None:
                return tuple(rest)
            following = self._and_or()
            if following is None:
                return tuple(rest)
            rest.append(("&&" if join.group(1) == "and" else "||", following))

    def _skip_blanks(self) -> None:
        blanks = _BLANKS.match(self.text, self.pos)
        if blanks is not None:
            self.pos = blanks.end()
        if comment := _COMMENT.match(self.text, self.pos):
            self.pos = comment.end()

    def _skip_separators(self) -> None:
        while True:
            self._skip_blanks()
            if self.pos >= self.end or self.text[self.pos] not in ";\n":
                return
            self.pos += 1

    def _closed(self, closers: frozenset[str]) -> bool:
        """Whether one of `closers`, or one of what is around, stands here; others are noted and skipped."""
        while self.pos < self.end:
            keyword = _KEYWORD.match(self.text, self.pos)
            found = ")" if self.text[self.pos] == ")" else keyword.group() if keyword else ""
            if found != ")" and found not in _CLOSERS:
                return False
            if found in closers or any(found in outer for outer in self._wanted):
                return True
            self.wrong(f"`{found}` is not expected here", self.pos, self.pos + len(found))
            self.pos += len(found)
            self._skip_separators()
        return True

    def _and_or(self) -> Node | None:
        first = self._pipeline()
        if first is None:
            return None
        rest: list[tuple[str, Node]] = []
        while True:
            self._skip_blanks()
            operator = self.text[self.pos : self.pos + 2]
            if operator not in ("&&", "||"):
                break
            node = self._after(operator)
            if node is None:
                break
            rest.append((operator, node))
        return AndOr(first, tuple(rest)) if rest else first

    def _after(self, operator: str) -> Node | None:
        start = self.pos
        self.pos += len(operator)
        self._skip_separators_of_lines()
        node = self._pipeline() if self.pos < self.end else None
        if node is None:
            if self.pos >= self.end:
                self.unfinished(f"`{operator}` is not followed by a command", start)
            else:
                self.wrong(f"`{operator}` is not followed by a command", start, self.pos)
        return node

    def _skip_separators_of_lines(self) -> None:
        self._skip_blanks()
        while self.text.startswith("\n", self.pos):
            self.pos += 1
            self._skip_blanks()

    def _pipeline(self) -> Node | None:
        self._skip_prefixes()
        if self.pos >= self.end:
            return None
        node = self._command()
        if node is None:
            return None
        parts = [node]
        while True:
            self._skip_blanks()
            pipe = _PIPE.match(self.text, self.pos)
            if pipe is None:
                break
            start, self.pos = self.pos, pipe.end()
            self._skip_separators_of_lines()
            self._skip_prefixes()
            follower = self._command() if self.pos < self.end else None
            if follower is None:
                self.unfinished("`|` is not followed by a command", start)
                break
            parts.append(follower)
        if len(parts) > MAX_PIPE:
            reason = f"more than {MAX_PIPE} commands are joined by pipes"
            raise LimitMet(Problem("shell.too-long-pipe", reason, limit=True))
        return parts[0] if len(parts) == 1 else Pipeline(tuple(parts))

    def _skip_prefixes(self) -> None:
        """`not`, `!`, `time`; `and` and `or` where nothing stands before them."""
        while prefix := _KEYWORD.match(self.text, self.pos):
            if prefix.group() not in ("not", "!", "time", "and", "or"):
                return
            self.pos = prefix.end()
            self._skip_blanks()

    # Commands

    def _command(self) -> Node | None:
        keyword = _KEYWORD.match(self.text, self.pos)
        word = keyword.group() if keyword is not None else ""
        if not word:
            return self._simple()
        if word in _CLOSERS:
            return None
        start = self.pos
        self.pos += len(word)
        self.limits.enter()
        node: Node
        if word == "if":
            node = self._if(start)
        elif word == "while":
            condition = self._condition()
            node = While(condition, self._block(start, word))
        elif word == "for":
            node = self._for(start)
        elif word == "switch":
            node = self._switch(start)
        elif word == "function":
            node = self._function(start)
        else:
            node = self._block(start, word)
        self.limits.depth -= 1
        redirects = self._redirects()
        return Redirected(node, redirects) if redirects else node

    def _block(self, start: int, opener: str) -> Sequence:
        closer = "}" if opener == "{" else "end"
        body = self._sequence(frozenset({closer}))
        self._expect(closer, opener, start)
        return body

    def _expect(self, word: str, opener: str, start: int) -> None:
        found = _KEYWORD.match(self.text, self.pos)
        if found is not None and found.group() == word:
            self.pos = found.end()
        elif self.pos >= self.end:
            self.unfinished(f"`{opener}` is not ended by `{word}`", start)
        else:
            self.wrong(f"`{opener}` is not ended by `{word}`", start, self.pos)

    def _condition(self) -> Sequence:
        """The command after `if` or `while`, with the `and` and `or` lines that belong to it."""
        self._skip_blanks()
        node = self._and_or() if self.pos < self.end else None
        if node is None:
            self.unfinished("a condition is missing", self.pos)
            return NOTHING
        items: list[Node] = [node]
        while True:
            self._skip_separators()
            if not _JOIN.match(self.text, self.pos):
                return Sequence(tuple(items))
            following = self._and_or()
            if following is None:
                return Sequence(tuple(items))
            items.append(following)

    def _if(self, start: int) -> If:
        branches: list[tuple[Sequence, Sequence]] = []
        otherwise = NOTHING
        while True:
            condition = self._condition()
            branches.append((condition, self._sequence(_BRANCH_END)))
            again = re.compile(r"else[ \t]+if(?=[ \t])").match(self.text, self.pos)
            if again is None:
                break
            self.pos = again.end()
        if self.text.startswith("else", self.pos):
            self.pos += 4
            otherwise = self._sequence(_END)
        self._expect("end", "if", start)
        return If(tuple(branches), otherwise)

    def _for(self, start: int) -> For:
        header = self._header()
        names = tuple(word.source for word in header[:1])
        if len(header) < 2 or header[1].source != "in":
            self.wrong("`for` needs a variable, `in` and its values", start, self.pos)
        return For(names, tuple(header[2:]), self._block(start, "for"))

    def _header(self) -> list[RawWord]:
        """The words up to the end of the line."""
        words: list[RawWord] = []
        while True:
            self._skip_blanks()
            word = self.word() if self.pos < self.end else None
            if word is None:
                return words
            words.append(word)

    def _switch(self, start: int) -> Case:
        header = self._header()
        subject = header[0] if header else RawWord(self.positions.span(start, self.pos), "")
        self._skip_separators()
        branches: list[tuple[tuple[RawWord, ...], Sequence]] = []
        while (found := _KEYWORD.match(self.text, self.pos)) and found.group() == "case":
            self.pos = found.end()
            patterns = tuple(self._header())
            branches.append((patterns, self._sequence(_CASE_END)))
        self._expect("end", "switch", start)
        return Case(subject, tuple(branches))

    def _function(self, start: int) -> Function:
        header = self._header()
        if not header:
            self.wrong("`function` needs a name", start, self.pos)
        body = self._block(start, "function")
        return Function(self.positions.span(start, self.pos), tuple(word.source for word in header[:1]), body)

    def _simple(self) -> Simple | None:
        start = last = self.pos
        words: list[RawWord] = []
        assignments: list[RawAssignment] = []
        redirects: list[RawRedirect] = []
        while self.pos < self.end and not _PIPE.match(self.text, self.pos):
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
            elif not words and (assignment := self._assignment()) is not None:
                assignments.append(assignment)
            else:
                if not words and self._expand_abbreviation():
                    continue
                word = self.word()
                if word is None:
                    break
                words.append(word)
            last = self.pos
            self._skip_blanks()
        if last == start:
            return None
        span = self.positions.span(start, last)
        return Simple(span, tuple(words), tuple(assignments), tuple(redirects))

    def _expand_abbreviation(self) -> bool:
        """Put an alias's body in the place of its name; whether that was done."""
        aliases = self.conventions.aliases
        if not aliases:
            return False
        found = re.compile(r"[^\s|&;()<>$'\"\\\ufffc]+").match(self.text, self.pos)
        body = aliases.get(found.group()) if found is not None else None
        if found is None or body is None:
            return False
        name = found.group()
        self.conventions = self.conventions.without_alias(name)
        self.positions.replaced(self.pos, found.end(), len(body))
        self.text = self.text[: self.pos] + body + self.text[found.end() :]
        self.end = len(self.text)
        return True

    def _assignment(self) -> RawAssignment | None:
        name = _ASSIGNMENT.match(self.text, self.pos)
        if name is None:
            return None
        self.pos = name.end()
        begin = self.pos
        value = self.word() if self.pos < self.end else None
        if value is None:
            value = RawWord(self.positions.span(begin, begin), "")
        return RawAssignment(name.group(1), value)

    def _redirects(self) -> tuple[RawRedirect, ...]:
        redirects: list[RawRedirect] = []
        while True:
            self._skip_blanks()
            redirect = self._redirect() if self.pos < self.end else None
            if redirect is None:
                return tuple(redirects)
            redirects.append(redirect)

    def _redirect(self) -> RawRedirect | None:
        if _PIPE.match(self.text, self.pos):
            return None
        found = _REDIRECT.match(self.text, self.pos)
        if found is None:
            return None
        start = self.pos
        both, number, operator = found.groups()
        operator = both or _OPERATORS.get(operator, operator)
        self.pos = found.end()
        self._skip_blanks()
        target = self.word() if self.pos < self.end else None
        if target is None:
            self.wrong(f"`{operator}` needs a file name", start, self.pos)
            target = RawWord(self.positions.span(self.pos, self.pos), "")
        descriptor = int(number) if number is not None and len(number) < 10 else None
        return RawRedirect(self.positions.span(start, self.pos), operator, target, descriptor)
