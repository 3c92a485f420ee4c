"""The journal's SQLite file: how it is made, recognised and opened, for writing and for reading.

No event is written or read here. A file that is not ours is an error and stays as it is.

Durability: write-ahead log with `synchronous=NORMAL`. An append has reached the system when it returns, so
a killed process (kill -9) loses nothing. A power cut may take the last moments before it from an otherwise
whole journal; `verify` then tells that its end is missing. `FULL` would close that gap for one disk flush a
line.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from safeshell.journal.state import private_folder

if TYPE_CHECKING:
    import sqlite3

JOURNAL_NAME: Final = "journal.db"
HEAD_NAME: Final = "journal.head"
BUSY_SECONDS: Final = 3.0
"""How long another process may hold the journal before an append gives up."""

_APPLICATION_ID: Final = 0x53414645  # "SAFE": what file(1) and `PRAGMA application_id` tell a journal by
_FORM: Final = 1
_SCHEMA: Final = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, session INTEGER NOT NULL,
        about INTEGER NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL)""",
    "CREATE INDEX outcomes ON events (about) WHERE about > 0",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_FORM}",
)


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """A connection that may append to the journal at `path`; file and folder are made if need be.

    Raises:
        GuardFailure: it can't be opened, or is no journal of ours.
    """
    import sqlite3

    from safeshell.journal.failures import failure_of

    private_folder(path.parent)
    connection: sqlite3.Connection | None = None
    try:
        _make_private(path)
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        if _is_new(connection, path):
            _create(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
    except (sqlite3.Error, OSError) as error:
        if connection:
            connection.close()
        raise failure_of(error, path) from error
    return connection


def connect_for_reading(path: Path) -> sqlite3.Connection | None:
    """A connection that can't change the journal at `path`; None while there is nothing in the file.

    Raises:
        GuardFailure: it can't be opened, or is no journal of ours.
    """
    import sqlite3

    from safeshell.journal.failures import failure_of

    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        if not _is_new(connection, path):
            return connection
    except sqlite3.Error as error:
        raise failure_of(error, path) from error
    connection.close()
    return None


def _make_private(path: Path) -> None:
    # SQLite gives -wal and -shm the mode of the file itself, so making it first is all that is needed.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    except FileExistsError:
        # Not opened here: closing it again would drop the locks of another connection in this process
        # (https://www.sqlite.org/howtocorrupt.html, 2.2).
        if path.is_file() and path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the database is empty yet.

    Raises:
        GuardFailure: it is another program's, or a later safeshell's.
    """
    from safeshell.journal.failures import foreign, too_new

    connection.execute("BEGIN")  # one moment for all three: another process may be making the journal
    application = _number(connection, "PRAGMA application_id")
    form = _number(connection, "PRAGMA user_version")
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    connection.execute("ROLLBACK")
    if application == 0 and form == 0 and tables == 0:
        return True
    if application != _APPLICATION_ID:
        connection.close()
        raise foreign(path)
    if form > _FORM:
        connection.close()
        raise too_new(path, form)
    return False


def _create(connection: sqlite3.Connection) -> None:
    _switch_to_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been first.
        if _number(connection, "SELECT count(*) FROM sqlite_master") == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    import sqlite3

    # Two processes that make the file at once may collide here without SQLite waiting for its time-out.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def _number(connection: sqlite3.Connection, question: str) -> int:
    (number,) = connection.execute(question).fetchone()
    return int(number)
