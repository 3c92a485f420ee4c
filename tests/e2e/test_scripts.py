"""Commands on standard input: judged before they run, all of them run, answered as redis-cli answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import PROGRAM, Done, environment, safeshell
from tests.servers import RedisServer, needed

UNLOCKED = ("--unlock", "--reason", "TICKET-7 e2e")


@pytest.fixture
def plain(home: Path, redis_server: RedisServer) -> RedisServer:
    """A server that no configuration mentions."""
    return redis_server


def from_file(folder: Path, text: bytes, *words: str) -> Done:
    path = folder / "script.txt"
    path.write_bytes(text)
    with path.open("rb") as source:
        return safeshell("redis", *words, given=source)


def from_pipe(text: bytes, *words: str) -> Done:
    return safeshell("redis", *words, given=text)


def at(server: RedisServer) -> tuple[str, ...]:
    return ("-p", str(server.port))


def named(server: RedisServer) -> tuple[str, ...]:
    return (*at(server), "--yes-i-mean", f"127.0.0.1:{server.port}")


def test_a_flush_on_the_last_line_of_a_file_stops_the_first(plain: RedisServer, tmp_path: Path) -> None:
    done = from_file(tmp_path, b"SET a 1\nSET b 2\nFLUSHALL\n", *at(plain))

    assert done.status == 77
    assert "None of the 3 lines was run" in done.err
    assert done.out == b""
    assert plain.send("DBSIZE") == b"0"


def test_a_write_on_the_last_line_of_a_file_stops_the_first_in_read_only(
    production: Production, tmp_path: Path
) -> None:
    done = from_file(tmp_path, b"DBSIZE\nSET a 1\n", "cache-prod")

    assert (done.status, done.out) == (77, b"")
    assert production.keys == 7


def test_what_came_through_a_pipe_at_once_is_judged_at_once(plain: RedisServer) -> None:
    done = from_pipe(b"SET a 1\nFLUSHALL\nSET b 1\n", *at(plain))

    assert (done.status, done.out) == (77, b"")
    assert plain.send("DBSIZE") == b"0"


def test_a_pipe_is_answered_as_it_comes_and_ends_at_what_is_refused(plain: RedisServer) -> None:
    with subprocess.Popen(
        [PROGRAM, "redis", *at(plain)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as talk:
        assert talk.stdin and talk.stdout and talk.stderr
        for line, answer in ((b"SET a 1\n", b"OK\n"), (b"GET a\n", b"1\n")):
            talk.stdin.write(line)
            talk.stdin.flush()
            assert talk.stdout.readline() == answer
        talk.stdin.write(b"FLUSHALL\n")
        talk.stdin.close()

        assert talk.wait(20) == 77
        assert b"no terminal to ask on" in talk.stderr.read()
    assert plain.send("GET", "a") == b"1"


def test_a_script_that_names_its_target_runs(production: Production, tmp_path: Path) -> None:
    text = b"SET a 1\nFLUSHALL\nSET b 2\n"

    done = from_file(tmp_path, text, "cache-prod", *UNLOCKED, "--yes-i-mean", "cache-prod")

    assert (done.status, done.out) == (0, b"OK\nOK\nOK\n")
    assert production.server.send("KEYS", "*") == b"b"


def test_a_script_that_names_another_target_does_not(production: Production, tmp_path: Path) -> None:
    done = from_file(tmp_path, b"PING\n", "cache-prod", *UNLOCKED, "--yes-i-mean", "cache-test")

    assert (done.status, done.out) == (77, b"")


def test_lines_from_windows_are_the_same_lines(plain: RedisServer, tmp_path: Path) -> None:
    text = b'SET a 1\r\n\r\nSET "b c" "2 3"\r\nGET a\r\n'

    assert from_file(tmp_path, text, *at(plain)).out == b"OK\nOK\n1\n"
    assert from_pipe(text, *at(plain)).out == b"OK\nOK\n1\n"
    assert plain.send("GET", "b c") == b"2 3"


def test_a_lone_return_is_a_blank_and_no_line_end_as_for_redis_cli(
    plain: RedisServer, tmp_path: Path
) -> None:
    text = b"SET a 1\nEXISTS a\ra\n"

    assert from_file(tmp_path, text, *at(plain)).out == b"OK\n2\n"
    assert from_pipe(text, *at(plain)).out == b"OK\n2\n"


def test_the_last_line_needs_no_line_end(plain: RedisServer, tmp_path: Path) -> None:
    assert from_file(tmp_path, b"SET a 1\nGET a", *at(plain)).out == b"OK\n1\n"
    assert from_pipe(b"SET a 1\nGET a", *at(plain)).out == b"OK\n1\n"


def test_a_transaction_in_a_script_is_one(plain: RedisServer, tmp_path: Path) -> None:
    text = b"MULTI\nSET a 1\nINCR a\nEXEC\nGET a\nMULTI\nSET a 9\nDISCARD\nGET a\n"

    done = from_file(tmp_path, text, *at(plain))

    assert done.status == 0
    assert done.out == b"OK\nQUEUED\nQUEUED\nOK\n2\n2\nOK\nQUEUED\nOK\n2\n"


def test_a_flush_inside_a_transaction_is_seen_before_it_begins(plain: RedisServer, tmp_path: Path) -> None:
    done = from_file(tmp_path, b"MULTI\nSET a 1\nFLUSHDB\nEXEC\n", *at(plain))

    assert (done.status, done.out) == (77, b"")
    assert plain.send("DBSIZE") == b"0"


def test_a_select_is_followed(plain: RedisServer, tmp_path: Path) -> None:
    plain.send("SET", "a", "db 0")
    plain.send("-n", "3", "SET", "a", "db 3")

    done = from_file(tmp_path, b"SELECT 3\nDEL a\nSELECT 0\nGET a\n", *named(plain))

    assert (done.status, done.out) == (0, b"OK\n1\nOK\ndb 0\n")
    assert plain.send("-n", "3", "EXISTS", "a") == b"0"


@pytest.mark.parametrize("pipe", [False, True])
def test_quotes_that_do_not_fit_run_nothing(plain: RedisServer, tmp_path: Path, pipe: bool) -> None:
    text = b'SET a 1\nSET b "2\nSET c 3\n'

    done = from_pipe(text, *at(plain)) if pipe else from_file(tmp_path, text, *at(plain))

    assert done.status not in (0, 70)
    assert "line 2 can't be split into words" in done.told()
    assert plain.send("DBSIZE") == b"0"


def test_an_error_reply_is_counted_and_the_script_goes_on_as_redis_cli_does(
    plain: RedisServer, tmp_path: Path
) -> None:
    plain.send("SET", "text", "x")

    done = from_file(tmp_path, b"LLEN text\nGET text\n", *at(plain))
    apart = from_file(tmp_path, b"LLEN text\nGET text\n", *at(plain), "-e")

    assert done.status == 1
    assert done.out.startswith(b"WRONGTYPE")
    assert done.out.endswith(b"x\n")
    assert apart.out == b"x\n"


def test_twenty_thousand_lines_are_all_stored_and_answered_as_redis_cli_answers(
    plain: RedisServer, tmp_path: Path
) -> None:
    text = b"".join(b"SET key:%d value-%d\n" % (n, n) for n in range(20_000))
    text += b"GET key:19999\nLRANGE none 0 -1\nGET none\nHGETALL none\nINCR key:1\nPING\nEXISTS key:0 key:9\n"

    done = from_file(tmp_path, text, *at(plain))

    assert plain.send("DBSIZE") == b"20000"
    with (tmp_path / "script.txt").open("rb") as source:
        cli = [needed("redis-cli", "redis-tools"), *at(plain)]
        theirs = subprocess.run(cli, stdin=source, capture_output=True, check=False, timeout=60).stdout
    assert done.out == theirs
    assert done.status == 1  # INCR of a text


def test_mass_insert_takes_the_protocol_and_text(plain: RedisServer) -> None:
    blob = bytes(range(256))
    resp = b"*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$256\r\n" + blob + b"\r\n"

    done = from_pipe(resp * 3 + b"SET text 1\r\n" + resp + b"INCR text\n", *at(plain), "--pipe")

    assert done.status == 0
    assert done.out.endswith(b"errors: 0, replies: 6\n")
    assert plain.send("GET", "a b") == blob
    assert plain.send("GET", "text") == b"2"


def test_mass_insert_is_judged_too(production: Production) -> None:
    resp = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$8\r\nflushall\r\n"

    assert from_pipe(resp, "cache-prod", "--pipe").status == 77
    assert from_pipe(resp, "cache-prod", "--pipe", *UNLOCKED).status == 77
    assert production.keys == 7


@pytest.mark.parametrize(
    "broken",
    [
        b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$9\r\nshort\r\n",
        b"*2\r\n$3\r\nGET\r\n",
        b"*x\r\n",
        b"*1\r\n:1\r\n",
        b"*1\r\n$-1\r\n",
    ],
)
def test_a_mass_insert_that_is_cut_off_runs_nothing(plain: RedisServer, broken: bytes) -> None:
    whole = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"

    done = from_pipe(whole + broken, *at(plain), "--pipe")

    assert done.status not in (0, 70)
    assert "Nothing of it was run" in done.err
    assert "Traceback" not in done.err
    assert plain.send("DBSIZE") == b"0"


def test_errors_of_a_mass_insert_are_counted(plain: RedisServer) -> None:
    done = from_pipe(b"SET a x\nINCR a\nGET a\n", *at(plain), "--pipe")

    assert done.status == 1
    assert done.out.endswith(b"errors: 1, replies: 3\n")
    assert "not an integer" in done.err


def test_a_server_that_dies_in_the_middle_is_told_and_nothing_is_sent_twice(home: Path) -> None:
    with (
        RedisServer() as server,
        subprocess.Popen(
            [PROGRAM, "redis", *at(server)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        ) as talk,
    ):
        assert talk.stdin and talk.stdout and talk.stderr
        talk.stdin.write(b"INCR counter\n")
        talk.stdin.flush()
        assert talk.stdout.readline() == b"1\n"
        server.kill()
        again = RedisServer(port=server.port).start()
        try:
            talk.stdin.write(b"INCR counter\n" * 3)
            talk.stdin.close()
            status, said = talk.wait(20), talk.stderr.read().decode()
            out = talk.stdout.read()
            stored = again.send("GET", "counter")
        finally:
            again.stop()

    assert status == 69
    assert "Nothing was sent twice" in said
    assert "Traceback" not in said
    assert (out, stored) == (b"", b"")


def test_a_crash_in_the_middle_of_a_pipeline_says_how_far_it_came(plain: RedisServer, tmp_path: Path) -> None:
    lines = [b"SET k%d v" % n for n in range(2500)]
    lines.insert(1500, b"DEBUG SEGFAULT")

    done = from_file(tmp_path, b"\n".join(lines), *named(plain))

    assert done.status == 69
    assert "1,000 commands of the script were answered" in done.err
    assert "Nothing was sent twice" in done.err
    assert done.out.count(b"OK\n") >= 1000


def test_output_that_nobody_reads_any_more_is_no_failure(plain: RedisServer, tmp_path: Path) -> None:
    path = tmp_path / "script.txt"
    path.write_bytes(b"PING\n" * 50_000)
    read, write = os.pipe()
    with path.open("rb") as source:
        running = subprocess.Popen(
            [PROGRAM, "redis", *at(plain)],
            stdin=source,
            stdout=write,
            stderr=subprocess.PIPE,
            env=environment(),
        )
    os.close(write)
    assert os.read(read, 5) == b"PONG\n"
    os.close(read)
    _, said = running.communicate(timeout=30)

    assert said == b""


@pytest.mark.parametrize("given", [from_pipe, None])
def test_a_number_in_front_repeats_and_exit_ends_as_in_redis_cli(
    plain: RedisServer, tmp_path: Path, given: object
) -> None:
    text = b"3 INCR a\nMULTI\n2 INCR a\nEXEC\n2 SELECT 0\nexit\nFLUSHALL\n"

    done = from_pipe(text, *at(plain)) if given else from_file(tmp_path, text, *at(plain))
    theirs = subprocess.run(
        [needed("redis-cli", "redis-tools"), *at(plain)],
        input=text.replace(b"INCR a", b"INCR b"),
        capture_output=True,
        check=True,
    )

    assert (done.status, done.err) == (0, "")
    assert done.out == theirs.stdout
    assert plain.send("GET", "a") == b"5"


def test_thousands_of_repetitions_run_and_a_repeated_deletion_is_asked_about(plain: RedisServer) -> None:
    plain.send("RPUSH", "list", *[str(number) for number in range(9)])

    many = from_pipe(b"2500 INCR a\nquit\n", *at(plain))
    popped = from_pipe(b"5 LPOP list\n", *at(plain), "--yes-i-mean", "somewhere-else")

    assert many.status == 0
    assert many.out.splitlines()[-1] == b"2500"
    assert plain.send("GET", "a") == b"2500"
    assert popped.status == 77
    assert plain.send("LLEN", "list") == b"9"
