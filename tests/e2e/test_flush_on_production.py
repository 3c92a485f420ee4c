"""FLUSHDB on production: every way of answering but the right one leaves every key where it was."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Production
from tests.e2e.program import at_safeshell
from tests.person import READ_SECONDS, Person

REFUSED = "Refused"
QUESTION = "Type cache-prod and the number of keys"


def unlocked(production: Production, *, minutes: str = "5m", shown: str = "unlocked 4m") -> Person:
    person = at_safeshell("redis", "cache-prod")
    person.sees("read-only>")
    person.enter(f":unlock {minutes} e2e test")
    person.sees(shown)
    return person


def asked(production: Production) -> Person:
    person = unlocked(production)
    person.enter("FLUSHDB")
    person.sees(QUESTION)
    return person


def test_the_first_prompt_says_production_in_a_word_and_in_red(production: Production) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        screen = person.sees("read-only>")

        assert "PRODUCTION" in screen
        assert "cache-prod" in screen
        assert "read-only" in screen
        row = next(n for n, line in enumerate(person.screen.display) if "read-only>" in line)
        column = person.screen.display[row].index("PRODUCTION")
        cell = person.screen.buffer[row][column]
        assert "default" not in (cell.bg, cell.fg) or cell.reverse, "the word is painted"
        assert person.leave() == 0


def test_read_only_is_where_production_starts(production: Production) -> None:
    with at_safeshell("redis", "cache-prod") as person:
        person.sees("read-only>")
        person.enter("FLUSHDB")
        screen = person.sees(REFUSED)

        assert "unlock" in screen
        assert production.keys == 7


def test_the_right_answer_flushes(production: Production) -> None:
    with asked(production) as person:
        person.answer("cache-prod 7")
        person.sees("OK")

        assert production.keys == 0


@pytest.mark.parametrize("typed", ["yes", "cache-prod", "cache-prod 8", "7 cache-prod", ""])
def test_a_wrong_answer_does_not(production: Production, typed: str) -> None:
    with asked(production) as person:
        person.answer(typed)
        person.sees(REFUSED)

        assert production.keys == 7


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["^C", "^D"])
def test_leaving_the_question_means_no_and_the_console_goes_on(production: Production, key: str) -> None:
    with asked(production) as person:
        person.look(READ_SECONDS)
        person.press(key)
        person.sees(REFUSED)
        person.enter("DBSIZE")
        person.sees("(integer) 7")

        assert production.keys == 7


def test_the_right_answer_pasted_is_refused(production: Production) -> None:
    for bracketed in (True, False):
        with asked(production) as person:
            person.look(READ_SECONDS)
            person.paste("cache-prod 7\n", bracketed=bracketed)
            person.sees(REFUSED)

            assert production.keys == 7


def test_a_pasted_flush_with_its_answer_asks_and_the_answer_is_not_taken(production: Production) -> None:
    with unlocked(production) as person:
        person.paste("FLUSHDB\ncache-prod 7\n", bracketed=False)
        person.look(1.5)
        person.press("\x03")
        person.look(0.5)

        assert production.keys == 7


def test_a_bracketed_paste_of_two_lines_waits_for_enter_and_is_judged_whole(production: Production) -> None:
    with unlocked(production) as person:
        person.paste("SET before 1\nFLUSHDB\nyes")
        person.look(1.0)
        assert production.keys == 7, "a paste runs nothing by itself"
        person.press("\r")
        person.sees("Type cache-prod")
        assert production.keys == 7, "the first line has not run while the question stands"
        person.look(READ_SECONDS)
        person.press("\x03")
        person.sees(REFUSED)

        assert production.keys == 7


def test_typing_ahead_does_not_answer(production: Production) -> None:
    with unlocked(production) as person:
        for char in "FLUSHDB\rcache-prod 7\r":
            person.press(char)
        person.look(1.5)

        assert production.keys == 7


def test_a_server_killed_while_the_question_stands_is_told(production: Production) -> None:
    with asked(production) as person:
        production.server.kill()
        person.answer("cache-prod 7")
        screen = person.sees("not connected")

        assert "Traceback" not in screen


def test_the_countdown_locks_the_session_by_itself(production: Production) -> None:
    with unlocked(production, minutes="2s", shown="Unlocked for 2s") as person:
        person.sees(lambda screen: "read-only" in screen.rstrip().splitlines()[-1], seconds=10)
        person.enter("FLUSHDB")
        person.sees(REFUSED)

        assert production.keys == 7
