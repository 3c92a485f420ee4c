"""A person at a real terminal: keys go in, a screen comes out. For tests of whole conversations."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pexpect
import pyte

DEADLINE = 20.0
PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
ROOT = Path(__file__).parent.parent.parent


class ConsoleTerminal:
    """A program in a pseudo-terminal, with a screen that shows what a person would see.

    Args:
        command: the program and its arguments.
        environ: its environment.
        size: lines and columns.
    """

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], size: tuple[int, int] = (60, 120)
    ) -> None:
        self.screen = pyte.HistoryScreen(size[1], size[0], history=5000)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], list(command[1:]), env=dict(environ), dimensions=size, timeout=DEADLINE, cwd=str(ROOT)
        )
        self._child.delaybeforesend = None

    def keys(self, text: str | bytes) -> None:
        """Press keys, all at once."""
        self._child.send(text)

    def type(self, text: str, *, pause: float = 0.05) -> None:
        """Type as hands do, one key after the other."""
        for char in text:
            next_key = time.monotonic() + pause
            self._child.send(char)
            while (left := next_key - time.monotonic()) > 0:
                self._take_in(left)

    def line(self, text: str) -> None:
        """Enter a line at the prompt."""
        self.keys(text)
        self.wait_until(lambda: text.split("\n")[-1][-40:] in self.text, f"the echo of {text!r}")
        self.keys("\r")

    def paste(self, text: str) -> None:
        """Paste as a terminal with bracketed paste does."""
        self.keys(PASTE_START + text.replace("\n", "\r") + PASTE_END)

    @property
    def lines(self) -> list[str]:
        """All lines so far, those scrolled away included, without trailing blanks."""
        above = [
            "".join(line[x].data for x in range(self.screen.columns)) for line in self.screen.history.top
        ]
        return [line.rstrip() for line in (*above, *self.screen.display)]

    @property
    def text(self) -> str:
        """The same as one text, long lines joined as they were wrapped."""
        joined = ""
        for line in self.lines:
            joined += line if len(line) == self.screen.columns else line + "\n"
        return joined

    @property
    def cursor_line(self) -> str:
        """The line the cursor stands in."""
        return self.screen.display[self.screen.cursor.y].rstrip()

    def cell(self, word: str) -> pyte.screens.Char:
        """The first character of `word` in the lowest line that has it, with its colours."""
        for y in reversed(range(self.screen.lines)):
            x = self.screen.display[y].find(word)
            if x >= 0:
                return self.screen.buffer[y][x]
        raise AssertionError(f"{word!r} is not on the screen:\n{self.text}")

    def wait_for(self, pattern: str, *, after: int = 0) -> re.Match[str]:
        """Wait until the text from character `after` on matches; the match."""
        self.wait_until(lambda: re.search(pattern, self.text[after:]) is not None, pattern)
        found = re.search(pattern, self.text[after:])
        assert found
        return found

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition on the screen."""
        end = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}; the screen is:\n{self.text.rstrip()}")
            self._take_in(0.05)

    def prompt(self, ending: str = "> ") -> None:
        """Wait until a prompt waits for input: the cursor stands behind it."""
        self.wait_until(
            lambda: self.screen.display[self.screen.cursor.y][: self.screen.cursor.x].endswith(ending),
            f"a prompt that ends in {ending!r}",
        )

    def mark(self) -> int:
        """A place in the text; what comes later is behind it."""
        return len(self.text.rstrip())

    @property
    def echoes(self) -> bool:
        """Whether the terminal itself shows keys, as it does outside of any program."""
        return bool(termios.tcgetattr(self._child.child_fd)[3] & termios.ECHO)

    def end(self) -> None:
        """End the program as a system that goes down does."""
        self._child.kill(signal.SIGTERM)

    def exit_status(self) -> int:
        """Wait for the program to end."""
        end = time.monotonic() + DEADLINE
        while self._child.isalive():
            self._take_in(0.05)
            assert time.monotonic() < end, f"it does not end; the screen is:\n{self.text.rstrip()}"
        self._take_in(0)
        status, signalled = self._child.exitstatus, self._child.signalstatus
        return status if status is not None else -(signalled or 0)

    def close(self) -> None:
        """End it, whatever it does."""
        self._child.close(force=True)

    def _take_in(self, timeout: float) -> None:
        try:
            data = self._child.read_nonblocking(65536, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += data
        self._stream.feed(data)


def console_environ(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person with their own home and a colourful terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def python(*words: str) -> list[str]:
    """This Python with some words."""
    return [sys.executable, *words]
