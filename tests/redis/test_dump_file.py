"""Dump files: everything out before a flush, and back in afterwards."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.dump_file import DumpFailed, DumpFile, DumpProgress, dump_path
from safeshell.redis.dump_form import DumpFileInvalid, verify_dump
from safeshell.redis.payload import value_digest
from safeshell.redis.reply import Bulk, Integer, Reply, integer_of, string_of
from safeshell.redis.session import RedisSession
from tests.servers import RedisServer, valkey_binary


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with RedisServer(binary=valkey_binary() if request.param == "valkey" else None) as one:
        yield one


class Person:
    def __init__(self, server: RedisServer) -> None:
        self.session = RedisSession.open(ServerAddress(port=server.port), target="cache-test")
        self.eyes = Connection.open(self.session.state.address)
        self.seen: list[DumpProgress] = []

    def dumps(self, **options: object) -> DumpFile:
        return DumpFile(self.session, progress=self.seen.append, **options)  # type: ignore[arg-type]

    def asks(self, *words: str) -> Reply:
        return self.eyes.call(*(word.encode() for word in words))

    def close(self) -> None:
        self.session.close()
        self.eyes.close()


@pytest.fixture
def person(server: RedisServer) -> Iterator[Person]:
    one = Person(server)
    yield one
    one.close()


_ALL_TYPES = (
    "SET string hello",
    "SET expiring x PXAT 4102444800123",
    "RPUSH list a b c",
    "SADD set a b c",
    "HSET hash f v",
    "ZADD zset 1 a 2.5 b",
    "XADD stream 1-1 f v",
    "XGROUP CREATE stream workers 0",
    "PFADD hll a b",
    "SELECT 3",
    "SET string three",
    "SELECT 0",
)


def everything(person: Person) -> dict[tuple[str, bytes], tuple[bytes, int]]:
    found = {}
    for db in ("0", "3"):
        person.asks("SELECT", db)
        keys = person.asks("KEYS", "*")
        for key in (string_of(one) or b"" for one in keys.items):  # type: ignore[union-attr]
            payload = string_of(person.eyes.call(b"DUMP", key)) or b""
            expires = integer_of(person.eyes.call(b"PEXPIRETIME", key)) or 0
            found[db, key] = (value_digest(payload), expires)
    person.asks("SELECT", "0")
    return found


def test_all_types_of_all_databases_go_out_and_come_back(person: Person, tmp_path: Path) -> None:
    for line in _ALL_TYPES:
        person.asks(*line.split())
    before = everything(person)
    path = tmp_path / "dumps" / "all.safedump"
    report = person.dumps().write(path)
    assert report.keys == len(before) == 9
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["all.safedump"]
    assert person.seen[-1].keys == 9

    person.asks("FLUSHALL")
    restored = person.dumps().restore(path)
    assert (restored.restored, restored.left_alone, restored.failed) == (9, 0, ())
    assert everything(person) == before


def test_one_database_alone_can_be_dumped(person: Person, tmp_path: Path) -> None:
    for line in _ALL_TYPES:
        person.asks(*line.split())
    person.dumps().write(tmp_path / "three", db=3)
    summary = verify_dump(tmp_path / "three")
    assert (summary.keys, summary.header.databases) == (1, (3,))


def test_many_keys_go_through_in_batches(person: Person, tmp_path: Path) -> None:
    person.asks("DEBUG", "POPULATE", "20000", "k", "50")
    path = tmp_path / "many"
    assert person.dumps().write(path).keys == 20_000
    person.asks("FLUSHALL")
    assert person.dumps().restore(path).restored == 20_000
    assert person.asks("DBSIZE") == Integer(20_000)


def test_keys_that_exist_now_are_left_alone_unless_asked(person: Person, tmp_path: Path) -> None:
    person.asks("SET", "a", "old")
    person.asks("SET", "b", "old")
    path = tmp_path / "dump"
    person.dumps().write(path)
    person.asks("SET", "a", "new")
    person.asks("DEL", "b")
    report = person.dumps().restore(path)
    assert (report.restored, report.left_alone) == (1, 1)
    assert "left alone" in "".join(report.lines())
    assert person.asks("GET", "a") == Bulk(b"new")
    assert person.dumps().restore(path, overwrite=True).restored == 2
    assert person.asks("GET", "a") == Bulk(b"old")


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other", "longer"])
def test_a_damaged_file_restores_nothing(person: Person, tmp_path: Path, damage: str) -> None:
    person.asks("SET", "a", "some value that is long enough")
    path = tmp_path / "dump"
    person.dumps().write(path)
    content = path.read_bytes()
    middle = len(content) - 60
    path.write_bytes(
        {
            "cut": content[:-5],
            "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "other": b'{"form": "something"}\n',
            "longer": content + b"x",
        }[damage]
    )
    person.asks("FLUSHALL")
    with pytest.raises(DumpFileInvalid):
        person.dumps().restore(path)
    assert person.asks("DBSIZE") == Integer(0)


def test_a_dump_that_is_stopped_or_too_large_leaves_no_file(person: Person, tmp_path: Path) -> None:
    person.asks("DEBUG", "POPULATE", "5000", "k", "50")
    with pytest.raises(DumpFailed, match="stopped"):
        person.dumps(should_stop=lambda: len(person.seen) > 2).write(tmp_path / "dump")
    with pytest.raises(DumpFailed, match="larger than"):
        person.dumps(max_bytes=10_000).write(tmp_path / "dump")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_overwritten(person: Person, tmp_path: Path) -> None:
    (tmp_path / "dump").write_text("mine")
    with pytest.raises(DumpFailed, match="exists"):
        person.dumps().write(tmp_path / "dump")
    assert (tmp_path / "dump").read_text() == "mine"


def test_a_new_file_is_named_for_server_and_time() -> None:
    assert dump_path(Path("d"), "[::1]:6379", now=0).name == "1_6379-19700101T000000Z.safedump"
