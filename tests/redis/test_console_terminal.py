"""Whole conversations with the console: a real terminal, a real server, keys pressed and a screen read."""

from __future__ import annotations

import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.redis.console_terminal import ROOT, ConsoleTerminal, console_environ, python
from tests.servers import RedisServer

LAUNCHER = str(ROOT / "tests" / "redis" / "console_launcher.py")

Open = Callable[..., ConsoleTerminal]


@pytest.fixture
def console(redis_server: RedisServer, home: Path) -> Iterator[Open]:
    """Opens consoles on the server; each waits at its first prompt."""
    opened: list[ConsoleTerminal] = []

    def open_console(
        environment: str = "production", mode: str = "guarded", *, port: int = 0, **environ: str
    ) -> ConsoleTerminal:
        words = python(LAUNCHER, str(port or redis_server.port), environment, mode)
        terminal = ConsoleTerminal(words, console_environ(home, **environ))
        opened.append(terminal)
        terminal.prompt()
        return terminal

    yield open_console
    for terminal in opened:
        terminal.close()


def history_file(home: Path) -> Path:
    return home / ".local/state/safeshell/redis_history"


def journalled(home: Path) -> str:
    """Everything that is in the journal, as text."""
    database = sqlite3.connect(home / ".local/state/safeshell/journal.db")
    try:
        return "\n".join(str(row[0]) for row in database.execute("SELECT body FROM events ORDER BY seq"))
    finally:
        database.close()


def answer(terminal: ConsoleTerminal, text: str, *, after: int = 0) -> None:
    """Answer the question on the screen (the one behind the mark `after`), as hands do."""
    terminal.wait_for(r"anything else is no\.", after=after)
    terminal.wait_until(lambda: terminal.cursor_line.startswith(">"), "the sign that keys count")
    terminal.type(text)
    terminal.type("\r")


def unlocked(terminal: ConsoleTerminal) -> None:
    """Wait for a prompt that counts down."""
    terminal.wait_until(lambda: re.search(r"unlocked \w+>$", terminal.cursor_line) is not None, "a countdown")


# --- where you are -------------------------------------------------------------------------------


def test_the_prompt_says_where_you_are_in_words_and_color(console: Open) -> None:
    terminal = console()

    assert terminal.cursor_line == " ▲ PRODUCTION  cache primary guarded>"
    badge = terminal.cell("PRODUCTION")
    assert badge.bg not in ("default", "")
    assert badge.bold
    red, green = int(badge.bg[:2], 16), int(badge.bg[2:4], 16)
    assert red > 100 and green < 80


def test_the_prompt_follows_database_and_transaction(console: Open) -> None:
    terminal = console()

    terminal.line("select 3")
    terminal.prompt("cache[3] primary guarded> ")
    terminal.line("MULTI")
    terminal.prompt("cache[3](TX) primary guarded> ")
    terminal.line("set a 1")
    terminal.wait_for("QUEUED")
    terminal.line("EXEC")
    terminal.prompt("cache[3] primary guarded> ")


def test_every_line_of_a_paste_carries_the_environment(console: Open) -> None:
    terminal = console()

    terminal.paste("get a\nget b\nget c")
    terminal.wait_for("get c")

    badged = [line for line in terminal.lines if "PRODUCTION" in line and "get " in line]
    assert len(badged) == 3


def test_a_development_prompt_is_green_and_asks_nothing(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("SET", "a", "1")
    terminal = console("development", "open")

    assert "DEVELOPMENT" in terminal.cursor_line
    terminal.line("del a")
    terminal.wait_for(r"\(integer\) 1")


def test_without_colors_the_word_is_still_there(console: Open) -> None:
    terminal = console(NO_COLOR="1")

    assert terminal.cursor_line == "[▲ PRODUCTION] cache primary guarded>"


# --- replies -------------------------------------------------------------------------------------


def test_replies_are_those_of_redis_cli(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "list", "a", "b")
    terminal = console("development", "open")

    terminal.line("lrange list 0 -1")
    terminal.wait_for(r'1\) "a"\n2\) "b"\n')
    terminal.line("get list")
    terminal.wait_for(r"\(error\) WRONGTYPE Operation against a key")
    terminal.line('get "unbalanced')
    terminal.wait_for(r"Invalid argument\(s\)")
    terminal.line("3 incr counter")
    terminal.wait_for(r"\(integer\) 1\n\(integer\) 2\n\(integer\) 3\n")
    terminal.line("debug sleep 0.6")
    terminal.wait_for(r"OK\n\(0\.6\ds\)\n")


def test_another_format_can_be_set(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "list", "a", "b")
    terminal = console("development", "open")

    terminal.line(":set format json")
    terminal.line("lrange list 0 -1")
    terminal.wait_for(r'\["a","b"\]\n')


def test_keys_full_of_escapes_do_not_steer_the_terminal(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("SET", b"evil\x1b]0;owned\x07\x1b[2J", "1")
    terminal = console("development", "open")

    terminal.line("keys *")
    terminal.wait_for(r'1\) "evil\\x1b\]0;owned\\a\\x1b\[2J"')
    terminal.keys("get ev\t")
    terminal.wait_for(r'get "evil\\x1b')

    assert b"\x1b]0;owned" not in terminal.raw


def test_ten_thousand_columns_and_binary_values_come_through(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.keys("set wide " + "x" * 10_000 + "\r")
    terminal.wait_for("OK\n")
    terminal.line('append wide "\\x00\\xff"')
    terminal.wait_for(r"\(integer\) 10002")

    assert redis_server.send("STRLEN", "wide") == b"10002"


# --- questions -----------------------------------------------------------------------------------


@pytest.fixture
def filled(redis_server: RedisServer) -> RedisServer:
    for number in range(5):
        redis_server.send("SET", f"key:{number}", "value")
    return redis_server


def test_a_flush_with_the_wrong_answer_does_not_run(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    answer(terminal, "yes")
    terminal.wait_for("Refused: that was not the right answer")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_flush_with_the_right_answer_runs_and_can_be_taken_back(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("FLUSHDB")
    terminal.wait_for("5 keys in db 0")
    terminal.wait_for(":dump streams the keys to a file first")
    answer(terminal, "cache 5")
    terminal.wait_for("OK\n")
    terminal.wait_for("If this was a mistake:")
    undo = terminal.wait_for(r":undo (\w+) puts")[1]
    terminal.prompt()
    assert filled.send("DBSIZE") == b"0"

    mark = terminal.mark()
    terminal.line(f":undo {undo}")
    answer(terminal, "yes", after=mark)
    terminal.wait_for("Put back 5 keys")

    assert filled.send("DBSIZE") == b"5"


def test_interrupting_a_question_is_no(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    terminal.wait_for(r"anything else is no\.")
    terminal.keys("\x03")
    terminal.wait_for("Refused: you said no")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_paste_is_judged_as_a_whole_and_does_not_answer_itself(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.paste("FLUSHDB\nyes\n")
    terminal.wait_for("yes")
    assert filled.send("DBSIZE") == b"5"
    terminal.keys("\r")
    terminal.wait_for("2 lines to run in order; nothing has run yet")
    terminal.wait_for(r"anything else is no\.")
    assert filled.send("DBSIZE") == b"5"
    answer(terminal, "no")
    terminal.wait_for("Refused")

    assert filled.send("DBSIZE") == b"5"


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_paste_without_brackets_does_not_answer_itself_either(
    console: Open, filled: RedisServer, end: str
) -> None:
    terminal = console()

    terminal.keys(f"FLUSHDB{end}cache 5{end}yes{end}")
    terminal.wait_for("3 lines to run in order; nothing has run yet")
    answer(terminal, "no")
    terminal.wait_for("Refused")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"
    assert "unknown command" not in terminal.text


def test_what_was_typed_ahead_is_judged_like_any_line(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.keys("xread block 1500 streams nothing 0\r")
    terminal.wait_until(lambda: b"xread" in filled.send("CLIENT", "LIST"), "the command on the server")
    terminal.keys("flushdb\rcache 5\r")
    terminal.wait_for(r"\(nil\)")
    terminal.wait_for(r"anything else is no\.")
    terminal.keys("\x03")
    terminal.wait_for("Refused")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_batch_that_is_agreed_to_runs_in_order(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.paste("set first 1\ndel key:1 key:2\nget first")
    terminal.wait_for("get first")
    terminal.keys("\r")
    terminal.wait_for(r"anything else is no\.")
    typed = re.findall(r"Type (.+?) to go on", terminal.text)[-1]
    answer(terminal, "yes" if typed == "yes" else "cache")
    terminal.wait_for(r'OK\n.*del key:1 key:2\n\(integer\) 2\n.*get first\n"1"\n')

    assert filled.send("DBSIZE") == b"4"


def test_a_batch_with_something_denied_does_not_run_at_all(console: Open, filled: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.paste("get key:1\nset key:1 x")
    terminal.wait_for("set key:1 x")
    terminal.keys("\r")
    terminal.wait_for("Refused: production is read-only here")
    terminal.prompt()

    assert '"value"' not in terminal.text


def test_meta_commands_can_not_be_smuggled_in_by_a_paste(console: Open, filled: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.paste(":unlock 10m because\nflushdb")
    terminal.wait_for("flushdb")
    terminal.keys("\r")
    terminal.wait_for(":unlock can't be pasted among other lines; nothing has run")
    terminal.prompt("read-only> ")


def test_a_read_of_very_much_is_asked_about(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("EVAL", "for i = 1, 20000 do redis.call('sadd', 'big', i) end", "0")
    terminal = console()

    terminal.line("smembers big")
    terminal.wait_for("SSCAN big 0")
    answer(terminal, "no")
    terminal.wait_for("Refused")


# --- read-only -----------------------------------------------------------------------------------


def test_read_only_refuses_and_says_how_to_go_on(console: Open, redis_server: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.wait_for("Mode read-only: only what is proven to read runs")
    terminal.line("set a 1")
    terminal.wait_for("Refused: production is read-only here, and SET is not proven to only read")
    terminal.wait_for("instead: .*unlock 10m")
    terminal.line("get a")
    terminal.wait_for(r"\(nil\)")

    assert redis_server.send("EXISTS", "a") == b"0"


def test_unlocking_lets_writes_through_until_its_time_is_over(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("production", "read-only")

    terminal.line(":unlock 3s")
    terminal.wait_for("this environment wants a reason")
    terminal.line(":unlock 3s TICKET-1 tidy up")
    unlocked(terminal)
    terminal.line("set a 1")
    terminal.wait_for("OK\n")
    terminal.keys("set half typ")
    terminal.prompt("read-only> set half typ")
    terminal.wait_for("The time is over: read-only again")
    terminal.keys("ed\r")
    terminal.wait_for("Refused: production is read-only here")

    assert redis_server.send("EXISTS", "half") == b"0"


def test_locking_ends_it_at_once(console: Open) -> None:
    terminal = console("production", "read-only")

    terminal.line(":unlock 10m TICKET-1")
    unlocked(terminal)
    terminal.line(":lock")
    terminal.prompt("read-only> ")
    terminal.line("set a 1")
    terminal.wait_for("Refused")


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

    terminal.wait_for("held by the server: user reader")
    terminal.line("acl whoami")
    terminal.wait_for('"reader"')
    terminal.prompt()
    terminal.line(":unlock 2s TICKET-1")
    unlocked(terminal)
    terminal.line("set a 1")
    terminal.wait_for("OK\n")
    terminal.wait_for("The time is over: read-only again")
    terminal.prompt("read-only> ")
    mark = terminal.mark()
    terminal.line("acl whoami")
    terminal.wait_for('"reader"', after=mark)

    notes = journalled(home)
    assert "unlocked" in notes and "TICKET-1" in notes and "locked" in notes


def test_the_mode_can_only_become_stricter(console: Open) -> None:
    terminal = console("production", "guarded")

    terminal.line(":mode open")
    terminal.wait_for("open is milder than guarded")
    terminal.line(":mode read-only")
    terminal.prompt("read-only> ")


# --- streams, pipes ------------------------------------------------------------------------------


def test_monitor_streams_until_interrupted_and_the_session_goes_on(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.line("monitor")
    terminal.wait_for("OK\n")
    redis_server.send("SET", "seen", "1")
    terminal.wait_for(r'"SET" "seen" "1"')
    terminal.keys("\x03")
    terminal.prompt()
    mark = terminal.mark()
    terminal.line("get seen")
    terminal.wait_for('"1"', after=mark)


@pytest.mark.parametrize("command", ["subscribe news", "psubscribe ne*"])
def test_subscribing_shows_messages_until_interrupted(
    console: Open, redis_server: RedisServer, command: str
) -> None:
    terminal = console("development", "open")

    terminal.line(command)
    terminal.wait_for(r"Reading messages… \(press Ctrl-C to quit\)")
    terminal.wait_for(r"\(integer\) 1")
    redis_server.send("PUBLISH", "news", "hello")
    terminal.wait_for('"hello"')
    terminal.keys("\x03")
    terminal.prompt("primary open> ")
    terminal.line("ping")
    terminal.wait_for("PONG")


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
    terminal.wait_for(r"\n\s*2\n")
    terminal.line("set k x | cat")
    terminal.wait_for("Refused")

    assert (tmp_path / "out").read_bytes() == b"one\ntwo\xff\n"
    assert redis_server.send("GET", "k") == b"one\ntwo\xff"


# --- completion ----------------------------------------------------------------------------------


def test_tab_completes_and_hints_show_what_may_follow(console: Open) -> None:
    terminal = console("development", "open")

    terminal.keys("config rewr\t")
    terminal.wait_until(lambda: "config rewrite" in terminal.cursor_line, "the completed word")
    terminal.keys("\x03")
    terminal.prompt()
    terminal.keys("set k ")
    terminal.wait_until(lambda: "value [NX|XX] [GET]" in terminal.cursor_line, "the hint")


def test_a_word_picked_from_the_list_is_not_sent_by_the_same_enter(
    console: Open, filled: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.keys("flushd\t")
    terminal.wait_until(lambda: "flushdb" in terminal.cursor_line, "the completed word")
    terminal.keys("\x03")
    terminal.prompt()
    terminal.keys("fl\t")
    terminal.wait_for("flushall")
    terminal.keys("\t\r")
    terminal.wait_until(lambda: "flushall" in terminal.cursor_line, "the picked word")
    terminal.keys(" ")
    terminal.wait_until(lambda: "ASYNC" in terminal.cursor_line, "the line is still being typed")

    assert filled.send("DBSIZE") == b"5"


# --- history -------------------------------------------------------------------------------------


def test_history_is_private_shared_and_free_of_secrets(console: Open, home: Path) -> None:
    terminal = console("development", "open")
    terminal.line("set a 1")
    terminal.wait_for("OK\n")
    terminal.prompt()
    terminal.keys("auth default s3cret-word\r")
    terminal.wait_for(r"(?s)OK\n.*OK\n")
    terminal.prompt()
    terminal.keys("2 config set requirepass s3cret-word\r")
    terminal.wait_for("OK\nOK\n")
    terminal.keys("\x04")
    assert terminal.exit_status() == 0

    assert stat.S_IMODE(history_file(home).stat().st_mode) == 0o600
    assert history_file(home).read_text() == "set a 1\n"
    assert "s3cret-word" not in journalled(home)

    again = console("development", "open", TEST_PASSWORD="s3cret-word")
    again.keys("\x10")
    again.wait_until(lambda: again.cursor_line.endswith("set a 1"), "the line of the session before")
    again.keys("\x03")
    again.prompt()
    again.keys("\x12et a")
    again.wait_for("set a 1")


def test_a_secret_is_not_shown_while_it_is_typed_or_afterwards(
    console: Open, redis_server: RedisServer
) -> None:
    redis_server.send("ACL", "SETUSER", "ann", "on", ">s3cret-word", "~*", "+@all")
    terminal = console("development", "open")

    terminal.keys("auth ann s3cret-word")
    terminal.wait_until(lambda: terminal.cursor_line.endswith("auth ann ***********"), "the stars")
    terminal.keys("\r")
    terminal.wait_for("OK\n")
    terminal.keys('5 config set requirepass "s3cret-word')
    terminal.wait_until(lambda: "config set *****" in terminal.cursor_line, "the stars of an open quote")

    assert b"s3cret" not in terminal.raw


# --- connections ---------------------------------------------------------------------------------


def test_a_server_that_is_gone_is_said_and_nothing_is_resent(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")
    terminal.line("multi")
    terminal.line("incr counter")
    terminal.wait_for("QUEUED")

    redis_server.kill()
    terminal.line("incr counter")
    terminal.wait_for("Connection lost")
    terminal.wait_for("The open transaction with 1 queued command is lost")
    terminal.prompt("cache not connected open> ")
    terminal.line("get counter")
    terminal.wait_for("refused")
    terminal.prompt("cache not connected open> ")

    redis_server.start()
    terminal.line("get counter")
    terminal.wait_for("is not the server that it was")
    terminal.prompt("cache not connected open> ")
    terminal.line(":reconnect accept")
    terminal.prompt("cache primary open> ")
    mark = terminal.mark()
    terminal.line("get counter")
    terminal.wait_for(r"\(nil\)", after=mark)


def test_a_connection_that_was_cut_is_made_again_and_the_line_runs_once(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")
    terminal.line("select 2")
    terminal.prompt("cache[2] primary open> ")

    redis_server.send("CLIENT", "KILL", "TYPE", "normal")
    terminal.line("incr counter")
    terminal.wait_for("Connection lost.*\n.*Nothing is resent")
    terminal.line("incr counter")
    terminal.wait_for("Connected again, database 2. Nothing was resent")
    terminal.wait_for(r"\(integer\) 1\n")


def test_a_server_killed_while_a_question_stands_changes_nothing(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    terminal.wait_for(r"anything else is no\.")
    filled.kill()
    answer(terminal, "cache 5")
    terminal.wait_for("(?i)connection|connect")
    terminal.prompt()
    terminal.line(":target")
    terminal.wait_for("run id")


def test_interrupting_a_command_says_that_it_may_have_run(console: Open, redis_server: RedisServer) -> None:
    terminal = console("development", "open")

    terminal.keys("blpop nothing 0\r")
    terminal.wait_until(lambda: b"blpop" in redis_server.send("CLIENT", "LIST"), "the command on the server")
    terminal.keys("\x03")
    terminal.wait_for("Interrupted. Whether it ran is unknown")
    terminal.prompt()
    terminal.line("ping")
    terminal.wait_for("PONG")


def test_connect_goes_elsewhere_and_takes_no_password_along(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("CONFIG", "SET", "requirepass", "s3cret-word")
    with RedisServer("--requirepass", "other-word") as other:
        terminal = console("development", "open", TEST_PASSWORD="s3cret-word")

        terminal.line(f"connect 127.0.0.1 {other.port}")
        terminal.wait_for("wants a login; that of cache is not sent to it")
        terminal.wait_for("User ")
        terminal.keys("\r")
        terminal.wait_for("Password:")
        terminal.keys("other-word\r")
        terminal.prompt(f"127.0.0.1:{other.port} primary guarded> ")

        assert "UNLABELLED" in terminal.cursor_line
        assert "other-word" not in terminal.text


def test_a_session_that_is_ended_from_outside_leaves_the_terminal_as_it_was(console: Open) -> None:
    terminal = console("development", "open")
    assert not terminal.echoes

    terminal.end()

    assert terminal.exit_status() == 143
    assert terminal.echoes


def test_resp3_works_and_pushes_are_shown(console: Open, redis_server: RedisServer) -> None:
    terminal = console("development", "open")
    terminal.line("hello 3")
    terminal.wait_for('"proto" => .integer. 3')
    terminal.line("client tracking on")
    terminal.wait_for("OK\n")
    terminal.line("get watched")
    terminal.wait_for(r"\(nil\)")
    redis_server.send("SET", "watched", "1")
    terminal.line("ping")
    terminal.wait_for("-> invalidate: 'watched'")
    terminal.line("subscribe news")
    terminal.wait_for("Reading messages")
    redis_server.send("PUBLISH", "news", "hello")
    terminal.wait_for('"hello"')
    terminal.keys("\x03")
    terminal.prompt()
    mark = terminal.mark()
    terminal.line("unsubscribe")
    terminal.wait_for('"unsubscribe"', after=mark)
    terminal.prompt()
    terminal.line("get watched")
    terminal.wait_for('"1"', after=mark)


def test_a_tall_reply_goes_to_the_pager_when_that_is_set(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "tall", *[f"line {number}" for number in range(80)])
    terminal = console("development", "open", PAGER="sed s/^/paged:/")

    terminal.line(":set pager on")
    terminal.line("lrange tall 0 2")
    terminal.wait_for(r'\n3\) "line 2"\n')
    terminal.line("lrange tall 0 -1")
    terminal.wait_for(r'paged:80\) "line 79"')


def test_shutdown_says_that_it_was_meant(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("shutdown nosave")
    answer(terminal, "yes")
    terminal.wait_for("The server has closed the connection, as SHUTDOWN does")
    terminal.prompt("not connected open> ")


# --- leaving, and the rest -----------------------------------------------------------------------


@pytest.mark.parametrize("word", ["quit", "EXIT"])
def test_leaving_by_word(console: Open, word: str) -> None:
    terminal = console("development", "open")

    terminal.line(word)

    assert terminal.exit_status() == 0


def test_interrupting_the_prompt_drops_the_line(console: Open, filled: RedisServer) -> None:
    terminal = console("development", "open")

    terminal.keys("flushall")
    terminal.wait_for("flushall")
    terminal.keys("\x03")
    terminal.prompt()
    terminal.keys("\r")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_the_screen_can_be_cleared(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("clear")
    terminal.wait_until(
        lambda: terminal.screen.display[0].startswith(" ● DEVELOPMENT  cache primary open>"),
        "the prompt in the first line",
    )

    assert not "".join(terminal.screen.display[1:]).strip()


def test_undo_puts_back_what_a_line_destroyed(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("del key:1")
    answer(terminal, "yes")
    terminal.wait_for(r"\(integer\) 1")
    terminal.line(":undo --list")
    terminal.wait_for("del key:1")
    terminal.line(":undo --dry-run")
    terminal.wait_for(r"put back key:1 \(db 0\)")
    terminal.wait_for("Nothing was changed")
    terminal.line(":undo")
    terminal.wait_for("Put back 1 key; undo")

    assert filled.send("GET", "key:1") == b"value"


def test_unlink_by_pattern_is_asked_about_and_reports(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line(":unlink key:* --dry-run")
    terminal.wait_for(r"5 keys of db 0 match key:\*")
    terminal.line(":unlink key:*")
    answer(terminal, "cache")
    terminal.wait_for("Unlinked 5 keys")

    assert filled.send("DBSIZE") == b"0"


def test_unlinking_can_be_stopped_and_goes_on_where_it_was(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("EVAL", "for i = 1, 6000 do redis.call('set', 'key:' .. i, i) end", "0")
    terminal = console("development", "open")

    terminal.line(":unlink key:* --rate 2000/s")
    if "to go on" in terminal.text:
        answer(terminal, "yes")
    terminal.wait_for(r"\^C stops")
    terminal.keys("\x03")
    terminal.wait_for("Stopped before the end; :unlink --continue goes on from here")
    terminal.prompt()
    assert 0 < int(redis_server.send("DBSIZE")) < 6000
    terminal.line(":unlink --continue --rate 100000")
    terminal.wait_for("Unlinked 6,000 keys")

    assert redis_server.send("DBSIZE") == b"0"


def test_a_dump_is_written_and_put_back(console: Open, filled: RedisServer, tmp_path: Path) -> None:
    file = tmp_path / "all.dump"
    terminal = console("production", "read-only")

    terminal.line(f":dump {file}")
    terminal.wait_for("5 keys, ")
    filled.send("DEL", "key:1", "key:2")
    terminal.line(":unlock 5m TICKET-1")
    unlocked(terminal)
    terminal.line(f":undo {file}")
    terminal.wait_for("Put back 2 keys")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert filled.send("DBSIZE") == b"5"


def test_help_log_and_settings_answer(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("help @hyperloglog")
    terminal.wait_for("PFADD key")
    terminal.line("help del")
    terminal.wait_for("guard: deletes; what it changes is kept for :undo")
    terminal.line(":help undo")
    terminal.wait_for("put back what a line changed")
    terminal.line(":unlok 5m")
    terminal.wait_for("Did you mean :unlock")
    terminal.line(":set")
    terminal.wait_for("format  human")
    terminal.line(":log 3")
    terminal.wait_for("3 lines of cache")
    terminal.line(":target")
    terminal.wait_for("db 0, user default, RESP2")
