"""A production server, the configuration that says so, and a person's home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import RedisServer

CONFIG = """\
version = 1

[targets.cache-prod]
environment = "production"
redis = "redis://127.0.0.1:{port}/0"
"""


@dataclass
class Production:
    """A real server that the configuration of `home` calls production."""

    server: RedisServer
    home: Path
    config: Path

    @property
    def keys(self) -> int:
        return int(self.server.send("DBSIZE"))

    def fill(self, count: int) -> None:
        self.server.send("DEBUG", "POPULATE", str(count))


@pytest.fixture
def production(home: Path, redis_server: RedisServer) -> Iterator[Production]:
    """Seven keys on a server labelled production."""
    folder = home / ".config" / "safeshell"
    folder.mkdir(parents=True)
    config = folder / "config.toml"
    config.write_text(CONFIG.format(port=redis_server.port))
    found = Production(redis_server, home, config)
    found.fill(7)
    yield found
