"""The wrapped terminal's conversation, without a terminal: events in, commands out. No descriptor, no clock.

The one idea: what is typed goes to the child and what it prints goes to the screen, byte for byte and at once; only
what a shell's hook submits is held, by the shell itself, until the guard has spoken. `pump` carries out what is
returned here.
"""

from __future__ import annotations

from typing import Final, Protocol

from safeshell.frozen import frozen
from safeshell.terminal.wrapped.messages import Request
from safeshell.terminal.wrapped.outer_terminal import WindowSize


@frozen
class Typed:
    """The person pressed keys, or their terminal says something."""

    data: bytes


@frozen
class Output:
    """The child printed."""

    data: bytes


@frozen
class Resized:
    """The window has another size."""

    size: WindowSize


@frozen
class Submitted:
    """A shell's hook says or asks something."""

    request: Request


@frozen
class Answered:
    """What the guard says to a request."""

    request: Request
    said: str


@frozen
class ChildStopped:
    """The child itself was stopped (`suspend`), not a job of it."""


@frozen
class ChildExited:
    """The child has ended, and all that it printed has been read."""

    status: int


@frozen
class HungUp:
    """The person's terminal is gone, or this process is told to end."""


@frozen
class Tick:
    """The time has passed that `WakeIn` named."""


Event = Typed | Output | Resized | Submitted | Answered | ChildStopped | ChildExited | HungUp | Tick


@frozen
class WriteChild:
    """Type this to the child."""

    data: bytes


@frozen
class Say:
    """Hand this to the child's shell: it is nothing that the person has typed."""

    data: bytes


@frozen
class WakeIn:
    """Come back with a `Tick` after this many seconds; the last one counts."""

    seconds: float


@frozen
class WriteScreen:
    """Print this."""

    data: bytes


@frozen
class ResizeChild:
    """Tell the child's terminal its size."""

    size: WindowSize


@frozen
class Ask:
    """Put a request to the guard, which may ask the person; nothing else happens meanwhile.

    Args:
        request: what a shell says or asks.
        in_order: what the child printed before it has been handled, since both came the same way.
    """

    request: Request
    in_order: bool = False


@frozen
class Reply:
    """Tell a shell what the guard has said."""

    request: Request
    said: str


@frozen
class OpenInside:
    """Start a further shell in front of this one, which waits for its end."""

    request: Request


@frozen
class ForgetTyped:
    """Throw away what was typed and nobody has read: it was meant to follow a line that did not run."""


@frozen
class Suspend:
    """Stop as the child has stopped, with the terminal put back until somebody resumes both."""


@frozen
class HangUpChild:
    """Tell the child that its terminal is gone."""


@frozen
class Exit:
    """The session is over."""

    status: int


Command = (
    WriteChild
    | Say
    | WakeIn
    | WriteScreen
    | ResizeChild
    | Ask
    | Reply
    | OpenInside
    | ForgetTyped
    | Suspend
    | HangUpChild
    | Exit
)

INSIDE: Final = "inside"
"""The guard's word for a further shell that is to be opened; the one that asked hears of its end."""

_PASTE_ON: Final = b"\x1b[?2004h"
_PASTE_OFF: Final = b"\x1b[?2004l"


class PasteMode:
    """Whether the child has asked for bracketed paste: a search for two sequences in what it prints."""

    def __init__(self) -> None:
        self.on = False
        self._tail = b""

    def feed(self, data: bytes) -> None:
        """More output, cut anywhere."""
        seen = self._tail + data if self._tail else data
        last_on, last_off = seen.rfind(_PASTE_ON), seen.rfind(_PASTE_OFF)
        if last_on != last_off:
            self.on = last_on > last_off
        # Only what may be the beginning of one is carried over.
        start = seen.rfind(b"\x1b", -len(_PASTE_ON) + 1)
        self._tail = seen[start:] if start >= 0 else b""


class Machine(Protocol):
    """Says what follows from what in a session."""

    def handle(self, event: Event) -> tuple[Command, ...]:
        """What follows from `event`."""


class SessionMachine:
    """One wrapped session."""

    def __init__(self) -> None:
        self._hung_up = False
        self._pastes = PasteMode()

    def handle(self, event: Event) -> tuple[Command, ...]:
        """What follows from `event`."""
        match event:
            case Output(data):
                self._pastes.feed(data)
                return (WriteScreen(data),)
            case Typed(data):
                return (WriteChild(data),)
            case Submitted(request):
                return (Ask(request),)
            case Answered(request, said) if said == INSIDE:
                return (OpenInside(request),)
            case Answered(request, said):
                # A question has switched bracketed paste off behind it; the shell still counts on it.
                again = (WriteScreen(_PASTE_ON),) if said.endswith("drawn") and self._pastes.on else ()
                behind = (ForgetTyped(),) if said.partition(" ")[0] == "no" else ()
                return (*again, *behind, Reply(request, said))
            case Resized(size):
                return (ResizeChild(size),)
            case ChildStopped():
                return (Suspend(),)
            case HungUp():
                first, self._hung_up = not self._hung_up, True
                return (HangUpChild(),) if first else ()
            case ChildExited(status):
                return (Exit(status),)
            case Tick():
                return ()
