"""Lines that are commands to the program itself, in its own form: IPython's `!rm`, pry's `.rm`, Node's
`.load`, redis-cli's `:set`.

Takes a text apart into pieces, each in a language that has a reading. What a piece does is not known here. SQL
clients' own commands are a part of the SQL reading. Facts: IPython 8's magics and its aliases, pry's and
perldebug's manuals, Node's REPL page, redis-cli's source.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.inner import Language
from safeshell.terminal.tracking.programs import Program

_BASH_CELLS: Final = {
    "bash": Language.SHELL, "sh": Language.SHELL, "system": Language.SHELL, "sx": Language.SHELL,
    "!": Language.SHELL, "perl": Language.PERL, "ruby": Language.RUBY, "js": Language.NODE,
    "javascript": Language.NODE, "sql": Language.SQL,
}  # fmt: skip
_SHELL_MAGIC: Final = frozenset({"sx", "system", "sc", "alias"})
_STATEMENT_MAGIC: Final = frozenset("time timeit prun memit mprun lprun debug".split())
_ALIASES: Final = frozenset("cat cp ldir lf lk ll ls lx mkdir mv rm rmdir".split())
_FILE_MAGIC: Final = frozenset({"run"})
_ASSIGNED: Final = re.compile(r"\s*[\w.,\s\[\]'\"]+=\s*(!|%(?:sx|system)\s)\s*(.*)", re.DOTALL)
_MAGIC: Final = re.compile(r"\s*%(\w+)[ \t]*(.*)", re.DOTALL)
_CELL: Final = re.compile(r"\s*%%(\w+|!)[^\n]*(?:\n|$)")
_DEBUGGER: Final = re.compile(
    r"(?:[snrcTlvLSVXbBaAwWDMyfthHqRmoO]\b[^\n]*|[.-]|=[^\n]*|[<>{]{1,2}\s*\?|/[^\n]*/?|\?[^\n]*\??|!-?\d*)\s*"
)
_NODE_DOT: Final = re.compile(r"\s*\.(\w+)\s*(.*)")
_REDIS_OWN: Final = re.compile(
    r"\s*(?:help\b|\?|clear\s*$|quit\s*$|exit\s*$|restart\s*$|:)[^\n]*", re.IGNORECASE
)


@frozen
class Piece:
    """A part of what was submitted.

    Args:
        text: it.
        language: what reads it; None for a command to the program that changes nothing outside of it.
        start: where it begins in the whole.
        exact: its characters stand in the whole just so.
    """

    text: str
    language: Language | None
    start: int = 0
    exact: bool = True


def pieces(program: Program, text: str) -> tuple[Piece, ...]:
    """What was submitted, piece by piece."""
    match program.magic:
        case "ipython":
            return tuple(_ipython(text))
        case "pry" if text.lstrip().startswith("."):
            return (_rest(text, ".", Language.SHELL),)
        case "perl-debugger":
            return (_perl_debugger(text),)
    if program.language is Language.NODE and (match := _NODE_DOT.fullmatch(text)):
        return (_node_command(text, match),)
    if program.language is Language.REDIS and _REDIS_OWN.fullmatch(text):
        return (Piece(text, None),)
    return (Piece(text, program.language),)


def _rest(text: str, mark: str, language: Language) -> Piece:
    start = text.index(mark) + len(mark)
    return Piece(text[start:], language, start)


def _node_command(text: str, match: re.Match[str]) -> Piece:
    if match.group(1) == "load":
        return Piece(f"node {match.group(2)}", Language.SHELL, 0, exact=False)
    return (
        Piece(text, None)
        if match.group(1) != "save"
        else Piece(f": > {match.group(2)}", Language.SHELL, 0, exact=False)
    )


def _perl_debugger(text: str) -> Piece:
    stripped = text.lstrip()
    for mark in ("!!", "||", "|"):
        if stripped.startswith(mark):
            return _rest(text, mark, Language.SHELL if mark == "!!" else Language.PERL)
    if re.match(r"[px]\s", stripped):
        return _rest(text, stripped[0], Language.PERL)
    return Piece(text, None if _DEBUGGER.fullmatch(stripped) else Language.PERL)


def _ipython(text: str) -> Iterator[Piece]:
    cell = _CELL.match(text)
    if cell is not None:
        yield Piece(text[cell.end() :], _cell_language(cell.group(1), cell.group()), cell.end())
        return
    code: list[str] = []
    at = 0
    for line in text.split("\n"):
        piece = _ipython_line(line, at)
        # The lines of Python keep their places: a line of another language is an empty one there.
        code.append(line if piece is None else "")
        if piece is not None:
            yield piece
        at += len(line) + 1
    if any(line.strip() for line in code):
        whole = "\n".join(code)
        yield Piece(whole, Language.PYTHON, 0, exact=len(whole) == len(text))


def _cell_language(name: str, head: str) -> Language:
    if name == "script":
        words = head.split()
        name = words[1].rpartition("/")[2] if len(words) > 1 else ""
    return _BASH_CELLS.get(name, Language.PYTHON)


def _ipython_line(line: str, at: int) -> Piece | None:
    """A line that is no Python; None for one that is."""
    stripped = line.lstrip()
    indent = len(line) - len(stripped)
    if stripped.startswith("!"):
        text = stripped.lstrip("!")
        return Piece(text, Language.SHELL, at + indent + len(stripped) - len(text))
    if stripped.startswith("?") or (stripped.rstrip().endswith("?") and not stripped.startswith("%")):
        return Piece(line, None, at)
    assigned = _ASSIGNED.fullmatch(line)
    if assigned is not None and not _is_python(line):
        return Piece(assigned.group(2), Language.SHELL, at + assigned.start(2))
    magic = _MAGIC.fullmatch(line)
    if magic is not None:
        return _magic(magic.group(1), magic.group(2), at + magic.start(2))
    name, _, rest = stripped.partition(" ")
    if name in _ALIASES and not rest.lstrip().startswith("="):
        # `rm -rf x` would be Python too, a subtraction: IPython takes it for its magic of that name.
        return Piece(stripped, Language.SHELL, at + indent)
    return None


def _magic(name: str, rest: str, start: int) -> Piece:
    if name in _SHELL_MAGIC:
        return Piece(rest, Language.SHELL, start)
    if name in _ALIASES:
        return Piece(f"{name} {rest}", Language.SHELL, start, exact=False)
    if name in _STATEMENT_MAGIC:
        return Piece(rest, Language.PYTHON, start)
    if name in _FILE_MAGIC:
        return Piece(f"python {rest}", Language.SHELL, start, exact=False)
    if name == "sql":
        return Piece(rest, Language.SQL, start)
    return Piece(rest, None, start)


def _is_python(line: str) -> bool:
    try:
        ast.parse(line.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
