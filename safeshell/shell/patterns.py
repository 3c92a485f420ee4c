"""The small patterns that packs are written in: command words, options, operands.

Compiled once each, then matched against parsed commands. The form is described in docs/packs.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import cache

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import Invocation
from safeshell.shell.paths import belongs_to, is_class
from safeshell.shell.word import UNKNOWN, Word

_COUNT = lazy_pattern(r"(\d+)(?:(\+)|-(\d+))?")


@frozen
class WordPattern:
    """One word of a command pattern.

    Args:
        exact: the names it may be; empty when it holds signs.
        beginnings: what a name may begin with, from `delete-*`.
        signs: other names with `*` and `?`.
        optional: the word may be missing.
        many: any number of words.
    """

    exact: frozenset[str]
    beginnings: tuple[str, ...] = ()
    signs: re.Pattern[str] | None = None
    optional: bool = False
    many: bool = False
    anything: bool = False

    def fits(self, word: Word) -> bool:
        """Whether a word is one of those."""
        if self.anything or word.text in self.exact:
            return True
        if not word.known:
            return False
        if self.beginnings and word.text.startswith(self.beginnings):
            return True
        return self.signs is not None and self.signs.fullmatch(word.text) is not None


@cache
def command_pattern(command: str) -> tuple[WordPattern, ...]:
    """The pattern of `git push`, without its first word when that has been looked up already."""
    return tuple(_word_pattern(word) for word in command.split())


@cache
def program_names(command: str) -> tuple[str, ...]:
    """The programs that a command pattern begins with."""
    return tuple(command.split()[0].split("|"))


def leading(patterns: tuple[WordPattern, ...], operands: Sequence[Word], at: int = 0) -> int:
    """How many leading operands the patterns take; -1 when they do not fit."""
    for index, pattern in enumerate(patterns):
        if pattern.many:
            rest = patterns[index + 1 :]
            for start in range(at, len(operands) + 1):
                end = leading(rest, operands, start)
                if end >= 0:
                    return end
            return -1
        if at < len(operands) and pattern.fits(operands[at]):
            if pattern.optional:
                end = leading(patterns[index + 1 :], operands, at + 1)
                if end >= 0:
                    return end
                continue
            at += 1
        elif not pattern.optional:
            return -1
    return at


@cache
def alternatives(entry: str) -> tuple[tuple[str, str | None], ...]:
    """`-f|--file=X` as names and, where one is asked for, values."""
    found = []
    for option in entry.split("|"):
        name, equals, value = option.partition("=")
        found.append((name, value.lower() if equals else None))
    return tuple(found)


def given(invocation: Invocation, entry: str) -> bool:
    """Whether one of an entry's options is there, with its value where one is asked for."""
    for name, value in alternatives(entry):
        if name.startswith("+"):
            if any(word.text == name for word in invocation.operands):
                return True
            continue
        if not invocation.options:
            continue
        for option in invocation.given(name):
            if value is None:
                return True
            typed = option.value.text.lower() if option.value else ""
            if typed == value or (any(sign in value for sign in "*?") and _signs(value).fullmatch(typed)):
                return True
    return False


def fits(word: Word, entry: str, context: ShellContext) -> bool:
    """Whether an operand fits one of an entry's patterns."""
    return any(_fits(word, pattern, context) for pattern in _split(entry))


def count_fits(written: str, count: int) -> bool:
    """Whether a number of operands is the one asked for: `"0"`, `"2+"`, `"0-1"`."""
    least, more, most = _counts(written)
    return count == least if most is None and not more else count >= least and (most is None or count <= most)


def mistake_in_command(command: str) -> str:
    """What is wrong with a command pattern; "" for nothing."""
    words = command.split()
    if not words or words[0].startswith("["):
        return "`command` must begin with a program's name"
    return ""


def mistake_in_options(entries: Sequence[str]) -> str:
    """What is wrong with option entries; "" for nothing."""
    for entry in entries:
        for name, _ in alternatives(entry):
            if name[:1] not in ("-", "+") or len(name) < 2:
                return f"{name!r} in {entry!r} is no option: each one after a | begins with a dash too"
    return ""


def mistake_in_operands(entries: Sequence[str]) -> str:
    """What is wrong with operand entries; "" for nothing."""
    for entry in entries:
        for pattern in _split(entry):
            bare = pattern.removeprefix("!")
            if bare.startswith("@") and not is_class(bare):
                return f"there is no class {bare}"
    return ""


@cache
def _split(entry: str) -> tuple[str, ...]:
    return tuple(entry.split("|")) if entry else ()


def _fits(word: Word, pattern: str, context: ShellContext) -> bool:
    if pattern[:1] == "!":
        return not _fits(word, pattern[1:], context)
    if pattern[:1] == "@":
        return belongs_to(word, pattern, context)
    if not word.known:
        return _settled(word.text, pattern)
    if any(sign in pattern for sign in "*?"):
        return _signs(pattern).fullmatch(word.text) is not None
    return word.text == pattern


def _settled(text: str, pattern: str) -> bool:
    """Whether what is known of a word already settles a pattern: `/etc/*` by its beginning, `*.gz` by its end."""
    before, star, after = pattern.partition("*")
    if not star or any(sign in before + after for sign in "*?"):
        return False
    known, unknown = text.partition(UNKNOWN)[0], text.rpartition(UNKNOWN)[2]
    return known.startswith(before) and unknown.endswith(after)


def _word_pattern(word: str) -> WordPattern:
    if word == "**":
        return WordPattern(frozenset(), many=True)
    optional = word.startswith("[") and word.endswith("]")
    names = (word[1:-1] if optional else word).split("|")
    plain = frozenset(name for name in names if "*" not in name and "?" not in name)
    beginnings = tuple(name[:-1] for name in names if name.endswith("*") and not _has_sign(name[:-1]))
    others = [name for name in names if name not in plain and name[:-1] not in beginnings]
    return WordPattern(
        plain,
        beginnings,
        lazy_pattern("|".join(map(translate, others))) if others else None,
        optional,
        anything="*" in names,
    )


def _has_sign(text: str) -> bool:
    return "*" in text or "?" in text


@cache
def _signs(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern).replace("[^/]", "."))


@cache
def _counts(written: str) -> tuple[int, bool, int | None]:
    match = _COUNT.fullmatch(written)
    if match is None:
        raise ValueError(f"{written!r} is no number of operands")
    return int(match[1]), bool(match[2]), int(match[3]) if match[3] else None
