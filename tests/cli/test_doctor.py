"""`safeshell doctor`: what is protected here, proven where it can be; not 0 when it is less than configured."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.program import safeshell
from tests.servers import RedisServer, free_port


@dataclass
class Place:
    """A server, and the configuration that calls it production."""

    server: RedisServer
    config: Path
    state: Path

    def says(self, more: str = "", port: int = 0) -> None:
        port = port or self.server.port
        self.config.write_text(
            f'version = 1\n[targets.cache]\nenvironment = "production"\nredis = "redis://127.0.0.1:{port}/0"\n{more}'
        )


@pytest.fixture
def place(home: Path, redis_server: RedisServer) -> Iterator[Place]:
    folder = home / ".config" / "safeshell"
    folder.mkdir(parents=True)
    found = Place(redis_server, folder / "config.toml", home / ".local" / "state" / "safeshell")
    found.says()
    yield found


def test_a_production_that_only_the_client_holds_is_as_configured_and_the_gap_is_told(place: Place) -> None:
    done = safeshell("doctor")
    text = done.out.decode()

    assert done.status == 0, text
    assert "cache (production, read-only)" in text
    assert "the client's proof of each line" in text
    assert "the server itself would accept writes" in text


def test_a_user_who_may_only_read_is_proven(place: Place) -> None:
    rule = safeshell("redis", "cache", "--print-acl").out.decode().replace("CHANGE-ME", "secret").split()
    place.server.send(*rule)
    place.says(f'readonly = {{ username = "{rule[2]}", password_env = "READER_PASSWORD" }}\n')

    done = safeshell("doctor", "cache", environ={"READER_PASSWORD": "secret"})
    text = done.out.decode()

    assert done.status == 0, text
    assert "read-only is held by" in text
    assert "secret" not in text
    assert "client's proof" not in text


def test_a_reading_user_who_may_write_is_weaker_than_configured(place: Place) -> None:
    place.server.send("ACL", "SETUSER", "reader", "on", ">secret", "~*", "&*", "+@all")
    place.says('readonly = { username = "reader", password_env = "READER_PASSWORD" }\n')

    done = safeshell("doctor", "cache", environ={"READER_PASSWORD": "secret"})

    assert done.status == 1
    assert "weak" in done.out.decode()
    assert "configured: the server, user reader; found: " in done.out.decode()


def test_a_server_that_does_not_answer_is_not_called_protected(place: Place) -> None:
    place.says(port=free_port())

    done = safeshell("doctor")

    assert done.status == 1
    assert "connection refused" in done.out.decode()
    assert "Traceback" not in done.err


def test_offline_connects_nowhere(place: Place) -> None:
    place.says(port=free_port())

    done = safeshell("doctor", "--offline")

    assert done.status == 0
    assert "not looked at" in done.out.decode()


def test_a_journal_that_was_tampered_with_is_found(place: Place) -> None:
    for _ in range(3):
        safeshell("redis", "cache", "PING")
    assert safeshell("doctor").status == 0
    (journal,) = [path for path in place.state.iterdir() if path.suffix in {".sqlite", ".sqlite3", ".db"}]
    with sqlite3.connect(journal) as opened:
        (table,) = opened.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE '%seq%' ORDER BY name LIMIT 1"
        ).fetchone()
        opened.execute(f"DELETE FROM {table} WHERE seq = 2")
    opened.close()

    done = safeshell("doctor")

    assert done.status == 1
    assert "the chain is broken" in done.out.decode()


def test_looking_changes_nothing(place: Place) -> None:
    place.server.send("SET", "a", "1")
    before = place.server.send("INFO", "commandstats")
    assert safeshell("doctor").status == 0
    after = place.server.send("INFO", "commandstats")

    names = {line.split(b":")[0] for line in after.splitlines()} - {
        line.split(b":")[0] for line in before.splitlines()
    }
    assert not {b"cmdstat_set", b"cmdstat_del", b"cmdstat_restore", b"cmdstat_config|set"} & names
    assert place.server.send("GET", "a") == b"1"


def test_a_target_that_is_not_configured_is_a_usage_error(place: Place) -> None:
    done = safeshell("doctor", "cahce")

    assert done.status == 2
    assert "cahce" in done.told()
