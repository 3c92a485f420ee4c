"""httpie and xh: what their words ask of a server, and which files they write.

What a request means is in `http_request`. Facts: the httpie 3 manual, the xh manual.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.http_request import Request
from safeshell.shell.checks.retaken import has_stdin, retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_HTTPIE: Final = spec(
    "-a --auth -A --auth-type -o --output -p --print -P --history-print -s --style --pretty"
    " --format-options --session"
    " --session-read-only --proxy --timeout --max-redirects --max-headers --verify --ssl --ciphers --cert"
    " --cert-key"
    " --cert-key-pass --default-scheme --raw --boundary --response-charset --response-mime --bearer --resolve"
    " --interface --http-version --unix-socket"
)
_METHOD: Final = lazy_pattern(r"[A-Za-z]+")
_BODY_ITEM: Final = lazy_pattern(r"[^=:@\s]+(?::=@?|=@?|@)(?!=)")
_QUERY_OR_HEADER: Final = lazy_pattern(r"[^=:@\s]+(?:==|:(?!=)|;$)")


def request_of(invocation: Invocation) -> Request:
    """The request that an httpie command makes."""
    taken = retaken(invocation, _HTTPIE)
    words = [word.text for word in taken.operands]
    method = words.pop(0).upper() if len(words) > 1 and _is_method(words[0]) else ""
    url, items = (words[0], words[1:]) if words else ("", [])
    body = [
        item
        for item in items
        if not _QUERY_OR_HEADER.match(item) and (_BODY_ITEM.match(item) or UNKNOWN in item)
    ]
    raw = taken.value("--raw")
    if raw is not None:
        body.append(raw.text)
    piped = has_stdin(invocation) and not taken.has("-I", "--ignore-stdin")
    if not method:
        method = "POST" if body or piped else "GET"
    saves = [option.value.text for option in taken.given("-o", "--output") if option.value is not None]
    saves += [option.name for option in taken.given("-d", "--download", "--session")]
    return Request(
        (method,), (url,) if url else (), " ".join(body), tuple(saves), not piped or method == "GET"
    )


def _is_method(text: str) -> bool:
    return _METHOD.fullmatch(text) is not None and text.lower() != "localhost"
