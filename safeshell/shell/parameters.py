"""What `${x…}` makes of a value: defaults, lengths, prefixes and suffixes cut off, replacements, parts of it.

Only what can be told from known values; everything else is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.variables import Value, unknown
from safeshell.shell.word import UNKNOWN

_MAX_TEXT: Final = 4096
_SPECIAL: Final = frozenset("*?[(\\")
_SLICE = lazy_pattern(r"[ \t]*(-?[0-9]{1,9})[ \t]*(?::[ \t]*(-?[0-9]{1,9})[ \t]*)?\Z")


def apply(operator: str, value: Value, argument: Value, source: str) -> Value:
    """The value of `${x OPERATOR argument}`.

    Args:
        operator: as typed: `:-`, `%%`, `//`.
        value: of the variable.
        argument: what follows the operator, folded.
        source: the whole expansion as typed.
    """
    if operator in ("-", ":-", "=", ":=", "+", ":+", "?", ":?"):
        return _chosen(operator[-1], value, argument, source)
    function = _FUNCTIONS.get(operator)
    if function is None or not value.known or not argument.known or len(value.text) > _MAX_TEXT:
        return unknown(source)
    result = function(value.text, argument.text)
    if result is None:
        return unknown(source)
    return Value(result, empties=() if result else (source,))


def _chosen(kind: str, value: Value, argument: Value, source: str) -> Value:
    if value.text and not value.text.strip(UNKNOWN):
        return unknown(source)
    if kind == "+":
        return argument if value.text else Value("", empties=(source,))
    if value.text:
        return value
    return unknown(source) if kind == "?" else argument


def _anchored(pattern: str) -> tuple[str, str] | None:
    """The literal of a pattern and where its star is: `before`, `after` or neither; None for any other pattern."""
    place = ""
    if pattern.startswith("*"):
        pattern, place = pattern[1:], "before"
    elif pattern.endswith("*"):
        pattern, place = pattern[:-1], "after"
    return None if set(pattern) & _SPECIAL else (pattern, place)


def _without_prefix(*, longest: bool) -> Callable[[str, str], str | None]:
    def cut(text: str, pattern: str) -> str | None:
        found = _anchored(pattern)
        if found is None:
            return None
        literal, star = found
        if star == "before":
            index = text.rfind(literal) if longest else text.find(literal)
            return text if index < 0 else text[index + len(literal) :]
        if not text.startswith(literal):
            return text
        return "" if star and longest else text[len(literal) :]

    return cut


def _without_suffix(*, longest: bool) -> Callable[[str, str], str | None]:
    def cut(text: str, pattern: str) -> str | None:
        found = _anchored(pattern)
        if found is None:
            return None
        literal, star = found
        if star == "after":
            index = text.find(literal) if longest else text.rfind(literal)
            return text if index < 0 else text[:index]
        if not text.endswith(literal):
            return text
        return "" if star and longest else text[: len(text) - len(literal)]

    return cut


def _replaced(*, everywhere: bool) -> Callable[[str, str], str | None]:
    def replace(text: str, argument: str) -> str | None:
        pattern, _, new = argument.partition("/")
        if not pattern or pattern[0] in "#%" or set(pattern) & _SPECIAL or "&" in new:
            return None
        return text.replace(pattern, new, -1 if everywhere else 1)

    return replace


def _sliced(text: str, argument: str) -> str | None:
    found = _SLICE.match(argument)
    if found is None:
        return None
    offset = int(found.group(1))
    start = offset if offset >= 0 else len(text) + offset
    if start < 0:
        return ""
    if found.group(2) is None:
        return text[start:]
    length = int(found.group(2))
    end = start + length if length >= 0 else len(text) + length
    return text[start:end] if end >= start else None


def _cased(function: Callable[[str], str], *, first: bool) -> Callable[[str, str], str | None]:
    def change(text: str, pattern: str) -> str | None:
        if pattern:
            return None
        return function(text[:1]) + text[1:] if first else function(text)

    return change


_FUNCTIONS: Final[dict[str, Callable[[str, str], str | None]]] = {
    "#": _without_prefix(longest=False),
    "##": _without_prefix(longest=True),
    "%": _without_suffix(longest=False),
    "%%": _without_suffix(longest=True),
    "/": _replaced(everywhere=False),
    "//": _replaced(everywhere=True),
    ":": _sliced,
    "^": _cased(str.upper, first=True),
    "^^": _cased(str.upper, first=False),
    ",": _cased(str.lower, first=True),
    ",,": _cased(str.lower, first=False),
}
