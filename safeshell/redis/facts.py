"""What a server told about itself, as far as reading commands needs it; a plain value that the session fills.

Parsing what COMMAND INFO answered is here; asking is not. A command that only the server knows is classed by
what it says of it, conservatively: the flags lie in both directions (notes: SEARCH.CLUSTERSET is `readonly`,
CONFIG SET is not `write`), so `readonly` alone does not make a command a read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from safeshell.frozen import field, frozen
from safeshell.redis.table import CommandInfo, EffectClass, KeySpec, UndoClass

_NO_FUNCTIONS: Final[Mapping[str, bool]] = MappingProxyType({})
_NO_SCRIPTS: Final[Mapping[str, bytes]] = MappingProxyType({})
_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_NO_COMMANDS: Final[Mapping[str, CommandInfo]] = MappingProxyType({})

# `readonly` says that the dataset stays; words like these in a name say that something else may not.
_SUSPECT_NAME: Final = (
    r"SET\b|CONFIG|CLUSTER|REFRESH|COMPACT|DEBUG|FLUSH|RESET|DROP|DEL|GC|KILL|LOAD|RESTORE|STOP|START"
    r"|PURGE|CLEAR"
)
_LOOKS: Final = (" HELP", " GET", " LIST", " INFO", ".GET", ".LIST", ".INFO")
_NOT_A_READ: Final = frozenset({"write", "admin", "blocking", "pubsub", "no_multi", "noscript"})
_NOT_A_READ_CATEGORY: Final = frozenset({"admin", "dangerous", "write", "blocking", "pubsub", "scripting"})
_MEANINGLESS: Final = frozenset({"slow", "fast"})


@frozen
class ServerFacts:
    """What is known of the server that lines go to; all of it may be empty.

    Args:
        version: `7.0.15`.
        kind: `redis`, `valkey`, …; empty when not known.
        renamed: a name as typed, upper case → the real name, upper case (`rename-command`).
        live: a name as typed, upper case, a subcommand after a blank → what COMMAND INFO said.
        functions: a function's name → whether its flags have `no-writes` (FUNCTION LIST).
        scripts: the SHA1 of a script, lower case → its text, for scripts that this session has seen.
    """

    version: str = ""
    kind: str = ""
    renamed: Mapping[str, str] = field(default_factory=lambda: _NO_NAMES)
    live: Mapping[str, CommandInfo] = field(default_factory=lambda: _NO_COMMANDS)
    functions: Mapping[str, bool] = field(default_factory=lambda: _NO_FUNCTIONS)
    scripts: Mapping[str, bytes] = field(default_factory=lambda: _NO_SCRIPTS)


EMPTY: Final = ServerFacts()
"""Nothing is known of the server."""


def info_from_reply(entry: object) -> tuple[CommandInfo, ...]:
    """One element of the array that COMMAND INFO answers, subcommands included.

    Args:
        entry: the reply as lists (or tuples), bytes (or str) and ints; sets and maps of RESP3 may come as
            lists, sets or dicts. None or anything else for a name that the server does not know.

    Returns:
        The command under its real name, then its subcommands; nothing for a name that the server does not know
        or an answer that is not of that form. A renamed command comes under its real name.
    """
    parts = list(entry) if isinstance(entry, list | tuple) else []
    if len(parts) < 6 or not _text(parts[0]):
        return ()
    name = _text(parts[0]).upper().replace("|", " ")
    flags = _words(parts[2]) - _MEANINGLESS
    categories = frozenset(
        word.removeprefix("@") for word in (_words(parts[6]) if len(parts) > 6 else frozenset())
    )
    categories -= _MEANINGLESS
    keys = _key_specs(parts[8]) if len(parts) > 8 else ()
    keys = keys or _legacy_keys(parts[3:6], flags)
    below = [info for sub in (_items(parts[9]) if len(parts) > 9 else ()) for info in info_from_reply(sub)]
    effect = EffectClass.UNKNOWN if below else _effect(name, flags, categories, keys)
    undo = UndoClass.NEEDLESS if effect is EffectClass.READ else UndoClass.NONE
    return (
        CommandInfo(name, effect, undo, flags, categories, keys, container=bool(below), live=True),
        *below,
    )


def _effect(
    name: str, flags: frozenset[str], categories: frozenset[str], keys: tuple[KeySpec, ...]
) -> EffectClass:
    """The class of a command that the table does not have; the stricter one wherever there is a doubt."""
    if "write" in flags or "write" in categories:
        if not keys:
            return EffectClass.DELETE_ALL if "dangerous" in categories else EffectClass.UNKNOWN
        deletes = any(spec.access & {"delete", "RM"} for spec in keys)
        return EffectClass.DELETE_KEYS if deletes else EffectClass.WRITE_KEY
    if flags & {"admin"} or categories & {"admin", "dangerous"}:
        return EffectClass.SERVER_CONFIG
    suspect = re.search(_SUSPECT_NAME, name) and not name.endswith(_LOOKS)
    changes_keys = any(spec.access & {"OW", "RM", "update", "insert", "delete"} for spec in keys)
    if "readonly" in flags and not (
        flags & _NOT_A_READ or categories & _NOT_A_READ_CATEGORY or suspect or changes_keys
    ):
        return EffectClass.READ
    return EffectClass.UNKNOWN


def _legacy_keys(numbers: Sequence[object], flags: frozenset[str]) -> tuple[KeySpec, ...]:
    """First, last and step of the servers before key specifications (Redis 6)."""
    first, last, step = (number if isinstance(number, int) else 0 for number in numbers)
    if first <= 0 or step <= 0:
        return ()
    access = frozenset({"RO"}) if "readonly" in flags else frozenset({"RW", "update"})
    return (
        KeySpec(
            first,
            last=last if last < 0 else max(0, last - first),
            step=step,
            access=access,
        ),
    )


def _key_specs(reply: object) -> tuple[KeySpec, ...]:
    specs = []
    for entry in _items(reply):
        fields = _fields(entry)
        begin, find = _fields(fields.get("begin_search")), _fields(fields.get("find_keys"))
        start, range_ = _fields(begin.get("spec")), _fields(find.get("spec"))
        access = _words(fields.get("flags"))
        at, keyword = _number(start.get("index")), _text(start.get("keyword")).upper().encode()
        if not at and not keyword:
            continue
        if _text(find.get("type")) == "keynum":
            at += _number(range_.get("keynumidx"))
            specs.append(KeySpec(at, keyword, numkeys=True, access=access))
            continue
        specs.append(
            KeySpec(
                0 if keyword else at,
                keyword,
                _number(range_.get("lastkey")),
                _number(range_.get("keystep")) or 1,
                limit=_number(range_.get("limit")),
                access=access,
            )
        )
    return tuple(specs)


def _items(reply: object) -> list[object]:
    return list(reply) if isinstance(reply, list | tuple | set | frozenset) else []


def _fields(reply: object) -> dict[str, object]:
    if isinstance(reply, Mapping):
        return {_text(key): value for key, value in reply.items()}
    items = _items(reply)
    return {_text(key): value for key, value in zip(items[::2], items[1::2], strict=False)}


def _words(reply: object) -> frozenset[str]:
    return frozenset(_text(item) for item in _items(reply))


def _text(reply: object) -> str:
    if isinstance(reply, bytes):
        return reply.decode("utf-8", "replace")
    return reply if isinstance(reply, str) else ""


def _number(reply: object) -> int:
    return reply if isinstance(reply, int) else 0
