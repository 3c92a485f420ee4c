"""The journal on disk, for those who read it; can't change it. Rows out, no meaning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.errors import GuardFailure
from safeshell.frozen import frozen
from safeshell.journal.database import HEAD_NAME, JOURNAL_NAME, connect_for_reading
from safeshell.journal.events import Tip
from safeshell.journal.head import read_head

if TYPE_CHECKING:
    import sqlite3

StoredValue = int | float | bytes | None
"""What a column may hold when somebody has been at the file; text comes as its bytes."""


@frozen
class StoredEvent:
    """An event exactly as it stands in the file, believed in nothing."""

    seq: StoredValue
    at: StoredValue
    kind: StoredValue
    session: StoredValue
    about: StoredValue
    body: StoredValue
    hash: StoredValue


class JournalReader:
    """The journal in a folder, read-only.

    Args:
        folder: the state folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL_NAME
        self.head_path = folder / HEAD_NAME
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Whether there is a journal; it is opened, so later questions are put to the same file.

        Raises:
            GuardFailure: something is there that can't be read.
        """
        if self._connection is None and self.path.exists():
            self._connection = connect_for_reading(self.path)
            if self._connection:
                self._connection.text_factory = bytes
        return self._connection is not None

    def head(self) -> Tip | None:
        """What the head file remembers.

        Raises:
            GuardFailure: it can't be read.
        """
        from safeshell.journal.failures import failure_of

        try:
            return read_head(self.head_path)
        except OSError as error:
            raise failure_of(error, self.head_path) from error

    def events(self) -> Iterator[StoredEvent]:
        """Every event in the order of their numbers, as of one moment.

        Raises:
            GuardFailure: the file can't be read.
        """
        for row in self.rows("SELECT seq, at, kind, session, about, body, hash FROM events ORDER BY seq", ()):
            yield StoredEvent(*row)

    def damage(self) -> str:
        """What SQLite itself finds broken in the file's structure; empty when nothing is.

        Raises:
            GuardFailure: the file can't be read.
        """
        found = [row[0] for row in self.rows("PRAGMA integrity_check(1)", ())]
        text = found[0].decode("utf-8", "replace") if found and isinstance(found[0], bytes) else ""
        return "" if text == "ok" else text

    def rows(self, question: str, parameters: tuple[int | str, ...]) -> Iterator[tuple[StoredValue, ...]]:
        """The rows that answer a SELECT, one by one; text as bytes.

        Raises:
            GuardFailure: the file can't be read.
        """
        with self._told() as connection:
            yield from connection.execute(question, parameters)

    def changed(self) -> int:
        """A number that is another one after anybody has written.

        Raises:
            GuardFailure: the file can't be read.
        """
        ((number,),) = self.rows("PRAGMA data_version", ())
        return number if isinstance(number, int) else 0

    def close(self) -> None:
        """Let go of the file."""
        if self._connection:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _told(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        from safeshell.journal.failures import failure_of

        if not self.exists() or self._connection is None:
            raise GuardFailure(
                "there is no journal yet", where=str(self.path), todo="It begins with the first line."
            )
        try:
            yield self._connection
        except sqlite3.Error as error:
            raise failure_of(error, self.path) from error
