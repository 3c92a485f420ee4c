"""The embedded command table: what is known of each Redis and Valkey command before any server is asked.

`command_table.tsv` is the data (one command a line, its columns named in its first line); this module reads it
and nothing else. What a command's arguments change about it is in the `rules_*` modules, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from safeshell.frozen import frozen


class EffectClass(StrEnum):
    """What a command does when its arguments change nothing about it."""

    READ = "read"
    WRITE_KEY = "write-key"
    DELETE_KEYS = "delete-keys"
    DELETE_ALL = "delete-all"
    SERVER_CONFIG = "server-config"
    CONNECTION = "connection"
    REPLICATION = "replication"
    AVAILABILITY = "availability"
    SCRIPT = "script"
    UNKNOWN = "unknown"


class UndoClass(StrEnum):
    """How what a command does can be put back; the empty one for what needs no undo."""

    NEEDLESS = ""
    DUMP = "dump"
    DUMP_PARTIAL = "dump-partial"
    DUMP_UNPROVEN = "dump?"
    INVERSE = "inverse"
    SAVED_STATE = "saved-state"
    NONE = "none"


@frozen
class KeySpec:
    """Where some of a command's keys stand.

    Args:
        at: the position of the first in the whole argv; 0 when `keyword` says it.
        keyword: the word after which they stand, upper case; empty when `at` says it.
        last: the last one: 0 or more counts from the first, negative from the end of argv (-1 is the last word).
        step: the distance from one to the next.
        numkeys: `at` holds their number and they follow it.
        limit: they end after 1/limit of the words that are left (2 for XREAD's keys and ids); 0 for no limit.
        access: `RO`, `RW`, `OW`, `RM` and `access`, `update`, `insert`, `delete`, `not_key`, `incomplete`,
            `variable_flags`, as COMMAND DOCS writes them.
    """

    at: int
    keyword: bytes = b""
    last: int = 0
    step: int = 1
    numkeys: bool = False
    limit: int = 0
    access: frozenset[str] = frozenset()


@frozen
class CommandInfo:
    """What is known of one command.

    Args:
        name: its full name, upper case, `CONFIG SET`.
        effect: its effect class.
        undo: how it can be undone.
        flags: of COMMAND INFO, those that say what it may do (`write`, `readonly`, `admin`, `blocking`, …).
        categories: its ACL categories without `@`, `slow` and `fast` left out.
        keys: where its keys stand.
        rules: the `rules_*` module that reads its arguments; empty when its class says all.
        container: it is only the first word of its subcommands.
        live: a server told it, the table does not have it.
    """

    name: str
    effect: EffectClass
    undo: UndoClass = UndoClass.NEEDLESS
    flags: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    keys: tuple[KeySpec, ...] = ()
    rules: str = ""
    container: bool = False
    live: bool = False


@cache
def command_info(name: str) -> CommandInfo | None:
    """What the table has on `name`.

    Args:
        name: the full name in upper case, `CONFIG SET`, `GET`.

    Returns:
        The command, or None when the table does not have it.
    """
    row = _rows().get(name)
    return None if row is None else _parsed(name, row)


def command_names() -> Iterable[str]:
    """All names of the table, containers among them, sorted."""
    return _rows().keys()


def is_container(name: str) -> bool:
    """Whether `name` is only the first word of subcommands (`CONFIG`); COMMAND, which also stands alone, is."""
    return name in _containers()


def key_specs(text: str) -> tuple[KeySpec, ...]:
    """The key specifications written as in the table's last column.

    Raises:
        ValueError: `text` is not of that form.
    """
    return tuple(_key_spec(part.strip()) for part in text.split(";")) if text else ()


@cache
def _rows() -> Mapping[str, str]:
    text = Path(__file__).with_name("command_table.tsv").read_text("utf-8")
    split = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {name: rest for name, _, rest in split}


@cache
def _containers() -> frozenset[str]:
    return frozenset(name.split(" ", 1)[0] for name in _rows() if " " in name)


def _parsed(name: str, row: str) -> CommandInfo:
    effect, undo, flags, categories, keys, rules = row.split("\t")
    flag_set = frozenset(flags.split(",")) if flags else frozenset()
    return CommandInfo(
        name,
        EffectClass(effect),
        UndoClass(undo),
        flag_set - {"container"},
        frozenset(categories.split(",")) if categories else frozenset(),
        key_specs(keys),
        rules,
        container="container" in flag_set,
    )


def _key_spec(text: str) -> KeySpec:
    """`1:RO`, `1..-1/2:OW+update`, `2(numkeys):RO`, `after STREAMS..-1/1(limit 2):RO`."""
    place, _, access = text.rpartition(":")
    place, _, limit = place.partition("(limit ")
    place, _, reach = place.partition("..")
    last, _, step = reach.partition("/")
    numkeys = place.endswith("(numkeys)")
    place = place.removesuffix("(numkeys)")
    keyword = place.removeprefix("after ") if place.startswith("after ") else ""
    return KeySpec(
        at=0 if keyword else int(place),
        keyword=keyword.encode(),
        last=int(last or 0),
        step=int(step or 1),
        numkeys=numkeys,
        limit=int(limit.rstrip(")") or 0),
        access=frozenset(access.split("+")),
    )
