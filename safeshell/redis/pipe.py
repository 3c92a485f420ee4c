"""`get k | jq .`: where a line's redis part ends, and feeding replies to a local shell command or a pager.

Splitting is pure. The local command runs as typed by the person's own shell, on this machine; only the redis
part is judged as redis. Nothing here sends anything to a server.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from types import TracebackType
from typing import IO, Self

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.effects import Severity

_BLANKS = " \t"


class PipeFailed(SafeshellError):
    """The local command can't be started."""


@frozen
class PipedLine:
    """A line in its two parts.

    Args:
        redis: what goes to the server.
        shell: the local command that gets the reply; None without a pipe.
    """

    redis: str
    shell: str | None


def split_pipe(line: str) -> PipedLine:
    r"""Cut `line` at the first ` | ` that stands outside quotes.

    Quotes are those of the redis part (`"…"` with `\"`, `'…'` with `\'`); a `|` with no blank on either side
    is an ordinary character. `"|"` in quotes is how to send one alone.
    """
    quote = ""
    at = 0
    while at < len(line):
        char = line[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "|" and at and line[at - 1] in _BLANKS and line[at + 1 : at + 2] in (*_BLANKS, ""):
            command = line[at + 1 :].strip()
            return PipedLine(line[:at].rstrip(), command) if command else PipedLine(line, None)
        at += 1
    return PipedLine(line, None)


class LocalCommand:
    """A local command that reads what is written to it and prints to the terminal itself.

    Use as a context manager: leaving it closes the command's input and waits for its end; an error ends it.

    Args:
        argv: the command's words.
        text: how the person knows it, for messages.
    """

    def __init__(self, argv: list[str], *, text: str) -> None:
        self._argv = argv
        self._text = text
        self._process: subprocess.Popen[bytes] | None = None
        self.reads = True
        """False once the command has stopped reading (`| head`)."""

    def __enter__(self) -> Self:
        try:
            self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE)
        except OSError as error:
            raise PipeFailed(
                f"{self._text!r} can't be started ({error.strerror})",
                todo="Is it installed? `:set pipes off` sends | to the server as a word.",
            ) from error
        return self

    def write(self, data: bytes) -> None:
        """Hand it `data`; what it no longer wants to read is dropped."""
        if not self.reads:
            return
        try:
            self._stdin.write(data)
            self._stdin.flush()
        except BrokenPipeError:
            self.reads = False

    def wait(self) -> int:
        """Close its input and wait; its exit status, negative for a signal."""
        assert self._process
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        return self._process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process
        if kind is not None and self._process.poll() is None:
            self._process.terminate()
        self.wait()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process and self._process.stdin
        return self._process.stdin


def refused_because(text: str) -> str:
    """Why a local command may not have a reply where the session guards something; empty when it may.

    The shell's own reading judges it: what is asked about in a guarded shell is refused here, because a question
    about the Redis part is all that the console asks.
    """
    from safeshell.redis.dialect import RedisDialect
    from safeshell.shell.dialect import ShellDialect  # costs as much as the whole console's start

    # What feeds it is a reply that nobody knows, so a shell or a client that runs what it reads is seen as such.
    reading = ShellDialect(dialects={"redis": RedisDialect()}).read(f"redis-reply | {text}")
    if reading.severity < Severity.MEDIUM:
        return ""
    worst = max(reading.findings, key=lambda finding: finding.severity, default=None)
    return f"the local part: {worst.reason}" if worst else "the local part can't be read"


def shell_command(text: str) -> LocalCommand:
    """`text` as the person's own shell would run it."""
    if os.name == "nt":
        return LocalCommand([os.environ.get("COMSPEC", "cmd.exe"), "/c", text], text=text)
    return LocalCommand([os.environ.get("SHELL") or "/bin/sh", "-c", text], text=text)


def pager() -> LocalCommand:
    """The person's pager: `$PAGER`, else `less -R`."""
    text = os.environ.get("PAGER") or "less -R"
    return LocalCommand(shlex.split(text), text=text)
