"""Ways round the guard that were found once, each kept shut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import at_safeshell
from tests.servers import RedisServer

PROGRAM = str(Path(sys.executable).parent / "safeshell")


def script(server: RedisServer, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    name = f"127.0.0.1:{server.port}"
    return subprocess.run(
        [PROGRAM, "redis", "-p", str(server.port), "--yes-i-mean", name, *options],
        input=text, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 99\nFLUSHDB\n",
        "SELECT 1\nSELECT 77\nFLUSHDB\nSELECT 0\nFLUSHDB\n",
        "AUTH nobody wrong\nDEL a b\n",
        "MULTI too many words\nSET a 2\nDEL b\nEXEC\n",
    ],
)
def test_what_follows_a_refused_select_login_or_multi_is_not_sent(
    home: Path, redis_server: RedisServer, text: str
) -> None:
    redis_server.send("MSET", "a", "1", "b", "1")

    done = script(redis_server, text)

    assert done.returncode == 1
    assert "Nothing after it was sent" in done.stderr
    assert redis_server.send("MGET", "a", "b") == b"1\n1"


def test_a_pasted_select_that_fails_stops_the_paste(home: Path, redis_server: RedisServer) -> None:
    redis_server.send("MSET", "a", "1", "b", "1")
    with at_safeshell("redis", "-p", str(redis_server.port)) as person:
        person.sees("guarded>")
        person.enter(":set stop refused")
        person.paste("SELECT 99\nSET a 2\nSET b 2")
        person.look(0.5)
        person.press("\r")
        person.sees("Stopped")

    assert redis_server.send("MGET", "a", "b") == b"1\n1"


@pytest.mark.parametrize("shell", ["xargs redis-cli del", "sh", "/bin/bash", "sudo tee x | ssh host"])
def test_a_reply_never_becomes_a_command_that_nobody_judged(production: Production, shell: str) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        person.sees("read-only>")
        person.enter(f"KEYS * | {shell}")
        person.sees("nothing was run")

    assert production.keys == 7


def test_a_harmless_local_command_may_read_a_reply(production: Production) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        person.sees("read-only>")
        person.enter("DBSIZE | sed s/7/seven/")
        person.sees("seven")


def test_asking_for_read_only_while_unlocked_locks_at_once(production: Production) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        person.sees("read-only>")
        person.enter(":unlock 5m e2e")
        person.sees("unlocked 4m")
        person.enter(":mode read-only")
        person.sees(lambda screen: screen.rstrip().endswith("read-only>"))
        person.enter("SET a 9")
        person.sees("Refused")


def test_pasted_colours_do_not_break_the_prompt(production: Production) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        person.sees("read-only>")
        person.press("\x1b[31mred\x1b[0m")
        person.look(0.5)
        person.press("\x15")
        person.look(0.3)
        person.enter("DBSIZE")
        screen = person.sees("(integer) 7")

        assert "Unhandled" not in screen


def test_a_migrate_from_development_to_production_is_production_s_line(
    production: Production,
) -> None:
    with RedisServer() as development:
        development.send("SET", "k", "stale")
        with production.config.open("a") as config:
            config.write(
                f'[targets.dev]\nenvironment = "development"\nredis = "redis://127.0.0.1:{development.port}"\n'
            )
        port = str(production.server.port)
        migrate = ["MIGRATE", "127.0.0.1", port, "k", "0", "1000", "COPY", "REPLACE"]
        lua = f"return redis.call('migrate','127.0.0.1',{port},'k','0','1000','copy','replace')"
        for words in (migrate, ["EVAL", lua, "0"]):
            done = subprocess.run(
                [PROGRAM, "redis", "dev", *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )

            assert done.returncode == 77, done.stdout
            assert production.keys == 7


def test_a_secret_in_a_script_or_a_url_reaches_no_file(home: Path, redis_server: RedisServer) -> None:
    for words in (
        ["GET", "redis://u:hunter2secret@h/0"],
        ["EVAL", "return redis.call('config','set','masterauth','hunter2secret')", "0"],
        ["CONFIG", "SET", "masterauth", "hunter2secret"],
    ):
        name = f"127.0.0.1:{redis_server.port}"
        subprocess.run(
            [PROGRAM, "redis", "-p", str(redis_server.port), "--yes-i-mean", name, *words],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    files = [path for path in (home / ".local/state").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"hunter2secret" in path.read_bytes()]
