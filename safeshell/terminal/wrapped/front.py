"""The shell that has the terminal, and those behind it that wait for its end: each with its channel and its watcher.

A stack, and what opens and closes its top; who reads and writes is the pump's business.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from typing import Protocol

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.terminal.wrapped.messages import Request
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.pty_child import PtyChild


class Channel(Protocol):
    """Where the shells of one child ask."""

    @property
    def descriptor(self) -> int:
        """Readable when a shell says something."""

    def received(self) -> Iterable[Request]:
        """What has been said since the last time."""

    def answer(self, request: Request, said: str) -> None:
        """Answer a request."""

    def close(self) -> None:
        """Take it away."""


class Inside(Protocol):
    """Opens a further shell, or a console, in front of a shell that waits."""

    def open(self, request: Request) -> tuple[PtyChild, Channel]:
        """The shell, and where it asks.

        Raises:
            SafeshellError: there is none to be had.
        """

    def failed(self, error: SafeshellError) -> str:
        """None could be opened; what the waiting shell is told."""

    def ended(self, request: Request, status: int) -> str:
        """What was opened for `request` has ended with this exit status; what the waiting shell is told."""


class Watcher(Protocol):
    """Holds the lines of programs without a hook in one child's terminal; says what goes to them."""

    @property
    def wake_at(self) -> float | None:
        """When `tick` is due; None for never."""

    def keys(self, data: bytes) -> bytes:
        """The person has pressed these."""

    def printed(self, data: bytes) -> bytes:
        """The child has printed this."""

    def tick(self) -> bytes:
        """It is time."""

    def resized(self, size: WindowSize) -> None:
        """The window has another size."""


WatcherOf = Callable[[PtyChild], Watcher | None]
"""Makes what watches a child's terminal; None where nothing does."""


@frozen
class _Waiting:
    """A shell that waits for the end of the one in front of it."""

    child: PtyChild
    channel: Channel
    watcher: Watcher | None
    request: Request


class Front:
    """Who has the terminal.

    Args:
        child: the first one.
        channel: where its shells ask.
        inside: opens further ones; None where there are none.
        watcher_of: makes what watches each.
    """

    def __init__(
        self, child: PtyChild, channel: Channel, inside: Inside | None, watcher_of: WatcherOf
    ) -> None:
        self.child = child
        self.channel = channel
        self.watcher = watcher_of(child)
        self._inside = inside
        self._watcher_of = watcher_of
        self._waiting: list[_Waiting] = []

    @property
    def children(self) -> list[PtyChild]:
        """All of them, the one in front first."""
        return [self.child, *(one.child for one in reversed(self._waiting))]

    @property
    def is_alone(self) -> bool:
        """Whether nobody waits behind it."""
        return not self._waiting

    def open(self, request: Request) -> bool:
        """Open a further shell for the one that asks by `request`, which is told when there is none to be had."""
        if self._inside is None:
            return False
        try:
            child, channel = self._inside.open(request)
        except SafeshellError as error:
            self.channel.answer(request, self._inside.failed(error))
            return False
        self._waiting.append(_Waiting(self.child, self.channel, self.watcher, request))
        self.child, self.channel, self.watcher = child, channel, self._watcher_of(child)
        return True

    def close(self, status: int) -> tuple[Request, str]:
        """The shell in front has ended with `status`: the one behind it goes on; what that is told, and for what."""
        self.child.close()
        self.channel.close()
        before = self._waiting.pop()
        self.child, self.channel, self.watcher = before.child, before.channel, before.watcher
        return before.request, self._inside.ended(before.request, status) if self._inside else ""

    def hang_up(self) -> None:
        """Tell all of them that their terminal is gone."""
        for child in self.children:
            child.hang_up()

    def kill(self) -> None:
        """End all of them at once."""
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
            child.was_killed = True
