"""What a line holds once it is parsed: simple commands in the order they would run, nested ones included.

Plain values that the parser makes and the reader walks. What a command *means* is not known here.
"""

from __future__ import annotations

from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.reading import Span
from safeshell.shell.word import NOWHERE, Word


@frozen
class Redirect:
    """A redirection of one command.

    Args:
        operator: `>`, `>>`, `>|`, `&>`, `&>>`, `<`, `<>`, `>&`, `<&`, `<<`, `<<-`, `<<<`.
        target: what it names; for a here-document and a here-string the text itself, folded.
        descriptor: the number in front, None for the operator's own.
        span: all of it; a here-document's body is not in it.
    """

    operator: str
    target: Word
    descriptor: int | None = None
    span: Span = NOWHERE


@frozen
class Assignment:
    """`NAME=value`, `NAME+=value`, `NAME[i]=value`, in front of a command or alone."""

    name: str
    value: Word
    appends: bool = False


class Place(StrEnum):
    """Where a command stands, when that matters to what it does."""

    LOOP = "loop"
    FUNCTION = "function"
    SUBSTITUTION = "substitution"
    BACKGROUND = "background"
    CONDITION = "condition"


@frozen
class SimpleCommand:
    """One command as it would be run, or assignments or redirections alone.

    Args:
        words: the program and its arguments, assignments and redirections taken out; () for assignments alone.
        assignments: in front of it.
        redirects: its own, and those of the group, loop or function call around it.
        span: from the first to the last character of it in the outermost line.
        feeds: the commands left of its pipe, whose output is its standard input; () without a pipe.
        places: what it stands in, outermost first.
        function: the name of the function whose body holds it; "" outside.
        shell: a group's number: commands of one number share working directory and variables one after the
            other, a subshell, substitution and each part of a pipeline has a number of its own.
    """

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    span: Span = NOWHERE
    feeds: tuple[SimpleCommand, ...] = ()
    places: tuple[Place, ...] = ()
    function: str = ""
    shell: int = 0


@frozen
class Problem:
    """What could not be understood: a syntax error, a limit met.

    Args:
        rule: its stable id: `shell.syntax`, `shell.too-long`, `shell.too-deep`, `shell.too-many-words`.
        reason: in a plain sentence without a full stop.
        span: where.
        limit: whether a limit was met; such a line is denied.
    """

    rule: str
    reason: str
    span: Span = NOWHERE
    limit: bool = False


@frozen
class Script:
    """All of a line.

    Args:
        commands: in the order they would run; a function's body stands where the function is called, or where
            it is defined when the line does not call it.
        problems: what could not be understood; the commands around it are still there.
        variables: the names of variables that the line uses and does not itself set to something known.
        shells: by a shell's number, the number of the shell it was made by.
        names: what stands where a program's name is expected, for aliases and functions to be asked for.
    """

    commands: tuple[SimpleCommand, ...]
    problems: tuple[Problem, ...] = ()
    variables: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shells: tuple[int, ...] = (0,)
