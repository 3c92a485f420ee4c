"""The files that a reading would load, looked at: a broken one denies the line, whatever the mode.

The only module of the shell's reading that touches the file system. It opens regular files for reading and
nothing else: no FIFO is drained, no device read, and a file that is not there is for the program itself to tell.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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


def checked(reading: Reading) -> Reading:
    """The reading, denied when a file that it would load is broken."""
    refused = [finding for load in reading.loads for finding in _findings(load)]
    return replace(reading, refused=(*reading.refused, *refused)) if refused else reading


def _findings(load: Load) -> Iterator[Finding]:
    for path in _files(Path(load.path)):
        kind = _SUFFIXES.get(path.suffix.lower(), load.kind) if load.kind in ("yaml", "json") else load.kind
        text = _text(path)
        mistake = mistake_in(kind, text) if text is not None else None
        if mistake:
            yield _finding(load, path, kind, mistake)


def _files(path: Path) -> list[Path]:
    if not path.is_absolute() or str(path).startswith(_STREAMS):
        return []  # where a relative path starts is not known; standard input is not the guard's to read
    try:
        if path.is_dir():
            inside = [one for one in sorted(path.iterdir()) if one.suffix.lower() in _SUFFIXES]
            return inside[:MAX_FILES]
    except OSError:
        return []
    return [path]


def _text(path: Path) -> str | None:
    """What stands in a regular file; None for everything else."""
    data = regular_bytes(path, MAX_SIZE)
    return None if data is None else data.decode("utf-8-sig", "replace")


def regular_bytes(path: str | Path, most: int) -> bytes | None:
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


def _finding(load: Load, path: Path, kind: str, mistake: Mistake) -> Finding:
    own = _OWN_CHECKERS.get(load.kind)
    return Finding(
        "preflight.broken-file",
        Severity.HIGH,
        f"{visible(str(path))}:{mistake.line}:{mistake.column}: not well-formed {kind}: {visible(mistake.reason)}",
        f"mend the file first{f', then look at it with `{own}`' if own else ''}",
        load.span,
    )
