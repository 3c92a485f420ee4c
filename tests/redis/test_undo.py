"""Keeping what a line changes, and putting it back."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from safeshell.errors import GuardFailure
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Reading
from safeshell.redis.address import Protocol, ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.payload import value_digest
from safeshell.redis.reply import (
    Array,
    Bulk,
    Error,
    Integer,
    Nil,
    Reply,
    Status,
    integer_of,
    items_of,
    string_of,
)
from safeshell.redis.restore import Restorer
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_record import Origin
from safeshell.redis.undo_store import NoSuchUndo, UndoStore
from tests.servers import RedisServer, free_port, valkey_binary


@pytest.fixture(params=["redis", "valkey"])
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with RedisServer(binary=valkey_binary() if request.param == "valkey" else None) as one:
        yield one


class Person:
    """Someone at a console whose lines are kept."""

    def __init__(self, server: RedisServer, folder: Path, **options: object) -> None:
        self.session = RedisSession.open(ServerAddress(port=server.port), target="cache-test")
        self.eyes = Connection.open(self.session.state.address)
        self.store = UndoStore(folder / "undo")
        self.said: list[str] = []
        self.undo = RedisUndo(self.session, self.store, told=self.said.append, **options)  # type: ignore[arg-type]
        self.restorer = Restorer(self.session, self.store, told=self.said.append)

    def types(self, *lines: str | list[bytes]) -> Reply:
        """One submitted line of several commands; the last one's reply."""
        replies: list[Reply] = []

        def run() -> Outcome:
            for line in lines:
                argv = line.encode().split() if isinstance(line, str) else line
                replies.append(self.undo.execute(argv))
            return Outcome(OutcomeKind.DONE)

        outcome = self.undo.run_kept(Reading("redis", "line", "the line"), run)
        assert outcome.undo_id == (self.undo.last_id or "")
        return replies[-1]

    def asks(self, *words: str | bytes) -> Reply:
        return self.eyes.call(*(w.encode() if isinstance(w, str) else w for w in words))

    def close(self) -> None:
        self.session.close()
        self.eyes.close()


@pytest.fixture
def person(server: RedisServer, tmp_path: Path) -> Iterator[Person]:
    one = Person(server, tmp_path)
    yield one
    one.close()


@pytest.fixture
def redis_person(redis_server: RedisServer, tmp_path: Path) -> Iterator[Person]:
    one = Person(redis_server, tmp_path)
    yield one
    one.close()


def value(person: Person, key: str) -> bytes | None:
    payload = string_of(person.asks("DUMP", key))
    return None if payload is None else value_digest(payload)


def members_of(person: Person) -> list[str]:
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
    person: Person, kind: str
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


def test_a_key_that_did_not_exist_is_removed_again(person: Person) -> None:
    person.types("SET fresh 1")
    report = person.restorer.restore()
    assert (report.restored, report.removed) == (0, 1)
    assert person.asks("EXISTS", "fresh") == Integer(0)


def test_an_overwritten_value_of_another_type_comes_back_without_the_expiry_it_never_had(
    person: Person,
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
def test_undo_takes_back(person: Person, line: str) -> None:
    person.asks("SET", "k", "value", "PX", "5000000")
    person.asks("RPUSH", "source", "2", "1")
    keys = ("k", "other", "source")
    before = [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys]
    reply = person.types(line)
    assert not isinstance(reply, Error), reply
    assert [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys] != before
    person.restorer.restore()
    assert [(value(person, key), person.asks("PEXPIRETIME", key)) for key in keys] == before


def test_a_large_hash_comes_back_whole(redis_person: Person) -> None:
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
    person = Person(server, tmp_path, max_bytes=10_000)
    person.asks("SET", "big", "x" * 20_000)
    assert person.types("DEL big") == Integer(1)
    assert person.undo.last_id is None
    assert any("Not kept for undo: big" in text for text in person.said)
    with pytest.raises(NoSuchUndo):
        person.restorer.restore()
    person.close()


def test_several_commands_of_one_line_are_taken_back_to_before_the_first(person: Person) -> None:
    person.asks("SET", "k", "0")
    person.types("SET k 1", "SET k 2", "DEL k", "SET other 3")
    person.restorer.restore()
    assert person.asks("GET", "k") == Bulk(b"0")
    assert person.asks("EXISTS", "other") == Integer(0)


def test_a_line_that_changed_nothing_leaves_no_entry(person: Person) -> None:
    person.asks("SET", "k", "1")
    for line in ("GET k", "DEL missing", "SETNX k 2", "SET k 1", "PERSIST k", "LPUSH k x"):
        person.types(line)
        assert person.undo.last_id is None, line
    assert person.store.entries() == []
    assert not list(person.store.folder.glob("*/*.undo"))


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
def test_the_reply_is_the_same_as_if_the_command_had_been_sent_alone(person: Person, line: str) -> None:
    def prepare() -> None:
        person.asks("FLUSHALL")
        person.asks("SET", "k", "text")
        person.asks("SET", "a", "1")

    prepare()
    alone = person.session.connection.call(*line.encode().split())
    prepare()
    assert person.types(line) == alone


def test_an_error_inside_the_transaction_leaves_the_connection_outside_it(person: Person) -> None:
    person.asks("SET", "k", "text")
    person.types("SET k")
    person.types("LPUSH k x")
    assert person.session.connection.call(b"GET", b"k") == Bulk(b"text")


def test_a_watch_of_the_person_keeps_its_meaning(person: Person) -> None:
    person.asks("SET", "k", "1")
    person.types("WATCH k")
    person.types("SET mine 1")
    person.asks("SET", "k", "changed by somebody else")
    person.types("MULTI")
    person.types("SET k 2")
    assert isinstance(person.types("EXEC"), Nil)
    assert person.undo.last_id is None
    assert person.asks("GET", "k") == Bulk(b"changed by somebody else")


def test_a_transaction_of_the_person_is_kept_at_exec(person: Person) -> None:
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


def test_a_command_that_waits_still_waits(person: Person) -> None:
    person.asks("RPUSH", "queue", "a")
    assert person.types("BLPOP queue 1") == Array((Bulk(b"queue"), Bulk(b"a")))
    person.restorer.restore()
    assert person.asks("LRANGE", "queue", "0", "-1") == Array((Bulk(b"a"),))


def test_above_maxmemory_a_key_can_still_be_deleted_and_is_kept(person: Person) -> None:
    person.asks("SET", "k", "x" * 1000)
    person.asks("CONFIG", "SET", "maxmemory", "1")
    assert person.types("DEL k") == Integer(1)
    report = person.restorer.restore()
    assert report.restored == 0
    assert any("OOM" in line for line in report.lines())
    person.asks("CONFIG", "SET", "maxmemory", "0")
    assert person.restorer.restore().restored == 1
    assert person.asks("STRLEN", "k") == Integer(1000)


def test_a_key_that_changed_since_is_not_overwritten_unasked(person: Person) -> None:
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


def test_a_changed_expiry_is_a_change_too(person: Person) -> None:
    person.asks("SET", "k", "old")
    person.types("SET k new")
    person.asks("EXPIRE", "k", "1000")
    assert person.restorer.restore().refused


def test_a_table_that_the_server_reordered_is_no_change(redis_person: Person) -> None:
    person = redis_person
    person.asks("SADD", "k", *(f"member:{n}" for n in range(3000)))
    person.types([b"SREM", b"k", *(b"member:%d" % n for n in range(2900))])
    for _ in range(50):  # each call moves a bucket of the shrinking table
        person.asks("SCARD", "k")
        person.asks("SISMEMBER", "k", "x")
    report = person.restorer.restore()
    assert not report.refused, report.plan.objections
    assert person.asks("SCARD", "k") == Integer(3000)


def test_a_key_whose_time_has_passed_stays_away_and_that_is_said(person: Person) -> None:
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
    person = Person(redis_server, tmp_path)
    person.asks("SET", "k", "old")
    person.types("DEL k")
    person.close()
    redis_server.kill()
    redis_server.start()
    again = Person(redis_server, tmp_path)
    report = again.restorer.restore()
    assert report.refused
    assert "restarted or replaced" in report.plan.objections[0]
    assert again.restorer.restore(overwrite=True).restored == 1
    again.close()


def test_what_another_family_of_server_kept_is_refused_by_the_server_and_said(
    redis_server: RedisServer, valkey_server: RedisServer, tmp_path: Path
) -> None:
    valkey = Person(valkey_server, tmp_path)
    valkey.asks("SET", "k", "old")
    valkey.types("DEL k")
    undo_id = valkey.undo.last_id
    assert undo_id
    redis = Person(redis_server, tmp_path)
    assert "another server" in redis.restorer.restore(undo_id).plan.objections[0]
    report = redis.restorer.restore(undo_id, overwrite=True)
    assert report.restored == 0
    assert "payload version or checksum" in report.failed[0]
    assert any("format 80" in line for line in report.lines())
    valkey.close()
    redis.close()


def test_an_undo_can_be_undone_and_is_not_what_undo_takes_next(person: Person) -> None:
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


def test_a_plan_changes_nothing(person: Person) -> None:
    person.asks("SET", "k", "1")
    person.types("DEL k")
    plan = person.restorer.plan(person.restorer.entry())
    assert plan.lines() == ["put back k (db 0)"]
    assert person.asks("EXISTS", "k") == Integer(0)


def test_idle_time_comes_back(person: Person) -> None:
    payload = string_of(person.asks("DUMP", "k")) if person.asks("SET", "k", "1") else None
    assert payload
    person.asks(b"RESTORE", b"k", b"0", payload, b"REPLACE", b"IDLETIME", b"5000")
    person.types("DEL k")
    person.restorer.restore()
    idle = integer_of(person.asks("OBJECT", "IDLETIME", "k"))
    assert idle is not None
    assert idle >= 5000


def test_settings_functions_users_and_swaps_are_taken_back(person: Person) -> None:
    library = "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"
    cases: list[tuple[list[str], tuple[str, ...]]] = [
        (["CONFIG", "SET", "maxmemory", "200mb", "timeout", "10"], ("CONFIG", "GET", "maxmemory")),
        (["FUNCTION", "LOAD", library], ("FUNCTION", "LIST")),
        (["ACL", "SETUSER", "alice", "on", ">secret", "~cache:*", "+@read"], ("ACL", "LIST")),
        (["ACL", "SETUSER", "default", "resetkeys", "~x:*"], ("ACL", "LIST")),
        (["SWAPDB", "0", "1"], ("GET", "k")),
        (["MOVE", "k", "2"], ("GET", "k")),
    ]
    person.asks("SET", "k", "1")
    for argv, question in cases:
        before = answer(person, question)
        reply = person.types([word.encode() for word in argv])
        assert not isinstance(reply, Error), (argv, reply)
        assert answer(person, question) != before, argv
        report = person.restorer.restore()
        assert not report.failed, report
        assert not report.refused, report.plan.objections
        assert answer(person, question) == before, argv


def answer(person: Person, question: tuple[str, ...]) -> str:
    return users(person) if question[0] == "ACL" else repr(person.asks(*question))


def users(person: Person) -> str:
    """All users; what `reset` writes out and a fresh user leaves unsaid means the same."""
    return repr(person.asks("ACL", "LIST")).replace(" sanitize-payload", "")


def test_a_deleted_user_comes_back_with_the_same_password(person: Person) -> None:
    person.asks("ACL", "SETUSER", "bob", "on", ">secret", "~*", "+@all", "(+get ~public:*)")
    before = users(person)
    person.types("ACL DELUSER bob")
    report = person.restorer.restore()
    assert not report.failed
    assert users(person) == before
    assert "secret" not in "".join([*report.lines(), *report.plan.lines()])


def test_function_flush_is_taken_back(person: Person) -> None:
    library = "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"
    person.asks("FUNCTION", "LOAD", library)
    before = person.asks("FUNCTION", "LIST", "WITHCODE")
    person.types("FUNCTION FLUSH")
    person.restorer.restore()
    assert person.asks("FUNCTION", "LIST", "WITHCODE") == before


def test_a_small_flush_is_kept_whole(person: Person) -> None:
    for db in (0, 3):
        person.asks("SELECT", str(db))
        for n in range(50):
            person.asks("SET", f"k{n}", str(db), "EX", "1000")
    person.types("FLUSHALL")
    assert person.asks("DBSIZE") == Integer(0)
    report = person.restorer.restore()
    assert report.restored == 100
    assert not report.plan.objections
    person.asks("SELECT", "3")
    assert person.asks("GET", "k7") == Bulk(b"3")


def test_a_large_flush_is_not_kept_and_that_is_said(redis_person: Person) -> None:
    redis_person.asks("DEBUG", "POPULATE", "30000")
    redis_person.types("FLUSHDB")
    assert redis_person.undo.last_id is None
    assert any("30,000 keys" in text for text in redis_person.said)


def test_a_script_keeps_chunk_by_chunk_each_key_as_it_was_before_all_of_it(person: Person) -> None:
    for n in range(0, 3000, 2):
        person.asks("SET", f"k{n}", "old")
    chunks = [
        [[b"SET", b"k%d" % n, b"new"] for n in range(start, start + 1000)] for start in range(0, 3000, 1000)
    ]
    chunks.append([[b"SET", b"k0", b"newer"], [b"DEL", b"k2"]])

    def run() -> Outcome:
        for chunk in chunks:
            assert person.undo.snapshot_chunk(chunk)
            person.session.pipeline(chunk)
        return Outcome(OutcomeKind.DONE)

    outcome = person.undo.run_kept(Reading("redis", "", "< script"), run)
    entry = person.store.load(outcome.undo_id)
    assert entry.header.origin is Origin.SCRIPT
    report = person.restorer.restore()
    assert not report.refused, report.plan.objections
    assert (report.restored, report.removed) == (1500, 1500)
    assert person.asks("GET", "k0") == Bulk(b"old")
    assert person.asks("DBSIZE") == Integer(1500)


def test_someone_without_multi_or_dump_still_gets_replies_and_hears_what_is_not_kept(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.send("ACL", "SETUSER", "default", "-multi", "-exec")
    person = Person(redis_server, tmp_path)
    person.types("SET k 1")
    assert person.restorer.restore().removed == 1
    redis_server.send("ACL", "SETUSER", "default", "+multi", "+exec", "-dump")
    assert person.types("SET k 2") == Status(b"OK")
    assert person.undo.last_id is None
    assert any("would not dump k" in text for text in person.said)
    person.close()


def test_a_disk_that_takes_nothing_stops_the_line_before_it_is_sent(person: Person) -> None:
    person.store.folder.write_text("a file where the folder should be")
    with pytest.raises(GuardFailure):
        person.types("SET k 1")
    assert person.asks("EXISTS", "k") == Integer(0)


def test_entries_are_for_their_owner_only(person: Person) -> None:
    person.types("SET k 1")
    (path,) = person.store.folder.glob("*/*.undo")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_old_entries_go_and_then_the_oldest_beyond_the_budget(person: Person) -> None:
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


def test_a_cut_off_entry_gives_what_is_whole_and_says_so(person: Person) -> None:
    person.asks("SET", "a", "1")
    person.asks("SET", "b", "2")
    person.types("DEL a", "DEL b")
    (path,) = person.store.folder.glob("*/*.undo")
    path.write_bytes(path.read_bytes()[:-3])
    report = person.restorer.restore()
    assert report.restored == 1
    assert any("damaged" in line for line in report.lines())
    assert person.asks("GET", "a") == Bulk(b"1")


def test_a_copy_into_another_database_is_taken_back_there(person: Person) -> None:
    person.asks("SET", "k", "new")
    person.asks("SELECT", "2")
    person.asks("SET", "other", "old")
    assert person.types("COPY k other DB 2 REPLACE") == Integer(1)
    person.restorer.restore()
    assert person.asks("GET", "other") == Bulk(b"old")


def test_use_counters_come_back_under_an_lfu_policy(person: Person) -> None:
    person.asks("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    payload = string_of(person.asks("DUMP", "k")) if person.asks("SET", "k", "1") else None
    assert payload
    person.asks(b"RESTORE", b"k", b"0", payload, b"REPLACE", b"FREQ", b"200")
    person.types("DEL k")
    person.restorer.restore()
    freq = integer_of(person.asks("OBJECT", "FREQ", "k"))
    assert freq is not None
    assert freq >= 190


def test_two_sessions_keep_their_own_and_each_sees_all(server: RedisServer, tmp_path: Path) -> None:
    one, other = Person(server, tmp_path), Person(server, tmp_path)
    one.types("SET a 1")
    other.types("SET b 1")
    assert one.restorer.restore().removed == 1
    assert one.asks("EXISTS", "b") == Integer(0)
    assert other.restorer.restore().removed == 1
    assert one.asks("EXISTS", "a") == Integer(0)
    one.close()
    other.close()


def test_in_a_cluster_it_is_kept_beside_the_command_and_comes_back(tmp_path: Path) -> None:
    with RedisServer("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as node:
        node.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        while b"cluster_state:ok" not in node.send("CLUSTER", "INFO"):
            pass
        person = Person(node, tmp_path)
        person.session.close()
        person.session = RedisSession.open(ServerAddress(port=node.port), target="cache", cluster=True)
        person.undo = RedisUndo(person.session, person.store)
        person.restorer = Restorer(person.session, person.store)
        person.asks("HSET", "k", "f", "v")
        person.asks("SET", "other", "1")
        assert person.types("DEL k") == Integer(1)
        person.types("SET other 2")
        assert not person.store.last().atomic
        assert person.restorer.restore().restored == 1
        assert person.restorer.restore().restored == 1
        assert person.asks("HGET", "k", "f") == Bulk(b"v")
        assert person.asks("GET", "other") == Bulk(b"1")
        person.close()


@pytest.mark.parametrize("protocol", [Protocol.RESP2, Protocol.RESP3])
def test_replies_of_resp3_come_through_a_transaction_unchanged(
    server: RedisServer, protocol: Protocol
) -> None:
    person_folder = server.folder / "person"
    person = Person(server, person_folder)
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
