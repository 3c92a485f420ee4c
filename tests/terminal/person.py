"""A person at a real terminal: a pty with the asking program on it, a screen to look at, and fingers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

ROOT = Path(__file__).parent.parent.parent
DEADLINE = 15.0
KEY = 0.035
"""Seconds between keys: faster than most people, slower than any paste."""


class Person:
    """Runs `tests.terminal.asking` on a pty and looks at its screen."""

    def __init__(
        self, folder: Path, *, columns: int = 80, environ: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        self.report = folder / "report.json"
        self.output = b""
        self._screen = pyte.Screen(columns, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._hung_up = False
        self._closed = False
        environ = {"LANG": "C.UTF-8", "TERM": "xterm-256color", **(environ or {})}
        options["report"] = str(self.report)
        command = [
            sys.executable,
            "-m",
            "tests.terminal.asking",
            json.dumps(options),
        ]
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execve(sys.executable, command, {"PATH": os.environ["PATH"], **environ})
        self.resize(columns, tell=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    @property
    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).strip("\n")

    @property
    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.terminal)

    def sees(self, text: str) -> None:
        """Look until `text` is on the screen."""
        give_up_at = time.monotonic() + DEADLINE
        while text not in self.screen:
            assert time.monotonic() < give_up_at, f"never saw {text!r} in:\n{self.screen}"
            self.look(0.05)

    def look(self, seconds: float) -> None:
        """Watch the terminal for a while."""
        until = time.monotonic() + seconds
        if self._hung_up:
            time.sleep(seconds)
            return
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.terminal], [], [], left)[0]:
                return
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                self._closed = True
                return
            self.output += data
            self._stream.feed(data)

    def sends(self, data: bytes) -> None:
        """Put bytes into the terminal at once, as a paste or a program does."""
        os.write(self.terminal, data)

    def types(self, text: str, *, between: bytes = b"", pace: float = KEY) -> None:
        """Press a key after the other, each when the one before is on the screen; `between` follows each.

        Waiting for the echo keeps a busy machine from handing over two keys at once, as if they were pasted.
        """
        for char in text:
            before = len(self.output)
            self.sends(char.encode() + between)
            self.look(pace)
            give_up_at = time.monotonic() + 0.3
            while len(self.output) == before and time.monotonic() < give_up_at and not self._closed:
                self.look(0.02)

    def sends_slowly(self, data: bytes, *, pace: float) -> None:
        """Put a byte after the other into the terminal, as a typing tool does, whatever is on the screen."""
        for byte in data:
            self.sends(bytes((byte,)))
            self.look(pace)

    def resize(self, columns: int, *, tell: bool = True) -> None:
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if tell:
            self._screen.resize(columns=columns)

    def hang_up(self) -> None:
        if not self._hung_up:
            self._hung_up = True
            os.close(self.terminal)

    def ended(self) -> int:
        """Wait for the program's end; its exit status, or minus the signal that ended it."""
        give_up_at = time.monotonic() + DEADLINE
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.look(0.1)
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < give_up_at, f"the program does not end:\n{self.screen}"
            self.look(0.02)

    def told(self) -> dict[str, Any]:
        """What the program says of the answer, once it has ended well."""
        assert self.ended() == 0, self.screen
        told: dict[str, Any] = json.loads(self.report.read_text())
        return told
