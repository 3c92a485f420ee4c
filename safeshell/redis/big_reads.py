"""Reads that change nothing but hold a busy server up: seen before they are sent, with the way in portions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.guard.text import counted, visible
from safeshell.redis.measuring import Argv, Measuring, OutOfTime
from safeshell.redis.reply import integer_of

BIG: Final = 10_000
"""Elements above which a read of all of them is worth a word."""

# Command → what tells its size, what its elements are called, and the way in portions.
_WHOLE: Final[dict[bytes, tuple[bytes, str, str]]] = {
    b"SMEMBERS": (b"SCARD", "member", "SSCAN {key} 0 COUNT 1000"),
    b"HGETALL": (b"HLEN", "field", "HSCAN {key} 0 COUNT 1000"),
    b"HKEYS": (b"HLEN", "field", "HSCAN {key} 0 COUNT 1000"),
    b"HVALS": (b"HLEN", "field", "HSCAN {key} 0 COUNT 1000"),
}
_RANGES: Final[dict[bytes, tuple[bytes, str, str]]] = {
    b"LRANGE": (b"LLEN", "element", "LRANGE {key} 0 999"),
    b"ZRANGE": (b"ZCARD", "member", "ZSCAN {key} 0 COUNT 1000"),
    b"ZREVRANGE": (b"ZCARD", "member", "ZSCAN {key} 0 COUNT 1000"),
    b"XRANGE": (b"XLEN", "entry", "XRANGE {key} - + COUNT 1000"),
}
_ALL: Final = {(b"0", b"-1"), (b"-", b"+")}


def _asked(argv: Sequence[bytes]) -> tuple[Argv, str, str] | None:
    """What to ask about `argv`, the word for an element, and the way in portions; None for any other command."""
    name = argv[0].upper() if argv else b""
    if name == b"KEYS" and len(argv) == 2:
        return (b"DBSIZE",), "key", "SCAN 0 MATCH {key} COUNT 1000"
    found = None
    if name in _WHOLE and len(argv) == 2:
        found = _WHOLE[name]
    elif name in _RANGES and len(argv) >= 4 and (argv[2], argv[3]) in _ALL and b"COUNT" not in argv[4:]:
        found = _RANGES[name]
    return ((found[0], argv[1]), found[1], found[2]) if found else None


def is_whole_read(argv: Sequence[bytes]) -> bool:
    """Whether `argv` reads all of something that may be big; pure, for every line."""
    return _asked(argv) is not None


def big_read_offer(measuring: Measuring, argv: Sequence[bytes]) -> str | None:
    """A sentence about a read that is big, and the way in portions; None for any other, or when it can't be told.

    Args:
        measuring: one small question is asked.
        argv: a command that is proven to read.
    """
    asked = _asked(argv)
    if asked is None:
        return None
    question, one, way = asked
    try:
        size = integer_of(measuring.ask([question])[0])
    except (OutOfTime, SafeshellError):
        return None
    if size is None or size <= BIG:
        return None
    key = visible(argv[1], limit=80)
    name = argv[0].upper().decode("ascii", "replace")
    what = counted(size, one, "entries" if one == "entry" else "")
    does = "looks at" if name == "KEYS" else "returns"
    return f"{name} {key} {does} {what} at once; {way.format(key=key)} goes in portions"
