"""The shells that a read-only session has opened outside of what holds it, as the gate has to know them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Nest = Callable[[Sequence[str]], Sequence[str]]
"""The words that run instead of those typed; () for those."""


class WritableShells:
    """The shells that were opened outside of the confinement, as the gate has to know them."""

    def __init__(self) -> None:
        self.open = False
        """Whether one is in front now."""
        self.folder = ""
        """Where it last was."""
        self.nest: Nest = lambda _: ()
        """How a shell inside of it is started."""
        self._pids: set[int] = set()
        self._forget: Callable[[], None] = lambda: None

    def greeted(self, pid: int) -> None:
        """A shell has said that it is there."""
        if self.open:
            self._pids.add(pid)
            self._forget()

    def has(self, pid: int) -> bool:
        """Whether that shell is one of them."""
        return pid in self._pids

    def opened(self, folder: str, nest: Nest, forget: Callable[[], None]) -> None:
        """One has been started.

        Args:
            folder: where.
            nest: how a shell is started inside of it, so that it has the hook.
            forget: takes the files with its secret away once they have been read.
        """
        self.open = True
        self.folder = folder
        self.nest = nest
        self._forget = forget

    def ended(self) -> None:
        """It has ended, and those inside of it."""
        self.open = False
        self._pids.clear()
