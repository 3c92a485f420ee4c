"""The entries of undo on the disk: whose they are, how long they stay, what is left of a broken one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.guard.effects import Severity
from safeshell.redis.reply import (
    Bulk,
    Integer,
)
from safeshell.redis.restore_plan import restore_reading
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_store import NoSuchUndo, UndoStore
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer


def test_a_disk_that_takes_nothing_stops_the_line_before_it_is_sent(person: KeptPerson) -> None:
    person.store.folder.write_text("a file where the folder should be")
    with pytest.raises(GuardFailure):
        person.types("SET k 1")
    assert person.asks("EXISTS", "k") == Integer(0)


def test_entries_are_for_their_owner_only(person: KeptPerson) -> None:
    person.types("SET k 1")
    (path,) = person.store.folder.glob("*/*.undo")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_old_entries_go_and_then_the_oldest_beyond_the_budget(person: KeptPerson) -> None:
    now = datetime.now(UTC)
    clock: list[datetime] = [now]
    ticking: Callable[[], datetime] = lambda: clock[0]  # noqa: E731
    person.store = UndoStore(person.store.folder, keep_for=timedelta(days=14), budget=30_000, clock=ticking)
    person.undo = RedisUndo(person.session, person.store)
    ids = []
    for n in range(4):
        person.types([b"SET", b"k", os.urandom(10_000)])
        ids.append(person.undo.last_id)
        (path,) = person.store.folder.glob(f"*/{ids[-1]}.undo")
        os.utime(path, (now.timestamp() - 1000 + n, now.timestamp() - 1000 + n))
    person.store.prune()
    left = {entry.header.id for entry in person.store.entries()}
    assert ids[0] not in left
    assert ids[3] in left
    clock[0] = now + timedelta(days=20)
    person.store.prune()
    assert person.store.entries() == []


def test_a_cut_off_entry_gives_what_is_whole_and_says_so(person: KeptPerson) -> None:
    person.asks("SET", "a", "1")
    person.asks("SET", "b", "2")
    person.types("DEL a", "DEL b")
    (path,) = person.store.folder.glob("*/*.undo")
    path.write_bytes(path.read_bytes()[:-3])
    report = person.restorer.restore()
    assert report.restored == 1
    assert any("damaged" in line for line in report.lines())
    assert person.asks("GET", "a") == Bulk(b"1")


def test_two_sessions_keep_their_own_and_each_sees_all(server: RedisServer, tmp_path: Path) -> None:
    one, other = KeptPerson(server, tmp_path), KeptPerson(server, tmp_path)
    one.types("SET a 1")
    other.types("SET b 1")
    assert one.restorer.restore().removed == 1
    assert one.asks("EXISTS", "a") == Integer(0)
    assert one.asks("EXISTS", "b") == Integer(1)
    assert len(one.store.entries()) == 3
    with pytest.raises(NoSuchUndo) as nothing_own:
        one.restorer.restore()
    assert f":undo {other.undo.last_id}" in nothing_own.value.todo
    assert one.restorer.restore(other.undo.last_id or "").removed == 1
    assert one.asks("EXISTS", "b") == Integer(0)
    one.close()
    other.close()


def test_an_undo_that_passes_over_an_objection_is_worth_a_question_even_for_one_key(
    person: KeptPerson,
) -> None:
    person.asks("SET", "k", "old")
    person.types("SET k mine")
    untouched = person.restorer.plan(person.restorer.entry())
    person.asks("SET", "k", "newer")
    overwriting = person.restorer.plan(person.restorer.entry())

    severities = [
        restore_reading(plan.entry, objections=plan.objections).severity for plan in (untouched, overwriting)
    ]

    assert severities == [Severity.LOW, Severity.MEDIUM]
