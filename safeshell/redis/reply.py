"""What a Redis server can answer, as frozen values that keep everything redis-cli shows.

Only values and their plain views live here: no bytes of the wire (resp.py), no text for people (render.py).
A type says how the server sent a thing: a status is no bulk string, a double keeps its exact text.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from safeshell.frozen import frozen


class NilKind(Enum):
    """How "nothing" was sent: RESP2 has two forms, RESP3 one."""

    BULK = "$-1"
    ARRAY = "*-1"
    NULL = "_"


@frozen
class Status:
    """A simple string, `OK` or a MONITOR line."""

    data: bytes


@frozen
class Bulk:
    """A string: any bytes."""

    data: bytes


@frozen
class Verbatim:
    """RESP3 text meant to be shown as it is.

    Args:
        format: three bytes, `txt` or `mkd`.
        data: the text.
    """

    format: bytes
    data: bytes


@frozen
class Integer:
    """A 64-bit number."""

    value: int


@frozen
class Double:
    """RESP3 floating point, as the text that was sent: `3.10`, `inf`, `-nan`."""

    data: bytes

    @property
    def value(self) -> float:
        """The number; exactness is lost, the sign of a NaN too."""
        return float(self.data)


@frozen
class BigNumber:
    """RESP3 integer of any size, as its digits (Python would refuse to read more than 4,300 of them)."""

    data: bytes


@frozen
class Boolean:
    """RESP3 true or false."""

    value: bool


@frozen
class Nil:
    """Nothing: a missing key, an aborted EXEC."""

    kind: NilKind


@frozen
class Array:
    """A list of replies."""

    items: tuple[Reply, ...]


@frozen
class Set:
    """RESP3 set, in the order in which it was sent."""

    items: tuple[Reply, ...]


@frozen
class Map:
    """RESP3 map, in the order in which it was sent; a key may be any reply, and may come twice."""

    pairs: tuple[tuple[Reply, Reply], ...]


@frozen
class Push:
    """RESP3 message that answers no command: a published message, an invalidation."""

    items: tuple[Reply, ...]


@frozen
class Error:
    """The server's no.

    Args:
        data: its whole text, the code included: `WRONGTYPE Operation against …`.
        blob: sent as RESP3's bulk error, which may hold line breaks.
    """

    data: bytes
    blob: bool = False

    @property
    def code(self) -> bytes:
        """The first word, `ERR` or `MOVED`."""
        return self.data.split(b" ", 1)[0]


Reply: TypeAlias = (
    Status | Bulk | Verbatim | Integer | Double | BigNumber | Boolean | Nil | Array | Set | Map | Push | Error
)


def string_of(reply: Reply) -> bytes | None:
    """The bytes of a status, bulk or verbatim string; None for anything else."""
    return reply.data if isinstance(reply, Status | Bulk | Verbatim) else None


def integer_of(reply: Reply) -> int | None:
    """The number of an integer, or of a string of digits; None for anything else."""
    if isinstance(reply, Integer):
        return reply.value
    text = string_of(reply)
    if text is not None and len(text) <= 20 and text.removeprefix(b"-").isdigit():
        return int(text)
    return None


def items_of(reply: Reply) -> tuple[Reply, ...] | None:
    """The elements of an array, set or push; a map's keys and values in turn; None for anything else."""
    if isinstance(reply, Array | Set | Push):
        return reply.items
    if isinstance(reply, Map):
        return tuple(one for pair in reply.pairs for one in pair)
    return None


def pairs_of(reply: Reply) -> tuple[tuple[Reply, Reply], ...] | None:
    """A map's pairs, also of one that RESP2 sent as a flat array; None for anything else."""
    if isinstance(reply, Map):
        return reply.pairs
    if isinstance(reply, Array) and len(reply.items) % 2 == 0:
        return tuple(zip(reply.items[::2], reply.items[1::2], strict=True))
    return None
