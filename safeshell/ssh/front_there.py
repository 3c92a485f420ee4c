"""What is in front on a remote host, as far as it can be told from here: by what its shells say and what they run.

Nobody sees the host's processes. A shell with the hook says so at each prompt; a line that opens another shell or a
console says that by its words. Between the two, what is in front is whatever that line has started.
"""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath
from typing import Final

from safeshell.frozen import replace
from safeshell.shell.context import NO_SESSION
from safeshell.shell.syntax import parse
from safeshell.ssh.front_look import FrontLook, program_among, terminals_among
from safeshell.ssh.nested import nested_words
from safeshell.terminal.tracking.events import InFront
from safeshell.terminal.tracking.foreground import OTHER_TERMINALS
from safeshell.terminal.tracking.programs import Program, program_named, program_of

_SOON: Final = 5.0
"""Seconds that a shell may take to say that it has the hook: its rc files may be long."""


class FrontThere:
    """One remote session's."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._expected: Program | None = None
        self._expected_until = 0.0
        self._hooked = False
        self._runs = False
        self.looker: FrontLook | None = None
        """Looks at the host's processes, once there is a way to."""
        self.is_hooked = False
        """Whether a shell with the hook is in front, or what it runs that reads no lines."""
        self.has_terminals = False
        """Whether a program that has terminals of its own was started."""
        self.look_again_at: float | None = None

    def group(self) -> int:
        """There are no process groups to be told from here."""
        return 0

    def look(self, at: float) -> InFront:
        """Who is in front now."""
        if self._expected and at >= self._expected_until:
            # The shell that was to have the hook has not said so.
            self._program, self._expected = self._expected, None
            self.is_hooked = False
        looker = self.looker
        if looker and self._runs and not self._expected and self._program is None:
            seen = looker.seen(at)
            self._program = _there(program_among(seen))
            self.has_terminals = self.has_terminals or terminals_among(seen)
            self.is_hooked = self._hooked and self._program is None and not self.has_terminals
        dues = [
            self._expected_until if self._expected else None,
            looker.due if looker and self._runs else None,
        ]
        self.look_again_at = min((due for due in dues if due is not None), default=None)
        return InFront(self._program)

    def greeted(self) -> None:
        """A shell with the hook waits for a line."""
        self._hooked = self.is_hooked = True
        self._runs = False
        if self.looker:
            self.looker.end()
        self._program, self._expected, self.has_terminals = None, None, False

    def unhooked(self, shell: str) -> None:
        """A shell without the hook is in front: `bash`, `ksh`, "" for one that nobody knows."""
        self._hooked = self.is_hooked = False
        found = program_of((shell,)) if shell else None
        self._program, self._expected = _there(found or program_named("shell")), None

    def alone(self, line: str) -> None:
        """A line runs, and there is no shell with the hook."""
        found = programs_opened(line)
        self._program = _there(found[-1]) if found else None
        self.has_terminals = opens_terminals(line)

    def runs(self, line: str, shell: int, at: float) -> None:
        """A line runs in a shell with the hook, by its process number, from this moment of `look`'s clock on."""
        self._runs = True
        if self.looker:
            self.looker.begin(shell, at)
        found = programs_opened(line)
        program = _there(found[-1]) if found else None
        self.has_terminals = opens_terminals(line)
        # A shell that is started with the hook says so itself, and soon.
        self._expected = program if _nests(line) else None
        self._expected_until = at + _SOON
        self._program = None if self._expected else program
        self.is_hooked = self._hooked and self._program is None and not self.has_terminals


def _nests(line: str) -> bool:
    """Whether all of a line is one command that opens a shell with the hook."""
    try:
        words = shlex.split(line)
    except ValueError:
        return False
    return bool(nested_words(words, lambda *_: ("sh",)))


def programs_opened(line: str) -> list[Program]:
    """The programs that a line starts and whose lines can be read from a screen."""
    return [found for words in _commands(line) if (found := program_of(words)) is not None]


def opens_terminals(line: str) -> bool:
    """Whether a line starts a program that has terminals of its own (tmux), in which nobody sees what is typed."""
    return any(PurePosixPath(words[0]).name in OTHER_TERMINALS for words in _commands(line))


def _commands(line: str) -> list[tuple[str, ...]]:
    found = []
    for command in parse(line, NO_SESSION).commands:
        try:
            words = shlex.split(line[slice(*command.span)])
        except ValueError:
            continue
        while words and ("=" in words[0] or words[0] in ("exec", "command", "builtin", "time", "nohup")):
            words.pop(0)
        if words:
            found.append(tuple(words))
    return found


def _there(program: Program | None) -> Program | None:
    """The program as one of the host's: nothing on this machine means anything to it."""
    return replace(program, elsewhere=True, addresses=()) if program else None
