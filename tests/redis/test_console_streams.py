"""Messages that stream into the console, and replies that go through a local command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.redis.consoles import Open
from tests.servers import RedisServer


def test_monitor_streams_until_interrupted_and_the_session_goes_on(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.line("monitor")
    terminal.reads("OK\n")
    redis_server.send("SET", "seen", "1")
    terminal.reads(r'"SET" "seen" "1"')
    terminal.press("\x03")
    terminal.prompt()
    mark = terminal.mark()
    terminal.line("get seen")
    terminal.reads('"1"', after=mark)


@pytest.mark.parametrize("command", ["subscribe news", "psubscribe ne*"])
def test_subscribing_shows_messages_until_interrupted(
    console: Open, redis_server: RedisServer, command: str
) -> None:
    terminal = console("development", "open")

    terminal.line(command)
    terminal.reads(r"Reading messages… \(press Ctrl-C to quit\)")
    terminal.reads(r"\(integer\) 1")
    redis_server.send("PUBLISH", "news", "hello")
    terminal.reads('"hello"')
    terminal.press("\x03")
    terminal.prompt("primary open> ")
    terminal.line("ping")
    terminal.reads("PONG")


def test_a_reply_goes_through_a_local_command_as_raw_bytes(
    console: Open, redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.send("SET", "k", b"one\ntwo\xff")
    terminal = console("production", "read-only")

    terminal.line(f"get k | cat > {tmp_path / 'out'}")
    terminal.wait_until(
        lambda: (tmp_path / "out").exists() and bool((tmp_path / "out").read_bytes()), "the file"
    )
    terminal.line("get k | wc -l")
    terminal.reads(r"\n\s*2\n")
    terminal.line("set k x | cat")
    terminal.reads("Refused")

    assert (tmp_path / "out").read_bytes() == b"one\ntwo\xff\n"
    assert redis_server.send("GET", "k") == b"one\ntwo\xff"


def test_resp3_works_and_pushes_are_shown(console: Open, redis_server: RedisServer) -> None:
    terminal = console("development", "open")
    terminal.line("hello 3")
    terminal.reads('"proto" => .integer. 3')
    terminal.line("client tracking on")
    terminal.reads("OK\n")
    terminal.line("get watched")
    terminal.reads(r"\(nil\)")
    redis_server.send("SET", "watched", "1")
    terminal.line("ping")
    terminal.reads("-> invalidate: 'watched'")
    terminal.line("subscribe news")
    terminal.reads("Reading messages")
    redis_server.send("PUBLISH", "news", "hello")
    terminal.reads('"hello"')
    terminal.press("\x03")
    terminal.prompt()
    mark = terminal.mark()
    terminal.line("unsubscribe")
    terminal.reads('"unsubscribe"', after=mark)
    terminal.prompt()
    terminal.line("get watched")
    terminal.reads('"1"', after=mark)
