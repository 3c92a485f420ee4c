"""How the tests of the parser look at a line: its commands as plain lists of texts."""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.shell.context import ShellContext
from safeshell.shell.script import Script, SimpleCommand
from safeshell.shell.syntax import parse
from safeshell.shell.word import UNKNOWN, Word

SHOWN = "¤"
"""Stands for an unknown part in the tables."""


def script(line: str, shell: str = "bash", **facts: object) -> Script:
    """The line as a session of `shell` would read it."""
    return parse(line, ShellContext(shell=shell, **facts))  # type: ignore[arg-type] # each fact is a field


def shown(word: Word) -> str:
    """A word's text with its unknown parts made visible."""
    return word.text.replace(UNKNOWN, SHOWN)


def argv(command: SimpleCommand) -> list[str]:
    """A command's words."""
    return [shown(word) for word in command.words]


def commands(line: str, shell: str = "bash", **facts: object) -> list[list[str]]:
    """The words of all commands that have some; fails when the line was not understood."""
    found = script(line, shell, **facts)
    assert not found.problems, found.problems
    return [argv(command) for command in found.commands if command.words]


def split(text: str) -> list[list[str]]:
    """`a b | c` of a table: commands between bars, words between blanks; `_` is an empty word."""
    return [
        ["" if word == "_" else word.replace("·", " ") for word in one.split()]
        for one in text.split(" | ")
        if one.strip()
    ]


def by_name(line: str, name: str, shell: str = "bash", **facts: object) -> SimpleCommand:
    """The first command of the line whose program is `name`."""
    found = script(line, shell, **facts)
    return next(one for one in found.commands if one.words and one.words[0].text == name)


Facts = Mapping[str, object]
