"""What stands where a local shell's pipes are: a remote shell says everything in what it prints."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from safeshell.terminal.wrapped.messages import Request


class NoChannel:
    """A channel by which nothing ever comes, as a context manager."""

    def __init__(self) -> None:
        self._silent, self._other_end = os.pipe()

    @property
    def descriptor(self) -> int:
        """Never readable."""
        return self._silent

    def received(self) -> Iterable[Request]:
        """Nothing."""
        return ()

    def answer(self, request: Request, said: str) -> None:
        """Nobody listens here."""

    def close(self) -> None:
        """Take it away."""
        os.close(self._silent)
        os.close(self._other_end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
