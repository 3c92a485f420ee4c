"""A command taken apart the way its program would: options with their values, and operands.

Pure. How a program reads its words comes in as a `ProgramSpec`; nothing here knows a program by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from safeshell.frozen import field, frozen
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word

_NONE: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})
_NO_STOPS: Final[Mapping[str, int]] = MappingProxyType({})


@frozen
class ProgramSpec:
    """How a program reads its words.

    Args:
        values: options that take the next word as their value, dashes included.
        values_in: further ones of a subcommand, by its leading operands joined by spaces.
        attached: options whose value, if any, stands in the same word: mysql's `-psecret`.
        flags: options known to take no value; the word behind an option of which nothing is known may be one.
        stops: after so many operands behind a subcommand nothing is an option any more: `docker run IMAGE CMD`.
        known: every option that the packs speak of; with `abbreviations` such a name is no other one cut short.
        single_dash: `-long` is one option.
        abbreviations: a long option may be cut short.
        first_is_options: the first word is options even without a dash (`tar xf`).
        stop_at_operand: nothing after the first operand is an option.
        secrets: options whose value is a secret.
    """

    values: frozenset[str] = frozenset()
    values_in: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NONE)
    attached: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    stops: Mapping[str, int] = field(default_factory=lambda: _NO_STOPS)
    known: frozenset[str] = frozenset()
    single_dash: bool = False
    abbreviations: bool = False
    first_is_options: bool = False
    stop_at_operand: bool = False
    secrets: frozenset[str] = frozenset()


PLAIN: Final = ProgramSpec()
"""A program of which nothing is known: no option takes a value."""


@frozen
class Option:
    """One option as given: `-f`, `--file`; its value is None when it has none."""

    name: str
    value: Word | None = None


@frozen
class Invocation:
    """One command, taken apart.

    Args:
        program: the basename of its program.
        words: all words after it.
        options: in order.
        operands: what is neither an option nor an option's value, in order.
        unsure: the operands (by index) that may be the value of an unknown option in front of them.
        command: where it comes from.
        context: what is known of its shell.
        spec: how the words were read.
        elsewhere: it runs on another machine or in a container.
    """

    program: str
    words: tuple[Word, ...]
    options: tuple[Option, ...]
    operands: tuple[Word, ...]
    command: SimpleCommand
    unsure: frozenset[int] = frozenset()
    context: ShellContext = NO_SESSION
    spec: ProgramSpec = PLAIN
    elsewhere: bool = False

    def has(self, *names: str) -> bool:
        """Whether one of the options is given; cut short counts where the program allows that."""
        return next(self.given(*names), None) is not None

    def value(self, *names: str) -> Word | None:
        """The value of the first of these options that has one."""
        return next((option.value for option in self.given(*names) if option.value is not None), None)

    def given(self, *names: str) -> Iterator[Option]:
        """The options of these names, in order."""
        for option in self.options:
            if any(self.means(option, name) for name in names):
                yield option

    def means(self, option: Option, name: str) -> bool:
        """Whether `option` as typed is the one called `name`."""
        typed = option.name
        if typed == name:
            return True
        if self.spec.single_dash:
            return typed.lstrip("-") == name.lstrip("-")
        # A name that the pack tells of is itself and no other cut short.
        return (
            self.spec.abbreviations
            and len(typed) > 2
            and typed.startswith("--")
            and name.startswith(typed)
            and typed not in self.spec.known
        )


def program_of(word: Word) -> str:
    """The name a program is known by: its basename; "" when only the running shell knows it.

    `"$JAVA_HOME"/bin/java` is `java`, whatever the variable holds; `./$x` is a file of some name: `./`.
    """
    name = word.text.rstrip("/").rsplit("/", 1)[-1] or word.text
    if UNKNOWN not in name:
        return name.removesuffix(".exe")
    return "./" if "/" in word.text.partition(UNKNOWN)[0] else ""


def invoke(
    command: SimpleCommand,
    spec: ProgramSpec = PLAIN,
    *,
    context: ShellContext = NO_SESSION,
    elsewhere: bool = False,
) -> Invocation:
    """Take a command with at least one word apart.

    Sources: POSIX Utility Conventions 12.2 (clusters, `--`), getopt_long(3) (`--opt=value`).
    """
    words = command.words[1:]
    options: list[Option] = []
    operands: list[Word] = []
    unsure: set[int] = set()
    values = spec.values
    maybe_value = False
    last = 1 if spec.stop_at_operand else -1
    at = 0
    while at < len(words):
        word = words[at]
        text = word.text
        at += 1
        first = at == 1 and spec.first_is_options and text[:1] not in ("-", "", UNKNOWN)
        if not first and (text[:1] != "-" or text == "-"):
            if maybe_value:
                unsure.add(len(operands))
            maybe_value = False
            operands.append(word)
            if (spec.values_in or spec.stops) and len(operands) <= 3:
                subcommand = " ".join(operand.text for operand in operands)
                values = values | spec.values_in.get(subcommand, frozenset())
                if subcommand in spec.stops:
                    last = len(operands) + spec.stops[subcommand]
            if len(operands) == last:
                operands += words[at:]
                break
            continue
        if text == "--":
            operands += words[at:]
            break
        if text.startswith("--") or (spec.single_dash and not first):
            name, equals, rest = text.partition("=")
            value = _part(word, rest) if equals else None
            if value is None and _takes_value(name, values, spec) and at < len(words):
                value = words[at]
                at += 1
                maybe_value = False
            else:
                maybe_value = value is None and name not in spec.flags and name not in spec.attached
            options.append(Option(name, value))
            continue
        maybe_value = False
        at = _cluster(word, text if not first else "-" + text, words, at, values, spec.attached, options)
        maybe_value = (
            len(text) == 2
            and options[-1].value is None
            and not first
            and text not in spec.flags
            and text not in spec.attached
        )
    return Invocation(
        program_of(command.words[0]),
        words,
        tuple(options),
        tuple(operands),
        command,
        frozenset(unsure),
        context,
        spec,
        elsewhere,
    )


def _takes_value(name: str, values: frozenset[str], spec: ProgramSpec) -> bool:
    if name in values:
        return True
    if spec.single_dash:
        bare = name.lstrip("-")
        return f"-{bare}" in values or f"--{bare}" in values
    if not spec.abbreviations or len(name) <= 2 or name in spec.known:
        return False
    return any(full.startswith(name) for full in values)


def _cluster(
    word: Word,
    text: str,
    words: tuple[Word, ...],
    at: int,
    values: frozenset[str],
    attached: frozenset[str],
    options: list[Option],
) -> int:
    """Take `-rf`, `-n5`, `-9` apart; the index after what it used."""
    if text[1:].isdigit():
        options.append(Option(text))
        return at
    for place in range(1, len(text)):
        name = "-" + text[place]
        if name in attached:
            rest = text[place + 1 :]
            options.append(Option(name, _part(word, rest) if rest else None))
            return at
        if name in values:
            rest = text[place + 1 :].removeprefix("=")
            if rest:
                options.append(Option(name, _part(word, rest)))
            elif at < len(words):
                options.append(Option(name, words[at]))
                at += 1
            else:
                options.append(Option(name))
            return at
        if text[place] == "=" and place > 1:
            # `-x=value` of an option that is not known to take one.
            options[-1] = Option(options[-1].name, _part(word, text[place + 1 :]))
            return at
        options.append(Option(name))
    return at


def _part(word: Word, text: str) -> Word:
    """The end of a word as a word of its own: the value in `--opt=value`."""
    return Word(text, word.span, word.source, word.glob, word.splits, word.empties, word.unknowns)
