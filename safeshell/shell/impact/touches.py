"""From the commands of a line to all that they would change on this machine. Pure: what `ShellDialect` is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.reading import Touch
from safeshell.shell.impact.file_commands import file_touches, programs
from safeshell.shell.impact.git_commands import git_touches
from safeshell.shell.impact.places import in_folders
from safeshell.shell.impact.process_commands import process_touches
from safeshell.shell.impact.touch import FileTouch
from safeshell.shell.invocation import Invocation

_MOST: Final = 500
"""More touches of one line are not told apart: a line of thousands of commands is measured by its first ones."""
_OTHERS: Final = frozenset({"kill", "pkill", "killall", "systemctl", "service", "git"})
_KNOWN: Final = programs() | _OTHERS


def touches_of(invocations: Sequence[Invocation]) -> tuple[Touch, ...]:
    """What the commands of a line would change, in order, each once."""
    if not any(invocation.program in _KNOWN for invocation in invocations):
        return ()
    found: dict[Touch, None] = {}
    for touch in _all(invocations):
        found[touch] = None
        if len(found) >= _MOST:
            break
    return tuple(found)


def _all(invocations: Sequence[Invocation]) -> Iterator[Touch]:
    options: frozenset[str] = frozenset()
    for invocation, sure in in_folders(invocations):
        options |= _switched_on(invocation)
        for touch in file_touches(invocation):
            yield replace(touch, sure=touch.sure and sure, options=touch.options | options)
        yield from process_touches(invocation)
        yield from git_touches(invocation)


def _switched_on(invocation: Invocation) -> frozenset[str]:
    """The options that change what patterns mean, once the line has switched them on."""
    if (invocation.program == "shopt" and invocation.has("-s")) or invocation.program == "setopt":
        return frozenset(word.text for word in invocation.operands)
    return frozenset()


def file_touches_of(touches: Sequence[Touch]) -> list[FileTouch]:
    """Those that are about files."""
    return [touch for touch in touches if isinstance(touch, FileTouch)]
