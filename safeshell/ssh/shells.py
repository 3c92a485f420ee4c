"""A remote session's shells: what each is handed when it starts, what its prompt shows, and their guard.

The guard is made when the first of them speaks: only then is it known which host answers, and by which key.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from safeshell.frozen import frozen, replace
from safeshell.ssh.bundle import HookSettings, boot_words, payload
from safeshell.ssh.nested import nested_words
from safeshell.ssh.wire import Booted
from safeshell.terminal.tracking.events import HeldLine
from safeshell.terminal.wrapped.channel import token
from safeshell.terminal.wrapped.messages import Request, RequestKind


@frozen
class Gate:
    """What answers the requests of a session's shells, once it is there.

    Args:
        judge: the answer to a request.
        marks: what the prompt of a kind of shell is to show.
        see: whether a line that was read from the screen may run.
        holds: whether the host's kernel is to keep the first shell from writing, where it can.
    """

    judge: Callable[[Request], str]
    marks: Callable[[str], str]
    see: Callable[[HeldLine], bool]
    holds: bool = False


@frozen
class _Start:
    """A shell that is about to start."""

    login: bool
    is_first: bool = False
    folder: str = ""
    asked: bool = False


class RemoteShells:
    """Those of one session.

    Args:
        names: variables whose values say where a command would act.
        gate_for: makes the guard for the host that says it has this name; called once.
        booted: told which shell is about to start there.
    """

    def __init__(
        self, names: Sequence[str], gate_for: Callable[[str], Gate], booted: Callable[[str], None]
    ) -> None:
        self.secret = token(16)
        self.word = token(12)
        self.tokens: dict[str, _Start] = {}
        self._names = tuple(names)
        self._gate_for = gate_for
        self._booted = booted
        self._gate: Gate | None = None
        self._kinds: dict[int, str] = {}
        self.host = ""
        """What the host calls itself; "" before it has said that."""

    def first_command(self) -> str:
        """The command that a connection is given instead of none, so that its login shell has the hook."""
        return self._command(_Start(login=True, is_first=True))

    def command_for(self, line: str) -> str:
        """What is run instead of `line`, the one command of a session, where that opens a shell; else `line`."""
        try:
            words = shlex.split(line)
        except ValueError:
            return line
        nested = nested_words(words, lambda shell, login: self._words(_Start(login, is_first=True), shell))
        return shlex.join(nested) if nested else line

    def command_in(self, folder: str) -> str:
        """The command for another connection to the same host, whose login shell is to start in `folder`."""
        return self._command(_Start(login=True, folder=folder))

    def _command(self, start: _Start) -> str:
        return f"exec {shlex.join(self._words(start))}"

    def _words(self, start: _Start, shell: str = "") -> tuple[str, ...]:
        one = token(12)
        self.tokens[one] = start
        return boot_words(one, shell=shell, login=start.login)

    def boot(self, asked: Booted) -> bytes:
        """What a shell that is about to start is handed."""
        start = self.tokens[asked.token]
        if start.asked:
            return b""
        # It goes on to be known until the shell is there: what was typed meanwhile is given back by it.
        self.tokens[asked.token] = replace(start, asked=True)
        if start.is_first:
            self.host = asked.host
        settings = HookSettings(
            self.secret,
            self.word,
            self._names,
            self.gate.marks(asked.shell),
            # What is started by a held shell is held with it.
            held=start.is_first and self.gate.holds,
            folder=start.folder,
        )
        self._booted(asked.shell)
        return payload(asked.shell, asked.tools, settings, login=start.login)

    def marks(self, pid: int) -> str:
        """What that shell's next prompt is to show."""
        return self.gate.marks(self._kinds.get(pid, "bash"))

    def judge(self, request: Request) -> str:
        """The answer to a request."""
        if request.kind is RequestKind.HELLO:
            self._kinds[request.pid] = request.text.partition(" ")[0]
            for one in [one for one, start in self.tokens.items() if start.asked]:
                del self.tokens[one]
        return self.gate.judge(request)

    def nest(self, typed: Sequence[str]) -> tuple[str, ...]:
        """What is run instead of `typed`, which opens a shell there, so that it has the hook; () for no change."""
        return nested_words(typed, lambda shell, login: self._words(_Start(login), shell))

    @property
    def gate(self) -> Gate:
        """The guard; made when it is first wanted."""
        if self._gate is None:
            self._gate = self._gate_for(self.host)
        return self._gate
