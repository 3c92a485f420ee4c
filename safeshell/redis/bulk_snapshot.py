"""Keeping many keys fast: sizes first, then dumps of those that exist, pipelined on the second connection.

For scripts and small flushes. Not atomic with what changes the keys; each key is kept once, as it was before
the whole entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from safeshell.redis.key_capture import ABSENT, LARGE_BYTES, KeyCapture
from safeshell.redis.reply import Nil, integer_of
from safeshell.redis.undo_record import AfterStates, KeptKey, KeptKeys
from safeshell.redis.undo_session import Side
from safeshell.redis.undo_store import UndoWriter

MAX_LOOKED_AT: Final = 20_000
"""Of more keys than this it is not looked up what became of them."""
_CHUNK: Final = 500


@dataclass(slots=True)
class BulkSnapshot:
    """What is kept of many keys in one entry.

    Args:
        side: where the keys are read.
        capture: what this server can be asked.
        limit: bytes to keep at most; what would go beyond is not kept, and neither is anything after it.
    """

    side: Side
    capture: KeyCapture
    limit: int
    kept_bytes: int = 0
    full: bool = False
    refused: list[bytes] = field(default_factory=list)
    _seen: dict[tuple[int, bytes], None] = field(default_factory=dict)
    _large: set[tuple[int, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.capture = replace(self.capture, usage=False)

    def take(self, writer: UndoWriter, db: int, keys: Iterable[bytes]) -> int:
        """Keep those of `keys` that were not seen before.

        Args:
            writer: where to.
            db: their database.
            keys: in any number.

        Returns:
            How many keys were written down, absent ones included.

        Raises:
            GuardFailure: the disk would not take it.
            SafeshellError: the connection is lost.
        """
        if self.full:
            return 0
        fresh = [key for key in dict.fromkeys(keys) if (db, key) not in self._seen]
        sizes = self.side.ask(db, [(b"MEMORY", b"USAGE", key) for key in fresh])
        kept: list[KeptKey] = []
        existing: list[bytes] = []
        expected = self.kept_bytes
        for key, size in zip(fresh, sizes, strict=True):
            if isinstance(size, Nil):
                kept.append(KeptKey(db, key, None))
                continue
            memory = integer_of(size) or 0
            expected += memory
            if expected > self.limit:
                self.full = True
                break
            existing.append(key)
            if memory > LARGE_BYTES:
                self._large.add((db, key))
        kept += self._dumped(db, existing)
        for start in range(0, len(kept), _CHUNK):
            writer.write(KeptKeys(tuple(kept[start : start + _CHUNK]), atomic=False))
        self._seen.update(dict.fromkeys((one.db, one.key) for one in kept))
        return len(kept)

    def look_after(self, writer: UndoWriter) -> bool:
        """Write down what became of the keys; whether that could be done.

        Raises:
            GuardFailure: the disk would not take it.
            SafeshellError: the connection is lost.
        """
        if len(self._seen) > MAX_LOOKED_AT:
            return False
        by_db: dict[int, list[bytes]] = {}
        for db, key in self._seen:
            by_db.setdefault(db, []).append(key)
        for db, keys in by_db.items():
            for start in range(0, len(keys), _CHUNK):
                writer.write(AfterStates(self._looked(db, keys[start : start + _CHUNK])))
        return True

    def all_gone(self) -> Iterator[AfterStates]:
        """The frames that say that a flush left none of the keys."""
        gone = [(db, key, ABSENT) for db, key in self._seen]
        for start in range(0, len(gone), _CHUNK):
            yield AfterStates(tuple(gone[start : start + _CHUNK]))

    def _looked(self, db: int, keys: list[bytes]) -> tuple[tuple[int, bytes, bytes], ...]:
        lengths = [b"EXISTS" if (db, key) in self._large else b"" for key in keys]
        asked = zip(keys, lengths, strict=True)
        replies = self.side.ask(
            db, [argv for key, length in asked for argv in self.capture.after_commands(key, length)]
        )
        states = (
            (key, self.capture.after(replies[at * 2 : at * 2 + 2], lengths[at]))
            for at, key in enumerate(keys)
        )
        return tuple((db, key, state) for key, state in states if state is not None)

    def _dumped(self, db: int, keys: list[bytes]) -> list[KeptKey]:
        kept: list[KeptKey] = []
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            width = self.capture.width
            replies = self.side.ask(db, [argv for key in chunk for argv in self.capture.commands(key)])
            for at, key in enumerate(chunk):
                one = self.capture.kept(db, key, replies[at * width : (at + 1) * width])
                if one is None:
                    self.refused.append(key)
                    continue
                kept.append(one)
                self.kept_bytes += len(one.payload or b"")
        return kept
