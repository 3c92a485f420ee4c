"""Fixtures that several packages use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import RedisServer, valkey_binary


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A fresh, empty redis-server of the system's version."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def valkey_server() -> Iterator[RedisServer]:
    """A fresh, empty valkey-server."""
    with RedisServer(binary=valkey_binary()) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: config, state and history of the test's person are under it, and nobody else's."""
    for name, folder in {
        "HOME": "",
        "XDG_CONFIG_HOME": ".config",
        "XDG_STATE_HOME": ".local/state",
        "XDG_DATA_HOME": ".local/share",
        "XDG_CACHE_HOME": ".cache",
    }.items():
        path = tmp_path / "home" / folder
        path.mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(path))
    for name in ("SAFESHELL_CONFIG", "REDISCLI_AUTH", "REDIS_URL", "NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"
