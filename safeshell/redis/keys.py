"""Which keys a command names, and what it does to each; impact and undo look at nothing else.

The table's key specifications, corrected by the arguments where they decide (SORT … STORE, GETEX without an
option, MIGRATE COPY, EXPIRE 0): the flags of the server are wrong there. Pure, and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.redis.arguments import has_word, integer, option_at, upper
from safeshell.redis.facts import EMPTY, ServerFacts
from safeshell.redis.resolving import resolve
from safeshell.redis.table import CommandInfo, EffectClass, KeySpec

Argv = Sequence[bytes]


class Access(StrEnum):
    """What is done to a key."""

    READ = "read"
    WRITE = "write"
    OVERWRITE = "overwrite"
    DELETE = "delete"


@frozen
class NamedKey:
    """A key that a command names.

    Args:
        key: its name.
        access: what is done to it at most.
        at: its position in argv.
        db: the database it is in when the command says so itself (COPY … DB 3); None for the selected one.
    """

    key: bytes
    access: Access
    at: int = 0
    db: int | None = None


def named_keys(argv: Argv, facts: ServerFacts = EMPTY) -> tuple[NamedKey, ...]:
    """The keys that `argv` names, in the order of their words; one named twice comes twice.

    Args:
        argv: the words as they are sent.
        facts: what the server told, for renamed and module commands.

    Returns:
        Nothing for commands without keys, unknown ones, and calls that the server would refuse for their form.
    """
    info = resolve(argv, facts)
    return keys_of(info, argv) if info else ()


def keys_of(info: CommandInfo, argv: Argv) -> tuple[NamedKey, ...]:
    """As `named_keys`, for a command that has been looked up already."""
    found = [key for spec in info.keys for key in _keys_of(spec, info, argv)]
    special = _SPECIAL.get(info.name)
    if special:
        found = list(special(argv, found))
    return tuple(sorted(found, key=lambda named: named.at))


def _keys_of(spec: KeySpec, info: CommandInfo, argv: Argv) -> Iterator[NamedKey]:
    if "not_key" in spec.access:
        return
    access = _access(spec, info)
    for at in _positions(spec, argv):
        yield NamedKey(argv[at], access, at)


def _access(spec: KeySpec, info: CommandInfo) -> Access:
    flags = spec.access
    if info.effect is EffectClass.READ or "RO" in flags:
        return Access.READ
    if "OW" in flags:
        return Access.WRITE if "insert" in flags else Access.OVERWRITE
    if flags & {"RM", "delete"} or info.effect is EffectClass.DELETE_KEYS:
        return Access.DELETE
    return Access.WRITE


def _positions(spec: KeySpec, argv: Argv) -> Iterable[int]:
    count = len(argv)
    first = spec.at
    if spec.keyword:
        option = option_at(argv, spec.keyword, 1)
        if not option:
            return ()
        first = option + 1
    if spec.numkeys:
        number = integer(argv[first]) if first < count else None
        if number is None or number < 1 or first + number >= count:
            return ()
        return range(first + 1, first + 1 + number)
    if first >= count:
        return ()
    if spec.limit:
        return range(first, first + (count - first) // spec.limit, spec.step)
    last = first + spec.last if spec.last >= 0 else count + spec.last
    return range(first, min(last, count - 1) + 1, spec.step)


Special = Callable[[Argv, list[NamedKey]], Iterable[NamedKey]]


def _all_as(access: Access, keys: Iterable[NamedKey]) -> list[NamedKey]:
    return [replace(named, access=access) for named in keys]


def _sort(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    at = last_store(argv) if upper(argv[0]) != "SORT_RO" else 0
    return [*keys, NamedKey(argv[at], Access.OVERWRITE, at)] if at else keys


def last_store(argv: Argv) -> int:
    """The position of SORT's destination; 0 when it has none. The last STORE counts (sort.c)."""
    at, found = 2, 0
    while at < len(argv):
        word = upper(argv[at])
        if word == "STORE" and at + 1 < len(argv):
            found = at + 1
        at += {"BY": 2, "GET": 2, "STORE": 2, "LIMIT": 3}.get(word, 1)
    return found


def _georadius(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    at = geo_store(argv)
    return [*keys[:1], NamedKey(argv[at], Access.OVERWRITE, at)] if at else keys[:1]


def geo_store(argv: Argv) -> int:
    """The position of the destination of GEORADIUS and GEORADIUSBYMEMBER; 0 when they have none."""
    first = 6 if upper(argv[0]) == "GEORADIUS" else 5
    found = 0
    for at in range(first, len(argv) - 1):
        if upper(argv[at]) in ("STORE", "STOREDIST"):
            found = at + 1
    return found


def _getex(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.READ, keys) if len(argv) == 2 else keys


def _hgetex(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    plain = len(argv) > 2 and upper(argv[2]) == "FIELDS"
    return _all_as(Access.READ, keys) if plain else keys


def _bitfield(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.READ, keys) if bitfield_only_gets(argv) else keys


def bitfield_only_gets(argv: Argv) -> bool:
    """Whether every operation of BITFIELD is a GET."""
    at = 2
    while at < len(argv):
        word = upper(argv[at])
        if word not in ("GET", "OVERFLOW"):
            return False
        at += 3 if word == "GET" else 2
    return True


def _set(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.WRITE if has_word(argv, b"NX", 3) else Access.OVERWRITE, keys)


def _expire(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    seconds = integer(argv[2]) if len(argv) > 2 else None
    return _all_as(Access.DELETE, keys) if seconds is not None and seconds <= 0 else keys


def _migrate(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    at = option_at(argv, b"KEYS", 6)
    named = (
        [NamedKey(key, Access.DELETE, place) for place, key in enumerate(argv) if place > at]
        if at
        else [key for key in keys if key.at == 3]
    )
    options = argv[:at] if at else argv
    return _all_as(Access.READ, named) if has_word(options, b"COPY", 6) else named


def _copy(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    at = option_at(argv, b"DB", 3)
    db = integer(argv[at + 1]) if at and at + 1 < len(argv) else None
    access = Access.OVERWRITE if has_word(argv, b"REPLACE", 3) else Access.WRITE
    return [replace(key, access=access, db=db) if key.at == 2 else key for key in keys]


def _restore(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.OVERWRITE if has_word(argv, b"REPLACE", 4) else Access.WRITE, keys)


def _written(_: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.WRITE, keys)


def _xreadgroup(argv: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    # A key or consumer may be called STREAMS; the option stands behind GROUP g c.
    at = option_at(argv, b"STREAMS", 4) if has_word(argv, b"GROUP", 1) else 0
    if not at:
        return _all_as(Access.WRITE, keys)
    return [NamedKey(argv[n], Access.WRITE, n) for n in range(at + 1, at + 1 + (len(argv) - at - 1) // 2)]


def _moved(_: Argv, keys: list[NamedKey]) -> Iterable[NamedKey]:
    return _all_as(Access.DELETE, keys)


_SPECIAL: Final[Mapping[str, Special]] = {
    "SORT": _sort,
    "SORT_RO": _sort,
    "GEORADIUS": _georadius,
    "GEORADIUSBYMEMBER": _georadius,
    "GETEX": _getex,
    "HGETEX": _hgetex,
    "BITFIELD": _bitfield,
    "SET": _set,
    "EXPIRE": _expire,
    "PEXPIRE": _expire,
    "MIGRATE": _migrate,
    "COPY": _copy,
    "RESTORE": _restore,
    "XREADGROUP": _xreadgroup,
    "MOVE": _moved,
    "XAUTOCLAIM": _written,
}
