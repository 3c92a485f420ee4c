"""What is going on below a person's terminal: processes of a home, what they are doing, where their shells wait."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.person import Person

PATIENCE = 30.0
"""Seconds that a busy machine may take for what an idle one does at once."""


def processes(home: Path) -> list[int]:
    """All processes that have this home, the eldest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if f"HOME={home}\0".encode() in environ and state != "Z":
            found.append(int(folder.name))
    return sorted(found)


def guards(home: Path) -> tuple[int, int]:
    """The two processes of the one session in this home: the one that watches, and the one that guards."""
    first, second = [pid for pid in processes(home) if b"safeshell" in words(pid)]
    return first, second


def words(pid: int) -> list[bytes]:
    """The command line of a process; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def none_left(person: Person, home: Path, *, but: frozenset[int] = frozenset()) -> None:
    """Wait until no process of this home is left."""
    give_up_at = time.monotonic() + PATIENCE
    while left := [pid for pid in processes(home) if pid not in but]:
        assert time.monotonic() < give_up_at, f"still running: {[words(pid) for pid in left]}"
        person.look(0.05)


def marked(folder: Path, name: str) -> str:
    """A shell line that leaves a file behind when it runs."""
    return f"touch {folder / name}"


def was_run(folder: Path, name: str) -> bool:
    """Whether such a line has run."""
    return os.path.exists(folder / name)
