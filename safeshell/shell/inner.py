"""What a wrapper runs: a command, a text in some language, or something nobody can read.

Plain values between the wrappers and the reader, which goes on into each of them.
"""

from __future__ import annotations

from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address, Span
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import NOWHERE, Word


class Language(StrEnum):
    """What a text is written in."""

    SHELL = "shell"
    REDIS = "redis"
    SQL = "sql"
    MONGO = "mongo"
    PYTHON = "python"
    PERL = "perl"
    RUBY = "ruby"
    NODE = "node"
    PHP = "php"
    LUA = "lua"


@frozen
class InnerCommand:
    """A command that the wrapper runs as it stands: `sudo rm x` runs `rm x`.

    Args:
        command: with the wrapper's own assignments, redirections, feeds and places carried over.
        added: unknown words may follow, as after `xargs rm`.
        elsewhere: it runs on another machine or in a container: local paths, aliases and variables mean nothing.
        addresses: the machine, container or context it runs on, where the wrapper names one.
    """

    command: SimpleCommand
    added: bool = False
    elsewhere: bool = False
    addresses: tuple[Address, ...] = ()


@frozen
class InnerText:
    """A text that the wrapper hands to an interpreter: `bash -c TEXT`, `psql -c TEXT`, a here-document.

    Args:
        text: with `UNKNOWN` where only the shell knows.
        language: what reads it.
        span: where it stands in the outermost line.
        exact: character i of the text stands at span[0] + i, so that spans inside of it are exact.
        elsewhere, addresses: as for a command.
        dialect: for SQL, which product: `postgresql`, `mysql`, `sqlite`, `mssql`, `oracle`, `clickhouse`, ….
    """

    text: str
    language: Language
    span: Span = NOWHERE
    exact: bool = False
    elsewhere: bool = False
    addresses: tuple[Address, ...] = ()
    dialect: str = ""


@frozen
class InnerWords:
    """The words of one command of another language, exactly as they arrive there: `redis-cli DEL key`."""

    words: tuple[Word, ...]
    language: Language
    span: Span = NOWHERE
    addresses: tuple[Address, ...] = ()


@frozen
class Opaque:
    """Code runs that can't be read: `curl … | sh`, `eval "$x"`, `bash script-from-somewhere`.

    Args:
        rule: a stable id: `shell.pipe-to-shell`, `shell.eval-unknown`.
        reason: in a plain sentence without a full stop.
        severity: how bad; what runs wholly unseen code is high.
        instead: what to do instead.
        span: where.
    """

    rule: str
    reason: str
    severity: Severity = Severity.HIGH
    instead: str = ""
    span: Span = NOWHERE


Inner = InnerCommand | InnerText | InnerWords | Opaque


@frozen
class Unwrapped:
    """What became of a command that may be a wrapper.

    Args:
        inner: what it runs, in order.
        transparent: the wrapper itself changes nothing (`sudo`, `env`, `time`, `bash -c`), so that the line is
            as harmless as what it runs; False when the command still has to be judged by the packs as well.
    """

    inner: tuple[Inner, ...] = ()
    transparent: bool = True
