"""From the words of a command to the places they name, as far as the context says. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.text import visible
from safeshell.shell.context import ShellContext
from safeshell.shell.impact.touch import Place
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN, Word

_QUOTES: Final = "'\"\\$"
_MOST_FOLDERS: Final = 8
_FOUND: Final = "{}"
_ELSEWHERE: Final = "the folder it runs in isn't known"


def place_of(word: Word, context: ShellContext) -> Place:
    """The file that a word names when `context` is the shell's."""
    text = word.text
    if not word.known:
        return Place("", unknown=_unknown(word))
    if not text or "\0" in text:
        return Place("", unknown="an empty name names no file")
    if text.startswith("~") and word.source.startswith("~"):
        return Place("", unknown=f"{visible(text.partition('/')[0], limit=40)} is somebody's home")
    folder = ""
    if not text.startswith("/"):
        if not context.cwd:
            return Place("", unknown=_ELSEWHERE)
        folder = context.cwd
        text = f"{folder.rstrip('/')}/{text}"
    mixed = word.glob and any(sign in word.source for sign in _QUOTES)
    return Place(text, word.glob, mixed, folder=folder)


def found_below(word: Word, context: ShellContext) -> Place | None:
    """The folder below which `find` looks for what stands in `word`; None when it does not say that."""
    if word.unknowns[-1:] != (_FOUND,) or "/" not in word.text:
        return None
    base = word.text.partition(UNKNOWN)[0]
    if not base.endswith("/") or word.text.count(UNKNOWN) != 1:
        return None
    return place_of(Word(base.rstrip("/") or "/", source=base), context)


def placed(words: Iterable[Word], context: ShellContext) -> tuple[Place, ...]:
    """All of some words."""
    return tuple(place_of(word, context) for word in words)


def in_folders(invocations: Sequence[Invocation]) -> Iterator[tuple[Invocation, bool]]:
    """Each command where it would run, and whether that is sure.

    Behind a `cd` that may have failed a command runs in one folder or the other: it is yielded for each.
    """
    start = invocations[0].context.cwd if invocations else ""
    folders: list[str] = [start] if start else []
    for invocation in invocations:
        cwd = invocation.context.cwd
        if cwd or not folders:
            yield invocation, True
        else:
            for folder in folders:
                yield replace(invocation, context=replace(invocation.context, cwd=folder)), False
        if invocation.program in ("cd", "pushd", "popd"):
            folders = _after(invocation, folders)


def _after(cd: Invocation, folders: list[str]) -> list[str]:
    target = cd.operands[0] if cd.operands else Word(cd.context.home)
    text = target.text
    if cd.program == "popd" or not target.known or not text or text.startswith(("~", "-", "+")):
        return []
    if target.glob:
        return []
    there = [posixpath.normpath(posixpath.join(folder, text)) for folder in folders]
    return list(dict.fromkeys((*there, *folders)))[:_MOST_FOLDERS]


def _unknown(word: Word) -> str:
    names = [visible(name, limit=60) for name in dict.fromkeys(word.unknowns)]
    if not names:
        return "a part of it is unknown"
    if names == ["the words that it is given"]:
        return "the names come from another command"
    verb = "is" if len(names) == 1 else "are"
    return f"{' and '.join(names[:3])} {verb} unknown"
