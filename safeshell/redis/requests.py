"""Commands as they stand in a script: lines of text, or RESP as `--pipe` takes it.

Bytes in, requests out, nothing sent. A request keeps its text for the journal and its words for the server,
and both are made from the same bytes once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.quoting import quoted
from safeshell.redis.tokens import split_line

_PLAIN: Final = re.compile(rb"[!#-&(-\[\]-~]+")
MAX_WORD: Final = 512 * 1024 * 1024
"""The server's own limit of one argument, in bytes (proto-max-bulk-len, redis.conf)."""
MAX_WORDS: Final = 1024 * 1024
"""The server's own limit of arguments of one command (networking.c of Redis 7.0)."""


class RequestInvalid(SafeshellError):
    """A script is not in the form it should be in."""


@frozen
class Request:
    """One command of a script.

    Args:
        number: its line, or its place among RESP commands; from 1.
        text: as a person reads it.
        argv: as the server gets it.
        times: how often it is sent.
    """

    number: int
    text: str
    argv: tuple[bytes, ...]
    times: int = 1


def text_requests(lines: Iterable[bytes], *, first: int = 1) -> Iterator[Request]:
    """The commands of text lines; empty lines are none.

    Args:
        lines: without or with their line ends.
        first: the number of the first line.

    Raises:
        RequestInvalid: a line's quotes do not fit; the message has its number.
    """
    for number, raw in enumerate(lines, first):
        text = raw.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        try:
            argv = split_line(text)
        except SafeshellError as error:
            raise RequestInvalid(
                f"line {number} can't be split into words: {visible(text)} ({error.message})",
                todo="Nothing was run. Mend the quotes.",
            ) from None
        if argv:
            yield Request(number, text, tuple(argv))


def resp_requests(data: bytes) -> Iterator[Request]:
    """The commands of a RESP stream: arrays of bulk strings, and inline text between them.

    Raises:
        RequestInvalid: the stream is malformed or ends in the middle; the message has the byte.
    """
    at, number = 0, 0
    while at < len(data):
        start = at
        line, at = _line(data, at)
        if not line.startswith(b"*"):
            for request in text_requests([line], first=number + 1):
                number += 1
                yield request
            continue
        count = _count(line, start, MAX_WORDS)
        words: list[bytes] = []
        for _ in range(count):
            word, at = _bulk(data, at)
            words.append(word)
        if words:
            number += 1
            yield Request(number, as_text(words), tuple(words))


def as_text(argv: Iterable[bytes]) -> str:
    """Words as a line that splits into them again: quoted where they have to be, in redis-cli's way."""
    return b" ".join(word if _PLAIN.fullmatch(word) else quoted(word) for word in argv).decode()


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at)
    if end < 0:
        if data[at : at + 1] in (b"*", b"$"):
            raise _broken("ends in the middle of a command", at)
        return data[at:], len(data)
    return data[at:end].removesuffix(b"\r"), end + 1


def _bulk(data: bytes, at: int) -> tuple[bytes, int]:
    start = at
    line, at = _line(data, at)
    if not line.startswith(b"$"):
        raise _broken("has no string where an argument should be", start)
    size = _count(line, start, MAX_WORD)
    word = data[at : at + size]
    if len(word) < size or data[at + size : at + size + 2] != b"\r\n":
        raise _broken("ends in the middle of an argument, or its length is wrong", start)
    return word, at + size + 2


def _count(line: bytes, at: int, limit: int) -> int:
    if not line[1:].isdigit() or len(line) > 12 or int(line[1:]) > limit:
        raise _broken(f"has {visible(line, limit=20)!r} where a length up to {limit:,} should be", at)
    return int(line[1:])


def _broken(what: str, at: int) -> RequestInvalid:
    return RequestInvalid(f"the RESP stream {what} (byte {at:,})", todo="Nothing of it was run.")
