"""Walking a database by SCAN, as `--scan` and the key statistics do: never KEYS, which blocks everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from safeshell.errors import SafeshellError
from safeshell.guard.text import visible
from safeshell.redis.reply import Array, Error, Reply, string_of


class Caller(Protocol):
    """Sends one command and returns its reply."""

    def call(self, *argv: bytes) -> Reply:
        """The server's answer to `argv`."""


class ScanFailed(SafeshellError):
    """The server refused to be walked."""


def scan_keys(
    caller: Caller, *, pattern: bytes | None = None, count: int = 0, pause: float = 0.0
) -> Iterator[list[bytes]]:
    """The database's keys, a batch per SCAN; a key may come twice while the database changes.

    Args:
        caller: the connection.
        pattern: only keys that match this glob.
        count: how many the server looks at in one go; 0 leaves it to the server.
        pause: seconds to wait every hundred calls, as redis-cli's -i does.

    Raises:
        ScanFailed: the server answered with an error.
    """
    cursor, calls = b"0", 0
    while True:
        argv = [b"SCAN", cursor]
        if pattern is not None:
            argv += [b"MATCH", pattern]
        if count:
            argv += [b"COUNT", b"%d" % count]
        cursor, keys = _scanned(caller.call(*argv))
        yield keys
        calls += 1
        if cursor == b"0":
            return
        if pause and calls % 100 == 0:
            time.sleep(pause)


def print_keys(
    batches: Iterator[list[bytes]], out: BinaryIO, *, written: Callable[[bytes], bytes] = bytes
) -> None:
    """Write each key on a line of its own; `written` may quote it for a terminal."""
    for keys in batches:
        if keys:
            out.write(b"".join(written(key) + b"\n" for key in keys))
            out.flush()


def _scanned(reply: Reply) -> tuple[bytes, list[bytes]]:
    if isinstance(reply, Error):
        raise ScanFailed(f"the server does not let you SCAN: {visible(reply.data)}")
    if isinstance(reply, Array) and len(reply.items) == 2 and isinstance(reply.items[1], Array):
        cursor = string_of(reply.items[0])
        if cursor is not None:
            keys = (string_of(item) for item in reply.items[1].items)
            return cursor, [key for key in keys if key is not None]
    raise ScanFailed("the server answered SCAN with something that is no list of keys")
