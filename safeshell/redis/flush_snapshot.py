"""Keeping whole databases before they are flushed, when they are small enough for it."""

from __future__ import annotations

from typing import Final

from safeshell.guard.text import counted, sized
from safeshell.redis.bulk_snapshot import BulkSnapshot
from safeshell.redis.reply import Reply, items_of, string_of
from safeshell.redis.server_info import info_fields, keyspace
from safeshell.redis.undo_session import Side
from safeshell.redis.undo_store import UndoWriter

MAX_FLUSHED_KEYS: Final = 20_000
"""Databases with more keys together are not kept; a dump file is for those."""
_SCAN_COUNT: Final = b"1000"

ALL_DATABASES: Final = -1
"""Stands for every database, as FLUSHALL means it."""


def flushed_database(name: str, db: int) -> int | None:
    """The database that a command of that real name empties, `ALL_DATABASES`, or None when it is no flush."""
    return {"FLUSHDB": db, "FLUSHALL": ALL_DATABASES}.get(name)


def keep_databases(side: Side, db: int, bulk: BulkSnapshot, writer: UndoWriter) -> str:
    """Keep all keys of a database, or of all.

    Args:
        side: where they are read.
        db: which; `ALL_DATABASES` for all.
        bulk: takes them.
        writer: the entry.

    Returns:
        Why not all of it is kept; empty when it is.

    Raises:
        GuardFailure: the disk would not take it.
        SafeshellError: the connection is lost.
    """
    found = keyspace(info_fields(side.ask(max(db, 0), [(b"INFO", b"keyspace")])[0]))
    databases = {number: keys for number, (keys, _) in found.items() if db in (ALL_DATABASES, number)}
    total = sum(databases.values())
    if total > MAX_FLUSHED_KEYS:
        return f"{counted(total, 'key')} are more than the {MAX_FLUSHED_KEYS:,} kept of a flush"
    for number in databases:
        cursor = b"0"
        while True:
            cursor, keys = scanned(side.ask(number, [(b"SCAN", cursor, b"COUNT", _SCAN_COUNT)])[0])
            bulk.take(writer, number, keys)
            if bulk.full:
                return f"only the first of them, the rest is above the {sized(bulk.limit)} limit"
            if cursor == b"0":
                break
    return ""


def scanned(reply: Reply) -> tuple[bytes, list[bytes]]:
    """The next cursor and the keys of a reply to SCAN; an error ends the walk with nothing."""
    parts = items_of(reply) or ()
    if len(parts) != 2:
        return b"0", []
    keys = [string_of(key) for key in items_of(parts[1]) or ()]
    return string_of(parts[0]) or b"0", [key for key in keys if key is not None]
