r"""What a remote shell's hook says, cut out of what its host prints. Pure: bytes in, text and messages out.

A message is an operating system command (ECMA-48), `ESC ] 7717 ; TOKEN ; KIND BODY BEL`, that no terminal knows. The
token is the session's secret, or for the first word of a shell a token that counts once; whoever does not know it
says nothing: its bytes are text like any other. Control characters in a body are written as `\n`, `\e`, `\z` (NUL).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.wrapped.messages import Request, RequestReader

PREFIX: Final = b"\x1b]7717;"
_END: Final = b"\x07"
_LONGEST_TOKEN: Final = 64
_LONGEST: Final = 1 << 20
"""Bytes of a message that does not end; more is none."""
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_MEANT: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"e": b"\x1b",
    b"a": b"\x07",
    b"z": b"\0",
    b"\\": b"\\",
}


class _Kind(StrEnum):
    ASKED = "q"
    TOLD = "t"
    HEARD = "h"
    BOOT = "b"


@frozen
class Asked:
    """A shell asks, and waits for an answer where `waits` says so."""

    request: Request
    waits: bool


@frozen
class Heard:
    """A shell has had its answer; `ahead` had been typed before that, and is nobody's now."""

    ahead: bytes


@frozen
class Booted:
    """A shell is about to be started, and asks how.

    Args:
        token: what it was given to ask with; counts once.
        shell: its name, `bash`.
        host: what the machine calls itself.
        tools: letters of what it has: `b` for base64, `z` for gzip as well.
    """

    token: str
    shell: str
    host: str
    tools: str


Message = Asked | Heard | Booted


class WireSplitter:
    """Splits one session's output.

    Args:
        secret: what the messages of its shells begin with.
        tokens: what those of shells that are about to start may begin with; looked at each time.
    """

    def __init__(self, secret: str, tokens: Collection[str]) -> None:
        self._secret = secret
        self._tokens = tokens
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes | Message]:
        """What `data` brings, in order; bytes are for the screen."""
        data = self._rest + data
        self._rest = b""
        while True:
            start = data.find(PREFIX)
            if start < 0:
                # A message may begin in the next piece.
                keep = _begun(data)
                self._rest = data[len(data) - keep :]
                text = data[: len(data) - keep]
                if text:
                    yield text
                return
            if start:
                yield data[:start]
            data = data[start:]
            token, end = self._token(data), data.find(_END)
            if token is None or (end < 0 and len(data) > _LONGEST):
                yield PREFIX
                data = data[len(PREFIX) :]
                continue
            if end < 0 or token == "":
                self._rest = data
                return
            body = data[len(PREFIX) + len(token) + 1 : end]
            message = self._message(token, body)
            if message is not None:
                yield message
            data = data[end + 1 :]

    def _token(self, data: bytes) -> str | None:
        """The token at the start of a message; "" while it is cut off, None when it is nobody's."""
        found, semicolon, _ = data[len(PREFIX) : len(PREFIX) + _LONGEST_TOKEN + 1].partition(b";")
        known = (self._secret, *self._tokens)
        if semicolon:
            token = found.decode("ascii", "replace")
            return token if token in known else None
        cut_off = found.decode("ascii", "replace")
        return "" if any(one.startswith(cut_off) for one in known) else None

    def _message(self, token: str, body: bytes) -> Message | None:
        kind, coded = body[:1].decode("ascii", "replace"), body[1:]
        meant = _decoded(coded)
        if meant is None:
            return None
        match kind:
            case _Kind.HEARD:
                return Heard(meant)
            case _Kind.BOOT if token != self._secret:
                words = meant.decode("utf-8", "replace").split(";")
                return Booted(token, *words) if len(words) == 3 else None
            case _ if token != self._secret:
                return None
            case _Kind.ASKED | _Kind.TOLD:
                reader = RequestReader(self._secret)
                for request in reader.feed(self._secret.encode() + b"\0" + meant):
                    return Asked(request, waits=kind == _Kind.ASKED)
        return None


def _begun(data: bytes) -> int:
    """How many bytes at the end may be the beginning of a message."""
    start = data.rfind(b"\x1b", -len(PREFIX))
    return len(data) - start if start >= 0 and PREFIX.startswith(data[start:]) else 0


def _decoded(coded: bytes) -> bytes | None:
    """A body's meaning: escapes, or hexadecimal behind `x`, for shells to which escapes are hard."""
    if coded[:1] == b"x":
        try:
            return binascii.unhexlify(coded[1:])
        except (binascii.Error, ValueError):
            return None
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[0]), coded[1:])
