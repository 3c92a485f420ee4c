"""The head: a small file beside the journal that remembers its last event, so that a cut end is noticed.

A chain alone can't tell that its last links are gone. The head is rewritten in place at every append, under a
lock that is held from before the commit until after it, so that no older head overwrites a newer one. A
process killed between the two leaves a head one append behind, which is no fault and heals with the next.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from safeshell.journal.events import Tip

_RECORD_BYTES: Final = 128
_LOCK_SECONDS: Final = 3.0


class Head:
    """The open and locked head file; made by `opened_head`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self) -> Tip | None:
        """The last event that was recorded; None when the file is new or holds nothing that can be read."""
        return _parsed(os.pread(self._descriptor, _RECORD_BYTES, 0))

    def write(self, tip: Tip) -> None:
        """Remember the last event: one short write in place, so that no kill leaves half of it."""
        record = json.dumps({"seq": tip.seq, "hash": tip.hash}).ljust(_RECORD_BYTES - 1) + "\n"
        os.pwrite(self._descriptor, record.encode(), 0)


@contextmanager
def opened_head(path: Path) -> Iterator[Head]:
    """The head file at `path`, made (mode 0600) if need be, locked while the context lasts.

    Raises:
        OSError: it can't be opened, or another process has held it locked for seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield Head(descriptor)
    finally:
        os.close(descriptor)  # unlocks


def read_head(path: Path) -> Tip | None:
    """What the head file at `path` says; None when there is none, or none that can be read.

    Raises:
        OSError: it is there and can't be read.
    """
    try:
        return _parsed(path.read_bytes()[:_RECORD_BYTES])
    except FileNotFoundError:
        return None


def _parsed(record: bytes) -> Tip | None:
    try:
        parsed = json.loads(record)
        return Tip(int(parsed["seq"]), str(parsed["hash"]))
    except (ValueError, KeyError, TypeError):
        return None


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        """Nothing to lock with that would not wait for ever; a head may fall behind by one append."""
        del descriptor

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.001)
            else:
                return
