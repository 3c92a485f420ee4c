"""What can be wrong with the journal's files, as sentences that say what to do.

Nothing here opens anything. Every failure is a `GuardFailure`: the pipeline decides whether the line may run.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from safeshell.errors import GuardFailure

_MOVE_AWAY = (
    "Nothing was overwritten. Move {name} and {stem}.head away (keep them): "
    "then a new journal begins by itself."
)


class JournalDamaged(GuardFailure):
    """The file at the journal's place is no journal, or no longer."""


# By SQLite's primary result codes, https://www.sqlite.org/rescode.html
_BY_CODE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Make room on the file system that holds it."),
    sqlite3.SQLITE_IOERR: (
        "the disk did not take it",
        "See whether the file system is full, over quota, or failing (dmesg).",
    ),
    sqlite3.SQLITE_BUSY: (
        "another process has held it locked for too long",
        "Find out which one has it open (fuser, lsof) and end that one if it hangs.",
    ),
    sqlite3.SQLITE_READONLY: ("it may not be written", "Give it and its folder to yourself, writable."),
    sqlite3.SQLITE_PERM: ("it may not be opened", "Give it and its folder to yourself, writable."),
    sqlite3.SQLITE_CANTOPEN: (
        "it can't be opened",
        "See that its folder exists, is yours and writable, and that the name is no folder's.",
    ),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", _MOVE_AWAY),
    sqlite3.SQLITE_NOTADB: ("the file is no journal", _MOVE_AWAY),
}


def failure_of(error: sqlite3.Error | OSError, path: Path) -> GuardFailure:
    """The sentence for what SQLite or the system said about the journal at `path`."""
    if isinstance(error, OSError):
        return GuardFailure(
            f"the journal can't be written: {error.strerror or error}",
            where=str(path),
            todo="See that its folder exists, is yours and writable, and that the disk has room.",
        )
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    what, todo = _BY_CODE.get(code, (str(error), "Run `safeshell log verify` to see its state."))
    kind = JournalDamaged if todo is _MOVE_AWAY else GuardFailure
    return kind(f"the journal can't be used: {what}", where=str(path), todo=_filled(todo, path))


def foreign(path: Path) -> GuardFailure:
    """Some other program's database stands where the journal should."""
    return JournalDamaged(
        "the file is a database, but no journal of safeshell's",
        where=str(path),
        todo=_filled(_MOVE_AWAY, path),
    )


def too_new(path: Path, version: int) -> GuardFailure:
    """A later safeshell has written the journal in a form that this one does not know."""
    return GuardFailure(
        f"the journal was written by a newer safeshell (form {version})",
        where=str(path),
        todo=f"Update this one. {_filled(_MOVE_AWAY, path)}",
    )


def _filled(todo: str, path: Path) -> str:
    return todo.format(name=path.name, stem=path.stem)
