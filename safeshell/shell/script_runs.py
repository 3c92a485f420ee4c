"""Script files that a line runs by name: `./deploy.sh`, `bash x`, `source x`. Pure: which, not what is in them.

Given to `ShellDialect` beside what a line touches; `preflight.script_files` looks into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Span, Touch
from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import Word

SHELLS: Final = ("sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish")
_SOURCING: Final = ("source", ".")
_NO_FILE: Final = ("-c", "-s", "-n", "--command", "--version", "--help")


@frozen
class ScriptRun(Touch):
    """One file that would be run.

    Args:
        path: as typed; relative to the context's working directory.
        shell: what runs it; "" for whatever its first line says.
        here: it runs in the shell itself, with its functions and variables.
        context: what is known of the shell that runs it.
        span: the command.
    """

    path: str
    shell: str
    here: bool
    context: ShellContext
    span: Span


def script_runs(invocations: Sequence[Invocation]) -> tuple[ScriptRun, ...]:
    """The script files that the commands of a line run, in order."""
    return tuple(_runs(invocations))


def _runs(invocations: Sequence[Invocation]) -> Iterator[ScriptRun]:
    for invocation in invocations:
        command = invocation.command
        if not command.words:
            continue
        name = command.words[0]
        if invocation.program in _SOURCING:
            file, shell, here = _first(invocation.words), invocation.context.shell, True
        elif invocation.program in SHELLS:
            file, shell, here = _given_to_shell(invocation), invocation.program, False
        elif "/" in name.text:
            file, shell, here = name, "", False
        else:
            continue
        if file is not None and file.known and file.text and not file.glob:
            yield ScriptRun(file.text, shell, here, invocation.context, command.span)


def _first(words: Sequence[Word]) -> Word | None:
    return next((word for word in words if word.text != "--"), None)


def _given_to_shell(invocation: Invocation) -> Word | None:
    if invocation.has(*_NO_FILE):
        return None
    if invocation.operands:
        return invocation.operands[0]
    fed = [one.target for one in invocation.command.redirects if one.operator == "<" and not one.descriptor]
    if fed:
        return fed[-1]
    feeds = invocation.command.feeds
    shown = feeds[-1].words if feeds else ()
    return shown[1] if len(shown) == 2 and shown[0].text == "cat" else None
