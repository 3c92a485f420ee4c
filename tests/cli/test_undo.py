"""`safeshell undo` as a person and a script use it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Reading
from safeshell.redis.address import ServerAddress
from safeshell.redis.dump_file import DumpFile
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_store import UndoStore
from tests.servers import RedisServer


class Machine:
    """A person's account, its config, and what was kept in it."""

    def __init__(self, home: Path, server: RedisServer) -> None:
        self.home = home
        self.server = server
        self.config = home / ".config" / "safeshell" / "config.toml"
        self.config.parent.mkdir(parents=True)
        self.config.write_text("version = 1\n")
        self.folder = home / ".local" / "state" / "safeshell" / "undo"

    def runs(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "safeshell", "undo", *words],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
            check=False,
            env={**os.environ, **variables, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def destroys(self, *lines: str, target: str = "", password: str | None = None) -> str:
        """Lines run by somebody whose undo is kept; the entry's name."""
        address = ServerAddress(port=self.server.port, password=password)
        session = RedisSession.open(address, target=target or address.place)
        undo = RedisUndo(session, UndoStore(self.folder))

        def run() -> Outcome:
            for line in lines:
                undo.execute(line.encode().split())
            return Outcome(OutcomeKind.DONE)

        undo.run_kept(Reading("redis", "", "; ".join(lines)), run)
        session.close()
        return undo.last_id or ""

    def says(self, text: str) -> None:
        self.config.write_text("version = 1\n" + text)
        self.config.chmod(0o600)


@pytest.fixture
def machine(home: Path, redis_server: RedisServer) -> Iterator[Machine]:
    yield Machine(home, redis_server)


def test_nothing_kept_is_said(machine: Machine) -> None:
    assert machine.runs("--list").stdout == "Nothing is kept.\n"
    done = machine.runs()
    assert done.returncode == 1
    assert "nothing is kept" in done.stderr


def test_the_list_tells_what_when_and_where(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    undo_id = machine.destroys("DEL a")
    listed = machine.runs("--list").stdout
    assert undo_id in listed
    assert "1 key" in listed
    assert "DEL a" in listed
    assert f"127.0.0.1:{machine.server.port}" in listed
    assert machine.runs("--list", "--target", "elsewhere").stdout == "Nothing is kept.\n"


def test_a_dry_run_shows_and_changes_nothing(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    machine.destroys("DEL a")
    done = machine.runs("--dry-run")
    assert done.returncode == 0, done.stderr
    assert "put back a (db 0)" in done.stdout
    assert machine.server.send("EXISTS", "a") == b"0"


def test_the_last_line_is_put_back_on_the_server_where_it_ran(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    machine.destroys("SET a 2")
    place = f"127.0.0.1:{machine.server.port}"
    done = machine.runs("--yes-i-mean", place)
    assert done.returncode == 0, done.stderr
    assert machine.server.send("GET", "a") == b"1"
    assert "Put back 1 key" in done.stdout
    assert "put back" in machine.runs("--list").stdout


def test_without_a_terminal_and_without_a_name_it_is_refused_where_it_would_ask(machine: Machine) -> None:
    machine.server.send("MSET", "a", "1", "b", "1")
    machine.destroys("DEL a b")
    machine.server.send("SET", "x", "1")
    machine.destroys("SET new1 1", "SET new2 2")  # taking this back deletes many keys
    done = machine.runs()
    assert done.returncode == 77
    assert machine.server.send("EXISTS", "new1") == b"1"
    assert machine.runs("--yes-i-mean", "elsewhere").returncode == 77
    assert machine.server.send("EXISTS", "new1") == b"1"


def test_newer_work_is_not_overwritten_unasked(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    undo_id = machine.destroys("SET a 2")
    machine.server.send("SET", "a", "3")
    place = f"127.0.0.1:{machine.server.port}"
    done = machine.runs(undo_id, "--yes-i-mean", place)
    assert done.returncode == 77
    assert "changed since" in done.stderr
    assert "--overwrite" in done.stderr
    assert machine.server.send("GET", "a") == b"3"
    assert machine.runs(undo_id, "--overwrite", "--yes-i-mean", place).returncode == 0
    assert machine.server.send("GET", "a") == b"1"


def test_the_password_comes_from_where_the_config_says(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    machine.server.send("CONFIG", "SET", "requirepass", "hunter2")
    machine.destroys("DEL a", target="cache", password="hunter2")
    for path in machine.folder.glob("*/*"):
        assert b"hunter2" not in path.read_bytes()
    machine.says(
        f'[targets.cache]\nenvironment = "staging"\nredis = "redis://127.0.0.1:{machine.server.port}/0"\n'
        'password_env = "CACHE_PASSWORD"\n'
    )
    refused = machine.runs("--yes-i-mean", "cache")
    assert refused.returncode != 0
    done = machine.runs("--yes-i-mean", "cache", CACHE_PASSWORD="hunter2")
    assert done.returncode == 0, done.stderr
    session = RedisSession.open(ServerAddress(port=machine.server.port, password="hunter2"), target="")
    assert session.execute([b"GET", b"a"]).data == b"1"  # type: ignore[union-attr]
    session.close()


def test_production_is_read_only_until_it_is_unlocked_with_a_reason(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    machine.destroys("DEL a", target="cache")
    machine.says(
        f'[targets.cache]\nenvironment = "production"\nredis = "redis://127.0.0.1:{machine.server.port}/0"\n'
    )
    assert machine.runs("--yes-i-mean", "cache").returncode == 77
    assert machine.server.send("EXISTS", "a") == b"0"
    assert machine.runs("--yes-i-mean", "cache", "--unlock").returncode != 0
    done = machine.runs("--yes-i-mean", "cache", "--unlock", "--reason", "INC-7 wrong key")
    assert done.returncode == 0, done.stderr
    assert machine.server.send("GET", "a") == b"1"


def test_a_server_that_is_gone_is_one_sentence_and_69(machine: Machine) -> None:
    machine.server.send("SET", "a", "1")
    machine.destroys("DEL a")
    machine.server.kill()
    done = machine.runs()
    assert done.returncode == 69
    assert "Traceback" not in done.stderr


def test_a_dump_file_is_put_back(machine: Machine, tmp_path: Path) -> None:
    machine.server.send("MSET", "a", "1", "b", "2")
    session = RedisSession.open(ServerAddress(port=machine.server.port), target="")
    DumpFile(session).write(tmp_path / "cache.safedump")
    session.close()
    machine.server.send("FLUSHALL")
    place = f"127.0.0.1:{machine.server.port}"
    done = machine.runs("--from", str(tmp_path / "cache.safedump"), "--yes-i-mean", place)
    assert done.returncode == 0, done.stderr
    assert machine.server.send("DBSIZE") == b"2"
    (tmp_path / "cache.safedump").write_bytes(b"damaged")
    assert machine.runs("--from", str(tmp_path / "cache.safedump")).returncode == 1


def test_an_unknown_name_is_one_sentence(machine: Machine) -> None:
    done = machine.runs("nosuch")
    assert done.returncode == 1
    assert "there is no undo nosuch" in done.stderr
