r"""Settings in blocks of braces (nginx, named): braces and quotes that do not close, a `}` too many.

Sources: nginx's ngx_conf_read_token (quotes, comments, `\` escapes), named.conf(5) (comments of three kinds).
"""

from __future__ import annotations

import re

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.preflight.formats import Mistake

_TOKEN = lazy_pattern(
    r"\\.|#[^\n]*|//(?<!:..)[^\n]*|/\*.*?\*/|\$\{\w+\}|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{}\"']", re.S
)
_EMBEDDED = lazy_pattern(r"_by_lua_block\s*\{|js_content|perl\s+'")


def mistake_in_blocks(text: str) -> Mistake | None:
    """The first brace or quote without its partner; None where another language is embedded."""
    if _EMBEDDED.search(text):
        return None
    opened: list[int] = []
    for match in _TOKEN.finditer(text):
        sign = match[0]
        # nginx takes a quote inside of a word (`don't`) as it stands.
        if sign in ("'", '"') and _begins_word(text, match.start()):
            return _at(text, match.start(), "the quote is never closed")
        if sign == "{":
            opened.append(match.start())
        elif sign == "}":
            if not opened:
                return _at(text, match.start(), "there is a } too many")
            opened.pop()
    return _at(text, opened[-1], "the block is never closed") if opened else None


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in " \t\r\n;{}"


def _at(text: str, at: int, reason: str) -> Mistake:
    return Mistake(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), reason)
