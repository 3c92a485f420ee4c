"""One command and scripts, as they replace redis-cli's: exact words, exact replies, the right exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.servers import RedisServer, free_port, needed

PROGRAM = str(Path(sys.executable).parent / "safeshell")


def redis(*words: str, stdin: bytes | None = None, **environ: str) -> subprocess.CompletedProcess[bytes]:
    given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run(  # type: ignore[call-overload, no-any-return] # either of two ways to give input
        [PROGRAM, "redis", *words], capture_output=True, timeout=60, check=False,
        env={**os.environ, **environ}, **given,
    )  # fmt: skip


def at(server: RedisServer, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return redis("-p", str(server.port), *words, stdin=stdin)


def test_words_arrive_exactly_as_they_are(home: Path, redis_server: RedisServer) -> None:
    assert at(redis_server, "SET", "a b", "two  words\n").stdout == b"OK\n"
    assert at(redis_server, "SET", "", "empty key").stdout == b"OK\n"

    assert redis_server.send("GET", "a b") == b"two  words\n"
    assert redis_server.send("GET", "") == b"empty key"


def test_quoted_input_and_standard_input_can_be_arguments(home: Path, redis_server: RedisServer) -> None:
    at(redis_server, "--quoted-input", "SET", r'"\x00k"', r'"\xff"')
    at(redis_server, "-x", "SET", "last", stdin=b"from\0stdin\n")
    at(redis_server, "-X", "TAG", "SET", "TAG", "v", stdin=b"tagged")

    assert at(redis_server, "--quoted-input", "GET", r'"\x00k"').stdout == b"\xff\n"
    assert redis_server.send("GET", "last") == b"from\0stdin\n"
    assert redis_server.send("GET", "tagged") == b"v"


@pytest.mark.parametrize("form", ["--raw", "--no-raw", "--csv"])
@pytest.mark.parametrize(
    "words", [["LRANGE", "l", "0", "-1"], ["GET", "none"], ["HGETALL", "h"], ["INCR", "l"], ["DBSIZE"]]
)
def test_replies_are_redis_cli_s_byte_for_byte(
    home: Path, redis_server: RedisServer, form: str, words: list[str]
) -> None:
    redis_server.send("RPUSH", "l", "one", 'tw"o', b"\xff\x01")
    redis_server.send("HSET", "h", "f", "v")
    cli = [needed("redis-cli", "redis-tools"), "-p", str(redis_server.port)]
    theirs = subprocess.run([*cli, form, *words], capture_output=True, timeout=30, check=False)

    assert at(redis_server, form, *words).stdout == theirs.stdout


def test_json_is_always_json(home: Path, redis_server: RedisServer) -> None:
    redis_server.send("SET", "binary", b"\xff\x01")
    for words in (["GET", "binary"], ["INCR", "binary"], ["INFO"], ["CONFIG", "GET", "maxmemory"]):
        json.loads(at(redis_server, "--json", *words).stdout)


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["-n", "abc", "PING"], 2, "no database number"),
        (["--bogus"], 2, "--bogus"),
        (["-n", "99", "PING"], 69, "99"),
        (["-a", "wrong", "PING"], 69, ""),
        (["--tls", "PING"], 69, ""),
        (["INCR", "text"], 1, ""),
        (["FLUSHALL"], 77, "Refused"),
        (["--yes-i-mean", "elsewhere", "PING"], 77, "names 'elsewhere'"),
    ],
)
def test_each_failure_has_its_status_and_one_clear_sentence(
    home: Path, redis_server: RedisServer, words: list[str], status: int, sentence: str
) -> None:
    redis_server.send("SET", "text", "abc")

    done = at(redis_server, *words)

    assert done.returncode == status
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr + done.stdout
    assert redis_server.send("DBSIZE") == b"1"


def test_nobody_there_is_told(home: Path) -> None:
    done = redis("-p", str(free_port()), "PING")

    assert done.returncode == 69
    assert b"refused" in done.stderr


def test_a_mistyped_target_is_never_a_command_on_this_machine(production: Production) -> None:
    done = redis("cache-prdo", "DBSIZE")

    assert done.returncode == 2
    assert b"cache-prod" in done.stderr


@pytest.mark.parametrize("options", [["--mode", "open"], ["--environment", "development"]])
def test_no_option_makes_production_milder(production: Production, options: list[str]) -> None:
    done = subprocess.run(
        [PROGRAM, *options, "redis", "cache-prod", "DEL", "key:1"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 77
    assert production.keys == 7


def test_a_script_may_leave_read_only_with_a_reason_and_the_target_s_name(production: Production) -> None:
    words = ["cache-prod", "--unlock", "--yes-i-mean", "cache-prod", "DEL", "key:1"]
    assert redis(*words).returncode == 2, "production wants a reason"
    assert production.keys == 7

    assert redis("--reason", "TICKET-1 stale", *words).stdout == b"1\n"
    assert production.keys == 6


def test_a_link_named_redis_cli_is_the_console(home: Path, redis_server: RedisServer, tmp_path: Path) -> None:
    link = tmp_path / "redis-cli"
    link.symlink_to(PROGRAM)

    done = subprocess.run(
        [str(link), "-p", str(redis_server.port), "PING"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout == b"PONG\n"


def test_a_file_is_judged_as_a_whole_before_its_first_line_runs(
    home: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("SET a 1\nSET b 2\nFLUSHALL\n")
    with script.open("rb") as lines:
        done = subprocess.run(
            [PROGRAM, "redis", "-p", str(redis_server.port)], stdin=lines, capture_output=True, timeout=60
        )

    assert done.returncode == 77
    assert b"None of the 3 lines was run" in done.stderr
    assert redis_server.send("DBSIZE") == b"0"


def test_a_line_that_can_t_be_split_stops_all_of_them(home: Path, redis_server: RedisServer) -> None:
    done = at(redis_server, stdin=b"SET a 1\nSET b 'open\n")

    assert done.returncode != 0
    assert b"line 2" in done.stderr
    assert redis_server.send("DBSIZE") == b"0"


def test_many_lines_are_all_stored_and_answered_as_by_redis_cli(
    home: Path, redis_server: RedisServer
) -> None:
    lines = b"".join(b"SET k:%d v%d\r\nGET k:%d\n" % (n, n, n) for n in range(3000))
    done = at(redis_server, stdin=lines)

    assert done.returncode == 0
    assert redis_server.send("DBSIZE") == b"3000"
    assert done.stdout == b"".join(b"OK\nv%d\n" % n for n in range(3000))


def test_mass_insert_takes_resp_and_text_and_counts(home: Path, redis_server: RedisServer) -> None:
    done = at(
        redis_server, "--pipe", stdin=b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\nSET b 2\r\nINCR a\r\n"
    )

    assert b"errors: 1, replies: 3" in done.stdout
    assert done.returncode == 1
    assert redis_server.send("GET", "a") == b"\r\n"


def test_a_transaction_in_a_script_is_judged_by_what_it_does(home: Path, redis_server: RedisServer) -> None:
    done = at(redis_server, stdin=b"MULTI\nSET a 1\nFLUSHALL\nEXEC\n")
    assert done.returncode == 77

    done = at(redis_server, stdin=b"MULTI\nSET a 1\nINCR a\nEXEC\n")
    assert done.stdout == b"OK\nQUEUED\nQUEUED\nOK\n2\n"


def test_walking_and_sampling_print_what_is_there(home: Path, redis_server: RedisServer) -> None:
    redis_server.send("MSET", "cache:1", "x", "cache:2", "y", "other", "z" * 1000)

    assert sorted(at(redis_server, "--scan", "--pattern", "cache:*").stdout.split()) == [
        b"cache:1",
        b"cache:2",
    ]
    assert b'Biggest string found "other" has 1000 bytes' in at(redis_server, "--bigkeys").stdout
    assert b"Sampled 3 keys" in at(redis_server, "--memkeys").stdout
    assert b"does not count how often" in at(redis_server, "--hotkeys").stderr
    assert len(at(redis_server, "--latency").stdout.split()) == 4


def test_the_dataset_can_be_fetched_and_loaded_elsewhere(
    home: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.send("SET", "a", "1")
    file = tmp_path / "dump.rdb"
    name = f"127.0.0.1:{redis_server.port}"

    assert at(redis_server, "--rdb", str(file)).returncode == 77, "a fork of the server is asked about"
    assert at(redis_server, "--yes-i-mean", name, "--rdb", str(file)).returncode == 0

    assert file.stat().st_mode & 0o077 == 0
    with RedisServer("--dbfilename", "dump.rdb", "--dir", str(tmp_path)) as other:
        assert other.send("GET", "a") == b"1"


def test_a_script_that_loses_its_server_says_where(home: Path) -> None:
    with RedisServer() as server:
        done = at(
            server, "--yes-i-mean", f"127.0.0.1:{server.port}", stdin=b"SET a 1\nSHUTDOWN NOSAVE\nSET b 2\n"
        )

    assert done.returncode != 0
    assert b"line" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_acl_rule_is_printed_and_taken_by_the_server(home: Path, redis_server: RedisServer) -> None:
    rule = at(redis_server, "--print-acl").stdout.decode().split()

    assert redis_server.send(*rule) == b"OK"
