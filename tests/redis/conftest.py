"""Sessions with a real server, consoles in a terminal on one, and people whose lines are kept for undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from safeshell.redis.session import RedisSession
from tests.person import Person, person_environ, python
from tests.redis.consoles import LAUNCHER, Open
from tests.redis.sessions import opened
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer, valkey_binary


@pytest.fixture
def console(redis_server: RedisServer, home: Path) -> Iterator[Open]:
    """Opens consoles on the server; each waits at its first prompt."""
    opened: list[Person] = []

    def open_console(
        environment: str = "production", mode: str = "guarded", *, port: int = 0, **environ: str
    ) -> Person:
        words = python(LAUNCHER, str(port or redis_server.port), environment, mode)
        terminal = Person(*words, environ=person_environ(home, **environ), rows=60)
        opened.append(terminal)
        terminal.prompt()
        return terminal

    yield open_console
    for terminal in opened:
        terminal.close()


@pytest.fixture
def filled(redis_server: RedisServer) -> RedisServer:
    for number in range(5):
        redis_server.send("SET", f"key:{number}", "value")
    return redis_server


@pytest.fixture
def session(redis_server: RedisServer) -> Iterator[RedisSession]:
    with closing(opened(redis_server)) as one:
        yield one


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with RedisServer(binary=valkey_binary() if request.param == "valkey" else None) as one:
        yield one


@pytest.fixture
def person(server: RedisServer, tmp_path: Path) -> Iterator[KeptPerson]:
    one = KeptPerson(server, tmp_path)
    yield one
    one.close()


@pytest.fixture
def redis_person(redis_server: RedisServer, tmp_path: Path) -> Iterator[KeptPerson]:
    one = KeptPerson(redis_server, tmp_path)
    yield one
    one.close()
