"""What the console asks before it runs, and that nothing pasted or typed ahead answers it."""

from __future__ import annotations

import re

import pytest

from tests.redis.consoles import Open, answer
from tests.servers import RedisServer


def test_a_flush_with_the_wrong_answer_does_not_run(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    answer(terminal, "yes")
    terminal.reads("Refused: that was not the right answer")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_flush_with_the_right_answer_runs_and_can_be_taken_back(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("FLUSHDB")
    terminal.reads("5 keys in db 0")
    terminal.reads(":dump streams the keys to a file first")
    answer(terminal, "cache 5")
    terminal.reads("OK\n")
    terminal.reads("If this was a mistake:")
    undo = terminal.reads(r":undo (\w+) puts")[1]
    terminal.prompt()
    assert filled.send("DBSIZE") == b"0"

    mark = terminal.mark()
    terminal.line(f":undo {undo}")
    answer(terminal, "yes", after=mark)
    terminal.reads("Put back 5 keys")

    assert filled.send("DBSIZE") == b"5"


def test_interrupting_a_question_is_no(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("flushdb")
    terminal.reads(r"anything else is no\.")
    terminal.press("\x03")
    terminal.reads("Refused: you said no")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_paste_is_judged_as_a_whole_and_does_not_answer_itself(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.paste("FLUSHDB\nyes\n")
    terminal.reads("yes")
    assert filled.send("DBSIZE") == b"5"
    terminal.press("\r")
    terminal.reads("2 lines to run in order; nothing has run yet")
    terminal.reads(r"anything else is no\.")
    assert filled.send("DBSIZE") == b"5"
    answer(terminal, "no")
    terminal.reads("Refused")

    assert filled.send("DBSIZE") == b"5"


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_paste_without_brackets_does_not_answer_itself_either(
    console: Open, filled: RedisServer, end: str
) -> None:
    terminal = console()

    terminal.press(f"FLUSHDB{end}cache 5{end}yes{end}")
    terminal.reads("3 lines to run in order; nothing has run yet")
    answer(terminal, "no")
    terminal.reads("Refused")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"
    assert "unknown command" not in terminal.text


def test_what_was_typed_ahead_is_judged_like_any_line(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.press("xread block 1500 streams nothing 0\r")
    terminal.wait_until(lambda: b"xread" in filled.send("CLIENT", "LIST"), "the command on the server")
    terminal.press("flushdb\rcache 5\r")
    terminal.reads(r"\(nil\)")
    terminal.reads(r"anything else is no\.")
    terminal.press("\x03")
    terminal.reads("Refused")
    terminal.prompt()

    assert filled.send("DBSIZE") == b"5"


def test_a_batch_that_is_agreed_to_runs_in_order(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.paste("set first 1\ndel key:1 key:2\nget first")
    terminal.reads("get first")
    terminal.press("\r")
    terminal.reads(r"anything else is no\.")
    typed = re.findall(r"Type (.+?) to go on", terminal.text)[-1]
    answer(terminal, "yes" if typed == "yes" else "cache")
    terminal.reads(r'OK\n.*del key:1 key:2\n\(integer\) 2\n.*get first\n"1"\n')

    assert filled.send("DBSIZE") == b"4"


def test_a_batch_with_something_denied_does_not_run_at_all(console: Open, filled: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.paste("get key:1\nset key:1 x")
    terminal.reads("set key:1 x")
    terminal.press("\r")
    terminal.reads("Refused: production is read-only here")
    terminal.prompt()

    assert '"value"' not in terminal.text


def test_meta_commands_can_not_be_smuggled_in_by_a_paste(console: Open, filled: RedisServer) -> None:
    terminal = console("production", "read-only")

    terminal.paste(":unlock 10m because\nflushdb")
    terminal.reads("flushdb")
    terminal.press("\r")
    terminal.reads(":unlock can't be pasted among other lines; nothing has run")
    terminal.prompt("read-only> ")


def test_a_read_of_very_much_is_asked_about(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("EVAL", "for i = 1, 20000 do redis.call('sadd', 'big', i) end", "0")
    terminal = console()

    terminal.line("smembers big")
    terminal.reads("SSCAN big 0")
    answer(terminal, "no")
    terminal.reads("Refused")


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.031, 0.04, 0.07, 0.15])
def test_a_line_typed_right_behind_a_yes_runs_whole_or_not_at_all(
    console: Open, filled: RedisServer, delay: float
) -> None:
    terminal = console()

    terminal.line("del key:1")
    answer(terminal, "yes", enter=False)
    terminal.press("\r")
    terminal.look(delay)
    terminal.send_slowly(b"append key:2 -more\r", pace=0.03)
    terminal.reads(r"\(integer\) 1\n|Refused")
    terminal.prompt()
    terminal.line("get key:2")
    terminal.reads(r'"value')

    ran = filled.send("EXISTS", "key:1") == b"0"
    assert ran or delay < 0.04
    assert filled.send("GET", "key:2") in ([b"value-more"] if ran else [b"value", b"value-more"])
    assert "unknown command" not in terminal.text


@pytest.mark.parametrize("delay", [0.0, 0.031, 0.08, 0.11, 0.135, 0.2])
def test_a_line_typed_right_behind_a_no_is_dropped_whole_or_judged_whole(
    console: Open, filled: RedisServer, delay: float
) -> None:
    terminal = console()

    terminal.line("flushdb")
    answer(terminal, "no", enter=False)
    terminal.press("\r")
    terminal.look(delay)
    terminal.send_slowly(b"append key:2 -more\r", pace=0.03)
    terminal.reads("Refused")
    terminal.prompt()
    terminal.line("get key:2")
    terminal.reads(r'"value')

    assert filled.send("GET", "key:2") in (b"value", b"value-more")
    assert filled.send("DBSIZE") == b"5"
    assert "unknown command" not in terminal.text


def test_of_what_was_typed_while_a_line_failed_the_unfinished_line_stays_and_is_whole(
    console: Open, filled: RedisServer
) -> None:
    terminal = console()

    terminal.press("connect here\rappend key:1 x\rappend k")
    terminal.reads("What was typed meanwhile is dropped|can't be pasted")
    terminal.prompt("> append k")
    terminal.press("ey:2 -more\r")
    terminal.reads(r"\(integer\) 10")

    assert filled.send("GET", "key:2") == b"value-more"
