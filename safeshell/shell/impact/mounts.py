"""Which file systems are mounted where (proc_pid_mountinfo(5)); nothing where the system does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.shell.impact.tree import is_inside

_TABLE: Final = Path("/proc/self/mountinfo")
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")


@frozen
class Mount:
    """One mounted file system.

    Args:
        point: where.
        kind: `ext4`, `nfs4`, `tmpfs`, ….
        source: the device or server.
    """

    point: bytes
    kind: str
    source: str


def mounts(table: Path = _TABLE) -> list[Mount]:
    """All that are mounted; none where that can't be read."""
    try:
        return list(_read(table.read_bytes().splitlines()))
    except OSError:
        return []


def mounted_in(path: bytes, known: Iterable[Mount]) -> list[Mount]:
    """The file systems mounted at `path` or below it."""
    return [mount for mount in known if is_inside(mount.point, path)]


def _read(lines: Iterable[bytes]) -> Iterable[Mount]:
    for line in lines:
        left, separator, right = line.partition(b" - ")
        fields, rest = left.split(b" "), right.split(b" ")
        if separator and len(fields) >= 5 and len(rest) >= 2:
            kind, source = (one.decode("utf-8", "replace") for one in rest[:2])
            yield Mount(_OCTAL.sub(_unescaped, fields[4]), kind, source)


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 0xFF])
