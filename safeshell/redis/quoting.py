r"""The quoted form of a string of bytes, as redis-cli shows it and takes it back: `"a\x00\n"`.

Printable ASCII stays, the rest is escaped. Reading quoted words is tokens.py's.
Facts: sdscatrepr in src/sds.c.
"""

from __future__ import annotations

import re
from typing import Final

_ESCAPES: Final[dict[int, bytes]] = {
    **{code: b"\\x%02x" % code for code in range(256) if not 32 <= code < 127},
    **{
        ord(char): b"\\" + letter
        for char, letter in zip('\\"\n\r\t\a\b', (b"\\", b'"', b"n", b"r", b"t", b"a", b"b"), strict=True)
    },
}
_ESCAPED: Final = re.compile(rb"[^ !#-\[\]-~]")


def escaped(data: bytes) -> bytes:
    """What stands between the quotes."""
    return _ESCAPED.sub(_escape, data)


def quoted(data: bytes) -> bytes:
    """`data` in double quotes."""
    return b'"%b"' % _ESCAPED.sub(_escape, data)


def _escape(found: re.Match[bytes]) -> bytes:
    return _ESCAPES[found[0][0]]
