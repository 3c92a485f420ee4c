"""One command from the command line: exactly its words, one clear sentence when it can't be, and the exit status."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import PROGRAM, Done, safeshell
from tests.redis.test_tls import Authority
from tests.servers import RedisServer, free_port

UNLOCKED = ("--unlock", "--reason", "TICKET-7 e2e")


@pytest.fixture
def plain(home: Path, redis_server: RedisServer) -> RedisServer:
    """A server that no configuration mentions."""
    return redis_server


@pytest.fixture
def locked(home: Path) -> Iterator[RedisServer]:
    """A server with a password, in nobody's configuration."""
    with RedisServer("--requirepass", "open sesame") as server:
        yield server


def on(server: RedisServer, *words: str | bytes, **more: bytes) -> Done:
    return safeshell("redis", "-p", str(server.port), *words, given=more.get("given"))


# The words.


@pytest.mark.parametrize(
    "value",
    ["two words", "", " ", 'quo"te', "it's", "back\\slash", "tab\there", "line\nend", "ünï·→", "$(ls) `x` *"],
)
def test_a_word_reaches_the_server_exactly_as_it_was_given(plain: RedisServer, value: str) -> None:
    done = on(plain, "SET", "key", value)

    assert (done.status, done.out) == (0, b"OK\n")
    assert plain.send("GET", "key") == value.encode()


def test_a_word_that_is_no_utf8_reaches_the_server_as_its_bytes(plain: RedisServer) -> None:
    assert on(plain, "SET", b"k\xff\xfe", b"\x80\x01").status == 0
    assert plain.send("GET", b"k\xff\xfe") == b"\x80\x01"


def test_quoted_input_carries_any_byte(plain: RedisServer) -> None:
    done = on(plain, "--quoted-input", "SET", r'"k\x00\xff"', r'"\x00\n\"end"')

    assert done.status == 0
    assert on(plain, "--quoted-input", "GET", r'"k\x00\xff"').out == b'\x00\n"end\n'
    assert on(plain, "--quoted-input", "GET", '"k').status == 2


def test_options_after_the_command_belong_to_the_command(plain: RedisServer) -> None:
    assert on(plain, "SET", "-n", "--json").status == 0
    assert plain.send("GET", "-n") == b"--json"


def test_standard_input_becomes_the_last_word_byte_for_byte(plain: RedisServer) -> None:
    data = bytes(range(256)) * 3

    assert on(plain, "-x", "SET", "blob", given=data).status == 0
    assert on(plain, "STRLEN", "blob").out == b"768\n"
    assert on(plain, "GET", "blob").out == data + b"\n"


def test_standard_input_takes_the_place_of_the_tag(plain: RedisServer) -> None:
    assert on(plain, "-X", "HERE", "SET", "HERE", "value", given=b"the key").status == 0
    assert plain.send("GET", "the key") == b"value"

    twice = on(plain, "-X", "HERE", "SET", "HERE", "HERE", given=b"x")
    assert twice.status == 2
    assert "2 times" in twice.told()


def test_a_command_is_run_as_often_as_asked(plain: RedisServer) -> None:
    done = on(plain, "-r", "4", "-i", "0.01", "INCR", "counter")

    assert done.out == b"1\n2\n3\n4\n"


# What it writes.


def test_errors_are_an_exit_status_and_go_where_e_says(plain: RedisServer) -> None:
    plain.send("SET", "text", "x")

    done = on(plain, "LLEN", "text")
    apart = on(plain, "-e", "LLEN", "text")

    assert done.status == 1
    assert done.out.startswith(b"WRONGTYPE")
    assert (apart.status, apart.out) == (1, b"")
    assert apart.err.startswith("WRONGTYPE")


def test_every_form_of_a_reply(plain: RedisServer) -> None:
    plain.send("RPUSH", "list", "a", 'say "b"', "")

    assert on(plain, "LRANGE", "list", "0", "-1").out == b'a\nsay "b"\n\n'
    assert on(plain, "--no-raw", "LRANGE", "list", "0", "-1").out == b'1) "a"\n2) "say \\"b\\""\n3) ""\n'
    assert on(plain, "--csv", "LRANGE", "list", "0", "-1").out == b'"a","say \\"b\\"",""\n'
    assert json.loads(on(plain, "--json", "LRANGE", "list", "0", "-1").out) == ["a", 'say "b"', ""]


def test_the_delimiters_of_elements_and_replies_are_chosen(plain: RedisServer) -> None:
    plain.send("RPUSH", "list", "a", "b")

    assert on(plain, "-d", ", ", "LRANGE", "list", "0", "-1").out == b"a, b\n"
    assert on(plain, "-r", "2", "-D", ";", "PING").out == b"PONG;PONG;"


@pytest.mark.parametrize("form", ["--json", "--quoted-json"])
@pytest.mark.parametrize(
    "words",
    [
        ("GET", "binary"), ("GET", "text"), ("GET", "nothing"), ("HGETALL", "map"), ("LLEN", "text"),
        ("GET",), ("INCRBYFLOAT", "number", "0.5"), ("SMEMBERS", "set"),
        ("ZRANGE", "scores", "0", "-1", "WITHSCORES"), ("COMMAND", "INFO", "get"),
        ("EVAL", "return {1,{2,false},'\\255'}", "0"),
    ],
)  # fmt: skip
def test_json_is_always_valid(plain: RedisServer, form: str, words: tuple[str, ...]) -> None:
    plain.send("SET", "binary", b'\xff\xfe\x01"\\\n\xc3\xa9')
    plain.send("SET", "text", 'é "quoted" \x1b[31m')
    plain.send("HSET", b"map", b"field\xff", b"\x01")
    plain.send("SADD", b"set", b"\x80")
    plain.send("ZADD", "scores", "inf", "a", "-inf", "b", "1.5", "c")

    done = on(plain, form, *words)

    json.loads(done.out.decode("utf-8"), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert done.status in (0, 1)


# What goes wrong.


def test_nobody_listening_is_told(home: Path) -> None:
    port = free_port()

    done = safeshell("redis", "-p", str(port), "PING")

    assert done.status == 69
    assert f"127.0.0.1:{port}: could not connect: connection refused" in done.told()


def test_a_host_without_an_address_is_told(home: Path) -> None:
    done = safeshell("redis", "-h", "no-such-host.invalid", "-t", "5", "PING")

    assert done.status == 69
    assert "no-such-host.invalid" in done.told()


def test_a_wrong_password_runs_nothing(locked: RedisServer) -> None:
    done = on(locked, "-a", "wrong", "--no-auth-warning", "SET", "a", "1")

    assert done.status == 69
    assert "WRONGPASS" in done.told()
    assert "wrong " not in done.err.replace("WRONGPASS", "")


def test_a_database_that_is_not_there_runs_nothing_elsewhere(plain: RedisServer) -> None:
    done = on(plain, "-n", "77", "SET", "a", "1")

    assert done.status == 69
    assert "database 77 can't be selected" in done.told()
    assert plain.send("DBSIZE") == b"0"


def test_tls_spoken_to_a_port_without_it_is_told(plain: RedisServer) -> None:
    done = on(plain, "-t", "1", "--tls", "PING")

    assert done.status == 69
    assert "TLS" in done.told()


def test_a_certificate_that_nobody_here_trusts_is_not_spoken_to(home: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path).made()
    port = free_port()
    with RedisServer(*authority.server_options("server", port, "no")):
        untrusted = safeshell("redis", "-p", str(port), "--tls", "PING")
        trusted = safeshell("redis", "-p", str(port), "--tls", "--cacert", str(authority.ca), "PING")

    assert untrusted.status == 69
    assert "certificate" in untrusted.told()
    assert (trusted.status, trusted.out) == (0, b"PONG\n")


@pytest.mark.parametrize(
    "words",
    [("--bogus",), ("-p",), ("-p", "many", "PING"), ("--csv", "--jsno", "PING"), ("-u", "http://x", "PING")],
)
def test_options_that_do_not_fit_are_a_usage_error(home: Path, words: tuple[str, ...]) -> None:
    done = safeshell("redis", *words)

    assert done.status == 2
    assert done.told()
    assert done.out == b""


def test_no_command_runs_under_a_broken_configuration(production: Production) -> None:
    production.config.write_text('version = 1\n[targets.cache-prod]\nenvironmnt = "production"\n')

    done = safeshell("redis", "-p", str(production.server.port), "FLUSHALL")

    assert done.status == 78
    assert "config.toml:3:1" in done.err
    assert "environment" in done.err
    assert "Traceback" not in done.err
    assert production.keys == 7


# What production needs.


def test_production_reads_and_does_not_write(production: Production) -> None:
    assert safeshell("redis", "cache-prod", "DBSIZE").out == b"7\n"

    done = safeshell("redis", "cache-prod", "FLUSHALL")

    assert done.status == 77
    assert "production is read-only here" in done.told()
    assert production.keys == 7


@pytest.mark.parametrize(
    "words",
    [
        ("--mode", "open", "redis", "cache-prod"),
        ("--environment", "development", "redis", "cache-prod"),
        ("--environment", "development", "--mode", "open", "redis", "cache-prod"),
        ("--mode", "guarded", "redis", "cache-prod", "--yes-i-mean", "cache-prod"),
    ],
)
def test_no_option_before_the_command_makes_production_looser(
    production: Production, words: tuple[str, ...]
) -> None:
    assert safeshell(*words, "SET", "a", "1").status == 77
    assert safeshell(*words, "FLUSHALL").status == 77
    assert production.keys == 7


def test_however_production_is_named_it_is_production(production: Production) -> None:
    port = str(production.server.port)
    for words in (
        ("-p", port), ("-h", "localhost", "-p", port), ("-u", f"redis://127.0.0.1:{port}/3"), (f"redis://127.0.0.1:{port}",),
        ("--target", "cache-prod"), ("-n", "2", "cache-prod"),
    ):  # fmt: skip
        assert safeshell("redis", *words, "FLUSHALL").status == 77, words
    assert production.keys == 7


def test_leaving_read_only_wants_a_reason(production: Production) -> None:
    done = safeshell("redis", "cache-prod", "--unlock", "SET", "a", "1")

    assert done.status == 2
    assert "wants a reason" in done.told()
    assert production.keys == 7


def test_a_question_with_nobody_to_ask_is_a_no(production: Production) -> None:
    done = safeshell("redis", "cache-prod", *UNLOCKED, "FLUSHDB")

    assert done.status == 77
    assert "no terminal to ask on" in done.told()
    assert "--yes-i-mean cache-prod" in done.err
    assert production.keys == 7


@pytest.mark.parametrize("named", ["wrong", "cache-pro", "CACHE-PROD", ""])
def test_naming_another_target_runs_nothing_not_even_a_read(production: Production, named: str) -> None:
    done = safeshell("redis", "cache-prod", *UNLOCKED, "--yes-i-mean", named, "FLUSHDB")
    reading = safeshell("redis", "cache-prod", "--yes-i-mean", named, "DBSIZE")

    assert (done.status, reading.status) == (77, 77)
    assert "this is cache-prod" in done.told()
    assert reading.out == b""
    assert production.keys == 7


def test_naming_the_target_answers_the_question(production: Production) -> None:
    done = safeshell("redis", "cache-prod", *UNLOCKED, "--yes-i-mean", "cache-prod", "FLUSHDB")

    assert (done.status, done.out) == (0, b"OK\n")
    assert production.keys == 0


def test_outside_the_change_window_a_reason_is_wanted_too(production: Production) -> None:
    in_three_days = (datetime.now(UTC) + timedelta(days=3)).strftime("%a").lower()
    with production.config.open("a") as config:
        config.write('[environments.production]\nmode = "guarded"\n')
        config.write(f'window = {{ days = "{in_three_days}", hours = "03:00-03:30", timezone = "UTC" }}\n')
    named = ("redis", "cache-prod", "--yes-i-mean", "cache-prod")

    without = safeshell(*named, "SET", "a", "1")
    reading = safeshell(*named, "DBSIZE")
    given = safeshell(*named, "--reason", "TICKET-9", "SET", "a", "1")

    assert (without.status, reading.status, given.status) == (77, 0, 0)
    assert "wants a reason" in without.told()
    assert production.keys == 8


def test_a_link_named_redis_cli_is_the_guarded_console(production: Production, tmp_path: Path) -> None:
    link = tmp_path / "redis-cli"
    link.symlink_to(PROGRAM)
    port = str(production.server.port)

    assert safeshell("-p", port, "DBSIZE", program=str(link)).out == b"7\n"
    assert safeshell("-p", port, "FLUSHALL", program=str(link)).status == 77
    assert production.keys == 7


# What is kept.


def test_secrets_never_reach_the_journal(locked: RedisServer, home: Path) -> None:
    secrets = [
        "hunter2-conf",
        "hunter3-user",
        "hunter4-url",
        "hunter5-hello",
        "hunter6-migrate",
        "open sesame",
    ]
    port, given = str(locked.port), {"REDISCLI_AUTH": "open sesame"}
    name = ("--yes-i-mean", f"127.0.0.1:{port}")
    for words in (
        ("CONFIG", "SET", "masterauth", secrets[0]),
        ("ACL", "SETUSER", "joe", f">{secrets[1]}"),
        ("AUTH", "joe", secrets[1]),
        ("HELLO", "3", "AUTH", "joe", secrets[3]),
        ("MIGRATE", "127.0.0.1", "1", "k", "0", "5", "AUTH", secrets[4]),
    ):
        safeshell("redis", "-p", port, *name, *words, environ=given)
    safeshell("redis", f"redis://:{secrets[2]}@127.0.0.1:{port}/0", "PING")
    safeshell("redis", "-p", port, given=f"AUTH joe {secrets[1]}\n".encode(), environ=given)
    safeshell("redis", "-p", port, "-a", "open sesame", "SET", "a", "1")

    state = home / ".local" / "state" / "safeshell"
    files = [path for path in state.rglob("*") if path.is_file()]
    journal = next(path for path in files if path.suffix in {".sqlite", ".sqlite3", ".db"})
    with sqlite3.connect(journal) as opened:
        assert opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, path
        for secret in secrets:
            assert secret.encode() not in path.read_bytes(), (path, secret)
    log = safeshell("log", "--json")
    assert b"ACL SETUSER joe" in log.out
    assert not any(secret.encode() in log.out for secret in secrets)


def test_the_journal_has_every_line_and_its_chain_holds(production: Production) -> None:
    safeshell("redis", "cache-prod", "DBSIZE")
    safeshell("redis", "cache-prod", "FLUSHALL")
    safeshell("redis", "cache-prod", *UNLOCKED, "--yes-i-mean", "cache-prod", "DEL", "key:1")

    rows = [json.loads(line) for line in safeshell("log", "--json").out.splitlines()]
    lines = [row["line"] for row in rows if row.get("line")]

    assert {"DBSIZE", "FLUSHALL", "DEL key:1"} <= set(lines)
    assert safeshell("log", "verify").status == 0
    assert os.environ["HOME"] == str(production.home)
