"""Looking at a command's words: numbers, options, names in upper case. No meaning of any command is here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from safeshell.guard.text import visible

_INTEGER: Final = re.compile(rb"[+-]?[0-9]{1,40}")
_SIZE: Final = re.compile(rb"([0-9]{1,40})(b|k|kb|m|mb|g|gb)?", re.IGNORECASE)
_UNIT: Final = {
    b"": 1,
    b"b": 1,
    b"k": 1000,
    b"kb": 1 << 10,
    b"m": 10**6,
    b"mb": 1 << 20,
    b"g": 10**9,
    b"gb": 1 << 30,
}


def shown(word: bytes, limit: int = 200) -> str:
    """A word made safe to show, soon for ordinary ones."""
    if len(word) <= limit and word.isascii() and (text := word.decode()).isprintable():
        return text
    return visible(word, limit=limit)


def upper(word: bytes) -> str:
    """A word in upper case for comparing; bytes that are not ASCII stay what they are."""
    return word.upper().decode("latin-1")


def integer(word: bytes) -> int | None:
    """The number that a word is, None when it is none."""
    return int(word) if _INTEGER.fullmatch(word) else None


def size(word: bytes) -> int | None:
    """The bytes that a size of redis.conf means: `100mb`, `1g`, `5000`; None when it is none."""
    found = _SIZE.fullmatch(word)
    return int(found[1]) * _UNIT[(found[2] or b"").lower()] if found else None


def option_at(argv: Sequence[bytes], option: bytes, first: int) -> int:
    """The position of the first word at or behind `first` that is `option` (upper case); 0 for none."""
    for at in range(first, len(argv)):
        if len(argv[at]) == len(option) and argv[at].upper() == option:
            return at
    return 0


def has_word(argv: Sequence[bytes], option: bytes, first: int) -> bool:
    """Whether `option` (upper case) is among the words from `first` on."""
    return bool(option_at(argv, option, first))


def number_after(argv: Sequence[bytes], option: bytes, first: int) -> int | None:
    """The number behind `option`; None when there is no such option or no number."""
    at = option_at(argv, option, first)
    return integer(argv[at + 1]) if at and at + 1 < len(argv) else None
