"""Keeping what a line changes, and putting it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.redis.payload import value_digest
from safeshell.redis.reply import (
    Array,
    Bulk,
    Error,
    Integer,
    integer_of,
    items_of,
    string_of,
)
from safeshell.redis.undo_store import NoSuchUndo
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer


def value(person: KeptPerson, key: str) -> bytes | None:
    payload = string_of(person.asks("DUMP", key))
    return None if payload is None else value_digest(payload)


def members_of(person: KeptPerson) -> list[str]:
    """Of a set, in an order that does not depend on its table's."""
    return sorted(map(repr, items_of(person.asks("SMEMBERS", "k")) or ()))


TYPES: dict[str, list[str]] = {
    "string": ["SET k hello"],
    "number": ["SET k 42"],
    "binary": [],
    "list": ["RPUSH k a b c"],
    "set": ["SADD k a b c"],
    "integer set": ["SADD k 1 2 3"],
    "hash": ["HSET k f v g w"],
    "sorted set": ["ZADD k 1.5 a 2 b"],
    "geo": ["GEOADD k 13.361389 38.115556 Palermo"],
    "hyperloglog": ["PFADD k a b c"],
    "bitmap": ["SETBIT k 100 1"],
    "stream": [
        "XADD k 1-1 f v",
        "XADD k 2-1 f v",
        "XGROUP CREATE k workers 0",
        "XREADGROUP GROUP workers alice COUNT 1 STREAMS k >",
        "XDEL k 2-1",
    ],
}


@pytest.mark.parametrize("kind", TYPES)
def test_a_deleted_key_of_every_type_comes_back_with_its_value_and_exact_expiry(
    person: KeptPerson, kind: str
) -> None:
    for line in TYPES[kind]:
        person.asks(*line.split())
    if kind == "binary":
        person.asks(b"SET", b"k", bytes(range(256)))
    person.asks("PEXPIREAT", "k", "4102444800123")
    before = value(person, "k")
    members, stream = members_of(person), person.asks("XINFO", "STREAM", "k", "FULL")

    assert person.types("DEL k") == Integer(1)
    assert person.asks("EXISTS", "k") == Integer(0)

    report = person.restorer.restore()
    assert not report.failed, report
    assert report.restored == 1
    assert value(person, "k") == before
    assert members_of(person) == members
    assert person.asks("XINFO", "STREAM", "k", "FULL") == stream
    assert person.asks("PEXPIRETIME", "k") == Integer(4102444800123)


def test_a_key_that_did_not_exist_is_removed_again(person: KeptPerson) -> None:
    person.types("SET fresh 1")
    report = person.restorer.restore()
    assert (report.restored, report.removed) == (0, 1)
    assert person.asks("EXISTS", "fresh") == Integer(0)


def test_an_overwritten_value_of_another_type_comes_back_without_the_expiry_it_never_had(
    person: KeptPerson,
) -> None:
    person.asks("RPUSH", "k", "a", "b")
    person.types("SET k string EX 1000")
    person.restorer.restore()
    assert person.asks("LRANGE", "k", "0", "-1") == Array((Bulk(b"a"), Bulk(b"b")))
    assert person.asks("PTTL", "k") == Integer(-1)


@pytest.mark.parametrize(
    "line",
    [
        "EXPIRE k 100",
        "RENAME k other",
        "APPEND k more",
        "GETDEL k",
        "COPY k other",
        "SORT source STORE k",
        "SUNIONSTORE k missing",
        "MSET k 1 other 2",
        "PERSIST k",
        "BITOP NOT k k",
        "EVAL return(redis.call('set',KEYS[1],'x')) 1 k",
    ],
)
def test_undo_takes_back(person: KeptPerson, line: str) -> None:
    person.asks("SET", "k", "value", "PX", "5000000")
    person.asks("RPUSH", "source", "2", "1")
    keys = ("k", "other", "source")
    before = [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys]
    reply = person.types(line)
    assert not isinstance(reply, Error), reply
    assert [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys] != before
    person.restorer.restore()
    assert [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys] == before


def test_a_large_hash_comes_back_whole(redis_person: KeptPerson) -> None:
    person = redis_person
    person.asks("DEBUG", "POPULATE", "1", "x", "1")
    for start in range(0, 100_000, 1000):
        fields = [b for n in range(start, start + 1000) for b in (b"field:%d" % n, b"value:%d" % n)]
        person.asks(b"HSET", b"big", *fields)
    before = value(person, "big")
    person.types("UNLINK big")
    report = person.restorer.restore()
    assert report.restored == 1
    assert person.asks("HLEN", "big") == Integer(100_000)
    assert value(person, "big") == before


def test_a_key_above_the_limit_is_not_kept_and_that_is_said(server: RedisServer, tmp_path: Path) -> None:
    person = KeptPerson(server, tmp_path, max_bytes=10_000)
    person.asks("SET", "big", "x" * 20_000)
    assert person.types("DEL big") == Integer(1)
    assert person.undo.last_id is None
    assert any("Not kept for undo: big" in text for text in person.said)
    with pytest.raises(NoSuchUndo):
        person.restorer.restore()
    person.close()


def test_several_commands_of_one_line_are_taken_back_to_before_the_first(person: KeptPerson) -> None:
    person.asks("SET", "k", "0")
    person.types("SET k 1", "SET k 2", "DEL k", "SET other 3")
    person.restorer.restore()
    assert person.asks("GET", "k") == Bulk(b"0")
    assert person.asks("EXISTS", "other") == Integer(0)


def test_a_line_that_changed_nothing_leaves_no_entry(person: KeptPerson) -> None:
    person.asks("SET", "k", "1")
    for line in ("GET k", "DEL missing", "SETNX k 2", "SET k 1", "PERSIST k", "LPUSH k x"):
        person.types(line)
        assert person.undo.last_id is None, line
    assert person.store.entries() == []
    assert not list(person.store.folder.glob("*/*.undo"))


def test_idle_time_comes_back(person: KeptPerson) -> None:
    payload = string_of(person.asks("DUMP", "k")) if person.asks("SET", "k", "1") else None
    assert payload
    person.asks(b"RESTORE", b"k", b"0", payload, b"REPLACE", b"IDLETIME", b"5000")
    person.types("DEL k")
    person.restorer.restore()
    idle = integer_of(person.asks("OBJECT", "IDLETIME", "k"))
    assert idle is not None
    assert idle >= 5000


def test_a_copy_into_another_database_is_taken_back_there(person: KeptPerson) -> None:
    person.asks("SET", "k", "new")
    person.asks("SELECT", "2")
    person.asks("SET", "other", "old")
    assert person.types("COPY k other DB 2 REPLACE") == Integer(1)
    person.restorer.restore()
    assert person.asks("GET", "other") == Bulk(b"old")


def test_use_counters_come_back_under_an_lfu_policy(person: KeptPerson) -> None:
    person.asks("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    payload = string_of(person.asks("DUMP", "k")) if person.asks("SET", "k", "1") else None
    assert payload
    person.asks(b"RESTORE", b"k", b"0", payload, b"REPLACE", b"FREQ", b"200")
    person.types("DEL k")
    person.restorer.restore()
    freq = integer_of(person.asks("OBJECT", "FREQ", "k"))
    assert freq is not None
    assert freq >= 190
