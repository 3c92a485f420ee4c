"""Tries on a host which ways of submitting a line come to the guard: a session without a person, answered no.

Nothing is changed there: each line that is tried would print a word, and the session's history is not written. What
connects must be let in without a question.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from safeshell.errors import TargetUnreachable
from safeshell.frozen import frozen
from safeshell.ssh.conversation import RemoteConversation
from safeshell.ssh.plan import Link, Transport
from safeshell.ssh.shells import Gate, RemoteShells
from safeshell.ssh.ways import MARK, Way, ways_of
from safeshell.terminal.wrapped.launch import HOOKED, shell_name
from safeshell.terminal.wrapped.machine import (
    Answered,
    Ask,
    Event,
    Output,
    Say,
    Tick,
    Typed,
    WakeIn,
    WriteChild,
    WriteScreen,
)
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.pty_child import start
from safeshell.terminal.wrapped.session_folder import SessionFolder

_CONNECT: Final = 30.0
_SETTLE: Final = 6.0
"""Seconds for which a way may take to come to something."""
_REST: Final = 0.2
"""Seconds after which a shell has drawn what there is to be drawn."""
_MARKS: Final = "safeshell-check\x1f"
_SEQUENCE: Final = re.compile(rb"\x1b\][^\x07]*\x07|\x1b\[[0-9;?]*[A-Za-z]")


class Finding(StrEnum):
    """What became of a line that was submitted in some way."""

    HELD = "held"
    """The guard was asked before it ran."""
    SLIPPED = "slipped"
    """It ran, and nobody was asked."""
    NOTHING = "nothing"
    """It was neither asked about nor run."""


@frozen
class Checked:
    """What was found out on a host.

    Args:
        host: what it calls itself; "" when it has not said.
        shell: its shell and version; "" for one without the hook.
        round_trip: seconds from Enter to the question, the quickest; None when none came.
        found: each way, and what became of it.
    """

    host: str
    shell: str
    round_trip: float | None
    found: Mapping[str, Finding]


def check_host(transport: Transport, environ: Mapping[str, str], tried: Callable[[str], None]) -> Checked:
    """Try every way that the host's shell has.

    Args:
        transport: makes the connection.
        environ: of the transport.
        tried: told the name of each way that is about to be tried.

    Raises:
        TargetUnreachable: no connection, or one that asks for something.
    """
    folder = SessionFolder()
    try:
        return _Session(transport, environ, folder).check(tried)
    finally:
        folder.remove()


class _Session:
    """A session with nobody at its terminal."""

    def __init__(self, transport: Transport, environ: Mapping[str, str], folder: SessionFolder) -> None:
        gate = Gate(self._judge, lambda _: _MARKS, lambda _: False)
        self._shells = RemoteShells((), lambda _: gate, self._boots)
        self._boots_without = False
        self._machine = RemoteConversation(self._shells, time.monotonic)
        link = Link(folder.path, self._shells.first_command())
        self._child = start(transport.argv(link), environ=environ, size=WindowSize(50, 200))
        self._printed = b""
        self._shell = ""
        self._prompts = 0
        self._asked = ""
        self._allowing = False
        self._entered_at = 0.0
        self._round: float | None = None
        self._tick_at: float | None = None

    def check(self, tried: Callable[[str], None]) -> Checked:
        """Try every way."""
        try:
            self._until(lambda: self._prompts > 0 or self._boots_without, _CONNECT)
            if not self._prompts:
                if not self._shells.host:
                    said = _SEQUENCE.sub(b"", self._printed).decode("utf-8", "replace").strip()
                    raise TargetUnreachable(
                        f"no session without questions could be begun: {said[-300:]}",
                        todo="Let an agent or a key without a passphrase log you in, and try again.",
                    )
                return Checked(self._shells.host, "", None, {})
            self._run(" unset HISTFILE" if self._kind != "fish" else " set -g fish_history ''")
            found: dict[str, Finding] = {}
            for way in ways_of(self._kind):
                tried(way.name)
                found[way.name] = self._try(way, len(found))
            return Checked(self._shells.host, self._shell, self._round, found)
        finally:
            self._child.hang_up()
            self._child.close()
            with contextlib.suppress(OSError):
                os.waitpid(self._child.pid, 0)

    @property
    def _kind(self) -> str:
        return self._shell.partition(" ")[0]

    def _boots(self, shell: str) -> None:
        self._boots_without = shell_name(shell) not in HOOKED

    # ------------------------------------------------------------ one way

    def _try(self, way: Way, number: int) -> Finding:
        word = f"{MARK}-{number}"
        # The word as it stands in the line is not the one that it would print.
        line = f"echo {MARK}''-{number}"
        words = {"line": line, "mark": f"{MARK}''-{number}", "seed": f": {line}"}
        for one in way.before:
            self._run(self._seed(line) if one == "{seed}" else one.format(**words))
        self._asked, start = "", len(self._printed)
        self._entered_at = time.monotonic()
        self._press(way.keys.format(**words))
        ran = re.compile(rb"[\r\n]" + word.encode())
        self._until(lambda: MARK in self._asked or ran.search(self._printed, start) is not None, _SETTLE)
        self._until(lambda: False, _REST)
        slipped = ran.search(_SEQUENCE.sub(b"", self._printed[start:])) is not None
        asked = MARK in self._asked or bool(self._asked and way.before)
        self._give_up()
        if slipped:
            return Finding.SLIPPED
        return Finding.HELD if asked else Finding.NOTHING

    def _give_up(self) -> None:
        """Drop what is being edited: ^C until that brings a new prompt, and nothing more comes."""
        for _ in range(3):
            prompts = self._prompts
            self._press("\x03")
            self._until(lambda before=prompts: self._prompts > before, 0.7)  # type: ignore[misc]
            if self._prompts > prompts:
                break
        self._until(lambda: False, _REST)

    def _seed(self, line: str) -> str:
        """Puts the line into the history as if it had run."""
        quoted = line.replace("'", "'\\''")
        match self._kind:
            case "bash":
                return f"history -s '{quoted}'"
            case "zsh":
                return f"print -s '{quoted}'"
            case _:
                return f"true # {line}"

    def _run(self, line: str) -> None:
        """Run a line that may."""
        prompts = self._prompts
        self._allowing = True
        self._press(f"{line}\r")
        self._until(lambda: self._prompts > prompts, _SETTLE)
        self._allowing = False

    def _judge(self, request: Request) -> str:
        match request.kind:
            case RequestKind.HELLO:
                self._shell = self._shell or request.text
                return "ok"
            case RequestKind.PROMPT:
                self._prompts += 1
                return f"ok {_MARKS}"
            case RequestKind.LINE | RequestKind.NET | RequestKind.MORE:
                return self._word(request)
            case _:
                return "ok"

    def _word(self, request: Request) -> str:
        took = time.monotonic() - self._entered_at
        self._round = min(took, self._round or took)
        if self._allowing:
            return "run"
        text = request.text.strip()
        if text == "true":
            return "run"
        if text.endswith("\\") or (text.startswith("for ") and not text.endswith("done")):
            return "more"
        self._asked += f"{text}\n{request.facts.aliases}{request.facts.functions}{request.facts.variables}"
        return "no"

    # ------------------------------------------------------------ the connection

    def _press(self, keys: str) -> None:
        self._handle(Typed(keys.encode()))

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        give_up_at = time.monotonic() + seconds
        while not condition() and time.monotonic() < give_up_at:
            if self._tick_at is not None and self._tick_at <= time.monotonic():
                self._tick_at = None
                self._handle(Tick())
            if not select.select([self._child.master], [], [], 0.02)[0]:
                continue
            try:
                data = os.read(self._child.master, 1 << 16)
            except BlockingIOError:
                continue
            except OSError:
                return
            if not data:
                return
            self._handle(Output(data))

    def _handle(self, event: Event) -> None:
        for command in self._machine.handle(event):
            match command:
                case WriteScreen(data):
                    self._printed += data
                case WriteChild(data) | Say(data):
                    self._write(data)
                case WakeIn(seconds):
                    self._tick_at = time.monotonic() + seconds
                case Ask(request, _):
                    self._handle(Answered(request, self._shells.judge(request)))
                case _:
                    pass

    def _write(self, data: bytes) -> None:
        while data:
            select.select([], [self._child.master], [], 1.0)
            try:
                data = data[os.write(self._child.master, data) :]
            except BlockingIOError:
                continue
            except OSError:
                return
