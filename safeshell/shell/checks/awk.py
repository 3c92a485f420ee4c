"""awk: whether its program only prints, or runs commands or writes files.

A scan of tokens, not an interpreter. Facts: POSIX awk, the GNU awk 5.2 manual.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.inner import InnerText, Language
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN, Word

_AWK: Final = spec(
    "-F --field-separator -v --assign -f --file -e --source -E --exec -i --include -l --load -W",
    stop_at_operand=True,
)
_UNPROVEN: Final = (
    "-f", "--file", "-E", "--exec", "-i", "--include", "-l", "--load", "-d", "--dump-variables", "-o",
    "--pretty-print", "-p", "--profile", "-D", "--debug", "-W",
)  # fmt: skip
_TOKEN: Final = lazy_pattern(
    r"(?P<space>(?:[ \t\r]|\\\n)++)"
    r"|(?P<comment>\#[^\n]*+)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*+")'
    rf"|(?P<name>(?:[A-Za-z_]|{UNKNOWN})(?:\w|{UNKNOWN})*+)"
    r"|(?P<number>\d[\w.]*+|\.\d++)"
    r"|(?P<sign>\|&|\|\||&&|>>|[<>=!]=|\+\+|--|\*\*|[-+*/%^]=|.|\n)",
    re.DOTALL,
)
_REGEX: Final = lazy_pattern(r"/(?:[^/\\\n\[]|\\.|\[\^?\]?[^\]\n]*+\])*+/")
_LITERAL_ESCAPE: Final = lazy_pattern(r"\\(.)", re.DOTALL)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "f": "\f", "v": "\v", "b": "\b"}
_HARMLESS_FILES: Final = frozenset({"/dev/stderr", "/dev/stdout", "/dev/null", "/dev/fd/1", "/dev/fd/2", "-"})
_BEFORE_REGEX: Final = frozenset(
    "( , { } ; ! ~ && || \n : ? = == != < > + - * % ^ in case return print".split(" ")
)


@frozen
class AwkProgram:
    """What a program does besides printing.

    Args:
        writes: the files that it writes; "" for one whose name it works out.
        commands: the lines it gives to a shell, with `UNKNOWN` for what it works out.
        understood: whether all of it was.
    """

    writes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    understood: bool = True


def reads(invocation: Invocation) -> bool:
    """The program is known, and prints at most."""
    taken = retaken(invocation, _AWK)
    if taken.has(*_UNPROVEN) or any(map(may_be_option, taken.operands[:1])):
        return False
    texts = _programs(taken)
    if not texts:
        return False
    found = read_program("\n".join(word.text for word in texts))
    return found.understood and not found.commands and not found.writes


def in_place(invocation: Invocation) -> bool:
    """Files are edited where they are: gawk's `-i inplace`."""
    values = retaken(invocation, _AWK).given("-i", "--include", "-l", "--load")
    return any(option.value is not None and option.value.text.startswith("inplace") for option in values)


def runs(invocation: Invocation) -> bool:
    """The program gives something to a shell."""
    return bool(_found(invocation).commands)


def writes(invocation: Invocation) -> bool:
    """The program writes files."""
    return bool(_found(invocation).writes)


def inner(invocation: Invocation) -> tuple[InnerText, ...]:
    """The lines that the program gives to a shell."""
    span = invocation.command.span
    return tuple(InnerText(text, Language.SHELL, span) for text in _found(invocation).commands)


def _found(invocation: Invocation) -> AwkProgram:
    texts = _programs(retaken(invocation, _AWK))
    return read_program("\n".join(word.text for word in texts)) if texts else AwkProgram()


def _programs(taken: Invocation) -> list[Word]:
    given = [option.value for option in taken.given("-e", "--source") if option.value is not None]
    if given or taken.has("-f", "--file", "-E", "--exec"):
        return given
    return list(taken.operands[:1])


@lru_cache(maxsize=256)
def read_program(text: str) -> AwkProgram:
    """What an awk program does. Linear in its length; never raises."""
    return _Reader(text).read()


class _Reader:
    """One pass over a program."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.understood = self._split(text)
        self.writes: list[str] = []
        self.commands: list[str] = []

    def _split(self, text: str) -> bool:
        at, before, understood = 0, "\n", True
        while at < len(text):
            if text[at] == "/" and before in _BEFORE_REGEX:
                match = _REGEX.match(text, at)
                if match is None:
                    return False
                self.tokens.append(("regex", match.group()))
                before = "regex"
                at = match.end()
                continue
            match = _TOKEN.match(text, at)
            assert match is not None, "the last alternative takes any character"
            kind, found = match.lastgroup or "", match.group()
            at = match.end()
            if kind in ("space", "comment"):
                continue
            if found == '"' or found == "@":
                return False
            if UNKNOWN in found and kind == "name" and (found == UNKNOWN) and before in ("{", ";", "\n", "}"):
                understood = False
            self.tokens.append((kind, found))
            before = found if kind in ("sign", "name") else kind
            if kind == "name" and found not in ("in", "case", "return", "print"):
                before = "name"
        return understood

    def read(self) -> AwkProgram:
        printing, depth = -1, 0
        for at, (kind, text) in enumerate(self.tokens):
            if kind == "name":
                if text in ("print", "printf"):
                    printing = depth
                elif text == "system":
                    self.commands.append(self._argument(at + 1))
                elif UNKNOWN in text and self._sign(at + 1) == "(":
                    self.understood = False
            elif kind == "sign":
                if text in "({[":
                    depth += 1
                elif text in ")}]":
                    depth -= 1
                if text in (";", "\n", "}", "{"):
                    printing = -1
                elif text in ("|", "|&"):
                    self._pipe(at)
                elif text in (">", ">>") and printing == depth:
                    name = self._literal(at + 1)
                    if name not in _HARMLESS_FILES:
                        self.writes.append(name.replace(UNKNOWN, ""))
        return AwkProgram(tuple(self.writes), tuple(self.commands), self.understood)

    def _sign(self, at: int) -> str:
        return self.tokens[at][1] if at < len(self.tokens) else ""

    def _pipe(self, at: int) -> None:
        if self._sign(at + 1) == "getline":
            self.commands.append(self._before(at))
        else:
            self.commands.append(self._literal(at + 1))

    def _before(self, at: int) -> str:
        """The command in front of `| getline`: a literal, or something worked out."""
        kind, text = self.tokens[at - 1] if at else ("", "")
        return _unescaped(text) if kind == "string" else UNKNOWN

    def _literal(self, at: int) -> str:
        """The text from an index on, to the end of the statement, as far as it is written there."""
        parts: list[str] = []
        for kind, text in self.tokens[at : at + 64]:
            if kind == "sign" and text in (";", "\n", "}", ")"):
                break
            if kind == "string":
                parts.append(_unescaped(text))
            elif not parts or parts[-1] != UNKNOWN:
                parts.append(UNKNOWN)
        return "".join(parts) or UNKNOWN

    def _argument(self, at: int) -> str:
        """The text in the parentheses that open at an index."""
        return self._literal(at + 1) if self._sign(at) == "(" else UNKNOWN


def _unescaped(literal: str) -> str:
    return _LITERAL_ESCAPE.sub(lambda match: _LETTERS.get(match.group(1), match.group(1)), literal[1:-1])
