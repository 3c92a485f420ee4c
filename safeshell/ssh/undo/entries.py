"""What is kept on hosts, as this machine remembers it: a small file for each entry.

The files themselves are on the host. Here is only where an entry is and what it is about, for the list and to find
the way back to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.text import visible
from safeshell.ssh.undo.programs import ID

FOLDER: Final = "undo-hosts"
"""The entries' folder, in the state folder."""
_FORM: Final = 1
_LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"


class NoSuchHostUndo(SafeshellError):
    """There is no such entry, or it can't be read."""


@frozen
class Way:
    """How a host is reached again.

    Args:
        address: whom it was connected to, `user@host:port`, for people.
        options: ssh's own, as they were typed, those that lead to the host.
        destination: as typed.
        scratch: the scratch folder there, as configured.
    """

    address: str
    options: tuple[tuple[str, str], ...]
    destination: str
    scratch: str


@frozen
class HostEntry:
    """One entry.

    Args:
        id: its name, there as well.
        made: when, in seconds since 1970.
        target: the target's name.
        line: as typed, secrets redacted.
        way: how its host is reached.
        count: how many files and folders.
        held: bytes, at most.
        of: the entry that was put back when this was kept; "" for a line's own.
        restored: when it was put back, in seconds since 1970; None when it was not.
    """

    id: str
    made: float
    target: str
    line: str
    way: Way
    count: int = 0
    held: int = 0
    of: str = ""
    restored: float | None = None


class HostUndoStore:
    """All entries of this person on hosts.

    Args:
        folder: where; made when needed, for its owner only.
        keep_for: how long an entry stays, there as here.
        clock: the aware moment now.
    """

    def __init__(
        self, folder: Path, *, keep_for: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.folder = folder
        self.keep_for = keep_for
        self._clock = clock

    def new_id(self) -> str:
        """A name that no entry has."""
        while True:
            name = "".join(secrets.choice(_LETTERS) for _ in range(6))
            if not self._file(name).exists():
                return name

    def add(self, entry: HostEntry) -> None:
        """Remember an entry; those past their time are forgotten.

        Raises:
            OSError: the disk would not take it.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        for old in self.entries():
            if old.made < (self._clock() - self.keep_for).timestamp():
                self.forget(old.id)
        text = json.dumps(_plain(entry), ensure_ascii=True)
        new = self._file(entry.id).with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        new.replace(self._file(entry.id))

    def made(self, undo_id: str, target: str, line: str, way: Way) -> HostEntry:
        """A new entry of that name, made now; it is not remembered yet."""
        return HostEntry(undo_id, self._clock().timestamp(), target, line, way)

    def mark_restored(self, entry: HostEntry) -> None:
        """Remember that an entry was put back.

        Raises:
            OSError: the disk would not take it.
        """
        self.add(replace(entry, restored=self._clock().timestamp()))

    def forget(self, undo_id: str) -> None:
        """Remember it no more."""
        with contextlib.suppress(OSError):
            self._file(undo_id).unlink()

    def entries(self) -> list[HostEntry]:
        """Every readable entry, newest first."""
        found = []
        with contextlib.suppress(OSError):
            for file in self.folder.iterdir():
                if file.suffix == ".json" and ID.fullmatch(file.stem):
                    with contextlib.suppress(NoSuchHostUndo):
                        found.append(self._read(file))
        return sorted(found, key=lambda one: one.made, reverse=True)

    def load(self, undo_id: str) -> HostEntry | None:
        """The entry of that name, or the only one whose name begins so; None when there is none.

        Raises:
            NoSuchHostUndo: it is the beginning of several.
        """
        wanted = undo_id.strip().lower()
        found = [entry for entry in self.entries() if wanted and entry.id.startswith(wanted)]
        if len(found) > 1:
            names = ", ".join(entry.id for entry in found)
            raise NoSuchHostUndo(f"{visible(undo_id, limit=40)} is the beginning of several: {names}")
        return found[0] if found else None

    def last(self) -> HostEntry | None:
        """The newest that is a line's own and was not put back; None when there is none."""
        return next((entry for entry in self.entries() if entry.restored is None and not entry.of), None)

    def _file(self, undo_id: str) -> Path:
        return self.folder / f"{undo_id}.json"

    def _read(self, file: Path) -> HostEntry:
        try:
            return _entry(json.loads(file.read_text()))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NoSuchHostUndo("the entry can't be read", where=str(file)) from error


def _plain(entry: HostEntry) -> dict[str, Any]:
    way = entry.way
    return {
        "form": _FORM, "id": entry.id, "made": entry.made, "target": entry.target, "line": entry.line,
        "address": way.address, "options": [list(one) for one in way.options], "destination": way.destination,
        "scratch": way.scratch, "count": entry.count, "held": entry.held, "of": entry.of,
        "restored": entry.restored,
    }  # fmt: skip


def _entry(plain: dict[str, Any]) -> HostEntry:
    if plain["form"] != _FORM or not ID.fullmatch(plain["id"]):
        raise ValueError("it was written by another version")
    options = tuple((str(letter), str(value)) for letter, value in plain["options"])
    way = Way(str(plain["address"]), options, str(plain["destination"]), str(plain["scratch"]))
    restored = plain["restored"]
    return HostEntry(
        plain["id"], float(plain["made"]), str(plain["target"]), str(plain["line"]), way,
        int(plain["count"]), int(plain["held"]), str(plain["of"]), None if restored is None else float(restored),
    )  # fmt: skip
