"""A script's commands come out as they stand in it, or the whole script is refused with the place that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.requests import Request, RequestInvalid, as_text, resp_requests, text_requests
from safeshell.redis.tokens import split_line
from tests.redis.plain_client import PlainClient
from tests.servers import RedisServer

COMMANDS = st.lists(st.lists(st.binary(max_size=40), min_size=1, max_size=6), max_size=6)


def encoded(commands: Sequence[Sequence[bytes]]) -> bytes:
    return b"".join(
        b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
        for words in commands
    )


def words_of(requests: Sequence[Request]) -> list[tuple[bytes, ...]]:
    return [request.argv for request in requests]


def test_lines_keep_their_numbers_and_empty_ones_are_no_commands() -> None:
    found = list(text_requests([b"SET a 1\r\n", b"\n", b"   ", b'SET "b c" "\\x00"\n'], first=7))

    assert found == [
        Request(7, "SET a 1", (b"SET", b"a", b"1")),
        Request(10, 'SET "b c" "\\x00"', (b"SET", b"b c", b"\0")),
    ]


def test_a_line_with_open_quotes_is_named_by_its_number_and_can_not_paint_the_screen() -> None:
    with pytest.raises(RequestInvalid) as raised:
        list(text_requests([b"PING", b'SET a "open \x1b[2J']))

    assert "line 2" in raised.value.message
    assert "\x1b" not in str(raised.value)


def test_bytes_that_are_no_text_reach_the_server_as_they_are() -> None:
    (request,) = text_requests([b"SET a \xff\xfe"])

    assert request.argv == (b"SET", b"a", b"\xff\xfe")


def test_inline_text_may_stand_between_resp_commands() -> None:
    stream = encoded([[b"SET", b"a", b"1"]]) + b"GET a\r\n\r\n" + encoded([[b"DEL", b"a"]]) + b"PING"

    found = list(resp_requests(stream))

    assert [request.number for request in found] == [1, 2, 3, 4]
    assert words_of(found) == [(b"SET", b"a", b"1"), (b"GET", b"a"), (b"DEL", b"a"), (b"PING",)]


def test_an_empty_array_is_no_command() -> None:
    assert words_of(list(resp_requests(b"*0\r\n" + encoded([[b"PING"]])))) == [(b"PING",)]


@pytest.mark.parametrize(
    ("stream", "byte"),
    [
        (b"*1\r\n$4\r\nPIN", 4),
        (b"*1\r\n$3\r\nPING\r\n", 4),
        (b"*2\r\n$4\r\nPING\r\n", None),
        (b"*1", 0),
        (b"*1\r\n$4", 4),
        (b"*x\r\n", 0),
        (b"*-1\r\n", 0),
        (b"*99999999999\r\n", 0),
        (b"*1048577\r\n", 0),
        (b"*1\r\n$536870913\r\n", 4),
        (b"*1\r\n$-1\r\n", 4),
        (b"*1\r\n:4\r\n", 4),
        (b"*1\r\nPING\r\n", 4),
        ("*\N{SUPERSCRIPT TWO}\r\n".encode(), 0),
    ],
)
def test_a_broken_stream_is_refused_with_the_byte_where_it_breaks(stream: bytes, byte: int | None) -> None:
    with pytest.raises(RequestInvalid) as raised:
        list(resp_requests(stream))

    assert byte is None or f"(byte {byte:,})" in raised.value.message


@given(commands=COMMANDS)
def test_what_is_written_as_resp_is_read_as_it_was(commands: list[list[bytes]]) -> None:
    assert words_of(list(resp_requests(encoded(commands)))) == [tuple(words) for words in commands]


@given(commands=COMMANDS)
def test_the_text_of_a_resp_command_splits_into_its_words_again(commands: list[list[bytes]]) -> None:
    for words in commands:
        text = as_text(words)
        assert text.isprintable()
        assert text.isascii()
        assert split_line(text) == words


@given(data=st.binary(max_size=200))
def test_whatever_bytes_a_stream_has_nothing_but_a_refusal_can_come_of_it(data: bytes) -> None:
    for read in (resp_requests, lambda stream: text_requests(stream.split(b"\n"))):
        try:
            found = list(read(data))
        except RequestInvalid as refused:
            assert str(refused).isprintable() or "\n" in str(refused)
            continue
        assert all(request.argv for request in found)


@given(commands=COMMANDS, cut=st.integers(0, 300))
def test_a_stream_that_is_cut_in_the_middle_never_becomes_other_commands(
    commands: list[list[bytes]], cut: int
) -> None:
    stream = encoded(commands)
    found: list[tuple[bytes, ...]] = []
    try:
        for request in resp_requests(stream[:cut]):
            found.append(request.argv)  # what came before the refusal counts
    except RequestInvalid:
        assert cut < len(stream)
    assert found == [tuple(words) for words in commands][: len(found)]


def test_a_server_reads_the_same_words_from_a_stream(redis_server: RedisServer) -> None:
    words = [b"", b"a b", b"\r\n", b"\xff\x00", b'"', b"*1\r\n$1\r\nx\r\n"]
    (request,) = resp_requests(encoded([[b"RPUSH", b"words", *words]]))
    with PlainClient(redis_server.socket) as client:
        client.call(*request.argv)
        client.call(b"RPUSH", b"again", *split_line(request.text)[2:])

        assert client.call(b"LRANGE", b"words", b"0", b"-1") == words
        assert client.call(b"LRANGE", b"again", b"0", b"-1") == words
