"""What a server is called, and what it is: found by a Sentinel, under another name, by nobody's label."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import at_safeshell
from tests.servers import DEADLINE, RedisServer, free_port, needed

PROGRAM = str(Path(sys.executable).parent / "safeshell")


def redis(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "redis", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def sentinel_port(production: Production, tmp_path: Path) -> Iterator[int]:
    """A Sentinel that watches the production server as `mym`."""
    port = free_port()
    config = tmp_path / "sentinel.conf"
    config.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\n"
        f"sentinel monitor mym 127.0.0.1 {production.server.port} 1\n"
    )
    process = subprocess.Popen(
        [needed("redis-server", "redis-server"), str(config), "--sentinel"], stdout=subprocess.DEVNULL
    )
    cli = [needed("redis-cli", "redis-tools"), "-p", str(port), "PING"]
    end = time.monotonic() + DEADLINE
    while subprocess.run(cli, capture_output=True, check=False).stdout != b"PONG\n":
        assert time.monotonic() < end, "the sentinel did not start"
        time.sleep(0.02)
    yield port
    process.kill()
    process.wait()


def test_a_primary_that_a_sentinel_finds_is_what_it_is_labelled(
    production: Production, sentinel_port: int
) -> None:
    with production.config.open("a") as config:
        config.write('[targets.localdev]\nenvironment = "development"\nredis = "127.0.0.1:6379"\n')

    done = redis("--sentinel", f"127.0.0.1:{sentinel_port}", "--master", "mym", "DEL", "key:1")

    assert done.returncode == 77
    assert "production is read-only" in done.stderr
    assert production.keys == 7


def test_production_is_known_again_under_another_name(production: Production) -> None:
    assert redis("cache-prod", "PING").stdout == "PONG\n"

    done = redis("-s", str(production.server.socket), "DEL", "key:1")

    assert done.returncode == 77
    assert "cache-prod" in done.stderr
    assert production.keys == 7


def test_a_look_under_a_name_without_a_label_changes_nothing_for_the_labelled_one(
    home: Path, redis_server: RedisServer
) -> None:
    folder = home / ".config/safeshell"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        f'version = 1\n[targets.dev]\nenvironment = "development"\nredis = "redis://127.0.0.1:{redis_server.port}"\n'
    )
    redis("-s", str(redis_server.socket), "PING")

    done = redis("dev", "DEL", "nothing")

    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_reader_that_has_enough_is_no_failure(home: Path, redis_server: RedisServer) -> None:
    redis_server.send("DEBUG", "POPULATE", "20000")
    done = subprocess.run(
        f"{PROGRAM} redis -p {redis_server.port} --scan | head -1",
        shell=True, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_connect_to_a_configured_server_logs_in_as_its_target_does(production: Production) -> None:
    with RedisServer("--requirepass", "its-own-word") as staging:
        with production.config.open("a") as config:
            config.write(
                f'[targets.queue]\nenvironment = "staging"\nredis = "redis://127.0.0.1:{staging.port}"\n'
                'password_command = ["printf", "its-own-word"]\n'
            )
        with at_safeshell("redis", "cache-prod") as person:
            person.prompt("read-only> ")
            person.line(f"CONNECT 127.0.0.1 {staging.port}")
            person.prompt("queue primary guarded> ")
            person.line("DBSIZE")
            person.reads(r"\(integer\) 0")
            person.prompt("queue primary guarded> ")

            assert "STAGING" in person.cursor_line
            assert "wants a login" not in person.text
            assert "its-own-word" not in person.text


def test_connect_asks_for_a_login_where_the_target_s_is_refused(production: Production) -> None:
    with RedisServer("--requirepass", "its-own-word") as staging:
        with production.config.open("a") as config:
            config.write(
                f'[targets.queue]\nenvironment = "staging"\nredis = "redis://127.0.0.1:{staging.port}"\n'
                'password_command = ["printf", "an-old-word"]\n'
            )
        with at_safeshell("redis", "cache-prod") as person:
            person.prompt("read-only> ")
            person.line(f"CONNECT 127.0.0.1 {staging.port}")
            person.reads("User ")
            person.press("\r")
            person.reads("Password:")
            person.press("its-own-word\r")
            person.prompt("queue primary guarded> ")
