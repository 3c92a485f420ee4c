"""Two consoles at once, and keys that mean harm to the screen: nothing is lost, nothing gets through raw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import at_safeshell, safeshell
from tests.person import Person

OWNED = b"evil\x1b]0;owned\x07\x1b[2J\x1b[31m\xc2\x9b5n\xff\r\nfake> "
"""A key that would set the title, clear the screen, paint it and forge a prompt."""


@contextmanager
def console(production: Production, *, unlocked: bool = False, columns: int = 120) -> Iterator[Person]:
    with at_safeshell("redis", "cache-prod", columns=columns) as person:
        person.sees("read-only>")
        if unlocked:
            enter(person, ":unlock 5m e2e test")
        yield person


def ready(person: Person) -> str:
    """Wait until a new line may be typed; the screen."""
    return person.sees(
        lambda screen: screen.rstrip().endswith(">") and "PRODUCTION" in screen.rstrip().splitlines()[-1]
    )


def last_prompt(screen: str) -> str:
    """What stands behind the last badge; a hint may follow what was typed."""
    return screen.replace("\n", "").rpartition("PRODUCTION")[2]


def write(person: Person, line: str) -> None:
    """Put a line at the prompt and press Enter when it stands there."""
    ready(person)
    person.press(line)
    person.sees(lambda screen: line[-20:] in last_prompt(screen))
    person.press("\r")


def enter(person: Person, line: str) -> str:
    """Run a line and wait for the next prompt; the screen."""
    write(person, line)
    person.sees(lambda screen: line[-20:] not in last_prompt(screen))
    return ready(person)


def journaled() -> list[str]:
    rows = [json.loads(row) for row in safeshell("log", "--json").out.splitlines()]
    return [row["line"] for row in rows if row.get("line")]


def test_history_and_journal_keep_the_lines_of_both(production: Production) -> None:
    with console(production) as one, console(production) as two:
        enter(one, "GET of-one")
        enter(two, "GET of-two")
        enter(one, "DBSIZE")
        enter(two, "TIME")
        assert one.leave() == 0
        assert two.leave() == 0

    assert {"GET of-one", "GET of-two", "DBSIZE", "TIME"} <= set(journaled())
    verified = safeshell("log", "verify")
    assert verified.status == 0, verified
    (history,) = [path for path in production.home.rglob("*history*") if path.is_file()]
    text = history.read_bytes()
    for line in (b"GET of-one", b"GET of-two", b"DBSIZE", b"TIME"):
        assert text.count(line) == 1
    assert history.stat().st_mode & 0o777 == 0o600


def test_a_line_of_the_other_session_can_be_recalled(production: Production) -> None:
    with console(production) as one:
        enter(one, "GET of-one")
        assert one.leave() == 0
    with console(production) as two:
        ready(two)
        two.press("\x1b[A")
        two.sees("read-only> GET of-one")


def test_a_key_that_another_session_has_written_since_is_not_overwritten_by_undo(
    production: Production,
) -> None:
    production.server.send("SET", "stale", "before")
    with console(production, unlocked=True) as one, console(production, unlocked=True) as two:
        write(one, "DEL stale")
        one.sees("Type yes")
        one.answer("yes")
        kept = one.sees("puts it back").split("Kept: :undo ")[1].split()[0]
        enter(two, "SET stale newer")

        refused = enter(one, f":undo {kept}")
        assert "Nothing was put back" in refused
        assert "--overwrite" in refused
        assert production.server.send("GET", "stale") == b"newer"

        write(one, f":undo {kept} --overwrite")
        asked = one.sees("Type yes")
        assert "that work would be lost" in asked.replace("\n", " ")
        assert production.server.send("GET", "stale") == b"newer"
        one.answer("yes")
        one.sees("Put back 1 key")

    assert production.server.send("GET", "stale") == b"before"


def test_undo_without_an_id_takes_back_the_session_s_own_line_and_another_s_by_its_id_only(
    production: Production,
) -> None:
    production.server.send("MSET", "of-one", "1", "of-two", "2")
    with console(production, unlocked=True) as one, console(production, unlocked=True) as two:
        kept = {}
        for person, key in ((one, "of-one"), (two, "of-two")):
            write(person, f"DEL {key}")
            person.sees("Type yes")
            person.answer("yes")
            kept[key] = person.sees("puts it back").split("Kept: :undo ")[1].split()[0]

        enter(one, ":undo")
        assert production.server.send("EXISTS", "of-one", "of-two") == b"1"
        assert production.server.send("GET", "of-one") == b"1"

        nothing_left = enter(one, ":undo")
        assert "this session has kept nothing" in nothing_left
        assert f":undo {kept['of-two']}" in nothing_left
        assert "another session's  DEL of-two" in enter(one, ":undo --list")
        assert production.server.send("EXISTS", "of-two") == b"0"

        enter(one, f":undo {kept['of-two']}")
        assert production.server.send("GET", "of-two") == b"2"


def test_a_key_full_of_escape_sequences_is_shown_as_text_in_replies_questions_and_refusals(
    production: Production,
) -> None:
    production.server.send("SET", OWNED, OWNED)
    typed = '"' + "".join(f"\\x{byte:02x}" for byte in OWNED) + '"'
    with console(production, unlocked=True, columns=200) as person:
        shown = enter(person, "SCAN 0 MATCH evil* COUNT 1000")
        assert r"\x1b]0;owned\a\x1b[2J" in shown
        enter(person, f"GET {typed}")
        write(person, f"DEL {typed}")
        person.sees("Type yes")
        person.answer("no")
        person.sees("Refused")
        enter(person, ":log")
        enter(person, f"TYPE {typed}")

    harmless(person.output)
    assert production.keys == 8


def test_completion_shows_a_key_full_of_escape_sequences_as_text(production: Production) -> None:
    production.server.send("SET", OWNED, "1")
    with console(production, columns=200) as person:
        ready(person)
        person.type("GET ev")
        person.press("\t")
        person.look(1.0)
        person.press("\x03")
        ready(person)

    harmless(person.output)


def harmless(seen: bytes) -> None:
    """Nothing of `OWNED` reached the terminal as it is."""
    assert b"owned\x07" not in seen
    assert b"\x1b]0;owned" not in seen
    assert b"\x1b[2J\x1b[31m" not in seen
    assert b"\xc2\x9b5n" not in seen
    assert b"\nfake> " not in seen


def test_a_reply_of_ten_thousand_columns_is_shown_and_the_prompt_comes_back(production: Production) -> None:
    production.server.send("SET", "wide", "w" * 10_000)
    with console(production) as person:
        write(person, "GET wide")
        person.sees(lambda screen: screen.count("w" * 120) > 5)
        person.press("q")  # a pager, where the reply is longer than the screen
        person.look(0.3)
        person.press("\x15")
        screen = enter(person, "STRLEN wide")

        assert "(integer) 10000" in screen


def test_a_line_of_ten_thousand_columns_is_sent_as_it_was_pasted(production: Production) -> None:
    value = "0123456789" * 1000
    with console(production, unlocked=True) as person:
        ready(person)
        person.paste(f"SET wide {value}")
        person.sees("0123456789")
        person.look(0.5)
        person.press("\r")
        person.sees("OK")

    assert production.server.send("GET", "wide") == value.encode()


@pytest.mark.parametrize("key", [b"\x00", b"\xff\xfe", b"a\nb"])
def test_a_binary_key_can_be_named_read_deleted_and_put_back(production: Production, key: bytes) -> None:
    word = '"' + "".join(f"\\x{byte:02x}" for byte in key) + '"'
    with console(production, unlocked=True) as person:
        enter(person, f"SET {word} {word}")
        assert "(integer) 1" in enter(person, f"EXISTS {word}")
        write(person, f"DEL {word}")
        person.sees("Type yes")
        person.answer("yes")
        person.sees("puts it back")
        assert production.keys == 7
        assert "Put back 1 key" in enter(person, ":undo")
        screen = enter(person, f"STRLEN {word}")

        assert f"(integer) {len(key)}" in screen
    assert production.keys == 8
