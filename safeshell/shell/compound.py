"""Compound commands of bash and zsh: groups, conditions, loops, cases, functions.

How commands are joined into lists is not known here, only that lists stand inside of these.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.arithmetic import names_assigned_in
from safeshell.shell.command_scanner import CommandScanner
from safeshell.shell.tree import (
    NOTHING,
    Background,
    Case,
    Evaluated,
    For,
    Function,
    If,
    Node,
    Part,
    RawRedirect,
    RawWord,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
)

_RESERVED = lazy_pattern(
    r"(?:if|while|until|for|case|select|function|coproc|\[\[|\{|repeat|foreach)(?=[ \t\n;|&()<>]|\Z)"
)
_CLOSING = lazy_pattern(r"(?:then|do|done|fi|elif|else|esac|\}|end)(?=[ \t\n;|&()<>]|\Z)")
_FUNCTION = lazy_pattern(r"([^\s|&;()<>$`'\"\\=\ufffc]+)[ \t]*\([ \t]*\)")
_NAME = lazy_pattern(r"(?!\{\s)[^\s|&;()<>\ufffc]+")
_VARIABLE = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_COMPOUND_AHEAD = lazy_pattern(
    r"[ \t]+(?=\(|(?:if|while|until|for|case|select|\[\[|\{)(?=[ \t\n;|&()<>]|\Z))"
)
_ZSH_ONLY: Final = frozenset({"repeat", "foreach"})
_SIGNS: Final = frozenset(")}")
_BODY_END: Final = frozenset({"done"})


class CompoundScanner(CommandScanner):
    """Reads compound commands."""

    @abstractmethod
    def sequence(self, closers: frozenset[str], *, short: bool = False) -> Sequence:
        """Commands up to one of `closers`, which is not taken.

        Args:
            closers: words, `)`, `;;`.
            short: a test that nothing separates from what follows ends it too: zsh's `if [[ x ]] {`.
        """

    def body(self, closers: frozenset[str], *, short: bool = False) -> Sequence:
        """Commands up to one of `closers`, of which there must be one."""
        start = self.pos
        commands = self.sequence(closers, short=short)
        if not commands.items and not self.zsh and self.pos < self.end:
            self.wrong("a command is missing", start, self.pos)
        return commands

    @abstractmethod
    def and_or(self) -> Node | None:
        """Commands joined by `&&` and `||`; None when none stands here."""

    def command(self, closer: str = "") -> Node | None:
        """The command that begins here, with its redirections; None when none does."""
        text = self.text
        char = text[self.pos]
        if char == "(":
            node = self._parenthesis()
        else:
            if self.conventions.aliases or self.joins:
                self.join_lines()
                while self.expand_alias(first=True):
                    pass
                text = self.text
            reserved = _RESERVED.match(text, self.pos)
            if reserved is not None and not (reserved.group() in _ZSH_ONLY and not self.zsh):
                node = self._reserved(reserved.group())
            elif "(" in text and (function := _FUNCTION.match(text, self.pos)):
                return self._function((function.group(1),), self.pos, function.end())
            elif self.zsh and text.startswith("{", self.pos):
                node = self._reserved("{")
            else:
                return self.simple(closer)
        redirects = self._redirects()
        return Redirected(node, redirects) if redirects else node

    def _redirects(self) -> tuple[RawRedirect, ...]:
        redirects: list[RawRedirect] = []
        while True:
            self.skip_blanks()
            redirect = self.redirect() if self.pos < self.end else None
            if redirect is None:
                return tuple(redirects)
            redirects.append(redirect)

    def _reserved(self, word: str) -> Node:
        start = self.pos
        self.pos += len(word)
        if word == "[[":
            return self._test(start)
        self.limits.enter()
        node: Node
        if word == "{":
            node = self._group(start)
        elif word == "if":
            node = self._if(start)
        elif word in ("while", "until"):
            condition = self.body(frozenset({"do"}), short=self.zsh)
            node = While(condition, self._body(start, word))
        elif word in ("for", "select", "foreach"):
            node = self._for(start, word)
        elif word == "case":
            node = self._case(start)
        elif word == "function":
            node = self._function_word(start)
        elif word == "repeat":
            self.skip_blanks()
            count = self.word(argument=True)
            condition = Sequence((Evaluated(count.parts),)) if count and count.parts else NOTHING
            node = While(condition, self._body(start, word))
        else:
            node = self._coprocess()
        self.limits.depth -= 1
        return node

    def expect(self, word: str, opener: str, start: int) -> bool:
        """Take `word`, which ends what `opener` began; say so when it is not there."""
        if self.text.startswith(word, self.pos) and (word in _SIGNS or self._ends_word(self.pos + len(word))):
            self.pos += len(word)
            return True
        if self.pos >= self.end:
            self.unfinished(f"`{opener}` is not ended by `{word}`", start)
        else:
            self.wrong(f"`{opener}` is not ended by `{word}`", start, self.pos)
        return False

    # Groups

    def _parenthesis(self) -> Node:
        start = self.pos
        if self.zsh and (empty := re.compile(r"\([ \t]*\)").match(self.text, start)):
            return self._function((), start, empty.end())
        if self.text.startswith("((", start):
            inner = self.arithmetic(start + 2)
            if inner is not None:
                return Evaluated(inner, names_assigned_in(inner))
        self.pos = start + 1
        body = self.nested_commands(")")
        if not body.items and not self.zsh:
            self.wrong("a command is missing", start, self.pos)
        return Subshell(body)

    def _group(self, start: int) -> Node:
        body = self.body(frozenset({"}"}))
        self.expect("}", "{", start)
        if self.zsh:
            self.skip_blanks()
            if always := re.compile(r"always[ \t\n]*\{").match(self.text, self.pos):
                self.pos = always.end()
                last = self.body(frozenset({"}"}))
                self.expect("}", "{", start)
                return Sequence((body, last))
        return body

    # Conditions

    def _if(self, start: int) -> If:
        branches: list[tuple[Sequence, Sequence]] = []
        while True:
            condition = self.body(frozenset({"then"}), short=self.zsh)
            short = self.zsh and not self._closes("then") and self.pos < self.end
            if short:
                branches.append((condition, self._short_body()))
                self._skip_to_else()
            else:
                self.expect("then", "if", start)
                branches.append((condition, self.body(frozenset({"elif", "else", "fi"}))))
            if self._closes("elif"):
                self.pos += 4
                continue
            break
        otherwise = NOTHING
        braces = self.zsh and self.text[self.pos - 1 : self.pos] == "}" and not self._closes("fi")
        if self._closes("else"):
            self.pos += 4
            self.skip_newlines()
            if self.zsh and self.text.startswith("{", self.pos):
                otherwise, braces = self._short_body(), True
            else:
                otherwise = self.body(frozenset({"fi"}))
        if self._closes("fi"):
            self.pos += 2
        elif not braces and not (short and otherwise is NOTHING):
            self.expect("fi", "if", start)
        return If(tuple(branches), otherwise)

    def _closes(self, word: str) -> bool:
        found = _CLOSING.match(self.text, self.pos)
        return found is not None and found.group() == word

    def _skip_to_else(self) -> None:
        """zsh: `} else {` and `} elif …` stand on the line of the brace."""
        self.skip_blanks()

    def _short_body(self) -> Sequence:
        """zsh: a body without `then` or `do`: in braces, or one command."""
        self.skip_newlines()
        if self.text.startswith("{", self.pos):
            start = self.pos
            self.pos += 1
            body = self.body(frozenset({"}"}))
            self.expect("}", "{", start)
            return body
        node = self.and_or() if self.pos < self.end else None
        if node is None:
            self.unfinished("a command is missing", self.pos)
            return NOTHING
        return Sequence((node,))

    def _case(self, start: int) -> Case:
        self.skip_blanks()
        subject = self.word(argument=True)
        if subject is None:
            subject = RawWord(self.positions.span(self.pos, self.pos), "")
            self.wrong("`case` needs a word", start, self.pos)
        self.skip_newlines()
        self.expect("in", "case", start)
        branches: list[tuple[tuple[RawWord, ...], Sequence]] = []
        while True:
            self.skip_newlines()
            if self.pos >= self.end or self._closes("esac"):
                break
            before = self.pos
            patterns = self._patterns()
            body = self.sequence(frozenset({";;", "esac"}))
            branches.append((patterns, body))
            if self.text.startswith((";;&", ";;", ";&", ";|"), self.pos):
                self.pos += 3 if self.text.startswith(";;&", self.pos) else 2
            if self.pos == before:
                break
        self.expect("esac", "case", start)
        return Case(subject, tuple(branches))

    def _patterns(self) -> tuple[RawWord, ...]:
        if self.text.startswith("(", self.pos):
            self.pos += 1
        patterns: list[RawWord] = []
        while True:
            self.skip_blanks()
            pattern = self.word()
            if pattern is not None:
                patterns.append(pattern)
            self.skip_blanks()
            if self.text.startswith("|", self.pos):
                self.pos += 1
                continue
            if self.text.startswith(")", self.pos):
                self.pos += 1
            else:
                self.wrong("`)` is missing after a pattern of `case`", self.pos, self.pos + 1)
            return tuple(patterns)

    def _test(self, start: int) -> Evaluated:
        """`[[ … ]]`."""
        parts: list[Part] = []
        while True:
            self.skip_newlines()
            if self.pos >= self.end:
                self.unfinished("`[[` is never closed", start)
                break
            if self.text.startswith("]]", self.pos) and self._ends_word(self.pos + 2):
                self.pos += 2
                break
            if self.text.startswith(";", self.pos) or (
                self.text.startswith("&", self.pos) and not self.text.startswith("&&", self.pos)
            ):
                self.wrong("`[[` is not ended by `]]`", start, self.pos)
                break
            before = self.pos
            word = self.word(argument=True)
            if word is not None:
                parts.extend(word.parts or ())
            if self.pos == before:
                self.pos += 2 if self.text.startswith(("&&", "||"), before) else 1
        return Evaluated(tuple(parts))

    # Loops

    def _body(self, start: int, opener: str) -> Sequence:
        """What a loop repeats: `do … done`, or a group in braces."""
        self.skip_newlines()
        if self._closes("do"):
            self.pos += 2
            body = self.body(_BODY_END)
            self.expect("done", opener, start)
            return body
        if self.text.startswith("{", self.pos) or (self.zsh and self.pos < self.end):
            return self._short_body()
        self.expect("do", opener, start)
        if self.pos < self.end:
            body = self.body(_BODY_END)
            if self._closes("done"):
                self.pos += 4
            return body
        return NOTHING

    def _for(self, start: int, opener: str) -> Node:
        self.skip_blanks()
        if self.text.startswith("((", self.pos):
            return self._arithmetic_for(start, opener)
        names: list[str] = []
        while (name := _VARIABLE.match(self.text, self.pos)) and name.group() not in ("in", "do"):
            names.append(name.group())
            self.pos = name.end()
            self.skip_blanks()
            if not self.zsh:
                break
        if not names:
            self.wrong(f"`{opener}` needs the name of a variable", start, self.pos)
        self.skip_newlines()
        values: tuple[RawWord, ...] | None = None
        if self.zsh and self.text.startswith("(", self.pos):
            values = self._array()
        elif self.text.startswith("in", self.pos) and self._ends_word(self.pos + 2):
            self.pos += 2
            values = self._values()
        self.skip_blanks()
        if self.text.startswith(";", self.pos):
            self.pos += 1
        if opener == "foreach":
            body = self.body(frozenset({"end"}))
            self.expect("end", opener, start)
            return For(tuple(names), values, body)
        return For(tuple(names), values, self._body(start, opener))

    def _values(self) -> tuple[RawWord, ...]:
        values: list[RawWord] = []
        while True:
            self.skip_blanks()
            word = self.word(argument=True) if self.pos < self.end else None
            if word is None:
                return tuple(values)
            values.append(word)

    def _arithmetic_for(self, start: int, opener: str) -> Node:
        inner = self.arithmetic(self.pos + 2)
        if inner is None:
            self.unfinished("`((` is never closed", self.pos)
            self.pos = self.end
            return NOTHING
        self.skip_blanks()
        if self.text.startswith(";", self.pos):
            self.pos += 1
        return While(Sequence((Evaluated(inner, names_assigned_in(inner)),)), self._body(start, opener))

    # Functions

    def _function_word(self, start: int) -> Node:
        names: list[str] = []
        self.skip_blanks()
        while name := _NAME.match(self.text, self.pos):
            names.append(name.group())
            self.pos = name.end()
            self.skip_blanks()
            if not self.zsh:
                break
        if empty := re.compile(r"\([ \t]*\)").match(self.text, self.pos):
            self.pos = empty.end()
        if not names and not self.zsh:
            self.wrong("`function` needs a name", start, self.pos)
        return self._function(tuple(names), start, self.pos)

    def _function(self, names: tuple[str, ...], start: int, body_start: int) -> Node:
        self.pos = body_start
        self.skip_newlines()
        if self.pos >= self.end:
            self.unfinished("the function has no body", start)
            return NOTHING
        before = self.pos
        self.limits.enter()
        body = self.command()
        self.limits.depth -= 1
        if body is None:
            self.wrong("the function has no body", start, self.pos)
            return NOTHING
        if isinstance(body, Simple) and not self.zsh:
            self.wrong("a function's body stands in braces", before, self.pos)
        function = Function(self.positions.span(start, self.pos), names, body)
        if names:
            return function
        arguments = tuple(part for word in self._values() for part in word.parts or ())
        return Sequence((Evaluated(arguments), function))

    def _coprocess(self) -> Node:
        self.skip_blanks()
        if (name := _VARIABLE.match(self.text, self.pos)) and (
            ahead := _COMPOUND_AHEAD.match(self.text, name.end())
        ):
            self.pos = ahead.end()
        body = self.command() if self.pos < self.end else None
        if body is None:
            self.wrong("`coproc` needs a command", self.pos, self.pos)
        return Background(body if body is not None else NOTHING)
