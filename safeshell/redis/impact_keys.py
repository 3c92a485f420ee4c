"""What the keys that commands name are: how many exist, of what type, how large, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.durations import written
from safeshell.guard.text import counted, sized, visible
from safeshell.redis.keys import Access
from safeshell.redis.measuring import Argv, Findings, Measuring
from safeshell.redis.reply import Reply, integer_of, string_of

MEASURED: Final = 20
"""So many keys are looked at one by one; of the others it is only counted how many exist."""
_SHOWN: Final = 5
_EXISTS_CHUNK: Final = 500
_MANY_ELEMENTS: Final = 10_000
_MANY_BYTES: Final = 8 << 20

_LENGTHS: Final = {
    b"string": (b"STRLEN", "byte"),
    b"list": (b"LLEN", "element"),
    b"hash": (b"HLEN", "field"),
    b"set": (b"SCARD", "member"),
    b"zset": (b"ZCARD", "member"),
    b"stream": (b"XLEN", "entry"),
}
_TYPE_WORDS: Final = {b"zset": "sorted set", b"ReJSON-RL": "JSON"}


@frozen
class KeyAtRisk:
    """A key that a command changes, and how."""

    db: int
    key: bytes
    access: Access


@frozen
class _Key:
    key: bytes
    type: bytes
    memory: int | None
    ttl_ms: int
    length: int | None = None

    @property
    def words(self) -> str:
        """`cart:7: hash, 12 fields, 1.2 KiB, expires in 9m12s`."""
        parts = [_TYPE_WORDS.get(self.type) or visible(self.type, limit=40)]
        if self.length is not None and self.type in _LENGTHS:
            one = _LENGTHS[self.type][1]
            parts.append(counted(self.length, one, "entries" if one == "entry" else ""))
        if self.memory is not None:
            parts.append(f"{sized(self.memory)} in memory")
        if self.ttl_ms >= 0:
            parts.append(f"expires in {written(timedelta(milliseconds=self.ttl_ms))}")
        return f"{visible(self.key, limit=80)}: {', '.join(parts)}"

    @property
    def is_slow_to_free(self) -> bool:
        """Whether DEL would keep the server busy for a while; strings are freed in one piece."""
        if self.type == b"string":
            return False
        return (self.length or 0) > _MANY_ELEMENTS or (self.memory or 0) > _MANY_BYTES


def measure_keys(
    measuring: Measuring, keys: Sequence[KeyAtRisk], findings: Findings, *, may_touch: bool
) -> None:
    """Find out about `keys` (each once), deleted and overwritten ones first.

    Args:
        measuring: asks.
        keys: what is changed.
        findings: takes what is found out.
        may_touch: whether looking may count as using a key; asking for lengths does on older servers.

    Raises:
        OutOfTime: what was found until then is in `findings`.
        SafeshellError: the connection is lost.
    """
    order = (Access.DELETE, Access.OVERWRITE, Access.WRITE)
    ranked = sorted(keys, key=lambda one: order.index(one.access))
    first, rest = ranked[:MEASURED], ranked[MEASURED:]
    found = [
        one
        for db, names in _by_db(first).items()
        for one in _looked_at(measuring, db, names, may_touch=may_touch)
    ]
    existing = len(found)
    sizes = [one.memory for one in found if one.memory is not None]
    memory = f"{sized(sum(sizes))} in memory" if sizes else ""
    if sizes and not rest:
        findings.weigh(sum(sizes))
    _say_each(found, first, findings)
    if len(keys) == 1:
        findings.count(existing, "keys")
        return
    least, part = "at least ", f"; the first {len(first)} take {memory}" if memory else ""
    try:
        existing += sum(_existing(measuring, db, names) for db, names in _by_db(rest).items())
        least = ""
    finally:
        size = part if rest else f", {memory}" if memory else ""
        findings.facts.insert(0, f"{least}{existing:,} of {counted(len(keys), 'key')} exist{size}")
    findings.count(existing, "keys")


def _say_each(found: list[_Key], asked: Sequence[KeyAtRisk], findings: Findings) -> None:
    largest = sorted(found, key=lambda one: one.memory or 0, reverse=True)
    for one in largest[:_SHOWN]:
        findings.fact(one.words)
    if len(found) > _SHOWN:
        findings.fact(f"and {len(found) - _SHOWN} more")
    if len(asked) == 1 and not found:
        findings.fact(f"{visible(asked[0].key, limit=80)} does not exist")
    deleted = {one.key for one in asked if one.access is Access.DELETE}
    slow = [one for one in largest if one.is_slow_to_free and one.key in deleted]
    if slow:
        findings.offer(
            f"UNLINK instead of DEL: {visible(slow[0].key, limit=60)} is large, UNLINK frees it in the background"
        )


def _looked_at(measuring: Measuring, db: int, keys: Sequence[bytes], *, may_touch: bool) -> list[_Key]:
    """The keys that exist, as far as can be found out in two round trips."""
    commands: list[Argv] = []
    for key in keys:
        commands += [(b"TYPE", key), (b"MEMORY", b"USAGE", key), (b"PTTL", key)]
    replies = measuring.ask(commands, db=db)
    found: list[_Key] = []
    for at, key in enumerate(keys):
        type_of_key, memory, ttl = replies[at * 3 : at * 3 + 3]
        kind = string_of(type_of_key)
        if kind is not None and kind != b"none":
            left = integer_of(ttl)
            found.append(_Key(key, kind, integer_of(memory), -1 if left is None else left))
    with_length = [one for one in found if may_touch and one.type in _LENGTHS]
    lengths = measuring.ask([(_LENGTHS[one.type][0], one.key) for one in with_length], db=db)
    by_key = {one.key: integer_of(reply) for one, reply in zip(with_length, lengths, strict=True)}
    return [_Key(one.key, one.type, one.memory, one.ttl_ms, by_key.get(one.key)) for one in found]


def _existing(measuring: Measuring, db: int, keys: Sequence[bytes]) -> int:
    chunks = [tuple(keys[start : start + _EXISTS_CHUNK]) for start in range(0, len(keys), _EXISTS_CHUNK)]
    replies: list[Reply] = measuring.ask([(b"EXISTS", *chunk) for chunk in chunks], db=db)
    return sum(integer_of(reply) or 0 for reply in replies)


def _by_db(keys: Sequence[KeyAtRisk]) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    for one in keys:
        found.setdefault(one.db, []).append(one.key)
    return found
