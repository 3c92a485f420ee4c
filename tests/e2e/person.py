"""A person at a terminal: types at human speed into the real program, and reads the screen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import pexpect
import pyte

DEADLINE = 15.0
KEY_SECONDS = 0.04
# What a person needs to read a question before the first key: longer than the guard's own settling time.
READ_SECONDS = 1.1


class Person:
    """Sits before one run of the program.

    Args:
        words: the program's arguments.
        environ: added to the process's environment.
        columns, rows: the terminal's size.
        program: what runs; `safeshell` by default.
    """

    def __init__(
        self,
        *words: str,
        environ: Mapping[str, str] | None = None,
        columns: int = 120,
        rows: int = 40,
        program: str | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.seen = b""
        merged = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environ or {})}
        command = program or str(Path(sys.executable).parent / "safeshell")
        self.child = pexpect.spawn(
            command, list(words), env=merged, dimensions=(rows, columns), timeout=DEADLINE
        )
        self.child.delaybeforesend = None

    def look(self, seconds: float = 0.0) -> str:
        """The screen's text, after taking in what comes within `seconds`."""
        end = time.monotonic() + seconds
        while True:
            try:
                data = self.child.read_nonblocking(65536, timeout=max(0.0, end - time.monotonic()))
            except pexpect.TIMEOUT:
                break
            except pexpect.EOF:
                break
            self.seen += data
            self._stream.feed(data)
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, text: str | Callable[[str], bool], *, seconds: float = DEADLINE) -> str:
        """The screen as soon as it shows `text`.

        Raises:
            AssertionError: it never did; the message shows the screen.
        """
        shows = text if callable(text) else (lambda screen: text in screen)
        end = time.monotonic() + seconds
        while True:
            screen = self.look(0.03)
            if shows(screen):
                return screen
            if time.monotonic() > end or not self.child.isalive():
                screen = self.look(0.2)
                if shows(screen):
                    return screen
                state = (
                    "is on the screen" if self.child.isalive() else "was on the screen when the program ended"
                )
                raise AssertionError(f"{text!r} was waited for; this {state}:\n{screen}")

    def type(self, text: str, *, enter: bool = True) -> None:
        """Type at human speed."""
        for char in text:
            self.child.send(char)
            self.look(KEY_SECONDS)
        if enter:
            self.look(KEY_SECONDS)
            self.child.send("\r")

    def answer(self, text: str) -> None:
        """Read the question, then type the answer at human speed."""
        self.look(READ_SECONDS)
        self.type(text)

    def paste(self, text: str, *, bracketed: bool = True) -> None:
        """Paste all at once, as a terminal does."""
        body = text.replace("\n", "\r")
        self.child.send(f"\x1b[200~{body}\x1b[201~" if bracketed else body)

    def press(self, keys: str) -> None:
        """Send keys at once: `\\x03` is ^C."""
        self.child.send(keys)

    def leave(self) -> int:
        """Press ^D and return the exit status."""
        self.child.send("\x04")
        return self.ended()

    def ended(self) -> int:
        """Wait for the end and return the exit status (negative: the signal)."""
        end = time.monotonic() + DEADLINE
        while self.child.isalive() and time.monotonic() < end:
            self.look(0.05)
        assert not self.child.isalive(), "the program did not end; the screen:\n" + self.look()
        self.look(0.1)
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.isalive():
            os.kill(self.child.pid, signal.SIGKILL)
        self.child.close(force=True)
