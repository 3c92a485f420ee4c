"""The console's connection: lost, cut, made again, elsewhere, and ended."""

from __future__ import annotations

import signal

import pytest

from tests.redis.consoles import Open, answer
from tests.servers import RedisServer


def test_a_server_that_is_gone_is_said_and_nothing_is_resent(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")
    terminal.line("multi")
    terminal.line("incr counter")
    terminal.reads("QUEUED")

    redis_server.kill()
    terminal.line("incr counter")
    terminal.reads("Connection lost")
    terminal.reads("The open transaction with 1 queued command is lost")
    terminal.prompt("cache not connected open> ")
    terminal.line("get counter")
    terminal.reads("refused")
    terminal.prompt("cache not connected open> ")

    redis_server.start()
    terminal.line("get counter")
    terminal.reads("is not the server that it was")
    terminal.prompt("cache not connected open> ")
    terminal.line(":reconnect accept")
    terminal.prompt("cache primary open> ")
    mark = terminal.mark()
    terminal.line("get counter")
    terminal.reads(r"\(nil\)", after=mark)


def test_a_connection_that_was_cut_is_made_again_and_the_line_runs_once(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")
    terminal.line("select 2")
    terminal.prompt("cache[2] primary open> ")

    redis_server.send("CLIENT", "KILL", "TYPE", "normal")
    terminal.line("incr counter")
    terminal.reads("Connection lost.*\n.*Nothing is resent")
    terminal.line("incr counter")
    terminal.reads("Connected again, database 2. Nothing was resent")
    terminal.reads(r"\(integer\) 1\n")


def test_a_server_killed_while_a_question_stands_changes_nothing(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    terminal.reads(r"anything else is no\.")
    filled.kill()
    answer(terminal, "cache 5")
    terminal.reads("(?i)connection|connect")
    terminal.prompt()
    terminal.line(":target")
    terminal.reads("run id")


def test_interrupting_a_command_says_that_it_may_have_run(console: Open, redis_server: RedisServer) -> None:
    terminal = console("development", "open")

    terminal.press("blpop nothing 0\r")
    terminal.wait_until(lambda: b"blpop" in redis_server.send("CLIENT", "LIST"), "the command on the server")
    terminal.press("\x03")
    terminal.reads("Interrupted. Whether it ran is unknown")
    terminal.prompt()
    terminal.line("ping")
    terminal.reads("PONG")


def test_connect_goes_elsewhere_and_takes_no_password_along(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("CONFIG", "SET", "requirepass", "s3cret-word")
    with RedisServer("--requirepass", "other-word") as other:
        terminal = console("development", "open", TEST_PASSWORD="s3cret-word")

        terminal.line(f"connect 127.0.0.1 {other.port}")
        terminal.reads("wants a login; that of cache is not sent to it")
        terminal.reads("User ")
        terminal.press("\r")
        terminal.reads("Password:")
        terminal.press("other-word\r")
        terminal.prompt(f"127.0.0.1:{other.port} primary guarded> ")

        assert "UNLABELLED" in terminal.cursor_line
        assert "other-word" not in terminal.text


def test_a_session_that_is_ended_from_outside_leaves_the_terminal_as_it_was(console: Open) -> None:
    terminal = console("development", "open")
    assert not terminal.echoes

    terminal.signal(signal.SIGTERM)

    assert terminal.ended() == 143
    assert terminal.echoes


def test_shutdown_says_that_it_was_meant(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("shutdown nosave")
    answer(terminal, "yes")
    terminal.reads("The server has closed the connection, as SHUTDOWN does")
    terminal.prompt("not connected open> ")


@pytest.mark.parametrize("word", ["quit", "EXIT"])
def test_leaving_by_word(console: Open, word: str) -> None:
    terminal = console("development", "open")

    terminal.line(word)

    assert terminal.ended() == 0
