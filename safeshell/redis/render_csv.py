"""Replies as redis-cli's --csv prints them: one line, strings quoted, every nesting flattened.

The quoting is redis-cli's own (backslashes), not RFC 4180's doubled quotes.
"""

from __future__ import annotations

from safeshell.redis.quoting import quoted
from safeshell.redis.reply import (
    BigNumber,
    Boolean,
    Bulk,
    Double,
    Error,
    Integer,
    Nil,
    Reply,
    Status,
    Verbatim,
    items_of,
)


def csv_text(reply: Reply) -> bytes:
    """The reply's line without its end."""
    match reply:
        case Bulk(data) | Status(data) | Verbatim(_, data):
            return quoted(data)
        case Integer(value):
            return b"%d" % value
        case Double(data) | BigNumber(data):
            return data
        case Nil():
            return b"NULL"
        case Boolean(value):
            return b"true" if value else b"false"
        case Error(data):
            return b"ERROR," + quoted(data)
    return b",".join([csv_text(item) for item in items_of(reply) or ()])
