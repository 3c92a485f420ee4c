"""Who is in front on a host, by what its own kernel says: looked at beside the session while a line runs.

A line's words say much of what it starts, and not all (`perl -e 'exec "bash"'`). The look takes a round trip or two,
so it is done in a thread; what has not come yet says nothing.
"""

from __future__ import annotations

import threading
from importlib.resources import files
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.ssh.side_channel import Runner
from safeshell.terminal.tracking.foreground import OTHER_TERMINALS
from safeshell.terminal.tracking.programs import Program, program_of

_WAITS: Final = (0.4, 1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before each look at the same line; the last goes on."""
_PATIENCE: Final = 5.0


class FrontLook:
    """Looks at one host.

    Args:
        runner: runs programs there.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._script = files("safeshell.ssh").joinpath("remote/front.sh").read_text("utf-8")
        self._serial = 0
        self._shell = 0
        self._looks = 0
        self._running = False
        self._seen: list[tuple[str, ...]] | None = None
        self.due: float | None = None
        """When to look next; None for not."""

    def begin(self, shell: int, at: float) -> None:
        """A line runs in this shell from now on."""
        self._serial += 1
        self._shell, self._looks, self._seen = shell, 0, None
        self.due = at + _WAITS[0]

    def end(self) -> None:
        """It has ended."""
        self._serial += 1
        self.due, self._seen = None, None

    def seen(self, at: float) -> list[tuple[str, ...]]:
        """The words of what was in front at the last look at this line; begins another look where it is time."""
        if self.due is not None and at >= self.due:
            self._looks += 1
            self.due = at + _WAITS[min(self._looks, len(_WAITS) - 1)]
            if not self._running:
                self._running = True
                threading.Thread(target=self._look, args=(self._serial, self._shell), daemon=True).start()
        return self._seen or []

    def _look(self, serial: int, shell: int) -> None:
        try:
            said = self._runner.run(self._script, f"{shell}\n".encode(), _PATIENCE)
            seen = read_front(said, shell)
        except SafeshellError:
            seen = []
        finally:
            self._running = False
        if serial == self._serial:
            self._seen = seen


def read_front(said: bytes, shell: int) -> list[tuple[str, ...]]:
    """The words of each process that `front.sh` tells of; none where the shell itself is in front."""
    found: list[tuple[str, ...]] = []
    for line in said.decode("utf-8", "replace").splitlines():
        number, *words = line.rstrip("\x1f").split("\x1f")
        if number == str(shell):
            return []
        if words and words[0]:
            found.append(tuple(words))
    return found


def program_among(seen: list[tuple[str, ...]]) -> Program | None:
    """The program among these whose lines can be read from a screen."""
    found = [program for words in seen if (program := program_of(words)) is not None]
    return found[-1] if found else None


def terminals_among(seen: list[tuple[str, ...]]) -> bool:
    """Whether one of these has terminals of its own."""
    return any(words[0].rpartition("/")[2].partition(":")[0] in OTHER_TERMINALS for words in seen)
