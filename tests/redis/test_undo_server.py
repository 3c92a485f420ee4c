"""What is no key comes back too: settings, functions, users, whole databases, a cluster's keys."""

from __future__ import annotations

from pathlib import Path

from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Reading
from safeshell.redis.address import ServerAddress
from safeshell.redis.reply import (
    Bulk,
    Error,
    Integer,
)
from safeshell.redis.restore import Restorer
from safeshell.redis.session import RedisSession
from safeshell.redis.undo import RedisUndo
from safeshell.redis.undo_record import Origin
from tests.redis.undoing import KeptPerson
from tests.servers import RedisServer, free_port


def test_settings_functions_users_and_swaps_are_taken_back(person: KeptPerson) -> None:
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


def answer(person: KeptPerson, question: tuple[str, ...]) -> str:
    return users(person) if question[0] == "ACL" else repr(person.asks(*question))


def users(person: KeptPerson) -> str:
    """All users; what `reset` writes out and a fresh user leaves unsaid means the same."""
    return repr(person.asks("ACL", "LIST")).replace(" sanitize-payload", "")


def test_a_deleted_user_comes_back_with_the_same_password(person: KeptPerson) -> None:
    person.asks("ACL", "SETUSER", "bob", "on", ">secret", "~*", "+@all", "(+get ~public:*)")
    before = users(person)
    person.types("ACL DELUSER bob")
    report = person.restorer.restore()
    assert not report.failed
    assert users(person) == before
    assert "secret" not in "".join([*report.lines(), *report.plan.lines()])


def test_function_flush_is_taken_back(person: KeptPerson) -> None:
    library = "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"
    person.asks("FUNCTION", "LOAD", library)
    before = person.asks("FUNCTION", "LIST", "WITHCODE")
    person.types("FUNCTION FLUSH")
    person.restorer.restore()
    assert person.asks("FUNCTION", "LIST", "WITHCODE") == before


def test_a_small_flush_is_kept_whole(person: KeptPerson) -> None:
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


def test_a_large_flush_is_not_kept_and_that_is_said(redis_person: KeptPerson) -> None:
    redis_person.asks("DEBUG", "POPULATE", "30000")
    redis_person.types("FLUSHDB")
    assert redis_person.undo.last_id is None
    assert any("30,000 keys" in text for text in redis_person.said)


def test_a_script_keeps_chunk_by_chunk_each_key_as_it_was_before_all_of_it(person: KeptPerson) -> None:
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


def test_in_a_cluster_it_is_kept_beside_the_command_and_comes_back(tmp_path: Path) -> None:
    with RedisServer("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as node:
        node.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        while b"cluster_state:ok" not in node.send("CLUSTER", "INFO"):
            pass
        person = KeptPerson(node, tmp_path)
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
