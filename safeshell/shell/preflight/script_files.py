"""What stands in the script files that a line runs, read as if it stood in the line.

Opens small regular files for reading and nothing else: no FIFO is drained, no device read. What can't be looked at,
is no shell script, or is too big stays what it was: the run of a program that nobody knows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from safeshell.frozen import replace
from safeshell.guard.reading import Command, Finding, Reading, Span
from safeshell.guard.text import visible
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.preflight.files import OWN_FILES, Files
from safeshell.shell.script_runs import SHELLS, ScriptRun

MAX_SIZE: Final = 256 << 10
"""Bytes of a script that is looked at."""
_MAX_FILES: Final = 20
_MAX_DEPTH: Final = 4

_SHEBANG: Final = lazy_pattern(r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?([A-Za-z0-9_+-]+)")
_SYSTEM: Final = ("/usr/", "/bin/", "/sbin/", "/lib/", "/opt/", "/nix/", "/proc/", "/dev/")
"""What is run from there by its path is the system's own, and known by its name."""

ReadIn = Callable[[str, ShellContext], Reading]
"""A text, read as a shell in that state would run it."""


def with_scripts(reading: Reading, read: ReadIn, files: Files = OWN_FILES) -> Reading:
    """The reading with what its script files would do.

    Args:
        reading: whose touches tell of the files.
        read: reads their texts.
        files: of the machine that the line runs on.
    """
    return _Scripts(read, files).added_to(reading, 0) if _runs(reading) else reading


class _Scripts:
    """The scripts of one line, each read once."""

    def __init__(self, read: ReadIn, files: Files) -> None:
        self._read = read
        self._files = files
        self._seen: set[tuple[str, bool]] = set()

    def added_to(self, reading: Reading, depth: int) -> Reading:
        for run in _runs(reading):
            inner = self._inner(run, depth)
            if inner is not None:
                reading = _joined(reading, run, inner[0], inner[1])
        return reading

    def _inner(self, run: ScriptRun, depth: int) -> tuple[Reading, str] | None:
        path = _path(run)
        if depth >= _MAX_DEPTH or len(self._seen) >= _MAX_FILES or (path, run.here) in self._seen:
            return None
        self._seen.add((path, run.here))
        data = self._files.content(path, MAX_SIZE) if path else None
        if data is None or b"\0" in data:
            return None
        text = data.decode("utf-8", "surrogateescape")
        shell = run.shell or _shell_of(text)
        if shell not in SHELLS:
            return None
        context = run.context if run.here else _new_shell(run.context, shell)
        reading = self._read(text, context)
        if run.here:
            reading = _without_definitions(reading, text, context)
        return self.added_to(reading, depth + 1), text


def _runs(reading: Reading) -> list[ScriptRun]:
    return [touch for touch in reading.touches if isinstance(touch, ScriptRun)]


def _path(run: ScriptRun) -> str:
    path = run.path
    if path.startswith("~/") and run.context.home:
        path = run.context.home + path[1:]
    if not path.startswith("/"):
        if not run.context.cwd:
            return ""
        path = os.path.normpath(f"{run.context.cwd}/{path}")
    return "" if path.startswith(_SYSTEM) and not run.shell else path


def _shell_of(text: str) -> str:
    """What runs a file by its name: its first line says so, and without one it is sh (execve(2), POSIX 2.9.1.4)."""
    if not text.startswith("#!"):
        return "sh"
    found = _SHEBANG.match(text)
    return found[1] if found else ""


def _new_shell(context: ShellContext, shell: str) -> ShellContext:
    return replace(
        context,
        shell=shell,
        variables=context.exported,
        unset=frozenset(),
        aliases={},
        functions={},
        options=frozenset(),
    )


def _without_definitions(reading: Reading, text: str, context: ShellContext) -> Reading:
    """The reading of a sourced file without what it only defines: that is judged when somebody calls it."""
    from safeshell.shell.syntax import parse

    script = parse(text, context)
    defined = {one.span for one in script.commands if one.function and one.function not in script.names}
    return replace(
        reading,
        commands=tuple(
            one for one in reading.commands if one.name != "alias" and not _inside(one.span, defined)
        ),
    )


def _inside(span: Span, spans: Iterable[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _joined(reading: Reading, run: ScriptRun, inner: Reading, text: str) -> Reading:
    name = visible(run.path, limit=60)

    def told(findings: Iterable[Finding]) -> Iterator[Finding]:
        for one in findings:
            line = text.count("\n", 0, one.span[0]) + 1
            yield replace(one, reason=f"{name}:{line}: {one.reason}", span=run.span)

    def moved(command: Command) -> Command:
        return replace(
            command,
            findings=tuple(told(command.findings)),
            span=run.span,
            within=(name, *command.within),
        )

    return replace(
        reading,
        commands=(*reading.commands, *map(moved, inner.commands)),
        # A script that is over a limit can't be read; the line itself is not.
        unreadable=(*reading.unreadable, *told(inner.unreadable), *told(inner.refused)),
        addresses=tuple(dict.fromkeys((*reading.addresses, *inner.addresses))),
        loads=(*reading.loads, *inner.loads),
        touches=(*reading.touches, *(one for one in inner.touches if not isinstance(one, ScriptRun))),
    )
