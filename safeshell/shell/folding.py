"""Words folded: quotes taken off, expansions replaced where they are known, split where the shell splits.

What runs inside of a word is handed to whoever walks the line; nothing is run or looked up elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Protocol

from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.arithmetic import names_assigned_in
from safeshell.shell.braces import expand_braces, has_braces
from safeshell.shell.context import ShellContext
from safeshell.shell.parameters import apply
from safeshell.shell.script import Problem
from safeshell.shell.source_text import LimitMet
from safeshell.shell.tree import (
    Literal,
    Parameter,
    Part,
    ProcessSubstitution,
    RawWord,
    Substitution,
    Unknowable,
)
from safeshell.shell.variables import Value, Variables, unknown
from safeshell.shell.word import UNKNOWN, Word

_ACTIVE = lazy_pattern(r"[*?\[]")
_INTEGER = lazy_pattern(r"\$\(\([ \t]*([0-9]{1,18})[ \t]*\)\)\Z")
_INDEX = lazy_pattern(r"[0-9]{1,9}\Z")
_TILDE_AFTER = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*=\Z")
MAX_FOLDED: Final = 2_097_152
"""How many characters variables and braces may make of a line in all."""
_REWRITING: Final = frozenset({"#", "##", "%", "%%", "/", "//", ":", "^", "^^", ",", ",,"})
_NEVER_SPLIT: Final = frozenset("#?$!-")


class Runner(Protocol):
    """Whoever walks the commands nested in words."""

    def substitute(self, part: Substitution) -> Value | None:
        """Walk a command substitution; its output when that is constant."""

    def process(self, part: ProcessSubstitution) -> None:
        """Walk a process substitution."""


class _Fields:
    """The words that one word becomes, while they are put together."""

    __slots__ = ("_begun", "_empties", "_glob", "_source", "_span", "_splits", "_text", "_unknowns", "words")

    def __init__(self, span: Span, source: str) -> None:
        self._span = span
        self._source = source
        self.words: list[Word] = []
        self._restart()

    def _restart(self) -> None:
        self._text: list[str] = []
        self._begun = self._glob = self._splits = False
        self._empties: list[str] = []
        self._unknowns: list[str] = []

    @property
    def blank(self) -> bool:
        """Whether nothing is in the present field."""
        return not any(self._text)

    def in_the_middle(self) -> bool:
        """Whether something stands before this place that a path does not begin after."""
        return not self.blank and not "".join(self._text).endswith(("=", ":"))

    def ends_assignment(self) -> bool:
        """Whether the present field is `NAME=` so far."""
        return _TILDE_AFTER.match("".join(self._text)) is not None

    def add(self, text: str, *, glob: bool = False) -> None:
        """Add characters that are not split."""
        self._text.append(text)
        self._begun = True
        self._glob = self._glob or glob

    def add_value(self, value: Value, *, quoted: bool, number: bool = False) -> None:
        """Add an expansion's value, all of it to the present field."""
        self._text.append(value.text)
        self._unknowns.extend(value.unknowns)
        self._empties.extend(value.empties)
        self._begun = self._begun or quoted or bool(value.text)
        self._glob = self._glob or value.glob
        if not quoted and not number and UNKNOWN in value.text:
            self._splits = True

    def add_split(self, value: Value, separators: str, *, globs: bool) -> None:
        """Add an unquoted expansion's value, split at the characters of IFS."""
        pieces = re.split(f"[{re.escape(separators)}]+", value.text) if separators else [value.text]
        unknowns = iter(value.unknowns)
        for index, piece in enumerate(pieces):
            if index:
                self.finish()
            own = tuple(next(unknowns, "") for _ in range(piece.count(UNKNOWN)))
            glob = value.glob or (globs and _ACTIVE.search(piece) is not None)
            self.add_value(Value(piece, own, value.empties if not index else (), glob), quoted=False)

    def finish(self) -> None:
        """End the present field, if anything is in it."""
        if self._begun:
            text = "".join(self._text)
            self.words.append(
                Word(
                    text,
                    self._span,
                    self._source,
                    self._glob,
                    self._splits,
                    tuple(self._empties),
                    tuple(self._unknowns),
                )
            )
        self._restart()

    def joined(self) -> Word:
        """All fields as one word."""
        if len(self.words) == 1 and not self._begun:
            return self.words[0]
        empties = tuple(self._empties)
        self.finish()
        words = self.words
        if len(words) == 1:
            return words[0]
        return Word(
            " ".join(word.text for word in words),
            self._span,
            self._source,
            any(word.glob for word in words),
            bool(words),
            (*(empty for word in words for empty in word.empties), *(() if words else empties)),
            tuple(source for word in words for source in word.unknowns),
        )


class Folder:
    """Folds words in the present state of the variables.

    Args:
        variables: what is known of them.
        runner: walks nested commands.
    """

    def __init__(self, variables: Variables, runner: Runner) -> None:
        self._variables = variables
        self._context: ShellContext = variables.context
        self._runner = runner
        self._zsh = self._context.shell == "zsh"
        self._splits = self._context.shell not in ("zsh", "fish")
        self._outputs: dict[int, Value] = {}
        self._characters_left = MAX_FOLDED

    def words(self, raw: RawWord) -> Iterable[Word]:
        """The words that `raw` becomes as an argument; none when it is empty."""
        if raw.parts is None:
            return (Word(raw.source, raw.span, raw.source),)
        fields = _Fields(raw.span, raw.source)
        if has_braces(raw.parts):
            for parts in expand_braces(raw.parts):
                self._fold(parts, fields, split=True)
                fields.finish()
        else:
            self._fold(raw.parts, fields, split=True)
            fields.finish()
        self._outputs.clear()
        return fields.words

    def one(self, raw: RawWord, *, assignment: bool = False) -> Word:
        """`raw` as one word: a value, a redirection's target, a here-document.

        Args:
            raw: the word.
            assignment: `~` after `:` means a home directory too, and nothing is split.
        """
        if raw.parts is None:
            return Word(raw.source, raw.span, raw.source)
        fields = _Fields(raw.span, raw.source)
        self._fold(raw.parts, fields, split=not assignment, assignment=assignment)
        self._outputs.clear()
        return fields.joined()

    def text(self, parts: tuple[Part, ...]) -> Value:
        """Parts as one text: an operator's argument, a subscript."""
        fields = _Fields((0, 0), "")
        self._fold(parts, fields, split=False)
        word = fields.joined()
        return Value(word.text, word.unknowns, word.empties)

    def _fold(
        self, parts: tuple[Part, ...], fields: _Fields, *, split: bool, assignment: bool = False
    ) -> None:
        first = True
        for part in parts:
            if isinstance(part, Literal):
                text = part.text
                if "~" in text and not part.quoted:
                    text = self._tilde(
                        text, first=first and fields.blank, fields=fields, assignment=assignment
                    )
                if (
                    self._zsh
                    and first
                    and text.startswith("=")
                    and len(text) > 1
                    and not part.quoted
                    and split
                ):
                    text = text[1:]
                fields.add(text, glob=part.glob)
            elif isinstance(part, Parameter):
                self._parameter(part, fields, split=split)
            elif isinstance(part, Substitution):
                self._substitution(part, fields, split=split)
            elif isinstance(part, ProcessSubstitution):
                if id(part) not in self._outputs:
                    self._outputs[id(part)] = unknown(part.source)
                    self._runner.process(part)
                fields.add_value(unknown(part.source), quoted=True)
            else:
                self._unknowable(part, fields, split=split)
            first = False

    def _tilde(self, text: str, *, first: bool, fields: _Fields, assignment: bool) -> str:
        home = self._context.home
        begins = first or fields.ends_assignment()
        if begins and text.startswith("~"):
            text = self._home(text, home)
        if home and (assignment or fields.ends_assignment()):
            text = re.sub(r"(?<=:)~(?=[/:]|\Z)", lambda _: home, text)
        if home and first and (match := re.match(r"([A-Za-z_][A-Za-z0-9_]*=)~(?=/|\Z)", text)):
            text = match.group(1) + home + text[match.end() :]
        return text

    def _home(self, text: str, home: str) -> str:
        if text == "~" or text.startswith(("~/", "~:")):
            return (home or "~") + text[1:]
        if (text == "~+" or text.startswith("~+/")) and self._context.cwd:
            return self._variables.get("PWD", "~+").text + text[2:]
        return text

    def _unknowable(self, part: Unknowable, fields: _Fields, *, split: bool) -> None:
        if id(part) not in self._outputs:
            self._outputs[id(part)] = unknown(part.source)
            if part.parts:
                self.text(part.parts)
            if part.number:
                self._variables.lose(names_assigned_in(part.parts))
        value = unknown(part.source)
        if part.number and (number := _INTEGER.match(part.source)):
            value = Value(number.group(1))
        fields.add_value(value, quoted=part.quoted or not split, number=part.number)

    def _substitution(self, part: Substitution, fields: _Fields, *, split: bool) -> None:
        value = self._outputs.get(id(part))
        if value is None:
            value = self._runner.substitute(part) or unknown(part.source)
            self._outputs[id(part)] = value
        self._add(value, fields, quoted=part.quoted or not split, always_splits=True)

    def _add(self, value: Value, fields: _Fields, *, quoted: bool, always_splits: bool = False) -> None:
        self._characters_left -= len(value.text) + 1
        if self._characters_left < 0:
            reason = f"expansions make more than {MAX_FOLDED} characters of the line"
            raise LimitMet(Problem("shell.too-many-expansions", reason, limit=True))
        if quoted or value.text == UNKNOWN:
            fields.add_value(value, quoted=quoted)
        elif self._splits or (always_splits and self._zsh):
            separators = self._variables.get("IFS", "$IFS").text.replace(UNKNOWN, "")
            fields.add_split(value, separators, globs=self._splits)
        else:
            fields.add_value(value, quoted=False)

    # Parameters

    def _parameter(self, part: Parameter, fields: _Fields, *, split: bool) -> None:
        quoted = part.quoted or not split
        several = self._several(part)
        if several is None:
            value = self._value(part)
            if value.text in ("~", ".") and fields.in_the_middle():
                value = self._in_the_middle(part, value)
            number = part.prefix == "#" or (part.name in _NEVER_SPLIT and not part.operator)
            if number:
                fields.add_value(value, quoted=quoted, number=True)
            else:
                self._add(value, fields, quoted=quoted)
            return
        subscript = self._subscript(part)
        joined = part.name == "*" or subscript == "*"
        for index, value in enumerate(several):
            if index and (split and not (joined and part.quoted)):
                fields.finish()
            elif index:
                fields.add(" ")
            self._add(value, fields, quoted=quoted)
        if not several and not part.quoted:
            fields.add_value(Value("", empties=(part.source,)), quoted=False)

    def _in_the_middle(self, part: Parameter, value: Value) -> Value:
        """`~` and `.` stand for an unknown home or working directory only where a word begins."""
        return unknown(part.source) if self._stands_in(part, value) else value

    def _stands_in(self, part: Parameter, value: Value) -> bool:
        """Whether the value only means an unknown home or working directory, and does not spell it."""
        home = part.name == "HOME" and not self._context.home and value.text == "~"
        return home or (part.name == "PWD" and not self._context.cwd and value.text == ".")

    def _several(self, part: Parameter) -> tuple[Value, ...] | None:
        """The values of `$@`, `${a[@]}` and their like; None for what is one value, or not known."""
        if part.prefix or part.operator:
            return None
        if part.name in ("@", "*") and part.subscript is None:
            return self._variables.positional
        value = self._variables.get(part.name, part.source)
        if value.elements is None:
            return None
        if part.subscript is None:
            return value.elements if self._zsh or self._context.shell == "fish" else None
        return value.elements if self._subscript(part) in ("@", "*") else None

    def _subscript(self, part: Parameter) -> str:
        return self.text(part.subscript).text if part.subscript is not None else ""

    def _value(self, part: Parameter) -> Value:
        """The value of a parameter that is one value."""
        source = part.source
        argument = self.text(part.argument) if part.argument else Value("")
        subscript = self._subscript(part)
        if part.name.isdigit() or part.name in ("@", "*", "#"):
            value = self._positional(part.name, source)
        elif part.name in "?$!-":
            return unknown(source)
        else:
            value = self._variables.get(part.name, source)
        if part.prefix == "#" and value.elements is not None and subscript in ("@", "*"):
            return Value(str(len(value.elements)))
        if part.subscript is not None or value.elements is not None:
            value = self._element(part, value, subscript)
        if part.prefix == "!":
            if not value.known or part.subscript is not None or not value.text.isidentifier():
                return unknown(source)
            value = self._variables.get(value.text, source)
        if part.prefix == "#":
            return Value(str(len(value.text))) if value.known else unknown(source)
        if not part.operator:
            return value
        if part.operator in _REWRITING and self._stands_in(part, value):
            return unknown(source)
        result = apply(part.operator, value, argument, source)
        if part.operator in ("=", ":=") and part.subscript is None:
            self._variables.set(part.name, result)
        return result

    def _element(self, part: Parameter, value: Value, subscript: str) -> Value:
        elements = value.elements
        if elements is None:
            return value if subscript in ("0", "@", "*") and value.known else unknown(part.source)
        if part.subscript is None:
            return elements[0] if elements else Value("", empties=(part.source,))
        if not _INDEX.match(subscript) or any(not element.known for element in elements):
            return unknown(part.source)
        index = int(subscript) - (1 if self._zsh or self._context.shell == "fish" else 0)
        if 0 <= index < len(elements):
            return elements[index]
        return Value("", empties=(part.source,))

    def _positional(self, name: str, source: str) -> Value:
        known = self._variables.positional
        if known is None:
            return self._variables.get(name, source) if name.isdigit() else unknown(source)
        if name == "#":
            return Value(str(len(known)))
        if not name.isdigit():
            return unknown(source)
        index = int(name) - 1
        if index < 0:
            return unknown(source)
        return known[index] if index < len(known) else Value("", empties=(source,))
