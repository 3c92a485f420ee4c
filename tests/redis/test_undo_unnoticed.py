"""Keeping for undo changes nothing else: replies, transactions, errors and waits are as they would be without."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.reply import (
    Array,
    Bulk,
    Integer,
    Nil,
    Status,
)
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer


@pytest.mark.parametrize(
    "line",
    [
        "LPUSH k x",  # wrong type, found while it runs
        "SET k",  # wrong number of arguments, found when it is queued
        "SET k 1 EX nonsense",
        "INCR k",
        "SETRANGE k -1 x",
        "GET k",
        "SET k 1 GET",
        "HSET h a 1 b 2",
        "LPOP missing 3",
        "SPOP missing",
        "INCRBYFLOAT n 0.1",
        "XADD s 1-1 f v",
        "ZADD z INCR 1.5 a",
        "DEL a b c",
    ],
)
def test_the_reply_is_the_same_as_if_the_command_had_been_sent_alone(person: KeptPerson, line: str) -> None:
    def prepare() -> None:
        person.asks("FLUSHALL")
        person.asks("SET", "k", "text")
        person.asks("SET", "a", "1")

    prepare()
    alone = person.session.connection.call(*line.encode().split())
    prepare()
    assert person.types(line) == alone


def test_an_error_inside_the_transaction_leaves_the_connection_outside_it(person: KeptPerson) -> None:
    person.asks("SET", "k", "text")
    person.types("SET k")
    person.types("LPUSH k x")
    assert person.session.connection.call(b"GET", b"k") == Bulk(b"text")


def test_a_watch_of_the_person_keeps_its_meaning(person: KeptPerson) -> None:
    person.asks("SET", "k", "1")
    person.types("WATCH k")
    person.types("SET mine 1")
    person.asks("SET", "k", "changed by somebody else")
    person.types("MULTI")
    person.types("SET k 2")
    assert isinstance(person.types("EXEC"), Nil)
    assert person.undo.last_id is None
    assert person.asks("GET", "k") == Bulk(b"changed by somebody else")


def test_a_transaction_of_the_person_is_kept_at_exec(person: KeptPerson) -> None:
    person.asks("SET", "a", "1")
    person.types("MULTI")
    person.types("SET a 2")
    assert person.types("SELECT 3") == Status(b"QUEUED")
    person.types("SET b 3")
    assert person.types("EXEC") == Array((Status(b"OK"), Status(b"OK"), Status(b"OK")))
    entry = person.store.last()
    assert {(kept.db, kept.key) for kept in entry.keys} == {(0, b"a"), (3, b"b")}
    assert not entry.atomic
    report = person.restorer.restore()
    assert (report.restored, report.removed) == (1, 1)
    assert any("not in the same instant" in line for line in report.lines())
    assert person.asks("GET", "a") == Bulk(b"1")


def test_a_command_that_waits_still_waits(person: KeptPerson) -> None:
    person.asks("RPUSH", "queue", "a")
    assert person.types("BLPOP queue 1") == Array((Bulk(b"queue"), Bulk(b"a")))
    person.restorer.restore()
    assert person.asks("LRANGE", "queue", "0", "-1") == Array((Bulk(b"a"),))


def test_above_maxmemory_a_key_can_still_be_deleted_and_is_kept(person: KeptPerson) -> None:
    person.asks("SET", "k", "x" * 1000)
    person.asks("CONFIG", "SET", "maxmemory", "1")
    assert person.types("DEL k") == Integer(1)
    report = person.restorer.restore()
    assert report.restored == 0
    assert any("OOM" in line for line in report.lines())
    person.asks("CONFIG", "SET", "maxmemory", "0")
    assert person.restorer.restore().restored == 1
    assert person.asks("STRLEN", "k") == Integer(1000)


def test_someone_without_multi_or_dump_still_gets_replies_and_hears_what_is_not_kept(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.send("ACL", "SETUSER", "default", "-multi", "-exec")
    person = KeptPerson(redis_server, tmp_path)
    person.types("SET k 1")
    assert person.restorer.restore().removed == 1
    redis_server.send("ACL", "SETUSER", "default", "+multi", "+exec", "-dump")
    assert person.types("SET k 2") == Status(b"OK")
    assert person.undo.last_id is None
    assert any("would not dump k" in text for text in person.said)
    person.close()


@pytest.mark.parametrize("protocol", [Protocol.RESP2, Protocol.RESP3])
def test_replies_of_resp3_come_through_a_transaction_unchanged(
    server: RedisServer, protocol: Protocol
) -> None:
    person_folder = server.folder / "person"
    person = KeptPerson(server, person_folder)
    person.session.close()
    person.session = RedisSession.open(ServerAddress(port=server.port, protocol=protocol), target="cache")
    person.undo = RedisUndo(person.session, person.store)
    for line in ("ZADD z 1.5 a", "ZPOPMAX z", "SPOP missing 2", "GETDEL missing", "ZADD z INCR 1 b"):
        person.asks("DEL", "z")
        person.asks("ZADD", "z", "1", "a")
        alone = person.session.connection.call(*line.encode().split())
        person.asks("DEL", "z")
        person.asks("ZADD", "z", "1", "a")
        assert person.types(line) == alone, line
    person.close()
