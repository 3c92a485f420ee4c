"""A line is split into the very words that redis-cli would send."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.quoting import quoted
from safeshell.redis.tokens import (
    InvalidRepeat,
    UnbalancedQuotes,
    split_line,
    split_repeat,
    split_spans,
)
from tests.redis.plain_client import PlainClient
from tests.servers import RedisServer, needed

PIECES = [
    "a", "bc", " ", "  ", "\t", "\v", "\f", "\r", '"', "'", "\\", '\\"', "\\'", "\\n", "\\x41", "\\x4", "\\xzz",
    "\\\\", "é", "☃", "\udcff", "\\a", "\\b", "\\r", "\\t", "#", ":", "\\é", "\x1b", "'x'", '"y"', "\x7f",
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" \t ", []),
        ("GET k", [b"GET", b"k"]),
        ("SET 'a b' \"c d\"", [b"SET", b"a b", b"c d"]),
        (r'SET "\x00\xff\n" v', [b"SET", b"\x00\xff\n", b"v"]),
        (r"SET 'it\'s' v", [b"SET", b"it's", b"v"]),
        (r"SET '\n' v", [b"SET", rb"\n", b"v"]),
        (r"SET a\n v", [b"SET", rb"a\n", b"v"]),
        ('a"b c"', [b"ab c"]),
        ('""', [b""]),
        ("SET é \udcff", [b"SET", "é".encode(), b"\xff"]),
        ("GET a\vb", [b"GET", b"a\vb"]),
    ],
)
def test_quotes_and_escapes_are_redis_clis(line: str, words: list[bytes]) -> None:
    assert split_line(line) == words


@pytest.mark.parametrize(
    "line", ['"', "'", 'GET "a', 'GET "a"b', "GET 'a'b", 'GET "a\\', "a'", "GET a\0b", "GET \ud800"]
)
def test_a_line_that_redis_cli_refuses_or_cuts_is_refused(line: str) -> None:
    with pytest.raises(UnbalancedQuotes):
        split_line(line)


def test_real_redis_cli_sends_the_same_words(redis_server: RedisServer) -> None:
    """Many lines at once through the real program, each into a list of its own; then the lists are looked at."""
    lines = _lines_of_pieces(4000)
    script = "".join(f"RPUSH k{n} {line}\n" for n, line in enumerate(lines))
    subprocess.run(
        [needed("redis-cli", "redis-tools"), "-s", str(redis_server.socket)],
        input=script.encode("utf-8", "surrogateescape"),
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    with PlainClient(redis_server.socket) as client:
        stored = client.pipeline([(b"LRANGE", b"k%d" % n, b"0", b"-1") for n in range(len(lines))])
    refused = 0
    for n, line in enumerate(lines):
        try:
            ours = split_line(f"RPUSH k{n} {line}")[2:]
        except UnbalancedQuotes:
            ours, refused = [], refused + 1
        assert ours == stored[n], repr(line)
    assert 0 < refused < len(lines)


def _lines_of_pieces(count: int) -> list[str]:
    import random

    pick = random.Random(1)
    return ["".join(pick.choices(PIECES, k=pick.randint(0, 9))) for _ in range(count)]


@given(st.lists(st.binary(), min_size=1))
def test_quoted_words_come_back_as_they_were(words: list[bytes]) -> None:
    assert split_line(b" ".join(quoted(word) for word in words).decode()) == words


@given(st.text())
def test_any_text_is_split_or_refused(line: str) -> None:
    try:
        tokens = split_spans(line)
    except UnbalancedQuotes:
        return
    assert [token.value for token in tokens] == split_line(line)
    ends = [0, *(token.span[1] for token in tokens)]
    assert all(before <= token.span[0] < token.span[1] for before, token in zip(ends, tokens, strict=False))


@pytest.mark.parametrize(
    ("words", "count", "rest"),
    [
        ([b"5", b"INCR", b"k"], 5, [b"INCR", b"k"]),
        ([b"+2", b"GET"], 2, [b"GET"]),
        ([b" 2", b"GET"], 2, [b"GET"]),
        ([b"2x", b"GET"], 1, [b"2x", b"GET"]),
        ([b"1.5", b"GET"], 1, [b"1.5", b"GET"]),
        ([b"2"], 1, [b"2"]),
        ([b"GET", b"2"], 1, [b"GET", b"2"]),
    ],
)
def test_a_number_in_front_repeats_the_command(words: list[bytes], count: int, rest: list[bytes]) -> None:
    repeated = split_repeat(words)
    assert (repeated.count, list(repeated.argv)) == (count, rest)


@pytest.mark.parametrize("number", [b"0", b"-1", b"", b"9223372036854775808", b"9" * 5000])
def test_a_number_that_redis_cli_refuses_is_refused(number: bytes) -> None:
    with pytest.raises(InvalidRepeat):
        split_repeat([number, b"GET", b"k"])
