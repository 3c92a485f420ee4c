"""Lists and pipelines of bash and zsh: the topmost rules of the grammar, and how it goes on after an error.

A recursive descent over the text itself. What is wrong is noted and stepped over, so that the commands around it
are still found.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.aliases import defined_aliases
from safeshell.shell.compound import CompoundScanner
from safeshell.shell.conventions import Conventions
from safeshell.shell.positions import Positions
from safeshell.shell.script import Problem
from safeshell.shell.source_text import MAX_PIPE, Fault, LimitMet, Limits
from safeshell.shell.tree import (
    AndOr,
    Background,
    Evaluated,
    Node,
    Pipeline,
    RawWord,
    Sequence,
    Simple,
    Subshell,
    Unknowable,
)

_CLOSING = lazy_pattern(r"(?:then|done|do|fi|elif|else|esac|\}|end)(?=[ \t\n;|&()<>]|\Z)")
_CLOSING_START: Final = frozenset("tdfe})")
_PREFIX = lazy_pattern(r"(?:!|time)(?=[ \t\n;|&()]|\Z)")
_TIME_OPTION = lazy_pattern(r"(?:-p|--)(?=[ \t\n;|&()]|\Z)")
_QUICK_SUBSTITUTION = lazy_pattern(r"\^[^\n]*")
_NO_CLOSERS: Final[frozenset[str]] = frozenset()


class Grammar(CompoundScanner):
    """Reads whole texts.

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
        # Looked for once: aliases are asked for between every two commands.
        self._may_define = "alias" in text or "\\\n" in text
        self._wanted: list[frozenset[str]] = []
        self._level = 0
        self._ended_items = 0

    def whole(self) -> Sequence:
        """All commands of the text."""
        items: tuple[Node, ...] = ()
        if self.conventions.history and (quick := _QUICK_SUBSTITUTION.match(self.text)):
            span = self.positions.span(0, quick.end())
            word = RawWord(span, quick.group(), (Unknowable(quick.group(), quoted=True),))
            self.pos = quick.end()
            items = (Simple(span, (word,)),)
        sequence = self.sequence(_NO_CLOSERS)
        self.finish_here_documents()
        return Sequence((*items, *sequence.items)) if items else sequence

    def nested_commands(self, closer: str) -> Sequence:
        """The commands from here to `closer` (`)` or `}`), which is taken too."""
        start = self.pos
        self.limits.enter()
        wanted, self._wanted = self._wanted, []
        self._level += 1
        body = self.sequence(frozenset({closer}))
        self._level -= 1
        self._wanted = wanted
        self.limits.depth -= 1
        self.expect(closer, self.text[start - 1 : start] or "(", start - 1)
        return body

    def sequence(self, closers: frozenset[str], *, short: bool = False) -> Sequence:
        """Commands up to one of `closers`, which is not taken."""
        self._wanted.append(closers)
        self._level += 1
        items: list[Node] = []
        closer = "}" if self.zsh and "}" in closers else ""
        brace_closes, self.brace_closes = self.brace_closes, bool(closer)
        separated = True
        while True:
            self._skip_line_ends(items)
            if self.pos >= self.end or self._closed(closers):
                break
            begin, end = self.pos, self.end
            if not separated:
                self.wrong("a `;` or a line end is missing", begin, begin + 1)
            node = self.and_or(closer)
            if node is None:
                if self.pos == begin and self.end == end:
                    self.wrong(f"`{self.text[begin]}` is not expected here", begin, begin + 1)
                    self.pos += 1
                continue
            node, separated = self._separator(node)
            items.append(node)
            if short and not separated and isinstance(node, (Evaluated, Subshell)):
                break
        self.brace_closes = brace_closes
        self._level -= 1
        self._wanted.pop()
        return Sequence(tuple(items))

    def _skip_line_ends(self, items: list[Node]) -> None:
        before = self.pos
        self.skip_newlines()
        if self._level == 1 and self.pos != before and items and self._may_define:
            ended = self.text.find("\n", before, self.pos) >= 0
            if ended:
                if found := defined_aliases(items[self._ended_items :]):
                    self.conventions.add_aliases(found)
                self._ended_items = len(items)

    def _closed(self, closers: frozenset[str]) -> bool:
        """Whether one of `closers`, or one of what is around, stands here; others are noted and skipped."""
        while self.pos < self.end:
            char = self.text[self.pos]
            if char == ";":
                found = ";;" if self.text.startswith((";;", ";&", ";|"), self.pos) else ";"
                length = len(found)
            elif char in _CLOSING_START:
                match = _CLOSING.match(self.text, self.pos)
                found = ")" if char == ")" else match.group() if match else ""
                if found == "end" and not self.zsh:
                    found = ""
                length = len(found)
            else:
                return False
            if not found:
                return False
            if found in closers or any(found in outer for outer in self._wanted):
                return True
            if not (found == ";" and self.zsh):
                self.wrong(f"`{found}` is not expected here", self.pos, self.pos + length)
            self.pos += length
            self.skip_newlines()
        return True

    def _separator(self, node: Node) -> tuple[Node, bool]:
        """Take what stands after a command; the command, and whether something separates it from the next."""
        self.skip_blanks()
        if self.pos >= self.end:
            return node, True
        text, char = self.text, self.text[self.pos]
        if char == ";":
            if not text.startswith((";;", ";&", ";|"), self.pos):
                self.pos += 1
            return node, True
        if char == "&":
            self.pos += 1
            if self.zsh and text[self.pos : self.pos + 1] in ("!", "|"):
                self.pos += 1
            return Background(node), True
        closing = char in "\n)" or _CLOSING.match(text, self.pos) is not None
        return node, closing

    def and_or(self, closer: str = "") -> Node | None:
        """Commands joined by `&&` and `||`; None when none stands here."""
        first = self._pipeline(closer)
        if first is None:
            return None
        rest: list[tuple[str, Node]] = []
        while self.pos < self.end:
            self.skip_blanks()
            operator = self.text[self.pos : self.pos + 2]
            if operator not in ("&&", "||"):
                break
            node = self._after(operator, closer)
            if node is None:
                break
            rest.append((operator, node))
        return AndOr(first, tuple(rest)) if rest else first

    def _after(self, operator: str, closer: str, *, part: bool = False) -> Node | None:
        """The command after an operator that needs one."""
        start = self.pos
        self.pos += len(operator)
        self.skip_newlines()
        if (
            self.pos < self.end
            and self.text[self.pos] not in ";&|)"
            and not _CLOSING.match(self.text, self.pos)
        ):
            node = self.command(closer) if part and not self._prefixed() else self._pipeline(closer)
            if node is not None:
                return node
        if self.pos >= self.end:
            self.unfinished(f"`{operator}` is not followed by a command", start)
        else:
            self.wrong(f"`{operator}` is not followed by a command", start, self.pos + 1)
        return None

    def _prefixed(self) -> bool:
        return _PREFIX.match(self.text, self.pos) is not None

    def _pipeline(self, closer: str) -> Node | None:
        bare = self._prefixes()
        if self.pos >= self.end or (bare and _CLOSING.match(self.text, self.pos)):
            return Sequence(()) if bare else None
        node = self.command(closer)
        if node is None:
            return Sequence(()) if bare else None
        parts = [node]
        while True:
            self.skip_blanks()
            text = self.text
            if not text.startswith("|", self.pos) or text.startswith("||", self.pos):
                break
            follower = self._after("|&" if text.startswith("|&", self.pos) else "|", closer, part=True)
            if follower is None:
                break
            parts.append(follower)
        if len(parts) == 1:
            return node
        if len(parts) > MAX_PIPE:
            reason = f"more than {MAX_PIPE} commands are joined by pipes"
            raise LimitMet(Problem("shell.too-long-pipe", reason, limit=True))
        return Pipeline(tuple(parts))

    def _prefixes(self) -> bool:
        """Take `!` and `time` in front of a pipeline; whether there was one."""
        found = False
        while prefix := _PREFIX.match(self.text, self.pos):
            found = True
            self.pos = prefix.end()
            self.skip_blanks()
            if prefix.group() == "time":
                while option := _TIME_OPTION.match(self.text, self.pos):
                    self.pos = option.end()
                    self.skip_blanks()
        return found
