"""What a command gets on its standard input, as far as the line itself says it.

Here-documents, here-strings, and pipes out of programs that only repeat what they are given (`echo`, `printf`,
`cat`). What is not known is `UNKNOWN` in the text; nothing here knows what reads it.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.ansi_quotes import unescape
from safeshell.shell.invocation import program_of
from safeshell.shell.script import Redirect, SimpleCommand
from safeshell.shell.word import NOWHERE, UNKNOWN, Word
from safeshell.shell.wrappers.call import hides_all, joined

_PASSING: Final = frozenset({"cat", "tee", "pv", "sponge"})
_PRINTING_FILES: Final = frozenset(
    {"cat", "zcat", "gzcat", "bzcat", "xzcat", "zstdcat", "lz4cat", "bat", "tac", "pv"}
)
_UNPACKING: Final = frozenset(
    {"gunzip", "gzip", "bunzip2", "bzip2", "unxz", "xz", "zstd", "unzstd", "lz4", "unzip"}
)
_FORMAT: Final = lazy_pattern(r"%(?:%|[-+ 0#']*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?P<kind>[a-zA-Z]))")
_ECHO_OPTIONS: Final = lazy_pattern(r"-[neE]+")
MAX_PRINTED: Final = 100_000
"""A longer text is not put together."""


class Origin(Enum):
    """Where standard input comes from."""

    TERMINAL = "terminal"
    TEXT = "text"
    FILE = "file"
    PROGRAM = "program"


@frozen
class StandardInput:
    """What comes in.

    Args:
        origin: where from; `TEXT` when at least a part of it stands in the line.
        text: all of it, `UNKNOWN` where it is not known.
        span: where it stands.
        exact: character i of the text stands at span[0] + i.
        name: the file, or the program that prints it.
    """

    origin: Origin
    text: str = UNKNOWN
    span: Span = NOWHERE
    exact: bool = False
    name: str = ""


_TERMINAL: Final = StandardInput(Origin.TERMINAL, "")


def standard_input(command: SimpleCommand) -> StandardInput:
    """What `command` reads on its standard input."""
    redirect = _redirect_of(command)
    if redirect is not None:
        return _redirected(redirect, command)
    if command.feeds:
        return _printed(command.feeds)
    return _TERMINAL


def substituted(one: Word) -> str:
    """The command of a process substitution that the word is, `curl -s x` of `<(curl -s x)`; "" of another word."""
    if not one.unknowns or not one.text.startswith(UNKNOWN):
        return ""
    source = one.unknowns[0]
    return source[2:-1] if source[:2] in ("<(", "=(") else ""


def _redirect_of(command: SimpleCommand) -> Redirect | None:
    """The redirection of descriptor 0 that counts: the command's own last one, else the nearest around it."""
    found = [
        one
        for one in command.redirects
        if one.operator in ("<", "<<", "<<-", "<<<", "<>", "<&") and one.descriptor in (None, 0)
    ]
    own = [one for one in found if command.span[0] <= one.span[0] and one.span[1] <= command.span[1]]
    if own:
        return own[-1]
    return found[0] if found else None


def _redirected(redirect: Redirect, command: SimpleCommand) -> StandardInput:
    target = redirect.target
    if redirect.operator in ("<<", "<<-", "<<<"):
        text, span, exact = joined((target,))
        return StandardInput(Origin.TEXT, text, span if span != NOWHERE else redirect.span, exact)
    if redirect.operator == "<&":
        return StandardInput(Origin.PROGRAM, span=redirect.span, name="a descriptor")
    inside = substituted(target)
    if inside:
        return StandardInput(
            Origin.PROGRAM, span=target.span, name=inside.split()[0] if inside.split() else ""
        )
    if target.text in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0") and command.feeds:
        return _printed(command.feeds)
    if target.text == "/dev/null":
        return StandardInput(Origin.TEXT, "", target.span)
    return StandardInput(Origin.FILE, span=target.span, name=target.text)


def _printed(feeds: tuple[SimpleCommand, ...]) -> StandardInput:
    """What the commands in front of a pipe print, one after the other."""
    span = (feeds[0].span[0], feeds[-1].span[1])
    if len(feeds) == 1 and program_of_command(feeds[0]) == "echo":
        words = _echoed_words(feeds[0])[0]
        text, place, exact = joined(words)
        if exact and UNKNOWN not in text and "\\" not in text:
            return StandardInput(Origin.TEXT, text, place, exact)
    texts = [printed_by(one) for one in feeds]
    known = [text for text in texts if not hides_all(text)]
    if known:
        return StandardInput(Origin.TEXT, "\n".join(texts)[:MAX_PRINTED], span)
    files = [_file_of(one) for one in feeds]
    if all(files):
        return StandardInput(Origin.FILE, span=span, name=files[0])
    return StandardInput(Origin.PROGRAM, span=span, name=program_of_command(feeds[0]))


def program_of_command(command: SimpleCommand) -> str:
    """The name of the command's program; "" of assignments alone or of a name that is not known."""
    return program_of(command.words[0]) if command.words else ""


def printed_by(command: SimpleCommand) -> str:
    """What one command prints, `UNKNOWN` for what only its run would tell."""
    name = program_of_command(command)
    words = command.words[1:]
    if name == "echo":
        shown, escapes, newline = _echoed_words(command)
        text = " ".join(one.text for one in shown)
        return (unescape(text) if escapes else text) + ("\n" if newline else "")
    if name == "printf":
        return _formatted(words)
    if name in _PASSING and all(one.text[:1] == "-" for one in words if name != "tee"):
        passed = standard_input(command)
        return passed.text if passed.origin is Origin.TEXT else UNKNOWN
    if name == "print" and words:
        return " ".join(one.text for one in words if one.text[:1] != "-")
    return "" if name in ("true", ":", "sleep", "cd", "wait", "set") else UNKNOWN


def _echoed_words(command: SimpleCommand) -> tuple[tuple[Word, ...], bool, bool]:
    words = command.words[1:]
    escapes, newline = False, True
    while words and _ECHO_OPTIONS.fullmatch(words[0].text):
        for letter in words[0].text[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" or (escapes and letter != "E")
        words = words[1:]
    return words, escapes, newline


def _formatted(words: tuple[Word, ...]) -> str:
    """What `printf` prints: its format used again until its arguments are used up (POSIX printf)."""
    if words and words[0].text == "-v":
        return ""
    if words and words[0].text == "--":
        words = words[1:]
    if not words:
        return ""
    arguments = [one.text for one in words[1:]]
    pattern = unescape(words[0].text)
    printed = ""
    at = 0
    while True:
        before = at

        def argument(match: re.Match[str]) -> str:
            nonlocal at
            if match["kind"] is None:
                return "%"
            at += 1
            text = arguments[at - 1] if at <= len(arguments) else ""
            return unescape(text) if match["kind"] == "b" else text

        printed += _FORMAT.sub(argument, pattern)
        if at >= len(arguments) or at == before or len(printed) > MAX_PRINTED:
            return printed


def _file_of(command: SimpleCommand) -> str:
    """The file that a command prints, "" when it prints something else."""
    name = program_of_command(command)
    files = [one.text for one in command.words[1:] if one.text[:1] != "-"]
    if name in _PRINTING_FILES and files:
        return files[0]
    if name in _UNPACKING or name in _PRINTING_FILES:
        if files:
            return files[0]
        came = standard_input(command)
        return came.name if came.origin is Origin.FILE else ""
    return ""
