r"""Replies as JSON, one value a reply: redis-cli's --json and --quoted-json, made valid in every case.

Where redis-cli prints what no JSON parser takes, this differs:
- an error is an object, {"error": "ERR …"}, not error:"ERR …", at any depth;
- bytes that are not UTF-8 are written out (`\xff`, its backslash escaped), not passed through;
- inf, -inf and nan are strings; other numbers that are no JSON (`5.`, `+1`) are made so;
- a map's key that is no string is its JSON text, quotes and backslashes escaped;
- --quoted-json escapes the quotes inside a string too.
Every string of --quoted-json is redis-cli's quoted form, so any bytes can be read back from it exactly;
--json is for text.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.redis.quoting import escaped
from safeshell.redis.reply import (
    BigNumber,
    Boolean,
    Bulk,
    Double,
    Error,
    Integer,
    Map,
    Nil,
    Reply,
    Status,
    Verbatim,
    items_of,
)

_ESCAPES: Final[dict[int, bytes]] = {
    **{code: b"\\u%04x" % code for code in range(32)},
    **dict(zip(b'"\\\n\f\r\t\b', (b'\\"', b"\\\\", b"\\n", b"\\f", b"\\r", b"\\t", b"\\b"), strict=True)),
}
_ESCAPED: Final = re.compile(rb'[\x00-\x1f"\\]')
_JSON_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")


def json_text(reply: Reply, *, quoted: bool) -> bytes:
    """The reply as one JSON value, without blanks.

    Args:
        reply: any.
        quoted: strings in redis-cli's quoted form.
    """
    match reply:
        case Bulk(data) | Status(data) | Verbatim(_, data):
            return _string(data, quoted=quoted)
        case Integer(value):
            return b"%d" % value
        case Double(data) | BigNumber(data):
            return _number(data)
        case Nil():
            return b"null"
        case Boolean(value):
            return b"true" if value else b"false"
        case Error(data):
            return b'{"error":' + _string(data, quoted=quoted) + b"}"
        case Map(pairs):
            members = [
                _key(key, quoted=quoted) + b":" + json_text(value, quoted=quoted) for key, value in pairs
            ]
            return b"{" + b",".join(members) + b"}"
    return b"[" + b",".join([json_text(item, quoted=quoted) for item in items_of(reply) or ()]) + b"]"


def _key(reply: Reply, *, quoted: bool) -> bytes:
    text = json_text(reply, quoted=quoted)
    return text if text.startswith(b'"') else _string(text, quoted=False)


def _string(data: bytes, *, quoted: bool) -> bytes:
    if quoted:
        data = escaped(data)
    elif not data.isascii():
        data = data.decode("utf-8", "backslashreplace").encode()
    return b'"%b"' % _ESCAPED.sub(_escape, data)


def _number(text: bytes) -> bytes:
    """`text`, a RESP3 double or big number, as JSON has it."""
    if _JSON_NUMBER.match(text):
        return text
    lowered = text.lower().removeprefix(b"+")
    if lowered.endswith((b"inf", b"nan")):
        return b'"%b"' % lowered
    sign = b"-" if lowered.startswith(b"-") else b""
    mantissa, mark, exponent = lowered.removeprefix(b"-").partition(b"e")
    whole, _, fraction = mantissa.partition(b".")
    number = sign + (whole.lstrip(b"0") or b"0") + (b"." + fraction if fraction else b"")
    return number + mark + exponent


def _escape(found: re.Match[bytes]) -> bytes:
    return _ESCAPES[found[0][0]]
