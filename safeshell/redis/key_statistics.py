"""`--bigkeys`, `--memkeys`, `--hotkeys`: sampling the whole database, a batch at a time, blocking nobody.

The summary has redis-cli's facts in redis-cli's order; the progress is a line per new record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from safeshell.guard.text import counted, visible
from safeshell.redis.reply import Error, Integer, Reply, string_of
from safeshell.redis.scan_keys import Caller, ScanFailed

# How each type is measured, and what its size counts (the commands of redis-cli's own table).
_SIZE_OF = {
    b"string": (b"STRLEN", "byte"),
    b"list": (b"LLEN", "item"),
    b"set": (b"SCARD", "member"),
    b"hash": (b"HLEN", "field"),
    b"zset": (b"ZCARD", "member"),
    b"stream": (b"XLEN", "entry"),
}
_MANY = {"entry": "entries"}


class PipelineCaller(Caller, Protocol):
    """Sends many commands in one go."""

    def pipeline(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Their replies, in order."""


@dataclass
class _Tally:
    """What is known of one type so far."""

    keys: int = 0
    total: int = 0
    biggest: int = -1
    biggest_key: bytes = b""


@dataclass
class _Found:
    sampled: int = 0
    key_bytes: int = 0
    types: dict[bytes, _Tally] = field(default_factory=lambda: defaultdict(_Tally))


def big_keys(caller: PipelineCaller, batches: Iterator[list[bytes]], out: TextIO, *, total: int) -> None:
    """Print the key with most elements of each type, and how the types share the database.

    Args:
        caller: the connection.
        batches: from `scan_keys`.
        out: where to print.
        total: DBSIZE, for the progress.
    """
    found = _Found()
    for keys in batches:
        types = _types(caller, keys)
        asked = [(_SIZE_OF[kind][0], key) for key, kind in zip(keys, types, strict=True) if kind in _SIZE_OF]
        sizes = iter(caller.pipeline(asked) if asked else [])
        for key, kind in zip(keys, types, strict=True):
            size = _number(next(sizes)) if kind in _SIZE_OF else 0
            unit = _SIZE_OF[kind][1] if kind in _SIZE_OF else "?"
            if _noted(found, key, kind, size):
                _progress(
                    out, found, total, f"Biggest {visible(kind):<6} found so far", key, _amount(size, unit)
                )
    _summary(out, found, lambda kind, size: _amount(size, _SIZE_OF[kind][1] if kind in _SIZE_OF else "?"))


def memory_keys(
    caller: PipelineCaller, batches: Iterator[list[bytes]], out: TextIO, *, total: int, samples: int | None
) -> None:
    """The same by memory.

    `caller`, `batches`, `out` and `total` are as for `big_keys`; `samples` is how many elements MEMORY USAGE
    samples per key: None for the server's own number, 0 for all.
    """
    found = _Found()
    extra = [] if samples is None else [b"SAMPLES", b"%d" % samples]
    for keys in batches:
        types = _types(caller, keys)
        sizes = caller.pipeline([[b"MEMORY", b"USAGE", key, *extra] for key in keys]) if keys else []
        for key, kind, reply in zip(keys, types, sizes, strict=True):
            size = _number(reply)
            if _noted(found, key, kind, size):
                _progress(
                    out, found, total, f"Biggest {visible(kind):<6} found so far", key, _amount(size, "byte")
                )
    _summary(out, found, lambda _, size: _amount(size, "byte"))


def hot_keys(
    caller: PipelineCaller, batches: Iterator[list[bytes]], out: TextIO, *, total: int, most: int = 16
) -> None:
    """Print the keys that the server's LFU counters call hottest.

    Raises:
        ScanFailed: the server counts no frequencies; the text says which policy would.
    """
    hottest: list[tuple[int, bytes]] = []
    sampled = 0
    for keys in batches:
        replies = caller.pipeline([(b"OBJECT", b"FREQ", key) for key in keys]) if keys else []
        for key, reply in zip(keys, replies, strict=True):
            if isinstance(reply, Error) and b"LFU" in reply.data:
                raise ScanFailed(
                    "the server does not count how often keys are used",
                    todo="It would from now on under maxmemory-policy allkeys-lfu (CONFIG SET).",
                )
            sampled += 1
            frequency = _number(reply)
            if frequency > (hottest[-1][0] if len(hottest) == most else 0):
                hottest = sorted([*hottest, (frequency, key)], key=lambda found: -found[0])[:most]
                share = 100 * sampled / max(total, sampled)
                out.write(f"[{share:05.2f}%] Hot key {visible(key)} found so far with counter {frequency}\n")
    out.write(f"\n-------- summary -------\n\nSampled {counted(sampled, 'key')} in the keyspace!\n")
    for frequency, key in hottest:
        out.write(f"hot key found with counter: {frequency}\tkeyname: {visible(key)}\n")


def _types(caller: PipelineCaller, keys: list[bytes]) -> list[bytes]:
    replies = caller.pipeline([(b"TYPE", key) for key in keys]) if keys else []
    return [string_of(reply) or b"?" for reply in replies]


def _number(reply: Reply) -> int:
    """A size; a key that is gone or of another type by now counts nothing."""
    return reply.value if isinstance(reply, Integer) else 0


def _noted(found: _Found, key: bytes, kind: bytes, size: int) -> bool:
    """Count one key; whether it is the biggest of its type so far."""
    found.sampled += 1
    found.key_bytes += len(key)
    tally = found.types[kind]
    tally.keys += 1
    tally.total += size
    if size <= tally.biggest:
        return False
    tally.biggest, tally.biggest_key = size, key
    return True


def _progress(out: TextIO, found: _Found, total: int, text: str, key: bytes, amount: str) -> None:
    share = 100 * found.sampled / max(total, found.sampled)
    out.write(f'[{share:05.2f}%] {text} "{visible(key)}" with {amount}\n')


def _amount(size: int, unit: str) -> str:
    """A size with its unit, the number plain: scripts look for it, as in redis-cli's output."""
    return f"{size} {unit if size == 1 else _MANY.get(unit, unit + 's')}"


class _Amount(Protocol):
    def __call__(self, kind: bytes, size: int) -> str: ...


def _summary(out: TextIO, found: _Found, amount: _Amount) -> None:
    out.write(f"\n-------- summary -------\n\nSampled {counted(found.sampled, 'key')} in the keyspace!\n")
    average = found.key_bytes / found.sampled if found.sampled else 0
    out.write(f"Total key length in bytes is {found.key_bytes:,} (avg len {average:.2f})\n\n")
    by_size = sorted(found.types.items(), key=lambda item: -item[1].keys)
    for kind, tally in by_size:
        if tally.biggest >= 0:
            biggest = amount(kind, tally.biggest)
            out.write(f'Biggest {visible(kind):>6} found "{visible(tally.biggest_key)}" has {biggest}\n')
    out.write("\n")
    for kind, tally in by_size:
        share = 100 * tally.keys / found.sampled
        average = tally.total / tally.keys
        out.write(
            f"{counted(tally.keys, visible(kind))} with {amount(kind, tally.total)} "
            f"({share:05.2f}% of keys, avg size {average:.2f})\n"
        )
