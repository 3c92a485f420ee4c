"""The files that a reading would load, looked at: a broken one denies the line, whatever the mode.

The only module of the shell's reading that touches the file system. It opens regular files for reading and
nothing else: no FIFO is drained, no device read, and a file that is not there is for the program itself to tell.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from safeshell.frozen import replace
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Finding, Load, Reading
from safeshell.guard.text import visible
from safeshell.shell.preflight.formats import Mistake, mistake_in

MAX_SIZE: Final = 4 << 20
"""Bytes of a file that are looked at; a bigger one is let through unseen."""
MAX_FILES: Final = 200
"""Files of a folder that are looked at."""

_STREAMS: Final = ("/dev/stdin", "/dev/fd/", "/proc/")
_SUFFIXES: Final = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
_OWN_CHECKERS: Final = {
    "nginx": "nginx -t",
    "apache": "apachectl configtest",
    "haproxy": "haproxy -c -f FILE",
    "named": "named-checkconf",
    "sshd": "sshd -t",
    "sudoers": "visudo -c -f FILE",
    "caddy": "caddy validate",
    "crontab": "crontab -T FILE",
}


class Files(Protocol):
    """The files of the machine that a line would run on."""

    def content(self, path: str, most: int) -> bytes | None:
        """What stands in a regular file of at most `most` bytes; None for everything else."""

    def inside(self, folder: str) -> list[str] | None:
        """The names in a folder, sorted; None for what is no folder, or can't be looked at."""


class OwnFiles:
    """Those of this machine."""

    def content(self, path: str, most: int) -> bytes | None:
        """What stands in a regular file of at most `most` bytes; None for everything else."""
        try:
            if not os.path.isfile(path):  # noqa: PTH113 - opening some devices already does something
                return None
            # Without O_NONBLOCK a FIFO that somebody put there would hold the guard for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > most:
                return None
            return file.read(most)

    def inside(self, folder: str) -> list[str] | None:
        """The names in a folder, sorted; None for what is no folder, or can't be looked at."""
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208 - names are wanted
        except (OSError, ValueError):
            return None


OWN_FILES: Final = OwnFiles()


def checked(reading: Reading, files: Files = OWN_FILES) -> Reading:
    """The reading, denied when a file that it would load is broken."""
    refused = [finding for load in reading.loads for finding in _findings(load, files)]
    return replace(reading, refused=(*reading.refused, *refused)) if refused else reading


def _findings(load: Load, files: Files) -> Iterator[Finding]:
    for path in _paths(Path(load.path), files):
        kind = _SUFFIXES.get(path.suffix.lower(), load.kind) if load.kind in ("yaml", "json") else load.kind
        data = files.content(str(path), MAX_SIZE)
        mistake = mistake_in(kind, data.decode("utf-8-sig", "replace")) if data is not None else None
        if mistake:
            yield _finding(load, path, kind, mistake)


def _paths(path: Path, files: Files) -> list[Path]:
    if not path.is_absolute() or str(path).startswith(_STREAMS):
        return []  # where a relative path starts is not known; standard input is not the guard's to read
    names = files.inside(str(path))
    if names is None:
        return [path]
    return [path / name for name in names if Path(name).suffix.lower() in _SUFFIXES][:MAX_FILES]


def _finding(load: Load, path: Path, kind: str, mistake: Mistake) -> Finding:
    own = _OWN_CHECKERS.get(load.kind)
    return Finding(
        "preflight.broken-file",
        Severity.HIGH,
        f"{visible(str(path))}:{mistake.line}:{mistake.column}: not well-formed {kind}: {visible(mistake.reason)}",
        f"mend the file first{f', then look at it with `{own}`' if own else ''}",
        load.span,
    )
