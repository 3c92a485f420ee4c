"""Which units systemd stops with another: read from the unit files, without asking systemd.

What is looked at: `Requires=`, `Requisite=`, `BindsTo=`, `PartOf=` and the `.requires` folders, whose units are
stopped when what they name is stopped (systemd.unit(5), section [UNIT] SECTION OPTIONS). `Wants=` stops nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from safeshell.shell.impact.deadline import Deadline

FOLDERS: Final = tuple(
    map(
        Path,
        (
            "/etc/systemd/system",
            "/run/systemd/system",
            "/usr/local/lib/systemd/system",
            "/usr/lib/systemd/system",
            "/lib/systemd/system",
        ),
    )
)
"""Where unit files are, what comes first wins (systemd.unit(5), UNIT FILE LOAD PATH)."""

_MAX_SIZE: Final = 64 << 10
_STOPPED_WITH: Final = ("Requires", "Requisite", "BindsTo", "PartOf")


class Units:
    """The unit files of a machine.

    Args:
        folders: where they are.
        deadline: when to stop reading.

    Raises:
        OutOfTime: there are too many.
    """

    def __init__(self, folders: Sequence[Path], deadline: Deadline) -> None:
        self._needs: dict[str, set[str]] = {}
        self._aliases: dict[str, str] = {}
        self._seen: set[str] = set()
        for folder in folders:
            self._read(folder, deadline)

    def stopped_with(self, unit: str) -> tuple[str, ...]:
        """The units that are stopped when `unit` is, through any number of others, by name."""
        found: set[str] = set()
        own = self._own_name(full_name(unit))
        pending = [own]
        while pending:
            stopped = pending.pop()
            for name, needs in self._needs.items():
                if name not in found and stopped in map(self._own_name, needs):
                    found.add(name)
                    pending.append(name)
        return tuple(sorted(found - {own}))

    def _own_name(self, name: str) -> str:
        return self._aliases.get(name, name)

    def _read(self, folder: Path, deadline: Deadline) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        # An administrator's own file replaces the one that was installed; drop-ins and `.requires` add to either.
        for entry in entries:
            deadline.check()
            name, _, ending = entry.name.rpartition(".")
            if ending == "requires":
                with contextlib.suppress(OSError):
                    self._add(name, os.listdir(entry.path))  # noqa: PTH208 - names only
            elif ending == "d":
                for file in sorted(Path(entry.path).glob("*.conf")):
                    self._add(name, _needed(file))
            elif entry.name not in self._seen:
                self._seen.add(entry.name)
                self._unit(entry)

    def _unit(self, entry: os.DirEntry[str]) -> None:
        target = Path(os.path.realpath(entry.path)).name if entry.is_symlink() else entry.name
        if target not in (entry.name, "null"):
            self._aliases.setdefault(entry.name, target)
            return
        self._add(entry.name, _needed(Path(entry.path)))

    def _add(self, name: str, needed: Sequence[str]) -> None:
        self._needs.setdefault(name, set()).update(needed)


def full_name(unit: str) -> str:
    """A unit's name with its kind: `nginx` is `nginx.service` (systemctl(1))."""
    return unit if "." in unit else f"{unit}.service"


def _needed(file: Path) -> list[str]:
    try:
        if not file.is_file() or file.stat().st_size > _MAX_SIZE:
            return []
        text = file.read_text("utf-8", "replace")
    except OSError:
        return []
    return [word for line in _lines(text) for word in _words(line)]


def _lines(text: str) -> Iterator[str]:
    """The lines of the [Unit] section; one that ends in a backslash goes on in the next (systemd.syntax(7))."""
    section = ""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("["):
            section = line.strip()
        elif section == "[Unit]" and line[:1] not in ("#", ";"):
            yield line


def _words(line: str) -> list[str]:
    key, _, value = line.partition("=")
    return value.split() if key.strip() in _STOPPED_WITH else []
