r"""Escapes of `$'…'` and of fish's unquoted words: `\n`, `\x41`, `\101`, `\u263a`, `\cA`.

Source: bash(1), QUOTING; zshmisc(1); fish's language manual.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.lazy_pattern import lazy_pattern

_ESCAPE = lazy_pattern(
    r"\\(?:x([0-9A-Fa-f]{1,2})|x\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.)|(.))",
    re.DOTALL,
)
_NAMED: Final = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_SELF: Final = frozenset("\\'\"?")


def unescape(text: str) -> str:
    """`text`, the inside of `$'…'`, with its escapes replaced; a NUL ends it, as in bash."""
    if "\\" not in text:
        return text
    return _joined_bytes(_ESCAPE.sub(_escape, text)).split("\0", 1)[0]


def _escape(found: re.Match[str]) -> str:
    byte, wide_byte, short, long, octal, control, other = found.groups()
    if byte is not None or octal is not None or wide_byte is not None:
        return _byte(int(byte or wide_byte or octal, 8 if octal is not None else 16))
    if short is not None or long is not None:
        number = int(short or long, 16)
        return chr(number) if number < 0x110000 else found.group()
    if control is not None:
        return chr(ord(control.upper()) & 0x1F) if control != "?" else "\x7f"
    if other in _SELF:
        return str(other)
    return _NAMED.get(other, found.group())


def _byte(number: int) -> str:
    number &= 0xFF
    return chr(number) if number < 0x80 else chr(0xDC00 + number)


def _joined_bytes(text: str) -> str:
    """Bytes from 0x80 on that make up UTF-8 together become the characters that they spell."""
    if not any("\udc80" <= char <= "\udcff" for char in text):
        return text
    pieces = re.split("([\udc80-\udcff]+)", text)
    for index in range(1, len(pieces), 2):
        pieces[index] = bytes(ord(char) - 0xDC00 for char in pieces[index]).decode("utf-8", "surrogateescape")
    return "".join(pieces)
