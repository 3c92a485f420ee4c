"""A person at a real terminal: keys go in, a screen comes out. Any program; nothing here knows which.

The one idea: what a test says is what hands and eyes do. Nothing waits for a time to pass where a sight will do,
and every wait has a deadline that ends in a picture of the screen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import pyte

ROOT = Path(__file__).parent.parent
DEADLINE = 20.0
KEY_SECONDS = 0.035
"""Between two keys: faster than most people, slower than any paste."""
READ_SECONDS = 1.1
"""What a person needs to read a question before the first key: longer than the guard's own settling time."""
_ECHO_SECONDS = 1.0
"""For which the echo of a key is waited for; what shows none (a password) costs that much a key."""
_HISTORY = 5000
"""Lines that are kept once they have scrolled away."""
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"

# What the screen's emulator takes for text or colours, and a terminal keeps to itself: private control sequences
# (keyboard protocols) and the strings DCS, SOS, PM, APC. The second pattern is the beginning of one.
_UNSHOWN = re.compile(rb"\x1b\[[<=>][0-9;:]*[@-~]|\x1b[PX^_].*?\x1b\\", re.DOTALL)
_CUT_OFF = re.compile(rb"\x1b(?:\[(?:[<=>][0-9;:]*)?|[PX^_](?:[^\x1b]|\x1b(?!\\))*)?\Z")


def person_environ(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person with their own home and a colourful terminal, and nothing of the tester's.

    Args:
        home: the home folder; configuration and state are under it.
        more: variables that are added, or win.
    """
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


def python(*words: str) -> tuple[str, ...]:
    """The command line of this Python with some words."""
    return (sys.executable, *words)


class Person:
    """Sits before one program that runs in a pseudo-terminal; a context manager that ends it, whatever it does.

    Args:
        argv: the program (a path, or a name in PATH) and its arguments.
        environ: its whole environment; this process's by default.
        columns, rows: the terminal's size, right from the program's start.
        folder: where it starts; this process's working directory by default.
        replies: whether the terminal replies to what is asked of it (cursor position, attributes), as most do.
    """

    def __init__(
        self,
        *argv: str,
        environ: Mapping[str, str] | None = None,
        columns: int = 120,
        rows: int = 40,
        folder: Path | None = None,
        replies: bool = True,
    ) -> None:
        self.output = b""
        """All bytes that the program has written."""
        self.screen = pyte.HistoryScreen(columns, rows, history=_HISTORY)
        self._stream = pyte.ByteStream(self.screen)
        self._cut_off = b""
        self._status: int | None = None
        self._hung_up = False
        self._at_end = False
        if replies:
            self.screen.write_process_input = self._reply  # type: ignore[method-assign]  # it is there to be replaced
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            _become(argv, dict(os.environ if environ is None else environ), folder, (rows, columns))
        os.set_blocking(self.terminal, False)

    # --- hands ---------------------------------------------------------------------------------------

    def press(self, keys: str | bytes) -> None:
        """Send keys all at once: `\\x03` is ^C. What the program writes meanwhile is taken in."""
        rest = keys.encode() if isinstance(keys, str) else keys
        give_up_at = time.monotonic() + DEADLINE
        while rest:
            assert time.monotonic() < give_up_at, f"the program takes no keys; the screen:\n{self.text}"
            readable, writable, _ = select.select([self.terminal], [self.terminal], [], 0.1)
            if writable:
                with contextlib.suppress(BlockingIOError):
                    rest = rest[os.write(self.terminal, rest) :]
            if readable and rest:
                self._take_in()
                if self._at_end:
                    return

    def type(self, text: str, *, pace: float = KEY_SECONDS, between: bytes = b"") -> None:
        """Press a key after the other, each when the one before is on the screen; `between` follows each.

        Waiting for the echo keeps a busy machine from handing over two keys at once, as if they were pasted.
        """
        for char in text:
            before = len(self.output)
            self.press(char.encode() + between)
            self._watch(pace)
            give_up_at = time.monotonic() + _ECHO_SECONDS
            while len(self.output) == before and time.monotonic() < give_up_at and not self._at_end:
                self._watch(0.02)

    def enter(self, text: str, *, pace: float = KEY_SECONDS) -> None:
        """Type and press Enter."""
        self.type(text + "\r", pace=pace)

    def answer(self, text: str) -> None:
        """Read what is on the screen for as long as that takes, then type and press Enter."""
        self.look(READ_SECONDS)
        self.enter(text)

    def send_slowly(self, data: bytes, *, pace: float) -> None:
        """Put a byte after the other into the terminal, as a typing tool does, whatever is on the screen."""
        for byte in data:
            self.press(bytes((byte,)))
            self._watch(pace)

    def line(self, text: str) -> None:
        """Put a line at the prompt all at once, and press Enter once its end is on the screen."""
        self.press(text)
        self.wait_until(lambda: text.split("\n")[-1][-40:] in self.text, f"the echo of {text!r}")
        self.press("\r")

    def paste(self, text: str, *, bracketed: bool = True) -> None:
        """Paste as a terminal does."""
        body = text.replace("\n", "\r")
        self.press(f"{_PASTE_START}{body}{_PASTE_END}" if bracketed else body)

    def resize(self, columns: int, rows: int | None = None) -> None:
        """Give the window another size; the program is told by SIGWINCH."""
        rows = rows or self.screen.lines
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        """Send the program (the process alone) a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the window."""
        if not self._hung_up:
            self._hung_up = True
            os.close(self.terminal)

    # --- eyes ----------------------------------------------------------------------------------------

    def look(self, seconds: float = 0.0) -> str:
        """What the screen shows, after watching for `seconds`."""
        self._watch(seconds)
        return self.display

    def sees(self, what: str | Callable[[str], bool], *, seconds: float = DEADLINE) -> str:
        """What the screen shows, as soon as `what` is on it (or true of it).

        Raises:
            AssertionError: it never was; the message shows the screen.
        """
        shows = what if callable(what) else (lambda shown: what in shown)
        self.wait_until(lambda: shows(self.display), repr(what), seconds=seconds)
        return self.display

    def reads(self, pattern: str, *, after: int = 0) -> re.Match[str]:
        """The match of a regular expression in `text` from character `after` on, as soon as there is one."""
        self.wait_until(lambda: re.search(pattern, self.text[after:]) is not None, pattern)
        found = re.search(pattern, self.text[after:])
        assert found
        return found

    def prompt(self, ending: str = "> ") -> None:
        """Wait until a prompt waits for input: the cursor stands right behind `ending`."""
        self.wait_until(
            lambda: self.screen.display[self.screen.cursor.y][: self.screen.cursor.x].endswith(ending),
            f"a prompt that ends in {ending!r}",
        )

    def wait_until(self, condition: Callable[[], bool], what: str, *, seconds: float = DEADLINE) -> None:
        """Watch the screen until a condition holds, be it of the screen or of anything else.

        Raises:
            AssertionError: it does not in time, or not when the program has ended; it shows the screen.
        """
        give_up_at = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > give_up_at or not self.alive:
                self._watch(0.2)
                if condition():
                    return
                raise AssertionError(f"waited in vain for {what}; {self._picture()}")
            self._watch(0.05, once=True)

    def mark(self) -> int:
        """A place in `text`; what comes later is behind it."""
        return len(self.text.rstrip())

    @property
    def display(self) -> str:
        """What the screen shows, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

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

    @property
    def settings(self) -> list[Any]:
        """The terminal's settings, as `termios` has them."""
        return termios.tcgetattr(self.terminal)

    @property
    def echoes(self) -> bool:
        """Whether the terminal itself shows keys, as it does outside of any program."""
        return bool(self.settings[3] & termios.ECHO)

    # --- the end -------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status is None

    def leave(self) -> int:
        """Press ^D and wait for the end."""
        self.press("\x04")
        return self.ended()

    def ended(self) -> int:
        """Wait for the program's end; its exit status, or minus the signal that ended it."""
        give_up_at = time.monotonic() + DEADLINE
        while self.alive:
            assert time.monotonic() < give_up_at, f"the program does not end; {self._picture()}"
            self._watch(0.02)
        self._watch(0.1)
        assert self._status is not None
        return self._status

    def close(self) -> None:
        """End the program, whatever it does, and close the window."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self._status = os.waitstatus_to_exitcode(status)
        self.hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the terminal --------------------------------------------------------------------------------

    def _watch(self, seconds: float, *, once: bool = False) -> None:
        """Take in what comes within `seconds`; with `once`, no longer than until something has come."""
        until = time.monotonic() + seconds
        while True:
            left = max(until - time.monotonic(), 0.0)
            if self._hung_up or self._at_end:
                time.sleep(min(left, 0.1) if once else left)
                return
            if not select.select([self.terminal], [], [], left)[0]:
                return
            self._take_in()
            if once:
                return

    def _take_in(self) -> None:
        try:
            data = os.read(self.terminal, 65536)
        except BlockingIOError:
            return
        except OSError:
            # Nobody has the other side open any more.
            self._at_end = True
            return
        self.output += data
        data = _UNSHOWN.sub(b"", self._cut_off + data)
        cut_off = _CUT_OFF.search(data)
        self._cut_off = cut_off[0] if cut_off else b""
        self._stream.feed(data[: len(data) - len(self._cut_off)])

    def _reply(self, data: str) -> None:
        """The emulator's answer to what the program has asked of the terminal."""
        with contextlib.suppress(OSError):
            os.write(self.terminal, data.encode())

    def _picture(self) -> str:
        state = "the screen is" if self.alive else f"the program has ended ({self._status}); the screen was"
        return f"{state}:\n{self.text.rstrip()}"


def _become(
    argv: tuple[str, ...], environ: dict[str, str], folder: Path | None, size: tuple[int, int]
) -> None:
    """In the child: turn into the program, which finds everything as a shell would have left it."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        # Python ignores these two, and what is ignored is inherited.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        if folder:
            os.chdir(folder)
        os.execvpe(argv[0], argv, environ)
    except OSError as error:
        os.write(2, f"{argv[0]} can't be started: {error}\n".encode())
    finally:
        os._exit(127)
