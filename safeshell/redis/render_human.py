"""Replies as redis-cli shows them to a person: `(integer) 1`, quoted strings, numbered and indented lists.

The alignment rule: an element's number is padded to the width of the largest, and whatever is nested under it
starts right of "N) ".
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.redis.quoting import quoted
from safeshell.redis.reply import (
    Array,
    BigNumber,
    Boolean,
    Bulk,
    Double,
    Error,
    Integer,
    Map,
    Nil,
    Push,
    Reply,
    Set,
    Status,
    Verbatim,
)

# What a terminal may act on, apart from line ends and tabs: C0, DEL, and C1 as UTF-8 writes it.
_ACTIVE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")


def terminal_safe(text: bytes) -> bytes:
    r"""`text` with control characters written as `\x1b`; line ends, tabs and everything else stay."""
    return _ACTIVE.sub(_written_out, text)


def human_text(reply: Reply) -> bytes:
    """The reply's lines, each ended."""
    parts: list[bytes] = []
    _write(reply, b"", parts)
    return b"".join(parts)


def invalidation_text(push: Push) -> bytes | None:
    """The line for a client-side caching invalidation of named keys; None for any other push."""
    if len(push.items) != 2:
        return None
    name, keys = push.items
    if not (isinstance(name, Bulk) and name.data.startswith(b"invalidate") and isinstance(keys, Array)):
        return None
    names = [b"'%b'" % key.data for key in keys.items if isinstance(key, Bulk)]
    return b"-> invalidate: " + terminal_safe(b", ".join(names)) + b"\n"


def _write(reply: Reply, prefix: bytes, out: list[bytes]) -> None:
    """Append the reply's lines; all but the first begin with `prefix`."""
    match reply:
        case Bulk(data):
            out.append(quoted(data) + b"\n")
        case Integer(value):
            out.append(b"(integer) %d\n" % value)
        case Array(items):
            _write_items(items, b")", prefix, out) if items else out.append(b"(empty array)\n")
        case Set(items):
            _write_items(items, b"~", prefix, out) if items else out.append(b"(empty set)\n")
        case Push(items):
            _write_items(items, b")", prefix, out) if items else out.append(b"(empty push)\n")
        case Map(pairs):
            _write_pairs(pairs, prefix, out) if pairs else out.append(b"(empty hash)\n")
        case _:
            out.append(_one_line(reply) + b"\n")


def _one_line(reply: Reply) -> bytes:
    match reply:
        case Status(data) | Verbatim(_, data):
            return terminal_safe(data)
        case Error(data):
            return b"(error) " + terminal_safe(data)
        case Double(data):
            return b"(double) " + data
        case BigNumber(data):
            return b"(big number) " + data
        case Boolean(value):
            return b"(true)" if value else b"(false)"
        case Nil():
            return b"(nil)"
    raise AssertionError(f"not a one-line reply: {type(reply).__name__}")


def _write_items(items: tuple[Reply, ...], mark: bytes, prefix: bytes, out: list[bytes]) -> None:
    width = len(str(len(items)))
    inner = prefix + b" " * (width + 2)
    for number, item in enumerate(items, 1):
        out.append(b"%b%*d%b " % (prefix if number > 1 else b"", width, number, mark))
        _write(item, inner, out)


def _write_pairs(pairs: tuple[tuple[Reply, Reply], ...], prefix: bytes, out: list[bytes]) -> None:
    width = len(str(len(pairs)))
    inner = prefix + b" " * (width + 2)
    for number, (key, value) in enumerate(pairs, 1):
        out.append(b"%b%*d# " % (prefix if number > 1 else b"", width, number))
        _write(key, inner, out)
        out[-1] = out[-1].removesuffix(b"\n")
        # A value of several lines starts on its own, below its key.
        out.append(b" => \n" + inner if _has_lines(value) else b" => ")
        _write(value, inner, out)


def _has_lines(reply: Reply) -> bool:
    """Whether the reply takes more than one line, by redis-cli's own rule."""
    match reply:
        case Array(items) | Set(items) | Push(items):
            return len(items) > 1 or (len(items) == 1 and _has_lines(items[0]))
        case Map(pairs):
            return len(pairs) > 1 or (len(pairs) == 1 and _has_lines(pairs[0][1]))
    return False


def _written_out(found: re.Match[bytes]) -> bytes:
    return b"\\x%02x" % found[0][-1]
