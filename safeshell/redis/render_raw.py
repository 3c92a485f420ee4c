"""Replies as redis-cli prints them for programs: the data itself, nothing quoted, nothing marked.

An error has a line end of its own, nothing stands for nil, and elements are separated, never numbered.
"""

from __future__ import annotations

from safeshell.redis.reply import Array, Boolean, Error, Integer, Map, Nil, Push, Reply, Set


def raw_text(reply: Reply, item_delimiter: bytes) -> bytes:
    """The reply's data; what ends it is the caller's."""
    if isinstance(reply, Map):
        pairs = (
            raw_text(key, item_delimiter) + b" " + raw_text(value, item_delimiter)
            for key, value in reply.pairs
        )
        return item_delimiter.join(pairs)
    match reply:
        case Array(items) | Set(items) | Push(items):
            return item_delimiter.join([raw_text(item, item_delimiter) for item in items])
        case Error(data):
            return data + b"\n"
        case Integer(value):
            return b"%d" % value
        case Boolean(value):
            return b"(true)" if value else b"(false)"
        case Nil():
            return b""
    return reply.data
