"""SOCKS 4, 4a and 5 as a server of -D reads them (RFC 1928): who wants to reach what. Pure.

The one idea: bytes in; out comes what to answer, and in the end the host and port. No name is resolved here: the
server at the far end does that.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import Final

from safeshell.frozen import frozen

_CONNECT: Final = 1
_LONGEST: Final = 1024


class NotSocks(Exception):
    """What arrives is no SOCKS, or asks for what -D does not do; the bytes are what to answer before hanging up."""

    def __init__(self, answer: bytes = b"") -> None:
        super().__init__()
        self.answer = answer


@frozen
class Wanted:
    """A connection that somebody wants.

    Args:
        host, port: to reach.
        yes, no: what to answer when it is there, and when not.
        early: what was sent behind the request already.
    """

    host: str
    port: int
    yes: bytes
    no: bytes
    early: bytes


class Socks:
    """One conversation."""

    def __init__(self) -> None:
        self._seen = b""
        self._greeted = False

    def feed(self, data: bytes) -> tuple[bytes, Wanted | None]:
        """Take some bytes; what to answer now, and what is wanted once that is known.

        Raises:
            NotSocks: the conversation is over.
        """
        self._seen += data
        if len(self._seen) > _LONGEST and not self._greeted:
            raise NotSocks
        if not self._seen:
            return b"", None
        if self._seen[0] == 4:
            return b"", self._four()
        if self._seen[0] == 5:
            return self._five()
        raise NotSocks

    def _four(self) -> Wanted | None:
        seen = self._seen
        end = seen.find(b"\0", 8)
        if len(seen) < 9 or end < 0:
            return None
        refused = b"\0\x5b" + seen[2:8]
        if seen[1] != _CONNECT:
            raise NotSocks(refused)
        port = struct.unpack(">H", seen[2:4])[0]
        host, after = str(ipaddress.IPv4Address(seen[4:8])), end + 1
        if seen[4:7] == b"\0\0\0" and seen[7]:
            end = seen.find(b"\0", after)
            if end < 0:
                return None
            host, after = seen[after:end].decode("utf-8", "replace"), end + 1
        return Wanted(host, port, b"\0\x5a" + seen[2:8], refused, seen[after:])

    def _five(self) -> tuple[bytes, Wanted | None]:
        answer = b""
        if not self._greeted:
            if len(self._seen) < 2 or len(self._seen) < 2 + self._seen[1]:
                return b"", None
            methods = self._seen[2 : 2 + self._seen[1]]
            if 0 not in methods:
                raise NotSocks(b"\5\xff")
            self._greeted, answer = True, b"\5\0"
            self._seen = self._seen[2 + self._seen[1] :]
        return answer, self._five_request()

    def _five_request(self) -> Wanted | None:
        seen = self._seen
        if len(seen) < 5:
            return None
        if seen[0] != 5 or seen[1] != _CONNECT:
            raise NotSocks(_fifth(7))
        length = {1: 4, 3: 1 + seen[4], 4: 16}.get(seen[3])
        if length is None:
            raise NotSocks(_fifth(8))
        if len(seen) < 4 + length + 2:
            return None
        named = seen[4 : 4 + length]
        host = named[1:].decode("utf-8", "replace") if seen[3] == 3 else str(ipaddress.ip_address(named))
        port = struct.unpack(">H", seen[4 + length : 6 + length])[0]
        return Wanted(host, port, _fifth(0), _fifth(5), seen[6 + length :])


def _fifth(reply: int) -> bytes:
    return bytes([5, reply, 0, 1]) + bytes(6)
