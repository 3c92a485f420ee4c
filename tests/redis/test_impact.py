"""What a line would hit, measured on real servers within the budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Command, Impact, Reading
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.impact import RedisProbe
from safeshell.redis.recovery import backup_commands, backup_lines, backups_of, recovery_card
from safeshell.redis.reply import Array, Bulk, Error, Reply
from safeshell.redis.session import RedisSession
from safeshell.redis.unlink_request import unlink_reading
from tests.servers import RedisServer, valkey_binary


class Person:
    def __init__(self, server: RedisServer) -> None:
        self.session = RedisSession.open(ServerAddress(port=server.port), target="cache-test")
        self.eyes = Connection.open(ServerAddress(port=server.port))
        self.probe = RedisProbe(self.session, undo_limit=1 << 20)

    def measures(self, line: str, *, budget: float = 2.0, reading: Reading | None = None) -> Impact:
        reading = reading or Reading("redis", line, line, (Command(line.split()[0]),))
        circumstances = Circumstances(PRODUCTION, Mode.GUARDED, "cache-test", datetime.now(UTC))
        return self.probe.measure(judge(reading, circumstances), timedelta(seconds=budget))

    def asks(self, *words: str | bytes) -> Reply:
        return self.eyes.call(*(w.encode() if isinstance(w, str) else w for w in words))

    def close(self) -> None:
        self.session.close()
        self.eyes.close()


@pytest.fixture
def person(redis_server: RedisServer) -> Iterator[Person]:
    one = Person(redis_server)
    yield one
    one.close()


@pytest.fixture(params=["redis", "valkey"])
def anyone(request: pytest.FixtureRequest) -> Iterator[Person]:
    with RedisServer(binary=valkey_binary() if request.param == "valkey" else None) as server:
        one = Person(server)
        yield one
        one.close()


def text(impact: Impact) -> str:
    return "\n".join(impact.facts)


def test_a_delete_tells_how_many_of_the_keys_exist_and_what_they_are(anyone: Person) -> None:
    anyone.asks("RPUSH", "queue", *(str(n) for n in range(500)))
    anyone.asks("SET", "greeting", "hello", "EX", "3600")
    impact = anyone.measures("DEL queue greeting missing")
    assert (impact.count, impact.unit, impact.complete) == (2, "keys", True)
    assert "2 of 3 keys exist" in text(impact)
    assert "queue: list, 500 elements" in text(impact)
    assert "greeting: string, 5 bytes" in text(impact)
    assert "expires in 59m" in text(impact) or "expires in 1h00m" in text(impact)
    assert impact.bytes is not None
    assert "a primary" in text(impact)
    assert "connected" in text(impact)


def test_one_missing_key_is_said_to_be_missing(anyone: Person) -> None:
    impact = anyone.measures("DEL nothing")
    assert impact.count == 0
    assert "nothing does not exist" in text(impact)


def test_of_many_keys_only_some_are_looked_at_and_the_rest_counted(anyone: Person) -> None:
    anyone.asks("DEBUG", "POPULATE", "3000", "k", "10")
    impact = anyone.measures("DEL " + " ".join(f"k:{n}" for n in range(1000, 4000)))
    assert impact.count == 2000
    assert "2,000 of 3,000 keys exist; the first 20 take" in text(impact)
    assert impact.bytes is None


def test_a_large_collection_is_offered_unlink_instead_of_del(person: Person) -> None:
    for start in range(0, 20_000, 5000):
        person.asks("SADD", "tags", *(f"t{n}" for n in range(start, start + 5000)))
    assert any("UNLINK" in offer for offer in person.measures("DEL tags").offers)
    assert not person.measures("UNLINK other").offers
    assert "SSCAN tags 0 COUNT 1000" in (person.probe.big_read_offer([b"SMEMBERS", b"tags"]) or "")
    assert person.probe.big_read_offer([b"SMEMBERS", b"missing"]) is None
    assert person.probe.big_read_offer([b"GET", b"tags"]) is None


def test_what_is_too_large_for_undo_is_said_before(person: Person) -> None:
    person.asks("SET", "big", "x" * 2_000_000)
    assert "too large to be kept for undo" in text(person.measures("DEL big"))


def test_a_flush_tells_keys_expiries_other_databases_and_backups(anyone: Person) -> None:
    anyone.asks("DEBUG", "POPULATE", "1000")
    anyone.asks("SET", "x", "1", "EX", "100")
    anyone.asks("SELECT", "3")
    anyone.asks("SET", "elsewhere", "1")
    here = anyone.measures("FLUSHDB")
    assert (here.count, here.unit) == (1001, "keys")
    assert "1,001 keys in db 0, 1 of them with an expiry" in text(here)
    assert "not touched: db 3 (1 key)" in text(here)
    assert "no RDB save since the server started" in text(here)
    assert "AOF is off" in text(here)
    everywhere = anyone.measures("FLUSHALL ASYNC")
    assert everywhere.count == 1002
    assert "db 0: 1,001, db 3: 1" in text(everywhere)
    assert any("FLUSHDB empties only" in offer for offer in everywhere.offers)
    assert any(":dump" in offer for offer in here.offers)


def test_keys_tells_how_long_it_would_block_and_offers_scan(person: Person) -> None:
    person.asks("DEBUG", "POPULATE", "200000", "cache", "10")
    impact = person.measures("KEYS cache:1999*")
    assert "KEYS looks at all 200,000 keys at once: every client would wait about" in text(impact)
    assert any("SCAN 0 MATCH" in offer for offer in impact.offers)
    assert "SCAN 0 MATCH" in (person.probe.big_read_offer([b"KEYS", b"*"]) or "")


def test_unlink_counts_what_matches_exactly_when_there_is_time(person: Person) -> None:
    person.asks("DEBUG", "POPULATE", "20000", "cache", "10")
    person.asks("DEBUG", "POPULATE", "500", "other", "10")
    impact = person.measures(":unlink other:*", reading=unlink_reading(b"other:*", 0))
    assert (impact.count, impact.complete) == (500, True)
    assert "500 keys of 20,500 match other:*" in text(impact)
    assert impact.bytes


def test_client_kill_tells_whom_it_hits(anyone: Person) -> None:
    anyone.asks("CLIENT", "SETNAME", "worker-7")
    impact = anyone.measures("CLIENT KILL TYPE normal")
    assert impact.unit == "clients"
    assert impact.count is not None
    assert impact.count >= 1
    assert "worker-7" in text(impact)
    assert "this session itself" not in text(impact)
    own = anyone.measures("CLIENT KILL TYPE normal SKIPME no")
    assert own.count == impact.count + 1
    assert "this session itself is among them" in text(own)
    assert anyone.measures("CLIENT KILL ID 999999").count == 0


def test_shutdown_tells_unsaved_changes_and_clients(anyone: Person) -> None:
    anyone.asks("SET", "a", "1")
    impact = anyone.measures("SHUTDOWN NOSAVE")
    assert "1 change since the last save: they are lost" in text(impact)
    assert impact.unit == "clients"


def test_settings_are_shown_old_and_new_and_secrets_are_not(anyone: Person) -> None:
    anyone.asks("CONFIG", "SET", "masterauth", "oldsecret")
    impact = anyone.measures("CONFIG SET maxmemory 100mb masterauth newsecret")
    assert 'maxmemory is "0" now, and becomes "100mb"' in text(impact)
    assert "masterauth is set now" in text(impact)
    assert "secret" not in text(impact).replace("its value is a secret", "")


def test_exec_is_measured_as_the_sum_of_what_is_queued(anyone: Person) -> None:
    anyone.asks("MSET", "a", "1", "b", "2")
    for line in ("MULTI", "DEL a", "DEL b missing"):
        anyone.session.execute(line.encode().split())
    impact = anyone.measures("EXEC")
    assert impact.count == 2
    assert "2 of 3 keys exist" in text(impact)


def test_several_lines_are_measured_together(anyone: Person) -> None:
    anyone.asks("MSET", "a", "1", "b", "2")
    assert anyone.measures("DEL a\nDEL b\nSET c 1\n").count == 2


def test_names_full_of_escapes_are_shown_harmless(person: Person) -> None:
    person.asks(b"SET", b"\x1b[2Jevil", b"1")
    impact = person.measures('DEL "\\x1b[2Jevil" "x\u202ey"')
    assert "\x1b" not in text(impact)
    assert "\\x1b[2Jevil: string" in text(impact)


def test_looking_does_not_make_keys_look_used(anyone: Person) -> None:
    person = anyone
    person.asks("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    person.asks("SET", "k", "1")
    dump = person.asks("DUMP", "k")
    person.asks(b"RESTORE", b"k", b"0", dump.data, b"REPLACE", b"IDLETIME", b"5000")  # type: ignore[union-attr]
    person.measures("DEL k")
    idle = person.asks("OBJECT", "IDLETIME", "k")
    assert idle.value >= 5000  # type: ignore[union-attr]


def test_two_hundred_thousand_keys_are_measured_within_the_budget(person: Person) -> None:
    person.asks("DEBUG", "POPULATE", "200000", "cache", "10")
    person.measures("PING")
    for line, reading in (("FLUSHALL", None), ("", unlink_reading(b"*:1*", 0)), ("KEYS *", None)):
        started = time.monotonic()
        impact = person.measures(line, budget=0.3, reading=reading)
        assert time.monotonic() - started < 0.6, line
        assert impact.facts


@pytest.mark.parametrize("first", [True, False])
def test_a_server_that_hangs_is_given_up_when_the_budget_ends(person: Person, first: bool) -> None:
    if not first:
        person.measures("DEL k")  # the second connection is open
    asleep = threading.Thread(target=lambda: person.eyes.call(b"DEBUG", b"SLEEP", b"1.5"))
    asleep.start()
    while person.eyes.unanswered == 0:
        pass
    started = time.monotonic()
    impact = person.measures("DEL k", budget=0.2)
    took = time.monotonic() - started
    asleep.join()
    assert took < 0.6
    assert not impact.complete
    assert impact.count is None
    assert "no time to measure more" in text(impact)
    assert person.measures("DEL k").complete


def test_a_lost_server_is_no_error(redis_server: RedisServer) -> None:
    person = Person(redis_server)
    redis_server.kill()
    impact = person.measures("DEL k", budget=0.3)
    assert not impact.complete
    assert "could not be measured" in text(impact)
    person.close()


def test_replicas_are_told(redis_server: RedisServer) -> None:
    with RedisServer("--replicaof", "127.0.0.1", str(redis_server.port)) as replica:
        end = time.monotonic() + 10
        while b"state=online" not in redis_server.send("INFO", "replication") and time.monotonic() < end:
            time.sleep(0.05)
        person = Person(redis_server)
        assert "a primary with 1 connected replica" in text(person.measures("FLUSHALL"))
        assert "1 replica among them" in text(person.measures("CLIENT KILL TYPE replica"))
        follower = Person(replica)
        assert "a replica of 127.0.0.1" in text(follower.measures("FLUSHALL"))
        person.close()
        follower.close()


def test_an_rdb_save_is_told_with_its_age_and_what_came_after(person: Person) -> None:
    now = datetime.now(UTC)
    info = (
        f"uptime_in_seconds:90000\r\nrdb_last_save_time:{int(now.timestamp()) - 7200}\r\n"
        "rdb_changes_since_last_save:48211\r\nrdb_last_bgsave_status:ok\r\naof_enabled:1\r\n"
        "slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0\r\n"
    )
    values = ("3600 1", "/var/lib/redis", "dump.rdb", "yes", "appendonlydir", "appendonly.aof")
    settings = (Array((Bulk(b"name"), Bulk(value.encode()))) for value in values)
    backups = backups_of([Bulk(info.encode()), *settings], now=now)
    lines = backup_lines(backups)
    assert lines[0] == "last RDB save 2h00m ago in /var/lib/redis/dump.rdb, 48,211 changes since"
    assert lines[1] == "AOF is on in /var/lib/redis/appendonlydir"
    card = "\n".join(recovery_card(backups, everything=True, undo_id="k7f3qa"))
    assert "Don't SAVE" in card
    assert ":undo k7f3qa" in card
    assert "has been rewritten without the keys" in card
    assert "AOF still has every write" in card
    assert "10.0.0.2:6379 has got the flush too" in card
    assert "Copy /var/lib/redis/dump.rdb" in "\n".join(recovery_card(backups, everything=False))


def test_a_server_without_a_save_says_so_and_one_that_may_not_be_asked_still_gets_a_card(
    anyone: Person,
) -> None:
    replies = anyone.session.side().pipeline(backup_commands())
    backups = backups_of(replies, now=datetime.now(UTC))
    assert backups.save_points is False
    assert backups.last_save is None
    assert backups.rdb_file.endswith("dump.rdb")
    assert "AOF still" not in "\n".join(recovery_card(backups, everything=False))
    refused = backups_of([Error(b"NOPERM")] * len(replies), now=datetime.now(UTC))
    assert refused.save_points is None
    assert "Copy the RDB file" in "\n".join(recovery_card(None, everything=True))
    assert recovery_card(refused, everything=True)
