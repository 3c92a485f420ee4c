"""What the client says to the person, at the levels of ssh's LogLevel; on stderr, or in the file that -E names.

The one idea: what comes from the other side is made visible before it is shown, and a terminal that is raw gets the
carriage returns that it needs.
"""

from __future__ import annotations

import contextlib
import logging
import os
from enum import IntEnum
from typing import Final, Self

from safeshell.guard.text import visible
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved


class Level(IntEnum):
    """LogLevel of ssh_config(5)."""

    QUIET = 0
    FATAL = 1
    ERROR = 2
    INFO = 3
    VERBOSE = 4
    DEBUG1 = 5
    DEBUG2 = 6
    DEBUG3 = 7


_NAMES: Final = {**{level.name: level for level in Level}, "DEBUG": Level.DEBUG1, "SILENT": Level.QUIET}
_LONGEST: Final = 2000


class Telling:
    """Says things to the person.

    Args:
        level: what is less important is not said.
        descriptor: where; 2 is stderr.
    """

    def __init__(self, level: Level, descriptor: int = 2) -> None:
        self.level = level
        self._descriptor = descriptor
        self.raw = False

    @classmethod
    def of(cls, call: SshCall, resolved: Resolved) -> Self:
        """As the configuration and -E say.

        Raises:
            OSError: the file of -E can't be written.
        """
        level = _NAMES.get(resolved.one("loglevel", "INFO").upper(), Level.INFO)
        files = call.values("E")
        if not files:
            return cls(level)
        return cls(level, os.open(files[-1], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600))

    def error(self, text: str) -> None:
        """Something failed."""
        self._say(Level.ERROR, text)

    def info(self, text: str) -> None:
        """Something a person wants to know."""
        self._say(Level.INFO, text)

    def debug(self, text: str, depth: int = 1) -> None:
        """For -v (1), -vv (2), -vvv (3)."""
        self._say(Level(Level.VERBOSE + depth), f"debug{depth}: {text}")

    def of_server(self, text: str) -> None:
        """The lines that a server shows before anybody is let in; nothing in them is obeyed."""
        for line in text.splitlines():
            self.info(visible(line, limit=_LONGEST))

    def _say(self, level: Level, text: str) -> None:
        if level > self.level:
            return
        end = "\r\n" if self.raw else "\n"
        # Who closed our stderr does not want to hear it.
        with contextlib.suppress(OSError):
            os.write(self._descriptor, (text.replace("\n", end) + end).encode("utf-8", "backslashreplace"))


class _ToTelling(logging.Handler):
    """Hands on what paramiko's log says."""

    def __init__(self, telling: Telling) -> None:
        super().__init__()
        self._telling = telling

    def emit(self, record: logging.LogRecord) -> None:
        depth = 2 if record.levelno >= logging.INFO else 3
        self._telling.debug(visible(record.getMessage(), limit=_LONGEST), depth)


def quiet_paramiko(telling: Telling) -> None:
    """Keep paramiko's own log away from the person's screen; -vv and -vvv show it."""
    log = logging.getLogger("paramiko")
    log.propagate = False
    log.handlers = [_ToTelling(telling)]
    deep = {Level.DEBUG2: logging.INFO, Level.DEBUG3: logging.DEBUG}
    log.setLevel(deep.get(telling.level, logging.CRITICAL + 1))
