"""Taking back, unlinking and dumping by the console's own commands."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.redis.consoles import Open, answer, unlocked
from tests.servers import RedisServer


def test_undo_puts_back_what_a_line_destroyed(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line("del key:1")
    answer(terminal, "yes")
    terminal.reads(r"\(integer\) 1")
    terminal.line(":undo --list")
    terminal.reads("del key:1")
    terminal.line(":undo --dry-run")
    terminal.reads(r"put back key:1 \(db 0\)")
    terminal.reads("Nothing was changed")
    terminal.line(":undo")
    terminal.reads("Put back 1 key; undo")

    assert filled.send("GET", "key:1") == b"value"


def test_unlink_by_pattern_is_asked_about_and_reports(console: Open, filled: RedisServer) -> None:
    terminal = console()

    terminal.line(":unlink key:* --dry-run")
    terminal.reads(r"5 keys of db 0 match key:\*")
    terminal.line(":unlink key:*")
    answer(terminal, "cache")
    terminal.reads("Unlinked 5 keys")

    assert filled.send("DBSIZE") == b"0"


def test_unlinking_can_be_stopped_and_goes_on_where_it_was(console: Open, redis_server: RedisServer) -> None:
    redis_server.send("EVAL", "for i = 1, 6000 do redis.call('set', 'key:' .. i, i) end", "0")
    terminal = console("development", "open")

    terminal.line(":unlink key:* --rate 2000/s")
    if "to go on" in terminal.text:
        answer(terminal, "yes")
    terminal.reads(r"\^C stops")
    terminal.press("\x03")
    terminal.reads("Stopped before the end; :unlink --continue goes on from here")
    terminal.prompt()
    assert 0 < int(redis_server.send("DBSIZE")) < 6000
    terminal.line(":unlink --continue --rate 100000")
    terminal.reads("Unlinked 6,000 keys")

    assert redis_server.send("DBSIZE") == b"0"


def test_a_dump_is_written_and_put_back(console: Open, filled: RedisServer, tmp_path: Path) -> None:
    file = tmp_path / "all.dump"
    terminal = console("production", "read-only")

    terminal.line(f":dump {file}")
    terminal.reads("5 keys, ")
    filled.send("DEL", "key:1", "key:2")
    terminal.line(":unlock 5m TICKET-1")
    unlocked(terminal)
    terminal.line(f":undo {file}")
    terminal.reads("Put back 2 keys")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert filled.send("DBSIZE") == b"5"
