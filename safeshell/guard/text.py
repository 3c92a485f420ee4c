"""Text from outside made safe to show: keys, server errors, file names can carry terminal escapes.

Anything that quotes the world back to a person goes through `visible`; nothing else lives here.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str | bytes, *, limit: int = 200) -> str:
    r"""`text` with everything invisible or active written out, and cut to `limit` characters.

    Control characters (escape sequences among them), bidirectional and other format characters,
    lone surrogates and unassigned code points become `\x1b`, `\u202e`, …; bytes that are not UTF-8
    become `\xff`.

    Args:
        text: any text or bytes.
        limit: the longest result, in characters, before the `…` that says there was more.
    """
    if isinstance(text, bytes):
        text = text[: limit * 4 + 4].decode("utf-8", "surrogateescape")
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    parts: list[str] = []
    length = 0
    for char in text:
        part = char if char == " " or char.isprintable() else _written_out(char)
        if length + len(part) > limit:
            parts.append("…")
            break
        parts.append(part)
        length += len(part)
    return "".join(parts)


def _written_out(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short:
        return short
    if unicodedata.category(char) not in _HIDDEN and not char.isspace():
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def sized(count: int) -> str:
    """Bytes for a person: `512 B`, `41.0 MiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            return f"{int(size)} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError("unreachable: the last unit returns")


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its thing: `1 key`, `48,211 keys`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
