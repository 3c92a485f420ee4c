"""A mistake told like a compiler's: file:line:column, the line, a caret, what was expected.

Pure text. Passwords in the quoted line are replaced, and nothing quoted can speak to the terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from safeshell.config.positions import Source, Span
from safeshell.errors import ConfigInvalid
from safeshell.frozen import frozen
from safeshell.guard.text import counted, visible
from safeshell.lazy_pattern import lazy_pattern

_WIDEST = 100
_BEFORE_CARET = 60
# Where a secret stands in a line: behind the user of a URL, and behind a key that is called like one,
# misspelt ones too.
_IN_URL = lazy_pattern(r"(?<=://)[^\s\"'/@]*?:([^\s\"']*)@")
_IN_KEY = lazy_pattern(
    r"(?i)(?!password_(?:command|env|file)\b)\b[\w-]*(?:passw|pasw|passphrase|pwd|secret|token|auth)[\w-]*"
    r"""["']?[ \t]*=[ \t]*("{3}.*|'{3}.*|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^,}#]*[^,}#\s])"""
)


@frozen
class Diagnostic:
    """One mistake.

    Args:
        file: as a person would name it.
        line, column: from 1; 0 when it is about the file as a whole.
        message: what is wrong, one clause.
        excerpt: the line with the caret below it; "" when there is none.
        help: what was expected, what was probably meant; may be empty.
    """

    file: str
    line: int
    column: int
    message: str
    excerpt: str = ""
    help: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.message}"]
        if self.excerpt:
            parts.append(self.excerpt)
        if self.help:
            parts.append(f"{' ' * _gutter(self.line)} = {self.help}")
        return "\n".join(parts)


class ConfigMistakes(ConfigInvalid):
    """The configuration does not validate; its text has every mistake of every file.

    Args:
        diagnostics: at least one.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        told = "\n\n".join(str(diagnostic) for diagnostic in self.diagnostics)
        super().__init__(
            f"the configuration has {counted(len(self.diagnostics), 'mistake')}; "
            f"nothing starts under it\n\n{told}\n"
        )


def diagnostic(file: str, source: Source, span: Span, message: str, help_text: str = "") -> Diagnostic:
    """A mistake at a place of a file's text."""
    line, column = source.line_and_column(span[0])
    text = without_secrets(source.line(line))
    width = min(span[1], span[0] + len(text) - column + 1) - span[0]
    return Diagnostic(
        visible(file, limit=400), line, column, message, _excerpt(text, line, column - 1, width), help_text
    )


def without_secrets(line: str) -> str:
    """A line of a config with its passwords replaced, each by as many stars, so that columns stay."""
    for pattern in (_IN_URL, _IN_KEY):
        line = pattern.sub(_starred, line)
    return line


def _starred(found: re.Match[str]) -> str:
    start, end = found.start(1) - found.start(), found.end(1) - found.start()
    return found[0][:start] + "*" * (end - start) + found[0][end:]


def _excerpt(text: str, line: int, at: int, width: int) -> str:
    """The line, cut around the caret where it is long, and the caret."""
    first = max(0, at - _BEFORE_CARET) if len(text) > _WIDEST else 0
    cut = text[first : first + _WIDEST]
    shown = _plain(cut) + ("…" if first + _WIDEST < len(text) else "")
    lead = "…" if first else ""
    before = _columns(lead + _plain(text[first:at]))
    carets = _columns(_plain(cut[at - first : at - first + max(1, width)]))
    margin = " " * _gutter(line)
    return f"{line:>{_gutter(line)}} | {lead}{shown}\n{margin} | {' ' * before}{'^' * max(1, carets)}"


def _gutter(line: int) -> int:
    return max(3, len(str(line)) + 1)


def _plain(text: str) -> str:
    return visible(text.replace("\t", "    "), limit=100_000)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
