"""Whether a program would wait for another line before it runs a statement. Pure; one object per program that runs.

The one idea: only what surely goes on is let through without judgement, so a language that can't be told is
judged line by line. Facts: the manuals of psql 16, mysql 8.0, MariaDB 10.11 and sqlite3, and Python's own `codeop`.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

from safeshell.terminal.tracking.programs import Ends, Program

_DELIMITER: Final = re.compile(r"(?im)^\s*delimiter[ \t]+(\S+)")
_MARK: Final = "SAFESHELLMARK"
_RUNS_ALONE: Final = re.compile(r"(?i)\s*(?:go|/)\s*")
_META: Final = re.compile(r"\\[^;]|\\$")
_LONGEST: Final = 20_000
_MOST_LINES: Final = 50
_NOT_PLAIN: Final = frozenset("/#?%\\<")
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}


class Statements:
    """What is known of a program's statements.

    Args:
        program: which.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._delimiter = ""
        self.distrusted = False
        """Set when the program ran what was taken for unfinished: nothing is taken for that any more."""

    def ran(self, text: str) -> None:
        """A text went to the program: it may change what ends the next one."""
        if self._program.product in ("mysql", "mariadb"):
            for match in _DELIMITER.finditer(text):
                self._delimiter = "" if match.group(1) == ";" else match.group(1)

    def unfinished(self, text: str) -> bool:
        """Whether the program surely waits for more before it runs anything of `text`."""
        if self.distrusted or not text.strip() or len(text) > _LONGEST:
            return False
        match self._program.ends:
            case Ends.LINE:
                return False
            case Ends.SEMICOLON:
                return self._sql_goes_on(text)
            case Ends.PYTHON:
                return _python_goes_on(text, self._program.magic)
            case Ends.SHELL:
                return _shell_goes_on(text)
            case Ends.BRACKETS:
                return _brackets_open(text)

    def _sql_goes_on(self, text: str) -> bool:
        from safeshell.shell.languages.sql_tokens import Kind, split

        product = self._program.product
        last = text.rstrip().rpartition("\n")[2]
        if _RUNS_ALONE.fullmatch(last) or _META.search(last):
            return False
        head = f"delimiter {self._delimiter}\n" if self._delimiter else ""
        whole = head + text
        broken = split(whole, product).broken
        # What begins behind a mark of our own says whether the statement in front of it has ended.
        statements = split(f"{whole[:broken] if broken >= 0 else whole}\n{_MARK}", product).statements
        if any(token.kind is Kind.META for one in statements for token in one.tokens) or len(statements) != 1:
            return False
        return broken >= 0 or statements[0].tokens[0].text != _MARK


def _python_goes_on(text: str, magic: str) -> bool:
    import codeop

    lines = text.split("\n")
    if lines[-1].isspace():
        lines[-1] = ""
    if magic and any(
        line.lstrip().startswith(("!", "%", "?")) or line.rstrip().endswith("?") for line in lines
    ):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return codeop.compile_command("\n".join(lines), symbol="single") is None
        except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
            return False


def _shell_goes_on(text: str) -> bool:
    from safeshell.shell.syntax import is_incomplete

    # A shell runs what is complete of several lines before it asks for more.
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        return False
    return all(is_incomplete("\n".join(lines[: count + 1])) for count in range(len(lines)))


def _brackets_open(text: str) -> bool:
    """Whether a bracket is open that only another line can close, by a scan that gives up at whatever is not plain.

    Regular expressions, here-documents, comments and escapes read differently from language to language: a text with
    any of them is judged as it stands.
    """
    open_brackets: list[str] = []
    quote = before = ""
    for char in text:
        if quote:
            if char == "\\" or (quote == "`" and before == "$"):
                return False
            quote = "" if char == quote else quote
        elif (
            char in _NOT_PLAIN
            or (char == before == "-")
            or (before == "$" and not char.isidentifier())
            or (char == "\n" and not open_brackets)
        ):
            return False
        elif char in "'\"`":
            quote = char
        elif char in _OPENING:
            open_brackets.append(_OPENING[char])
        elif char in ")]}" and (not open_brackets or open_brackets.pop() != char):
            return False
        before = char
    return bool(open_brackets) and not quote
