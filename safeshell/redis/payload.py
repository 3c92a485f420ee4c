"""What a DUMP payload says without loading it: its format's version, and whether two are the same value.

Pure bytes. Hash tables dump in whatever order their buckets lie, which the server changes on its own; so a
set's members and a hash's fields are sorted before they are compared. Form: a type byte, the value as in an
RDB file, two bytes of RDB version (little endian), eight of checksum (source: rdb.h, cluster.c of Redis 7.0).
"""

from __future__ import annotations

import contextlib
from hashlib import blake2b
from typing import Final

_FOOTER_BYTES: Final = 10
_DIGEST_BYTES: Final = 16
# How many strings make one element of a type that is stored unordered: RDB_TYPE_SET and RDB_TYPE_HASH.
_UNORDERED: Final = {2: 1, 4: 2}
_LZF: Final = 3
_INTEGER_BYTES: Final = {0: 1, 1: 2, 2: 4}


class _Unparsable(Exception):
    """The payload is not in the form known here; it is compared byte by byte instead."""


def rdb_version(payload: bytes) -> int | None:
    """The RDB version in the payload's footer (10 for Redis 7.0, 80 for Valkey 9); None when it has none."""
    if len(payload) <= _FOOTER_BYTES:
        return None
    return int.from_bytes(payload[-_FOOTER_BYTES : -_FOOTER_BYTES + 2], "little")


def value_digest(payload: bytes) -> bytes:
    """16 bytes that are equal for equal values of the same server, whatever the order in its tables."""
    value = payload[:-_FOOTER_BYTES]
    size = _UNORDERED.get(value[0]) if value else None
    if size is not None:
        with contextlib.suppress(_Unparsable):
            value = value[:1] + b"".join(sorted(_elements(value, size)))
    return blake2b(value, digest_size=_DIGEST_BYTES).digest()


def _elements(value: bytes, strings: int) -> list[bytes]:
    """The encoded elements after the type byte and the count, each of `strings` strings."""
    count, special, at = _length(value, 1)
    if special:
        raise _Unparsable
    found: list[bytes] = []
    for _ in range(count):
        start = at
        for _ in range(strings):
            at = _string_end(value, at)
        found.append(value[start:at])
    if at != len(value):
        raise _Unparsable
    return found


def _string_end(value: bytes, at: int) -> int:
    length, special, at = _length(value, at)
    if not special:
        end = at + length
    elif length == _LZF:
        compressed, _, at = _length(value, at)
        _, _, at = _length(value, at)
        end = at + compressed
    elif length in _INTEGER_BYTES:
        end = at + _INTEGER_BYTES[length]
    else:
        raise _Unparsable
    if end > len(value):
        raise _Unparsable
    return end


def _length(value: bytes, at: int) -> tuple[int, bool, int]:
    """A length as RDB writes it: the number, whether it is a special encoding instead, and where it ends."""
    try:
        first = value[at]
        match first >> 6:
            case 0:
                return first & 0x3F, False, at + 1
            case 1:
                return (first & 0x3F) << 8 | value[at + 1], False, at + 2
            case 3:
                return first & 0x3F, True, at + 1
    except IndexError:
        raise _Unparsable from None
    size = {0x80: 4, 0x81: 8}.get(first)
    if size is None:
        raise _Unparsable
    return int.from_bytes(value[at + 1 : at + 1 + size], "big"), False, at + 1 + size
