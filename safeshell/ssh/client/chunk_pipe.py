"""What has arrived on a channel and is not read yet: whole pieces, as they came.

In place of paramiko's pipe, which keeps an array of bytes and moves all that is left in it with every read: with a
window of 16 MiB that is most of the time.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from paramiko.buffered_pipe import PipeTimeout


class ChunkPipe:
    """Fed by paramiko's thread, read by another; the names are those that paramiko's channel calls."""

    def __init__(self) -> None:
        self._ready = threading.Condition(threading.Lock())
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._closed = False

    def feed(self, data: bytes) -> None:
        """More has arrived."""
        with self._ready:
            self._chunks.append(data)
            self._size += len(data)
            self._ready.notify()

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        """At most `nbytes` of what has arrived; b"" once there will be no more.

        Args:
            nbytes: the most to read.
            timeout: seconds to wait; None for ever.

        Raises:
            PipeTimeout: nothing arrived.
        """
        with self._ready:
            give_up_at = None if timeout is None else time.monotonic() + timeout
            while not self._chunks and not self._closed:
                left = None if give_up_at is None else give_up_at - time.monotonic()
                if left is not None and left <= 0:
                    raise PipeTimeout
                self._ready.wait(left)
            return self._take(nbytes)

    def read_ready(self) -> bool:
        """Whether a read would not wait."""
        return self._size > 0

    def close(self) -> None:
        """There will be no more."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def __len__(self) -> int:
        return self._size

    def _take(self, most: int) -> bytes:
        taken: list[bytes] = []
        left = most
        while self._chunks and left >= len(self._chunks[0]):
            chunk = self._chunks.popleft()
            left -= len(chunk)
            taken.append(chunk)
        if not taken and self._chunks:
            chunk = self._chunks[0]
            taken.append(chunk[:most])
            self._chunks[0] = chunk[most:]
        data = taken[0] if len(taken) == 1 else b"".join(taken)
        self._size -= len(data)
        return data
