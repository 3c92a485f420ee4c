"""Another channel of a session's connection, to look at the host by: fixed programs, with what was typed as data.

What is run there is never made of typed words: the program is this package's own text, and the words come by its
standard input. POSIX sh is all that the host has to have.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Sequence
from typing import Protocol

from safeshell.errors import SafeshellError


class HostUnavailable(SafeshellError):
    """The host does not answer on another channel, or not in time."""


class Runner(Protocol):
    """Runs a program on the host."""

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        """What `script`, run by sh, prints when it is given `data`.

        Raises:
            HostUnavailable: it can't be run, failed, or took longer than `seconds`.
        """


def command_for(script: str) -> str:
    """The command for a host, whatever its login shell: nothing in it has a meaning to any of them."""
    coded = base64.b64encode(script.encode()).decode()
    return f"exec sh -c 'eval \"$(printf %s {coded} | base64 -d)\"'"


class CommandRunner:
    """Runs programs by a command of this machine, which takes the host's command as its last word.

    Args:
        words: the command.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        """What `script`, run by sh, prints when it is given `data`.

        Raises:
            HostUnavailable: it can't be run, failed, or took longer than `seconds`.
        """
        try:
            done = subprocess.run(
                (*self._words, command_for(script)),
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HostUnavailable(f"the host does not answer on another channel: {error}") from error
        if done.returncode != 0:
            raise HostUnavailable(f"the host could not be looked at (status {done.returncode})")
        return done.stdout
