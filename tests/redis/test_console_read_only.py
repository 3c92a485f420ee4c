"""Read-only in the console: what is refused, how one leaves it for a while, and that it comes back."""

from __future__ import annotations

from pathlib import Path

from tests.redis.consoles import Open, journalled, unlocked
from tests.servers import RedisServer


def test_read_only_refuses_and_says_how_to_go_on(console: Open, redis_server: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.reads("Mode read-only: only what is proven to read runs")
    terminal.line("set a 1")
    terminal.reads("Refused: production is read-only here, and SET is not proven to only read")
    terminal.reads("instead: .*unlock 10m")
    terminal.line("get a")
    terminal.reads(r"\(nil\)")

    assert redis_server.send("EXISTS", "a") == b"0"


def test_unlocking_lets_writes_through_until_its_time_is_over(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("production", "read-only")

    terminal.line(":unlock 3s")
    terminal.reads("this environment wants a reason")
    terminal.line(":unlock 3s TICKET-1 tidy up")
    unlocked(terminal)
    terminal.line("set a 1")
    terminal.reads("OK\n")
    terminal.press("set half typ")
    terminal.prompt("read-only> set half typ")
    terminal.reads("The time is over: read-only again")
    terminal.press("ed\r")
    terminal.reads("Refused: production is read-only here")

    assert redis_server.send("EXISTS", "half") == b"0"


def test_locking_ends_it_at_once(console: Open) -> None:
    terminal = console("production", "read-only")

    terminal.line(":unlock 10m TICKET-1")
    unlocked(terminal)
    terminal.line(":lock")
    terminal.prompt("read-only> ")
    terminal.line("set a 1")
    terminal.reads("Refused")


def test_where_the_server_holds_it_unlocking_changes_the_login_and_back(
    console: Open, redis_server: RedisServer, home: Path
) -> None:
    redis_server.send(
        "ACL",
        "SETUSER",
        "reader",
        "on",
        ">reader",
        "~*",
        "&*",
        "+@read",
        "+@connection",
        "+info",
        "+acl|whoami",
    )
    terminal = console("production", "read-only", TEST_READER="reader")

    terminal.reads("held by the server: user reader")
    terminal.line("acl whoami")
    terminal.reads('"reader"')
    terminal.prompt()
    terminal.line(":unlock 2s TICKET-1")
    unlocked(terminal)
    terminal.line("set a 1")
    terminal.reads("OK\n")
    terminal.reads("The time is over: read-only again")
    terminal.prompt("read-only> ")
    mark = terminal.mark()
    terminal.line("acl whoami")
    terminal.reads('"reader"', after=mark)

    notes = journalled(home)
    assert "unlocked" in notes and "TICKET-1" in notes and "locked" in notes


def test_the_mode_can_only_become_stricter(console: Open) -> None:
    terminal = console("production", "guarded")

    terminal.line(":mode open")
    terminal.reads("open is milder than guarded")
    terminal.line(":mode read-only")
    terminal.prompt("read-only> ")
