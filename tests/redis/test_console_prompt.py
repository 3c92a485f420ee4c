"""Where a console says that you are, and what replies look like: real keys, a real server, a screen read."""

from __future__ import annotations

from tests.redis.consoles import Open
from tests.servers import RedisServer


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
    terminal.reads("QUEUED")
    terminal.line("EXEC")
    terminal.prompt("cache[3] primary guarded> ")


def test_every_line_of_a_paste_carries_the_environment(console: Open) -> None:
    terminal = console()

    terminal.paste("get a\nget b\nget c")
    terminal.reads("get c")

    badged = [line for line in terminal.lines if "PRODUCTION" in line and "get " in line]
    assert len(badged) == 3


def test_a_development_prompt_is_green_and_asks_nothing(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("SET", "a", "1")
    terminal = console("development", "open")

    assert "DEVELOPMENT" in terminal.cursor_line
    terminal.line("del a")
    terminal.reads(r"\(integer\) 1")


def test_without_colors_the_word_is_still_there(console: Open) -> None:
    terminal = console(NO_COLOR="1")

    assert terminal.cursor_line == "[▲ PRODUCTION] cache primary guarded>"


def test_replies_are_those_of_redis_cli(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "list", "a", "b")
    terminal = console("development", "open")

    terminal.line("lrange list 0 -1")
    terminal.reads(r'1\) "a"\n2\) "b"\n')
    terminal.line("get list")
    terminal.reads(r"\(error\) WRONGTYPE Operation against a key")
    terminal.line('get "unbalanced')
    terminal.reads(r"Invalid argument\(s\)")
    terminal.line("3 incr counter")
    terminal.reads(r"\(integer\) 1\n\(integer\) 2\n\(integer\) 3\n")
    terminal.line("debug sleep 0.6")
    terminal.reads(r"OK\n\(0\.6\ds\)\n")


def test_another_format_can_be_set(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "list", "a", "b")
    terminal = console("development", "open")

    terminal.line(":set format json")
    terminal.line("lrange list 0 -1")
    terminal.reads(r'\["a","b"\]\n')


def test_keys_full_of_escapes_do_not_steer_the_terminal(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("SET", b"evil\x1b]0;owned\x07\x1b[2J", "1")
    terminal = console("development", "open")

    terminal.line("keys *")
    terminal.reads(r'1\) "evil\\x1b\]0;owned\\a\\x1b\[2J"')
    terminal.press("get ev\t")
    terminal.reads(r'get "evil\\x1b')

    assert b"\x1b]0;owned" not in terminal.output


def test_ten_thousand_columns_and_binary_values_come_through(
    console: Open, redis_server: RedisServer
) -> None:
    terminal = console("development", "open")

    terminal.press("set wide " + "x" * 10_000 + "\r")
    terminal.reads("OK\n")
    terminal.line('append wide "\\x00\\xff"')
    terminal.reads(r"\(integer\) 10002")

    assert redis_server.send("STRLEN", "wide") == b"10002"


def test_a_tall_reply_goes_to_the_pager_when_that_is_set(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("RPUSH", "tall", *[f"line {number}" for number in range(80)])
    terminal = console("development", "open", PAGER="sed s/^/paged:/")

    terminal.line(":set pager on")
    terminal.line("lrange tall 0 2")
    terminal.reads(r'\n3\) "line 2"\n')
    terminal.line("lrange tall 0 -1")
    terminal.reads(r'paged:80\) "line 79"')


def test_the_screen_can_be_cleared(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("clear")
    terminal.wait_until(
        lambda: terminal.screen.display[0].startswith(" ● DEVELOPMENT  cache primary open>"),
        "the prompt in the first line",
    )

    assert not "".join(terminal.screen.display[1:]).strip()


def test_help_log_and_settings_answer(console: Open) -> None:
    terminal = console("development", "open")

    terminal.line("help @hyperloglog")
    terminal.reads("PFADD key")
    terminal.line("help del")
    terminal.reads("guard: deletes; what it changes is kept for :undo")
    terminal.line(":help undo")
    terminal.reads("put back what a line changed")
    terminal.line(":unlok 5m")
    terminal.reads("Did you mean :unlock")
    terminal.line(":set")
    terminal.reads("format  human")
    terminal.line(":log 3")
    terminal.reads("3 lines of cache")
    terminal.line(":target")
    terminal.reads("db 0, user default, RESP2")
