"""Where each key and value of a TOML text stands; tomllib does not tell.

Works on text that tomllib has accepted already, so it may trust the grammar and only walks over it.
Knows nothing of what the keys mean. Source: the TOML 1.0.0 specification.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from safeshell.lazy_pattern import lazy_pattern

Path = tuple[str | int, ...]
"""The way to a value: keys, and indexes in arrays: `("targets", "web", "ssh", 1)`."""

Span = tuple[int, int]
"""Start and end in characters of the text; the end is exclusive."""

_BLANK = lazy_pattern(r"(?:[ \t\n]+|#[^\n]*)*")
_SPACES = lazy_pattern(r"[ \t]*")
_BARE_KEY = lazy_pattern(r"[A-Za-z0-9_-]+")
_BARE_VALUE = lazy_pattern(r"[^,\]}#\n]*[^,\]}#\n \t]")
_STRING = lazy_pattern(
    r'"""(?:[^\\]|\\.)*?"""(?:""|")?'
    r"|'''.*?'''(?:''|')?"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class Source:
    r"""A text by lines: offsets to lines and columns.

    Args:
        text: line ends are `\n`.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; the column counts characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1, as far as the text goes."""
        start = self._starts[min(line, len(self._starts)) - 1]
        return min(start + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """The text of a line, from 1, without its end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]


class Positions:
    r"""The spans of all keys and values of a valid TOML text.

    Args:
        text: accepted by tomllib; line ends are `\n`.
    """

    def __init__(self, text: str) -> None:
        walk = _Walk(text)
        walk.document()
        self._keys, self._values = walk.keys, walk.values

    def key(self, path: Path) -> Span:
        """The key at the end of `path` where it is written first; the nearest one above for an index."""
        while path:
            if path in self._keys:
                return self._keys[path]
            if path in self._values:
                return self._values[path]
            path = path[:-1]
        return 0, 0

    def value(self, path: Path) -> Span:
        """The value at `path`; for a table with a header of its own, its key."""
        return self._values.get(path) or self.key(path)


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        self._tables: dict[Path, int] = {}  # arrays of tables: how many tables so far

    def document(self) -> None:
        table: Path = ()
        while self._skip_blank() < len(self.text):
            if self.text.startswith("[[", self.at):
                self.at += 2
                table = self._header(is_array=True)
                self.at += 2
            elif self.text.startswith("[", self.at):
                self.at += 1
                table = self._header(is_array=False)
                self.at += 1
            else:
                self._pair(table)

    def _header(self, *, is_array: bool) -> Path:
        parts = self._key()
        path: Path = ()
        for index, (name, span) in enumerate(parts):
            path = (*path, name)
            self.keys.setdefault(path, span)
            if is_array and index == len(parts) - 1:
                self._tables[path] = self._tables.get(path, 0) + 1
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
                self.keys.setdefault(path, span)
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for name, span in self._key():
            path = (*path, name)
            self.keys.setdefault(path, span)
        self.at += 1  # the equals sign
        self._skip_spaces()
        self._value(path)

    def _key(self) -> list[tuple[str, Span]]:
        parts: list[tuple[str, Span]] = []
        while True:
            start = self._skip_spaces()
            quoted = self.text[start] in "\"'"
            found = (_STRING if quoted else _BARE_KEY).match(self.text, start)
            assert found is not None, "tomllib accepts no other key"
            self.at = found.end()
            name = _unquoted(found[0]) if quoted else found[0]
            parts.append((name, found.span()))
            if self.text[self._skip_spaces()] != ".":
                return parts
            self.at += 1

    def _value(self, path: Path) -> None:
        start = self.at
        match self.text[start]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case quote:
                found = (_STRING if quote in "\"'" else _BARE_VALUE).match(self.text, start)
                assert found is not None, "tomllib accepts no other value"
                self.at = found.end()
        self.values[path] = (start, self.at)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip_blank()] != "]":
            self._value((*path, index))
            index += 1
            if self.text[self._skip_blank()] == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip_blank()] != "}":
            self._pair(path)
            if self.text[self._skip_blank()] == ",":
                self.at += 1
        self.at += 1

    def _skip_blank(self) -> int:
        return self._skip(_BLANK)

    def _skip_spaces(self) -> int:
        return self._skip(_SPACES)

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at


def _unquoted(key: str) -> str:
    if "\\" not in key:
        return key[1:-1]
    import tomllib

    return str(tomllib.loads(f"k={key}")["k"])
