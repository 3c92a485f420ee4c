r"""A typed line as words, split exactly as redis-cli splits it, each with the place it stands at.

Quotes and escapes are here and nowhere else: `"a\x00b"`, `'it\'s'`, `5 INCR k`. What the words mean is not.
Facts: sdssplitargs in src/sds.c, issueCommandRepeat and repl in src/redis-cli.c of Redis 7.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.reading import Span

_BARE: Final = re.compile(r"[^ \t\n\r\"']*+")
_DOUBLE: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_SINGLE: Final = re.compile(r"'((?:[^'\\]|\\'|\\(?!'))*+)'", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
_SIMPLE_WORD: Final = re.compile(r"""[^ "']++(?![^ ])|"[^"\\]*+"(?![^ ])|'[^'\\]*+'(?![^ ])""")
_REPEAT: Final = re.compile(rb"[ \t\n\v\f\r]*+[+-]?[0-9]+")
_LONG_MAX: Final = (1 << 63) - 1


class UnbalancedQuotes(SafeshellError):
    """A line can't be split into words: its quotes do not fit, or it holds what no line can."""


class InvalidRepeat(SafeshellError):
    """The number in front of a command is not one that it can be repeated by."""


@frozen
class Token:
    """One word.

    Args:
        value: as the server gets it.
        span: where it stands in the line, quotes included, in characters.
    """

    value: bytes
    span: Span


@frozen
class Repeated:
    """A command and how often it is sent.

    Args:
        count: 1 when no number stands in front.
        argv: the command's own words.
        skipped: how many words stood in front of it: 0 or 1.
    """

    count: int
    argv: Sequence[bytes]
    skipped: int = 0


def split_line(line: str) -> list[bytes]:
    """The words of `line` as the server gets them; text is UTF-8, surrogate escapes are their bytes.

    Raises:
        UnbalancedQuotes: a quote is not closed, or something follows a closing one at once; redis-cli says
            "Invalid argument(s)". Also for a NUL, at which redis-cli would drop the rest without a word.
    """
    if line.isascii() and line.isprintable():
        if '"' not in line and "'" not in line:
            return line.encode().split()
        words = _SIMPLE_WORD.findall(line)
        # Whole words, and nothing but blanks between them: no quote that is not around a word.
        if not _SIMPLE_WORD.sub("", line).strip(" "):
            return [(word[1:-1] if word[0] in "\"'" else word).encode() for word in words]
    return [token.value for token in split_spans(line)]


def split_spans(line: str) -> list[Token]:
    """The words of `line` with their places.

    Raises:
        UnbalancedQuotes: as `split_line`.
    """
    if "\0" in line:
        raise UnbalancedQuotes(
            "the line holds a NUL byte, where redis-cli would cut it off",
            todo=r'Write it as "\x00" in double quotes.',
        )
    tokens: list[Token] = []
    size, blanks = len(line), " \t\n\v\f\r"
    at = 0
    while at < size:
        if line[at] in blanks:
            at += 1
            continue
        value, end = _word(line, at)
        tokens.append(Token(value, (at, end)))
        at = end
    return tokens


def _word(line: str, start: int) -> tuple[bytes, int]:
    """The word at `start` and where it ends: a closing quote ends it, and so does a blank outside of quotes."""
    found = _BARE.match(line, start)
    at = found.end() if found else start
    value = _encoded(line[start:at])
    quote = line[at : at + 1]
    if quote == '"' and (found := _DOUBLE.match(line, at)):
        value += _ESCAPE.sub(_unescaped, _encoded(found[1]))
    elif quote == "'" and (found := _SINGLE.match(line, at)):
        value += _encoded(found[1]).replace(b"\\'", b"'")
    elif quote in ('"', "'"):
        raise _unbalanced()
    else:
        return value, at
    at = found.end()
    if at < len(line) and line[at] not in " \t\n\v\f\r":
        raise _unbalanced()
    return value, at


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    return _LETTERS.get(found[2], found[2])


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise UnbalancedQuotes(
            "the line holds half a character (a lone surrogate), which can't be sent",
            todo=r'Write the bytes as "\xHH" in double quotes.',
        ) from None


def _unbalanced() -> UnbalancedQuotes:
    return UnbalancedQuotes(
        "the quotes do not fit: one is not closed, or something follows a closing one",
        todo="Close every quote, and put a blank after it.",
    )


def split_repeat(words: Sequence[bytes]) -> Repeated:
    """The command behind a number that says how often: `5 INCR k`.

    Only a typed line has one; the words of a command line of the system are sent as they are.

    Raises:
        InvalidRepeat: the number is not positive, or too large; redis-cli refuses the line too.
    """
    if len(words) < 2:
        return Repeated(1, words)
    if words[0][:1].isalpha():
        return Repeated(1, words)
    number = words[0].split(b"\0")[0]  # redis-cli reads it as a C string
    if number and not _REPEAT.fullmatch(number):
        return Repeated(1, words)
    count = _number(number)
    if not 0 < count <= _LONG_MAX:
        raise InvalidRepeat(
            "a command can't be repeated that often", todo="Give a number above 0 in front of it, or none."
        )
    return Repeated(count, words[1:], 1)


def _number(digits: bytes) -> int:
    """The number written by `digits`; an endless one is too large anyway and is not worked out."""
    return 0 if not digits else _LONG_MAX + 1 if len(digits) > 64 else int(digits)
