"""Putting back harms nothing newer: what changed since, what is over, another server, a plan, an undo of an undo."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeshell.redis.reply import (
    Bulk,
    Integer,
)
from safeshell.redis.undo_store import NoSuchUndo
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer


def test_a_key_that_changed_since_is_not_overwritten_unasked(person: KeptPerson) -> None:
    person.asks("SET", "k", "old")
    person.types("SET k new")
    person.asks("SET", "k", "newer")
    report = person.restorer.restore()
    assert report.refused
    assert "changed since" in report.plan.objections[0]
    assert person.asks("GET", "k") == Bulk(b"newer")
    report = person.restorer.restore(overwrite=True)
    assert not report.refused
    assert person.asks("GET", "k") == Bulk(b"old")
    person.restorer.restore(report.undo_id)
    assert person.asks("GET", "k") == Bulk(b"newer")


def test_a_changed_expiry_is_a_change_too(person: KeptPerson) -> None:
    person.asks("SET", "k", "old")
    person.types("SET k new")
    person.asks("EXPIRE", "k", "1000")
    assert person.restorer.restore().refused


def test_a_table_that_the_server_reordered_is_no_change(redis_person: KeptPerson) -> None:
    person = redis_person
    person.asks("SADD", "k", *(f"member:{n}" for n in range(3000)))
    person.types([b"SREM", b"k", *(b"member:%d" % n for n in range(2900))])
    for _ in range(50):  # each call moves a bucket of the shrinking table
        person.asks("SCARD", "k")
        person.asks("SISMEMBER", "k", "x")
    report = person.restorer.restore()
    assert not report.refused, report.plan.objections
    assert person.asks("SCARD", "k") == Integer(3000)


def test_a_key_whose_time_has_passed_stays_away_and_that_is_said(person: KeptPerson) -> None:
    person.asks("SET", "k", "1", "PX", "40")
    person.types("DEL k")
    entry = person.store.last()
    deadline = entry.keys[0].expires_ms
    assert deadline is not None
    while datetime.now(UTC).timestamp() * 1000 <= deadline + 1:
        pass
    report = person.restorer.restore()
    assert report.restored == 0
    assert any("would have expired" in line for line in report.lines())


def test_another_run_of_the_server_is_not_restored_into_unasked(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    person = KeptPerson(redis_server, tmp_path)
    person.asks("SET", "k", "old")
    person.types("DEL k")
    person.close()
    redis_server.kill()
    redis_server.start()
    again = KeptPerson(redis_server, tmp_path)
    kept = again.store.last().header.id
    report = again.restorer.restore(kept)
    assert report.refused
    assert "restarted or replaced" in report.plan.objections[0]
    assert again.restorer.restore(kept, overwrite=True).restored == 1
    again.close()


def test_what_another_family_of_server_kept_is_refused_by_the_server_and_said(
    redis_server: RedisServer, valkey_server: RedisServer, tmp_path: Path
) -> None:
    valkey = KeptPerson(valkey_server, tmp_path)
    valkey.asks("SET", "k", "old")
    valkey.types("DEL k")
    undo_id = valkey.undo.last_id
    assert undo_id
    redis = KeptPerson(redis_server, tmp_path)
    assert "another server" in redis.restorer.restore(undo_id).plan.objections[0]
    report = redis.restorer.restore(undo_id, overwrite=True)
    assert report.restored == 0
    assert "payload version or checksum" in report.failed[0]
    assert any("format 80" in line for line in report.lines())
    valkey.close()
    redis.close()


def test_an_undo_can_be_undone_and_is_not_what_undo_takes_next(person: KeptPerson) -> None:
    person.asks("SET", "k", "1")
    person.types("SET k 2")
    person.types("SET k 3")
    first = person.restorer.restore()
    assert person.asks("GET", "k") == Bulk(b"2")
    assert person.restorer.restore().restored == 1
    assert person.asks("GET", "k") == Bulk(b"1")
    with pytest.raises(NoSuchUndo):
        person.restorer.restore()
    assert person.restorer.restore(first.undo_id, overwrite=True).restored == 1
    assert person.asks("GET", "k") == Bulk(b"3")


def test_a_plan_changes_nothing(person: KeptPerson) -> None:
    person.asks("SET", "k", "1")
    person.types("DEL k")
    plan = person.restorer.plan(person.restorer.entry())
    assert plan.lines() == ["put back k (db 0)"]
    assert person.asks("EXISTS", "k") == Integer(0)
