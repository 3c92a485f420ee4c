"""Where replies go: the terminal, the pager for tall ones, or a local command that the line named.

Bytes are made by `render`; here they only find their way. What a person is told otherwise is not here.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from safeshell.redis.console_settings import ConsoleSettings
from safeshell.redis.render import OutputFormat, render, render_push
from safeshell.redis.reply import Push, Reply

if TYPE_CHECKING:
    from safeshell.redis.pipe import LocalCommand

_SLOW_SECONDS = 0.5


class ReplyOutput:
    """Writes replies.

    Args:
        settings: asked at every reply.
        stream: the terminal's; standard output by default.
    """

    def __init__(self, settings: Callable[[], ConsoleSettings], stream: BinaryIO | None = None) -> None:
        self._settings = settings
        self._stream = stream or sys.stdout.buffer
        self._local: LocalCommand | None = None

    @property
    def is_piped(self) -> bool:
        """Whether replies go to a local command now."""
        return self._local is not None

    @property
    def wants_more(self) -> bool:
        """False once the local command has stopped reading (`MONITOR | head`)."""
        return self._local is None or self._local.reads

    @contextlib.contextmanager
    def piped_to(self, shell: str | None) -> Iterator[None]:
        """Hand everything shown meanwhile to a local command, as raw bytes; None leaves it to the terminal.

        Raises:
            PipeFailed: the command can't be started; nothing was done.
        """
        if shell is None:
            yield
            return
        from safeshell.redis.pipe import shell_command  # starts programs, which most lines never do

        self._stream.flush()
        with shell_command(shell) as local:
            self._local = local
            try:
                yield
            finally:
                self._local = None

    def show(self, reply: Reply, argv: Sequence[bytes]) -> None:
        """Show the reply to a command."""
        if self._local:
            self._local.write(render(reply, OutputFormat.RAW, command=argv))
            return
        data = render(reply, self._settings().format, command=argv)
        if self._settings().pager and data.count(b"\n") >= _screen_lines():
            self._show_paged(data)
        else:
            self._write(data)

    def show_push(self, push: Push) -> None:
        """Show a message that answers no command."""
        if self._local:
            self._local.write(render_push(push, OutputFormat.RAW))
        else:
            self._write(render_push(push, self._settings().format))

    def show_time(self, seconds: float) -> None:
        """Show how long a command took, where that is worth a line: redis-cli's `(0.75s)`."""
        if self.is_piped or self._settings().format is not OutputFormat.HUMAN:
            return
        if seconds >= _SLOW_SECONDS:
            self._write(b"(%.2fs)\n" % seconds)
        elif self._settings().timing:
            self._write(b"(%.2fms)\n" % (seconds * 1000))

    def _show_paged(self, data: bytes) -> None:
        from safeshell.redis.pipe import pager

        self._stream.flush()
        with pager() as local:
            local.write(data)

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.flush()


def _screen_lines() -> int:
    try:
        return os.get_terminal_size().lines
    except OSError:
        return 24
