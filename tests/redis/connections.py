"""Connections to real servers, to listeners that are none, and ^C after a while."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from safeshell.redis.address import ServerAddress
from safeshell.redis.reply import Status
from tests.servers import RedisServer

OK = Status(b"OK")


def where(server: RedisServer) -> ServerAddress:
    return ServerAddress(port=server.port)


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """What ^C does to a program, that many seconds from now."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
