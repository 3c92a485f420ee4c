"""A script's lines are taken as if they were typed: repeated, and over when they say so."""

from __future__ import annotations

import pytest

from safeshell.redis.requests import Request, RequestInvalid
from safeshell.redis.typed_script import TypedScript


def test_a_number_in_front_says_how_often_and_is_no_part_of_the_command() -> None:
    (request,) = TypedScript().take([b"5 INCR k\r\n"])

    assert request == Request(1, "5 INCR k", (b"INCR", b"k"), 5)


@pytest.mark.parametrize("line", [b"exit", b"quit", b" QUIT \r", b'"Exit"'])
def test_what_stands_behind_the_end_is_not_looked_at(line: bytes) -> None:
    script = TypedScript()

    found = script.take([b"GET a", line, b"FLUSHALL", b'"not even split'])

    assert [request.argv for request in found] == [(b"GET", b"a")]
    assert script.ended


def test_words_that_only_look_like_the_end_are_commands() -> None:
    script = TypedScript()

    found = script.take([b"GET exit", b"EXIT now", b"EXITS"])

    assert len(found) == 3
    assert not script.ended


def test_lines_are_counted_through_pieces_and_blank_lines() -> None:
    script = TypedScript()

    script.take([b"GET a", b"", b"GET b"])
    (request,) = script.take([b"", b"2 GET c"])

    assert (request.number, request.times) == (5, 2)


@pytest.mark.parametrize("line", [b"0 INCR k", b"-1 INCR k", b"99999999999999999999 INCR k"])
def test_a_number_that_is_none_refuses_the_script_with_the_place(line: bytes) -> None:
    with pytest.raises(RequestInvalid) as raised:
        TypedScript().take([b"GET a", line])

    assert "line 2" in raised.value.message
