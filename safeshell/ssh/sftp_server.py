"""The line that a forced command gets for the sftp subsystem, as a program that this machine has.

`internal-sftp` is no program: sshd runs it inside of itself, and under ForceCommand hands on its name
(sshd_config(5), Subsystem). A read-only place is told to the server by its own option, so that it refuses by itself
whatever it is asked.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from typing import Final

PLACES: Final = (
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
    "/usr/libexec/sftp-server",
    "/usr/libexec/ssh/sftp-server",
    "/usr/lib/misc/sftp-server",
)
"""Where systems keep OpenSSH's sftp-server: Debian, Fedora, Arch, BSD and macOS, SUSE, Gentoo."""
_NAMES: Final = ("internal-sftp", "sftp-server")
_VALUES: Final = "dflpPu"
"""Options of sftp-server(8) that take a value."""


def sftp_line(
    line: str, *, read_only: bool, there: Callable[[str], bool] = lambda path: os.access(path, os.X_OK)
) -> str | None:
    """The line that serves sftp here; None for a line that asks for something else, or where no server is.

    Args:
        line: as sshd hands it on.
        read_only: whether files may only be fetched.
        there: whether a program is at a path.
    """
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    # Whatever only a shell understands is a line like any other.
    if not words or shlex.join(words) != line.strip() or words[0].rpartition("/")[2] not in _NAMES:
        return None
    program = words[0] if "/" in words[0] else next((path for path in PLACES if there(path)), None)
    if program is None:
        return None
    options = words[1:] if not read_only or _refuses_writing(words[1:]) else ["-R", *words[1:]]
    return shlex.join([program, *options])


def _refuses_writing(options: Sequence[str]) -> bool:
    """Whether `-R` is among the options, alone or in a cluster."""
    value = False
    for word in options:
        if value:
            value = False
            continue
        for at, letter in enumerate(word[1:], 1):
            if letter == "R":
                return True
            if letter in _VALUES:
                value = at == len(word) - 1
                break
    return False
