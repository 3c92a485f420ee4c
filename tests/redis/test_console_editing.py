"""The line in the console: completion, hints, history, and secrets that are not shown."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.redis.consoles import Open, journalled
from tests.servers import RedisServer


def history_file(home: Path) -> Path:
    return home / ".local/state/safeshell/redis_history"


def test_tab_completes_and_hints_show_what_may_follow(console: Open) -> None:
    terminal = console("development", "open")

    terminal.press("config rewr\t")
    terminal.wait_until(lambda: "config rewrite" in terminal.cursor_line, "the completed word")
    terminal.press("\x03")
    terminal.prompt()
    terminal.press("set k ")
    terminal.wait_until(lambda: "value [NX|XX] [GET]" in terminal.cursor_line, "the hint")


def test_a_word_picked_from_the_list_is_not_sent_by_the_same_enter(
    console: Open, filled: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.press("flushd\t")
    terminal.wait_until(lambda: "flushdb" in terminal.cursor_line, "the completed word")
    terminal.press("\x03")
    terminal.prompt()
    terminal.press("fl\t")
    terminal.reads("flushall")
    terminal.press("\t\r")
    terminal.wait_until(lambda: "flushall" in terminal.cursor_line, "the picked word")
    terminal.press(" ")
    terminal.wait_until(lambda: "ASYNC" in terminal.cursor_line, "the line is still being typed")

    assert filled.send("DBSIZE") == b"5"


def test_history_is_private_shared_and_free_of_secrets(console: Open, home: Path) -> None:
    terminal = console("development", "open")
    terminal.line("set a 1")
    terminal.reads("OK\n")
    terminal.prompt()
    terminal.press("auth default s3cret-word\r")
    terminal.reads(r"(?s)OK\n.*OK\n")
    terminal.prompt()
    terminal.press("2 config set requirepass s3cret-word\r")
    terminal.reads("OK\nOK\n")
    terminal.press("\x04")
    assert terminal.ended() == 0

    assert stat.S_IMODE(history_file(home).stat().st_mode) == 0o600
    assert history_file(home).read_text() == "set a 1\n"
    assert "s3cret-word" not in journalled(home)

    again = console("development", "open", TEST_PASSWORD="s3cret-word")
    again.press("\x10")
    again.wait_until(lambda: again.cursor_line.endswith("set a 1"), "the line of the session before")
    again.press("\x03")
    again.prompt()
    again.press("\x12et a")
    again.reads("set a 1")


def test_a_secret_is_not_shown_while_it_is_typed_or_afterwards(
    console: Open, redis_server: RedisServer
) -> None:
    redis_server.send("ACL", "SETUSER", "ann", "on", ">s3cret-word", "~*", "+@all")
    terminal = console("development", "open")

    terminal.press("auth ann s3cret-word")
    terminal.wait_until(lambda: terminal.cursor_line.endswith("auth ann ***********"), "the stars")
    terminal.press("\r")
    terminal.reads("OK\n")
    terminal.press('5 config set requirepass "s3cret-word')
    terminal.wait_until(lambda: "config set *****" in terminal.cursor_line, "the stars of an open quote")

    assert b"s3cret" not in terminal.output


def test_interrupting_the_prompt_drops_the_line(console: Open, filled: RedisServer) -> None:
    terminal = console("development", "open")

    terminal.press("flushall")
    terminal.reads("flushall")
    terminal.press("\x03")
    terminal.prompt()
    terminal.press("\r")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"
