"""A remote session's conversation, without a terminal or a connection: events in, commands out.

The one idea: questions come in what the host prints, answers go in what is typed to it. So keys that follow an Enter
at a hooked shell's prompt wait here until that shell has been answered: they are meant for what comes then, and an
answer is never among them. Where no question comes, they wait a moment only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum, auto
from typing import Final, Protocol

from safeshell.ssh.wire import Asked, Booted, Heard, WireSplitter
from safeshell.terminal.wrapped.machine import (
    INSIDE,
    Answered,
    Ask,
    Command,
    Event,
    OpenInside,
    Output,
    Say,
    SessionMachine,
    Tick,
    Typed,
    WakeIn,
    WriteChild,
    WriteScreen,
)
from safeshell.terminal.wrapped.messages import Request, RequestKind

_PATIENCE: Final = 1.0
"""Seconds that keys behind an Enter wait for a question, before a round trip has been measured."""
_ROUNDS: Final = 5.0
"""Round trips that they wait afterwards."""
_LEAST: Final = 0.25
_UNHEARD: Final = 3.0
"""Seconds for which a shell may leave it open that it has heard an answer."""
_PASTE_START: Final = b"\x1b[200~"
_PASTE_END: Final = b"\x1b[201~"
_INTERRUPT: Final = b"\x03"
_MARKED: Final = (RequestKind.LINE, RequestKind.NET, RequestKind.META, RequestKind.MORE)


class _Phase(Enum):
    PASSING = auto()
    """Keys go to whatever runs."""
    PROMPT = auto()
    """A hooked shell waits for a line."""
    SUBMITTED = auto()
    """Enter has gone there, and no question has come yet."""
    ASKED = auto()
    """A question is being answered."""
    ANSWERED = auto()
    """The answer is on its way."""


class Shells(Protocol):
    """What the conversation has to know of the session's shells."""

    @property
    def secret(self) -> str:
        """What their messages begin with."""

    @property
    def word(self) -> str:
        """What answers to them begin with."""

    @property
    def tokens(self) -> Collection[str]:
        """What those that are about to start may ask with."""

    def boot(self, asked: Booted) -> bytes:
        """What a shell that is about to start is handed."""

    def marks(self, pid: int) -> str:
        """What that shell's next prompt is to show."""


class RemoteConversation:
    """One remote session's.

    Args:
        shells: what is known of them.
        clock: seconds that only grow.
    """

    def __init__(self, shells: Shells, clock: Callable[[], float]) -> None:
        self._shells = shells
        self._clock = clock
        self._plain = SessionMachine()
        self._splitter = WireSplitter(shells.secret, shells.tokens)
        self._phase = _Phase.PASSING
        self._waiting = ""
        self._behind: list[str] = []
        self._tail = b""
        self._held = b""
        self._pasting = False
        self._interrupted = False
        self._refused = False
        self._runs = False
        self._entered_at = 0.0
        self._round: float | None = None

    @property
    def at_prompt(self) -> bool:
        """Whether a hooked shell waits for a line."""
        return self._phase is not _Phase.PASSING

    @property
    def left_by_escape(self) -> bool:
        """Whether the last keys were the ones by which ssh is told to end the connection."""
        return self._tail in (b"\r~.", b"\n~.")

    def handle(self, event: Event) -> tuple[Command, ...]:
        """What follows from `event`."""
        match event:
            case Output(data):
                return tuple(command for item in self._splitter.feed(data) for command in self._item(item))
            case Typed(data):
                self._tail = (self._tail + data)[-3:]
                return self._typed(data)
            case Answered(request, said):
                return self._answered(request, said)
            case Tick():
                # The question did not come (the key meant something else), or the shell is silent.
                match self._phase:
                    case _Phase.SUBMITTED:
                        return self._let_go(_Phase.PROMPT)
                    case _Phase.ANSWERED:
                        return self._let_go(_Phase.PASSING)
                return ()
            case _:
                return self._plain.handle(event)

    # ------------------------------------------------------------ keys

    def _typed(self, data: bytes) -> tuple[Command, ...]:
        if self._phase is _Phase.PASSING:
            return (WriteChild(data),)
        if self._phase is not _Phase.PROMPT:
            if self._phase is _Phase.SUBMITTED and _INTERRUPT in data:
                # What was to be typed next is given up, and so is the line, whose question is on its way.
                self._interrupted = True
                self._held = b""
                data = data[data.rfind(_INTERRUPT) + 1 :]
            self._held += data
            return ()
        enter = self._enter_in(data)
        if enter < 0:
            return (WriteChild(data),)
        self._held = b""
        self._phase = _Phase.SUBMITTED
        self._entered_at = self._clock()
        self._typed(data[enter + 1 :])
        wait = _PATIENCE if self._round is None else max(self._round * _ROUNDS, _LEAST)
        return (WriteChild(data[: enter + 1]), WakeIn(wait))

    def _enter_in(self, data: bytes) -> int:
        """Where Enter is pressed in `data`; -1 where it is not. What is pasted in brackets is text."""
        at = 0
        while at < len(data):
            if self._pasting:
                end = data.find(_PASTE_END, at)
                if end < 0:
                    return -1
                self._pasting, at = False, end + len(_PASTE_END)
                continue
            start = data.find(_PASTE_START, at)
            found = min((one for one in (data.find(b"\r", at), data.find(b"\n", at)) if one >= 0), default=-1)
            if start < 0 or 0 <= found < start:
                return found
            self._pasting, at = True, start + len(_PASTE_START)
        return -1

    def _let_go(self, phase: _Phase) -> tuple[Command, ...]:
        """Whatever runs now gets what was held."""
        self._phase = phase
        held, self._held = self._held, b""
        if self._interrupted:
            held, self._interrupted = _INTERRUPT + held, False
        return self._typed(held) if held else ()

    # ------------------------------------------------------------ what the host says

    def _item(self, item: bytes | Asked | Heard | Booted) -> tuple[Command, ...]:
        match item:
            case bytes():
                return self._plain.handle(Output(item))
            case Booted():
                return (Say(self._shells.boot(item)),)
            case Heard(ahead):
                return self._heard(ahead)
            case Asked(request, waits):
                return self._asked(request, waits=waits)

    def _asked(self, request: Request, *, waits: bool) -> tuple[Command, ...]:
        if self._phase is _Phase.SUBMITTED:
            self._round = min(self._clock() - self._entered_at, self._round or 60.0)
        if not waits:
            followed = self._at_prompt() if request.kind is RequestKind.PROMPT else ()
            return (Ask(request, in_order=True), *followed)
        interrupted = self._phase is _Phase.SUBMITTED and self._interrupted
        self._phase, self._waiting = _Phase.ASKED, request.id
        if interrupted:
            return self._answered(request, "no")
        if request.kind is RequestKind.PROMPT:
            return (Ask(request, in_order=True),)
        # The shell gives a guard up that is silent; this one may have to wait for a person.
        return (Say(self._line(request, "wait")), Ask(request, in_order=True))

    def _answered(self, request: Request, said: str) -> tuple[Command, ...]:
        if said == INSIDE:
            # That shell goes on waiting, behind another one that is about to be in front.
            self._behind.append(request.id)
            self._phase = _Phase.PASSING
            return (OpenInside(request),)
        if request.id in self._behind:
            self._behind.remove(request.id)
            self._phase, self._waiting = _Phase.ASKED, request.id
        if self._phase is not _Phase.ASKED or request.id != self._waiting:
            return ()  # nobody waits for it
        word = said.partition(" ")[0]
        # The shared part: what a question has changed on the screen.
        screen = tuple(
            command
            for command in self._plain.handle(Answered(request, said))
            if isinstance(command, WriteScreen)
        )
        marked = request.kind in _MARKED and word != "need"
        line = self._line(request, f"{said}\x1e{self._shells.marks(request.pid)}" if marked else said)
        if word == "need":
            return (*screen, Say(line))
        self._refused = word == "no"
        stays = request.kind in (RequestKind.LINE, RequestKind.MORE) and word in ("no", "more")
        self._runs = not stays and request.kind is not RequestKind.PROMPT
        self._phase = _Phase.ANSWERED
        return (*screen, Say(line), WakeIn(_UNHEARD))

    def _heard(self, ahead: bytes) -> tuple[Command, ...]:
        if self._phase is not _Phase.ANSWERED:
            return (WriteChild(ahead),) if ahead else ()
        # What was to follow a line that did not run is not what was meant.
        self._held = b"" if self._refused else ahead + self._held
        return self._let_go(_Phase.PASSING if self._runs else _Phase.PROMPT)

    def _at_prompt(self) -> tuple[Command, ...]:
        if self._phase in (_Phase.ASKED, _Phase.ANSWERED):
            return ()
        return self._let_go(_Phase.PROMPT)

    def _line(self, request: Request, said: str) -> bytes:
        # A line: for ssh what comes behind one may be its escape character, as behind the person's own Enter.
        flat = said.replace("\n", " ").replace("\r", " ")
        return f"{self._shells.word} {request.id} {flat}\n".encode("utf-8", "surrogateescape")
