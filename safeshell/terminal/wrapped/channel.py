"""The private way between a shell and its guard: two pipes with names, in a folder that only their owner can enter.

Pipes with names, since a program that the shell starts inherits no descriptor of them, and fish needs it. Both
ends are kept open for reading and writing here, so that neither side waits for the other to open one. Each shell
knows what the requests and the answers begin with; a program that it runs does not.
"""

from __future__ import annotations

import contextlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from safeshell.errors import GuardFailure
from safeshell.terminal.wrapped.messages import Request, RequestReader, answer
from safeshell.terminal.wrapped.session_folder import SessionFolder

_PIECE = 1 << 16


class ShellChannel:
    """One session's channel, as a context manager that takes its folder away again.

    Raises:
        GuardFailure: it can't be made.
    """

    def __init__(self) -> None:
        self.secret = token(16)
        # Shells read an answer letter by letter: as short as nobody can guess.
        self.word = token(12)
        try:
            self._held = SessionFolder()
            self.folder = self._held.path
            self._ask, self._answer = (self._pipe(name) for name in ("ask", "answer"))
        except OSError as error:
            raise GuardFailure(
                f"no channel between the shell and its guard can be made ({error.strerror})",
                where=error.filename or "",
                todo="Make room there, or name another folder in TMPDIR.",
            ) from error
        self._reader = RequestReader(self.secret)

    @property
    def descriptor(self) -> int:
        """Readable when a shell says something."""
        return self._ask

    def received(self) -> Iterator[Request]:
        """What has been said since the last time."""
        while True:
            try:
                data = os.read(self._ask, _PIECE)
            except BlockingIOError:
                return
            yield from self._reader.feed(data)

    def answer(self, request: Request, said: str) -> None:
        """Answer a request; nobody being there to read it any more is no error."""
        line = answer(self.word, request, said)
        with contextlib.suppress(OSError):
            try:
                os.write(self._answer, line)
            except BlockingIOError:
                # Full of answers that nobody has waited for.
                os.read(self._answer, _PIECE)
                os.write(self._answer, line)

    def close(self) -> None:
        """Take everything away."""
        for descriptor in (self._ask, self._answer):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._held.remove()

    def _pipe(self, name: str) -> int:
        path = self.folder / name
        os.mkfifo(path, 0o600)
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def token(size: int) -> str:
    """What nobody guesses, in letters that need no quotes.

    The module `secrets` brings half of the library's cryptography, which a start has no time for.

    Args:
        size: bytes of chance in it.
    """
    return urlsafe_b64encode(os.urandom(size)).rstrip(b"=").decode()
