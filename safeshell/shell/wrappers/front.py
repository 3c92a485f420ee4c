"""Where a wrapper's own options end and the command inside of it begins.

A `Front` is a table of one program's options, a `walk` takes the words apart by it. An option that the table does
not know is not guessed at: it may take the next word or not, and both places are then given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from safeshell.frozen import field, frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Option
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import value_of

MAX_STARTS: Final = 4
"""At how many places a command may begin before the rest of the doubts is left out."""

_ASSIGNMENT: Final = lazy_pattern(r"[A-Za-z_]\w*\+?=", re.S)
_OPTIONS_VARIABLE: Final = lazy_pattern(r"\$\{?\w*(?:OPT|ARG|FLAG|PARAM)\w*", re.I)


@frozen
class Front:
    """The options of one program.

    Args:
        flags: options that take no value.
        values: options that take the next word, or the rest of their own.
        attached: options that may have a value in their own word, never in the next.
        pairs: options that take the next two words.
        single_dash: `-long` is one option.
        known: every option that is not in `values` is taken for a flag.
        permuted: operands may stand between options.
    """

    flags: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    single_dash: bool = False
    known: bool = False
    permuted: bool = False


@frozen
class Walk:
    """A wrapper's words, taken apart.

    Args:
        options: in order.
        operands: what follows the options; with a permuted front all that is no option.
        others: what the operands are if an unknown option took a word.
        stopped: the options were ended by `--`.
    """

    options: tuple[Option, ...]
    operands: tuple[Word, ...]
    others: tuple[tuple[Word, ...], ...] = field(default=())
    stopped: bool = False

    def value(self, *names: str) -> Word | None:
        """The value of the last of these options that has one."""
        return next((one.value for one in reversed(self.options) if one.name in names and one.value), None)

    def values(self, *names: str) -> Iterator[Word]:
        """The values of all of these options."""
        return (one.value for one in self.options if one.name in names and one.value is not None)

    def has(self, *names: str) -> bool:
        """Whether one of these options is given."""
        return any(one.name in names for one in self.options)

    def readings(self) -> list[tuple[Word, ...]]:
        """Every way to read the operands that leaves a command, the likeliest first."""
        return [words for words in (self.operands, *self.others) if words]


def front(
    flags: str = "",
    values: str = "",
    *,
    attached: str = "",
    pairs: str = "",
    single_dash: bool = False,
    known: bool = False,
    permuted: bool = False,
) -> Front:
    """A table written as words: `front("-b --bg", "-u --user")`."""
    sets = tuple(_words(text) for text in (flags, values, attached, pairs))
    return Front(sets[0], sets[1], sets[2], sets[3], single_dash, known, permuted)


@cache
def _words(text: str) -> frozenset[str]:
    """The words of a text; kept, because some tables are written where they are used."""
    return frozenset(text.split())


def walk(words: tuple[Word, ...], table: Front) -> Walk:
    """Take a wrapper's words apart."""
    options: list[Option] = []
    operands: list[Word] = []
    starts: list[int] = []
    stopped = False
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "--":
            at += 1
            stopped = True
            break
        if text[:1] != "-" or text == "-":
            if text == UNKNOWN and _may_be_options(words[at]) and at + 1 < len(words):
                starts.append(at + 1)
            if not table.permuted:
                break
            operands.append(words[at])
            at += 1
            continue
        at, doubtful = _option(words, at, table, options)
        if doubtful and at < len(words) and words[at].text[:1] != "-":
            # Either the next word is this option's value, or the operands begin there.
            following = at + 1
            while following < len(words) and words[following].text == "--":
                following += 1
            starts.append(following)
    rest = (*operands, *words[at:])
    others = tuple((*operands, *words[start:]) for start in starts[:MAX_STARTS] if start < len(words))
    return Walk(tuple(options), rest, others, stopped)


def _may_be_options(one: Word) -> bool:
    """`$SSH_OPTS` unquoted: it may become any number of options, or nothing."""
    return one.splits and bool(one.unknowns) and _OPTIONS_VARIABLE.match(one.unknowns[0]) is not None


def _option(words: tuple[Word, ...], at: int, table: Front, options: list[Option]) -> tuple[int, bool]:
    """Take one word of options; where to go on, and whether the next word may be its value."""
    whole = words[at]
    text = whole.text
    at += 1
    if text.startswith("--") or table.single_dash:
        return _long(words, at, whole, table, options)
    for place in range(1, len(text)):
        name = "-" + text[place]
        rest = text[place + 1 :]
        if name in table.values:
            if rest:
                options.append(Option(name, value_of(whole, rest)))
            elif at < len(words):
                options.append(Option(name, words[at]))
                at += 1
            else:
                options.append(Option(name))
            return at, False
        if name in table.pairs:
            options.append(Option(name, words[at] if at < len(words) else None))
            return at + 2, False
        if name in table.attached:
            options.append(Option(name, value_of(whole, rest) if rest else None))
            return at, False
        options.append(Option(name))
        if name not in table.flags and not table.known and not name[1].isdigit():
            # From here on the letters may be its value, and when there are none, the next word may.
            if rest:
                continue
            return at, True
    return at, False


def _long(
    words: tuple[Word, ...], at: int, whole: Word, table: Front, options: list[Option]
) -> tuple[int, bool]:
    name, equals, rest = whole.text.partition("=")
    if equals:
        options.append(Option(_full(name, table), value_of(whole, rest)))
        return at, False
    name = _full(name, table)
    if name in table.values:
        options.append(Option(name, words[at] if at < len(words) else None))
        return at + 1, False
    if name in table.pairs:
        options.append(Option(name, words[at] if at < len(words) else None))
        return at + 2, False
    options.append(Option(name))
    return at, not (table.known or name in table.flags or name in table.attached)


def _full(name: str, table: Front) -> str:
    """The option that a shortened long one means: `--comm` for `--command`."""
    if name in table.values or name in table.flags or name in table.attached or len(name) < 4:
        return name
    if table.single_dash and not name.startswith("--") and "-" + name in table.values:
        return "-" + name
    fitting = [
        full
        for group in (table.values, table.flags, table.attached)
        for full in group
        if full.startswith(name)
    ]
    return fitting[0] if len(fitting) == 1 else name


def is_assignment(one: Word) -> bool:
    """`NAME=value`."""
    return _ASSIGNMENT.match(one.text) is not None


def assigned(words: tuple[Word, ...]) -> int:
    """How many words at the front are assignments."""
    count = 0
    while count < len(words) and is_assignment(words[count]):
        count += 1
    return count
