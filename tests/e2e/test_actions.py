"""What `safeshell redis` does instead of commands: walking, sampling, measuring, fetching, running a file."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import safeshell
from tests.servers import RedisServer

NAMED = ("--yes-i-mean", "cache-prod")
UNLOCKED = ("--unlock", "--reason", "TICKET-7 e2e")


@pytest.fixture
def shop(production: Production) -> Production:
    """Production with a big list, a long text, a hash and keys that are no text."""
    send = production.server.send
    send("EVAL", "for i=1,500 do redis.call('RPUSH','queue:mail',i) end", "0")
    send("SET", "page:home", "x" * 5000)
    send("HSET", "cart:1", "sku", "A-1", "qty", "2")
    send("SET", b"bin\x1b[31m\xff", "1")
    return production


def test_scan_lists_every_key_once_and_only_reads(shop: Production) -> None:
    keys = safeshell("redis", "cache-prod", "--scan").out

    assert sorted(keys.split(b"\n"))[1:] == sorted(shop.server.send("--raw", "KEYS", "*").split(b"\n"))
    assert safeshell("redis", "cache-prod", "--scan", "--pattern", "c*t:?").out == b"cart:1\n"
    assert (
        safeshell("redis", "cache-prod", "--scan", "--quoted-pattern", r'"bin\x1b*"').out
        == b"bin\x1b[31m\xff\n"
    )


def test_scan_shows_keys_to_people_so_that_they_can_do_nothing_to_the_screen(shop: Production) -> None:
    shown = safeshell("redis", "cache-prod", "--no-raw", "--scan", "--pattern", "bin*").out

    assert shown == b'"bin\\x1b[31m\\xff"\n'


def test_the_biggest_keys_of_each_type_are_found(shop: Production) -> None:
    shown = safeshell("redis", "cache-prod", "--bigkeys")

    assert shown.status == 0
    assert re.search(rb"Biggest +list found .*queue:mail.* has 500 items", shown.out)
    assert re.search(rb"Biggest +string found .*page:home.* has 5000 bytes", shown.out)
    assert b"Sampled 11 keys" in shown.out
    assert b"\x1b[31m" not in shown.out


def test_the_keys_that_take_most_memory_are_found(shop: Production) -> None:
    shown = safeshell("redis", "cache-prod", "--memkeys")

    assert shown.status == 0
    assert re.search(rb"Biggest +string found .*page:home.* has 5\d\d\d bytes", shown.out)


def test_hot_keys_need_a_policy_and_the_person_is_told_which(shop: Production) -> None:
    done = safeshell("redis", "cache-prod", "--hotkeys")

    assert done.status not in (0, 70)
    assert "does not count how often keys are used" in done.told()
    assert "maxmemory-policy allkeys-lfu" in done.err

    shop.server.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    assert safeshell("redis", "cache-prod", "--hotkeys").status == 0


def test_statistics_end_after_as_many_lines_as_asked_for(shop: Production) -> None:
    shown = safeshell("redis", "cache-prod", "--stat", "-r", "2", "-i", "0.05").out.splitlines()

    assert len(shown) == 4
    assert b"keys" in shown[1]
    assert [line.split()[0] for line in shown[2:]] == [b"11", b"11"]


def test_latency_for_a_program_is_one_line(shop: Production) -> None:
    shown = safeshell("redis", "cache-prod", "--latency", "-i", "0.3").out

    assert re.fullmatch(rb"[\d.]+ [\d.]+ [\d.]+ \d+\n", shown)


def test_fetching_everything_from_production_is_asked_about(shop: Production, tmp_path: Path) -> None:
    file = tmp_path / "dump.rdb"

    done = safeshell("redis", "cache-prod", "--rdb", str(file))

    assert done.status == 77
    assert "forks" in done.err
    assert not file.exists()


def test_a_fetched_file_is_complete_and_for_nobody_else(shop: Production, tmp_path: Path) -> None:
    file = tmp_path / "dump.rdb"
    shop.server.send("CONFIG", "SET", "repl-diskless-sync-delay", "0")
    former = os.umask(0)
    try:
        done = safeshell("redis", "cache-prod", *NAMED, "--rdb", str(file))
    finally:
        os.umask(former)

    assert done.status == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes().startswith(b"REDIS")
    with RedisServer("--dir", str(tmp_path)) as copy:
        assert copy.send("DBSIZE") == b"11"
        assert copy.send("LLEN", "queue:mail") == b"500"


def test_a_file_that_can_not_be_written_is_told(shop: Production, tmp_path: Path) -> None:
    done = safeshell("redis", "cache-prod", *NAMED, "--rdb", str(tmp_path / "no" / "dump.rdb"))

    assert done.status not in (0, 70)
    assert "dump.rdb" in done.told()


def test_a_lua_file_runs_with_its_keys_and_arguments(
    home: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    file = tmp_path / "f.lua"
    file.write_text("redis.call('SET', KEYS[1], ARGV[1])\nreturn {KEYS[1], ARGV[1], ARGV[2]}\n")
    place = ("-p", str(redis_server.port), "--yes-i-mean", f"127.0.0.1:{redis_server.port}")

    done = safeshell("redis", *place, "--eval", str(file), "key one", ",", "a b", "")

    assert (done.status, done.out) == (0, b"key one\na b\n\n")
    assert redis_server.send("GET", "key one") == b"a b"


def test_a_lua_file_is_read_before_it_runs(shop: Production, tmp_path: Path) -> None:
    reads, flushes = tmp_path / "reads.lua", tmp_path / "flushes.lua"
    reads.write_text("return redis.call('GET', KEYS[1])")
    flushes.write_text("return redis.call('FLUSHALL')")

    assert safeshell("redis", "cache-prod", "--eval", str(flushes)).status == 77
    assert safeshell("redis", "cache-prod", *UNLOCKED, "--eval", str(flushes)).status == 77
    assert shop.keys == 11
    missing = safeshell("redis", "cache-prod", "--eval", str(tmp_path / "none.lua"))
    assert missing.status not in (0, 70)
    assert "none.lua" in missing.told()


def test_the_printed_rule_makes_a_user_who_reads_and_can_not_write(shop: Production) -> None:
    rule = safeshell("redis", "cache-prod", "--print-acl").out.decode().strip()

    assert rule.startswith("ACL SETUSER ")
    user = rule.split()[2]
    assert shop.server.send(*rule.replace("CHANGE-ME", "secret").split()) == b"OK"
    who = ("--user", user, "--pass", "secret", "--no-auth-warning")
    assert shop.server.send(*who, "GET", "page:home") == b"x" * 5000
    assert shop.server.send(*who, "DEL", "page:home").startswith(b"NOPERM")
    assert shop.server.send(*who, "FLUSHALL").startswith(b"NOPERM")
    assert shop.keys == 11


@pytest.mark.parametrize("action", ["--scan", "--bigkeys", "--stat", "--latency", "--print-acl"])
def test_an_action_takes_no_command(shop: Production, action: str) -> None:
    done = safeshell("redis", "cache-prod", action, "GET", "page:home")

    assert done.status == 2
    assert action in done.told()
