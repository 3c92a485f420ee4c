"""Readings of shell lines, as the tests of the engine ask for them."""

from __future__ import annotations

from functools import cache

from safeshell.guard.reading import Reading
from safeshell.redis.dialect import RedisDialect
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.script import SimpleCommand
from safeshell.shell.syntax import parse
from safeshell.shell.word import Word


@cache
def dialect() -> ShellDialect:
    """The shell's own, with everything it can read."""
    return ShellDialect(dialects={"redis": RedisDialect(now_ms=0)})


def read(line: str, context: ShellContext = NO_SESSION) -> Reading:
    """What `line` would do."""
    return dialect().with_context(context).read(line)


def severity(line: str, context: ShellContext = NO_SESSION) -> str:
    """The severity of a line, as a word."""
    return read(line, context).severity.word


def rules(line: str, context: ShellContext = NO_SESSION) -> list[str]:
    """The ids of all findings of a line."""
    return [finding.rule for finding in read(line, context).findings]


def command_of(line: str, context: ShellContext = NO_SESSION) -> SimpleCommand:
    """The last command of a line."""
    return parse(line, context).commands[-1]


def word_of(written: str, context: ShellContext = NO_SESSION) -> Word:
    """The one operand in `x WRITTEN`, as the shell would hand it over."""
    (word,) = command_of(f"x {written}", context).words[1:]
    return word
