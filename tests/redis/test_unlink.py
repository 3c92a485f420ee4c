"""`:unlink`: by pattern, in bulk, stoppable, and kept for undo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeshell.errors import UsageError
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.reply import Bulk, Integer, Reply
from safeshell.redis.restore import Restorer
from safeshell.redis.session import RedisSession
from safeshell.redis.undo_store import NoSuchUndo, UndoStore
from safeshell.redis.unlink import Unlinker
from safeshell.redis.unlink_batch import UnlinkFailed
from safeshell.redis.unlink_report import UnlinkProgress
from safeshell.redis.unlink_request import UnlinkRequest, parse_unlink, unlink_reading
from tests.servers import RedisServer


class Person:
    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.session = RedisSession.open(ServerAddress(port=server.port), target="cache-test")
        self.eyes = Connection.open(self.session.state.address)
        self.store = UndoStore(folder / "undo")
        self.said: list[str] = []
        self.seen: list[UnlinkProgress] = []

    def unlinker(self, **options: object) -> Unlinker:
        return Unlinker(
            self.session,
            self.store,
            told=self.said.append,
            progress=self.seen.append,
            **options,  # type: ignore[arg-type]
        )

    def asks(self, *words: str) -> Reply:
        return self.eyes.call(*(word.encode() for word in words))

    def fill(self, count: int, prefix: str = "cache", *, size: int = 32) -> None:
        self.asks("DEBUG", "POPULATE", str(count), prefix, str(size))

    def close(self) -> None:
        self.session.close()
        self.eyes.close()


@pytest.fixture
def person(redis_server: RedisServer, tmp_path: Path) -> Iterator[Person]:
    one = Person(redis_server, tmp_path)
    yield one
    one.close()


def test_only_matching_keys_go_and_all_of_them_come_back(person: Person) -> None:
    person.fill(100_000, "cache:home")
    person.fill(5_000, "session")
    person.asks("EXPIRE", "cache:home:7", "1000")
    expires = person.asks("PEXPIRETIME", "cache:home:7")

    started = time.monotonic()
    report = person.unlinker().run(UnlinkRequest(b"cache:home:*"))
    assert time.monotonic() - started < 20
    assert report.unlinked == report.kept == 100_000
    assert person.asks("DBSIZE") == Integer(5_000)
    assert person.seen[-1].share == 1.0

    restored = Restorer(person.session, person.store).restore(report.undo_id)
    assert not restored.refused, restored.plan.objections
    assert restored.restored == 100_000
    assert person.asks("DBSIZE") == Integer(105_000)
    assert person.asks("PEXPIRETIME", "cache:home:7") == expires
    assert person.asks("GET", "cache:home:9").data.startswith(b"value:9")  # type: ignore[union-attr]


def test_it_works_on_valkey_and_in_the_selected_database(valkey_server: RedisServer, tmp_path: Path) -> None:
    person = Person(valkey_server, tmp_path)
    person.fill(100)
    person.session.execute([b"SELECT", b"3"])
    person.session.execute([b"SET", b"cache:1", b"x"])
    report = person.unlinker().run(UnlinkRequest(b"cache:*"))
    assert (report.unlinked, report.db) == (1, 3)
    assert person.asks("DBSIZE") == Integer(100)
    person.close()


def test_a_dry_run_counts_shows_some_and_removes_nothing(person: Person) -> None:
    person.fill(5_000, "cache", size=100)
    person.fill(5_000, "other")
    report = person.unlinker().run(UnlinkRequest(b"cache:*", dry_run=True))
    assert report.matched == 5_000
    assert len(report.samples) == 10
    assert report.memory is not None
    assert 5_000 * 100 < report.memory < 5_000 * 400
    assert person.asks("DBSIZE") == Integer(10_000)
    assert "Nothing was removed" in report.lines()[0]


def test_it_stops_when_asked_and_goes_on_from_there_in_a_new_session(
    person: Person, redis_server: RedisServer, tmp_path: Path
) -> None:
    person.fill(20_000)
    report = person.unlinker(should_stop=lambda: bool(person.seen and person.seen[-1].unlinked > 4_000)).run(
        UnlinkRequest(b"cache:*", rate=1_000_000)
    )
    assert report.stopped
    assert 4_000 < report.unlinked < 8_000
    assert "--continue" in "".join(report.lines())
    calls_before = len(person.seen)

    later = Person(redis_server, tmp_path)
    unlinker = later.unlinker()
    assert unlinker.resolved(UnlinkRequest(resume=True)).pattern == b"cache:*"
    rest = unlinker.run(UnlinkRequest(resume=True))
    assert not rest.stopped
    assert rest.unlinked == 20_000
    assert rest.kept == 20_000 - report.unlinked
    assert later.asks("DBSIZE") == Integer(0)
    assert len(later.seen) < 20_000 / 1000 + 20_000 / 1000 - calls_before + 5
    with pytest.raises(UsageError, match="no :unlink was stopped"):
        unlinker.run(UnlinkRequest(resume=True))
    for undo_id in (report.undo_id, rest.undo_id):
        assert not Restorer(later.session, later.store).restore(undo_id).failed
    assert later.asks("DBSIZE") == Integer(20_000)
    later.close()


def test_a_rate_is_kept(person: Person) -> None:
    person.fill(2_000)
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    report = person.unlinker(clock=lambda: now[0], wait=wait).run(UnlinkRequest(b"*", rate=500))
    assert report.unlinked == 2_000
    assert 3.7 <= report.seconds <= 4.1


def test_beyond_the_limit_it_goes_on_and_says_that_the_rest_is_not_kept(person: Person) -> None:
    person.fill(10_000, size=1000)
    report = person.unlinker(max_bytes=1_200_000).run(UnlinkRequest(b"cache:*"))
    assert report.unlinked == 10_000
    assert 0 < report.kept < 4_000
    assert any("not kept for undo" in text for text in person.said)
    assert f"brings back {report.kept:,} keys" in report.lines()[-1]
    entry = person.store.load(report.undo_id)
    assert any("not kept" in note for note in entry.notes)


def test_without_keeping_nothing_is_written(person: Person) -> None:
    person.fill(1_000)
    report = person.unlinker(keep=False).run(UnlinkRequest(b"*"))
    assert (report.unlinked, report.undo_id) == (1_000, "")
    with pytest.raises(NoSuchUndo):
        person.store.last()


def test_keys_with_any_bytes_are_removed_and_come_back(person: Person) -> None:
    keys = [b"cache:\x00\xff\r\n*", b"cache:[a]?", b"cache: \x1b[2J"]
    for key in keys:
        person.eyes.call(b"SET", key, key)
    report = person.unlinker().run(UnlinkRequest(b"cache:*"))
    assert report.unlinked == 3
    Restorer(person.session, person.store).restore()
    assert [person.eyes.call(b"GET", key) for key in keys] == [Bulk(key) for key in keys]


def test_someone_who_may_not_unlink_is_told_so_and_nothing_is_gone(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.send("DEBUG", "POPULATE", "10", "cache")
    redis_server.send("ACL", "SETUSER", "default", "-unlink")
    person = Person(redis_server, tmp_path)
    with pytest.raises(UnlinkFailed, match="would not unlink"):
        person.unlinker().run(UnlinkRequest(b"*"))
    assert person.asks("DBSIZE") == Integer(10)
    person.close()


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("cache:*", UnlinkRequest(b"cache:*")),
        ("cache:* --rate 500/s", UnlinkRequest(b"cache:*", rate=500)),
        ("--rate=1,000 cache:* --dry-run", UnlinkRequest(b"cache:*", rate=1000, dry_run=True)),
        ("--continue", UnlinkRequest(resume=True)),
        ("-- --odd", UnlinkRequest(b"--odd")),
    ],
)
def test_what_is_typed_is_understood(words: str, request_: UnlinkRequest) -> None:
    assert parse_unlink(words.encode().split()) == request_


@pytest.mark.parametrize(
    "words", ["", "a b", "--rate x a", "a --rate", "a --rate 0", "--nonsense a", "a --continue"]
)
def test_what_does_not_fit_is_refused_with_the_usage(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_unlink(words.encode().split())
    assert "--rate" in str(caught.value)


def test_a_pattern_for_every_key_is_judged_as_everything() -> None:
    assert unlink_reading(b"*", 0).severity is Severity.CRITICAL
    assert unlink_reading(b"**", 0).effects[0].extent is Extent.EVERYTHING
    some = unlink_reading(b"cache:*", 2)
    assert some.severity is Severity.HIGH
    assert some.effects[0].kind is EffectKind.DELETE
    assert "db 2" in some.effects[0].object
    assert not some.reads
