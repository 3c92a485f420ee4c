"""Where a stopped `:unlink` goes on: a small file beside the server's undo entries."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class UnlinkPlace:
    """A walk's place, and what it has done so far.

    Args:
        pattern: the glob.
        db: the database.
        rate: keys a second at most, None for no limit.
        run_id: the run of the server that the cursor belongs to.
        cursor: where SCAN goes on.
        matched, unlinked: keys so far.
    """

    pattern: bytes
    db: int
    rate: int | None
    run_id: str
    cursor: bytes = b"0"
    matched: int = 0
    unlinked: int = 0


def save_place(folder: Path, place: UnlinkPlace) -> None:
    """Remember `place`; a disk that won't take it only means that the walk can't be continued."""
    content = {
        "pattern": place.pattern.hex(),
        "db": place.db,
        "rate": place.rate,
        "run_id": place.run_id,
        "cursor": place.cursor.decode("ascii", "replace"),
        "matched": place.matched,
        "unlinked": place.unlinked,
    }
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = _path(folder, place.db)
        scratch = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        scratch.replace(path)


def load_place(folder: Path, db: int) -> UnlinkPlace | None:
    """The place of the walk that was stopped last in `db`; None when there is none that can be read."""
    try:
        content = json.loads(_path(folder, db).read_text(encoding="utf-8"))
        rate = content["rate"]
        return UnlinkPlace(
            bytes.fromhex(content["pattern"]),
            int(content["db"]),
            None if rate is None else int(rate),
            str(content["run_id"]),
            str(content["cursor"]).encode(),
            int(content["matched"]),
            int(content["unlinked"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_place(folder: Path, db: int) -> None:
    """The walk is done."""
    with contextlib.suppress(OSError):
        _path(folder, db).unlink()


def _path(folder: Path, db: int) -> Path:
    return folder / f"unlink-{db}.json"
