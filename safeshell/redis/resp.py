"""Bytes of the wire to replies, and commands to bytes: RESP2 and RESP3 without a socket in sight.

`ReplyReader` is fed whatever arrives and gives the replies that are complete; `encode` is the other way.
Why not hiredis.Reader: it makes one thing of status and bulk strings, loses a set's order and a double's
text, and all three show in what redis-cli prints. The packing of commands is hiredis' own.
Form of the protocol: redis.io/docs/latest/develop/reference/protocol-spec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import hiredis

from safeshell.guard.text import visible
from safeshell.redis.failures import ProtocolError
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
    NilKind,
    Push,
    Reply,
    Set,
    Status,
    Verbatim,
)

__all__ = [
    "MAX_BULK_BYTES",
    "MAX_ELEMENTS",
    "MAX_LINE_BYTES",
    "MAX_NESTING",
    "Array",
    "BigNumber",
    "Boolean",
    "Bulk",
    "Double",
    "Error",
    "Integer",
    "Map",
    "Nil",
    "NilKind",
    "ProtocolError",
    "Push",
    "Reply",
    "ReplyReader",
    "Set",
    "Status",
    "Verbatim",
    "encode",
]

MAX_BULK_BYTES: Final = 4 << 30
"""The longest string taken: eight times a server's default `proto-max-bulk-len`."""
MAX_LINE_BYTES: Final = 512 << 20
"""The longest status, error or number taken."""
MAX_ELEMENTS: Final = (1 << 32) - 1
"""The most elements of one aggregate."""
MAX_NESTING: Final = 128
"""How deep aggregates may lie in each other; Python's own recursion ends near 1,000."""

_NUMBER = re.compile(rb"[-+]?[0-9]{1,20}\Z")
_LENGTH = re.compile(rb"-1\Z|[0-9]{1,20}\Z")
_DOUBLE = re.compile(rb"[-+]?(?:inf|nan|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?)\Z", re.IGNORECASE)
_BIG = re.compile(rb"[-+]?[0-9]+\Z")

# First bytes of a line, as the numbers that indexing bytes gives.
_BULK, _VERBATIM, _BLOB_ERROR = b"$=!"
_ARRAY, _SET, _MAP, _PUSH, _ATTRIBUTE = b"*~%>|"
_STRINGS = frozenset({_BULK, _VERBATIM, _BLOB_ERROR})
_AGGREGATES = frozenset({_ARRAY, _SET, _MAP, _PUSH, _ATTRIBUTE})
_PAIRED = frozenset({_MAP, _ATTRIBUTE})
_SEQUENCES: dict[int, Callable[[tuple[Reply, ...]], Reply]] = {_ARRAY: Array, _SET: Set, _PUSH: Push}

_KNOWN_LINE_BYTES: Final = 16
_KNOWN_LINES: Final = 4096


def encode(argv: Sequence[bytes]) -> bytes:
    """One command as the server wants it: an array of bulk strings, each word exactly as given."""
    packed: bytes = hiredis.pack_command(tuple(argv))  # type: ignore[arg-type]  # the stub says: of one word
    return packed


class _Open:
    """An aggregate that is not complete yet."""

    __slots__ = ("items", "kind", "missing")

    def __init__(self, kind: int, missing: int) -> None:
        self.kind = kind
        self.missing = missing
        self.items: list[Reply] = []

    def closed(self) -> Reply | None:
        """The finished reply; None for an attribute, which tells about the next reply and is not kept."""
        if self.kind == _ATTRIBUTE:
            return None
        if self.kind == _MAP:
            return Map(tuple(zip(self.items[::2], self.items[1::2], strict=True)))
        return _SEQUENCES[self.kind](tuple(self.items))


class ReplyReader:
    """Takes what arrives in any pieces and gives whole replies in order.

    After bytes that are no RESP it is broken for good: the replies before them are still given, then
    `feed` and `check` raise.
    """

    __slots__ = ("_awaiting_line", "_chunks", "_held", "_known", "_needed", "_open", "broken")

    def __init__(self) -> None:
        self.broken: ProtocolError | None = None
        self._open: list[_Open] = []
        self._chunks: list[bytes] = []
        self._held = 0
        self._needed = 0  # bytes that must be held before parsing can go on
        self._awaiting_line = False
        # Whole short lines seen before: a load of 100,000 `+OK` makes one value.
        self._known: dict[bytes, Reply] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a reply has arrived that is not complete."""
        return not self._held and not self._open

    def check(self) -> None:
        """Raise what `feed` could not.

        Raises:
            ProtocolError: the bytes before were no RESP.
        """
        if self.broken:
            raise self.broken

    def feed(self, data: bytes) -> list[Reply]:
        """Take the next bytes; the replies that are complete now, in order.

        Raises:
            ProtocolError: what arrived is no RESP, or larger than the limits of this module.
        """
        self.check()
        replies: list[Reply] = []
        try:
            if self._is_enough(data):
                self._parse(b"".join(self._chunks) if len(self._chunks) > 1 else self._chunks[0], replies)
        except ProtocolError as error:
            self.broken = error
            self._chunks = []
            if not replies:
                raise
        return replies

    def _is_enough(self, data: bytes) -> bool:
        """Keep `data`; whether parsing may find something new in all that is held."""
        if not data:
            return False
        if self._awaiting_line and self._held > MAX_LINE_BYTES:
            raise ProtocolError(f"the server sent a line of more than {MAX_LINE_BYTES:,} bytes")
        ends_line = b"\n" in data
        self._chunks.append(data)
        self._held += len(data)
        return ends_line if self._awaiting_line else self._held >= self._needed

    def _parse(self, buffer: bytes, replies: list[Reply]) -> None:
        """Read what is complete in `buffer` into `replies` and the open aggregates; keep the rest."""
        known = self._known
        stack = self._open
        end = len(buffer)
        start = needed = 0
        while start < end:
            stop = buffer.find(b"\r\n", start)
            if stop < 0:
                break
            line = buffer[start:stop]
            reply = known.get(line)
            if reply is None:
                kind = buffer[start]
                if kind in _STRINGS:
                    length = _length(line)
                    if length < 0:
                        reply = _null(line)
                    else:
                        body = stop + 2
                        stop = body + length
                        if end < stop + 2:
                            needed = stop + 2 - start
                            break
                        if buffer[stop : stop + 2] != b"\r\n":
                            raise ProtocolError("the server sent a string that is longer than it said")
                        data = buffer[body:stop]
                        reply = Bulk(data) if kind == _BULK else _marked_string(kind, data)
                elif kind in _AGGREGATES:
                    reply = self._opened(kind, line)
                    if reply is None:
                        start = stop + 2
                        continue
                else:
                    reply = _of_line(line)
                    self._remember(line, reply)
            start = stop + 2
            if stack:
                self._deliver(reply, replies)
            else:
                replies.append(reply)
        self._keep(buffer, start, needed)

    def _opened(self, kind: int, line: bytes) -> Reply | None:
        """An aggregate without elements, or None for one whose elements follow."""
        count = _length(line)
        if count < 0:
            return _null(line)
        if count > MAX_ELEMENTS:
            raise ProtocolError(f"the server sent a reply of more than {MAX_ELEMENTS:,} elements")
        opened = _Open(kind, count * 2 if kind in _PAIRED else count)
        if count == 0:
            return opened.closed()
        if len(self._open) >= MAX_NESTING:
            raise ProtocolError(f"the server sent a reply nested deeper than {MAX_NESTING} levels")
        self._open.append(opened)
        return None

    def _deliver(self, reply: Reply | None, replies: list[Reply]) -> None:
        """Put a finished reply where it belongs, finishing every aggregate that it completes."""
        stack = self._open
        while reply is not None:
            # Redis 7.0 lets a push slip into EXEC's array; it is not one of its elements.
            if not stack or isinstance(reply, Push):
                replies.append(reply)
                return
            innermost = stack[-1]
            innermost.items.append(reply)
            innermost.missing -= 1
            if innermost.missing:
                return
            stack.pop()
            reply = innermost.closed()

    def _remember(self, line: bytes, reply: Reply) -> None:
        if len(line) <= _KNOWN_LINE_BYTES:
            if len(self._known) >= _KNOWN_LINES:
                self._known.clear()
            self._known[line] = reply

    def _keep(self, buffer: bytes, start: int, needed: int) -> None:
        rest = buffer[start:] if start else buffer
        self._chunks = [rest] if rest else []
        self._held = len(rest)
        self._needed = needed
        self._awaiting_line = bool(rest) and not needed


def _length(line: bytes) -> int:
    """The length or count after a line's first byte; -1 where nothing is sent instead."""
    text = line[1:]
    if not _LENGTH.match(text):
        raise ProtocolError(f'the server sent a length that is no number: "{visible(line, limit=40)}"')
    length = int(text)
    if line[0] in _STRINGS and length > MAX_BULK_BYTES:
        raise ProtocolError(f"the server sent a string of more than {MAX_BULK_BYTES:,} bytes")
    return length


def _null(line: bytes) -> Nil:
    if line[0] == _BULK:
        return Nil(NilKind.BULK)
    if line[0] == _ARRAY:
        return Nil(NilKind.ARRAY)
    raise ProtocolError(f'the server sent a length below zero: "{visible(line, limit=40)}"')


def _marked_string(kind: int, data: bytes) -> Reply:
    if kind == _BLOB_ERROR:
        return Error(data, blob=True)
    if data[3:4] != b":":
        raise ProtocolError("the server sent a verbatim string that does not name its format")
    return Verbatim(data[:3], data[4:])


def _of_line(line: bytes) -> Reply:
    """The reply that one line is."""
    text = line[1:]
    match line[:1]:
        case b"+":
            return Status(text)
        case b"-":
            return Error(text)
        case b":" if _NUMBER.match(text):
            return Integer(int(text))
        case b"_" if not text:
            return Nil(NilKind.NULL)
        case b"#" if text in (b"t", b"f"):
            return Boolean(text == b"t")
        case b"," if _DOUBLE.match(text):
            return Double(text)
        case b"(" if _BIG.match(text):
            return BigNumber(text)
    raise ProtocolError(
        f'the server sent what is no Redis reply: "{visible(line, limit=60)}"',
        todo="Is this the port of a Redis server? With TLS, use rediss:// or --tls.",
    )
