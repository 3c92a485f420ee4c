"""A way to a port of this machine that takes time, and stalls: what a link to another continent is like."""

from __future__ import annotations

import contextlib
import heapq
import random
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self


class SlowLink:
    """A proxy on loopback, as a context manager that closes all of it.

    Args:
        port: where it leads.
        delay: seconds that each byte takes, in each direction.
        stall: seconds by which one piece in twenty is late, with all behind it: what a lost packet costs TCP.
    """

    def __init__(self, port: int, delay: float, *, stall: float = 0.0) -> None:
        self._to = port
        self._delay = delay
        self._stall = stall
        self._chance = random.Random(7)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []

    def cut(self) -> None:
        """Cut every connection at once."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self._to))
            for one in (here, there):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open += [here, there]
            for source, target in ((here, there), (there, here)):
                _Direction(source, target, self._late).start()

    def _late(self) -> float:
        stalled = self._stall if self._stall and self._chance.random() < 0.05 else 0.0
        return self._delay + stalled

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.cut()


class _Direction:
    """Bytes from one socket to another, each piece at its time and none before the one that it followed."""

    def __init__(self, source: socket.socket, target: socket.socket, late: Callable[[], float]) -> None:
        self._source, self._target, self._late = source, target, late
        self._pieces: list[tuple[float, int, bytes]] = []
        self._changed = threading.Condition()

    def start(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    def _read(self) -> None:
        due, number = 0.0, 0
        while True:
            try:
                data = self._source.recv(65536)
            except OSError:
                data = b""
            due, number = max(due, time.monotonic() + self._late()), number + 1
            with self._changed:
                heapq.heappush(self._pieces, (due, number, data))
                self._changed.notify()
            if not data:
                return

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._pieces:
                    self._changed.wait()
                due, _, data = heapq.heappop(self._pieces)
            time.sleep(max(due - time.monotonic(), 0.0))
            with contextlib.suppress(OSError):
                if not data:
                    self._target.shutdown(socket.SHUT_WR)
                    return
                self._target.sendall(data)
