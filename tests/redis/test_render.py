from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis.quoting import quoted
from safeshell.redis.render import OutputFormat, is_shown_unquoted, render, render_push
from safeshell.redis.reply import (
    Array,
    BigNumber,
    Boolean,
    Bulk,
    Double,
    Error,
    Integer,
    Map,
    Nil,
    NilKind,
    Push,
    Reply,
    Status,
    Verbatim,
)
from safeshell.redis.resp import MAX_NESTING
from tests.redis.test_resp import replies


@given(replies, st.sampled_from([OutputFormat.JSON, OutputFormat.QUOTED_JSON]))
def test_json_is_json_whatever_the_server_says(reply: Reply, output: OutputFormat) -> None:
    text = render(reply, output)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    json.loads(text.decode(), parse_constant=refuse)
    assert text.count(b"\n") == 1


@given(replies, st.sampled_from([(b"GET", b"k"), (b"INFO",)]))
def test_no_reply_in_the_human_form_can_steer_the_terminal(reply: Reply, command: tuple[bytes, ...]) -> None:
    text = render(reply, OutputFormat.HUMAN, command=command)

    assert not {char for char in text.decode("utf-8", "replace") if ord(char) < 32} - set("\n\r\t")
    assert b"\x7f" not in text


@given(replies, st.sampled_from(OutputFormat))
def test_every_reply_has_a_text_in_every_form(reply: Reply, output: OutputFormat) -> None:
    assert isinstance(render(reply, output), bytes)


@pytest.mark.parametrize("output", OutputFormat)
def test_the_deepest_reply_can_be_shown(output: OutputFormat) -> None:
    reply: Reply = Integer(1)
    for _ in range(MAX_NESTING // 2):
        reply = Map(((Bulk(b"k"), Array((reply,))),))

    assert b"1" in render(reply, output)


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (Error(b"ERR no"), {"error": "ERR no"}),
        (Array((Integer(1), Error(b"ERR no"))), [1, {"error": "ERR no"}]),
        (Bulk(b"caf\xc3\xa9 \xff\\xff"), "café \\xff\\xff"),
        (Double(b"inf"), "inf"),
        (Double(b"-NaN"), "-nan"),
        (Double(b"+5."), 5),
        (Double(b"-.5E3"), -500),
        (Double(b"1e+20"), 1e20),
        (BigNumber(b"-0012345678901234567890"), -12345678901234567890),
        (Nil(NilKind.NULL), None),
        (Boolean(False), False),
        (Map(((Integer(1), Array((Bulk(b'"'),))),)), {"1": ['"']}),
        (Map(((Array((Bulk(b"a"),)), Nil(NilKind.BULK)),)), {'["a"]': None}),
    ],
)  # fmt: skip
def test_json_says_what_redis_cli_could_not(reply: Reply, value: object) -> None:
    assert json.loads(render(reply, OutputFormat.JSON)) == value


@given(st.binary())
def test_any_bytes_can_be_read_back_from_quoted_json(data: bytes) -> None:
    text = json.loads(render(Bulk(data), OutputFormat.QUOTED_JSON))

    short: Mapping[str, int] = {"n": 10, "r": 13, "t": 9, "a": 7, "b": 8, '"': 34, "\\": 92}
    back = bytearray()
    rest = iter(text)
    for char in rest:
        if char != "\\":
            back.append(ord(char))
        elif (kind := next(rest)) == "x":
            back.append(int(next(rest) + next(rest), 16))
        else:
            back.append(short[kind])
    assert back == data


@given(st.binary())
def test_quoted_strings_are_one_line_of_printable_ascii(data: bytes) -> None:
    assert quoted(data).decode("ascii").isprintable()


@pytest.mark.parametrize(
    ("reply", "command", "shown"),
    [
        (Error(b"ERR \x1b]0;x\x07"), b"GET k", b"(error) ERR \\x1b]0;x\\x07\n"),
        (Status(b"\xc2\x9b31m"), b"GET k", b"\\x9b31m\n"),
        (Verbatim(b"txt", b"a\r\n\tb\x1b"), b"INFO", b"a\r\n\tb\\x1b"),
        (Bulk(b"# Server\r\nx:1\r\n"), b"INFO", b"# Server\r\nx:1\r\n"),
        (BigNumber(b"12"), b"GET k", b"(big number) 12\n"),
        (Double(b"-nan"), b"GET k", b"(double) -nan\n"),
    ],
)
def test_texts_of_the_server_are_shown_whole_and_harmless(reply: Reply, command: bytes, shown: bytes) -> None:
    assert render(reply, OutputFormat.HUMAN, command=command.split()) == shown


def test_raw_output_is_the_data_itself() -> None:
    data = b"\x1b[31m\x00\xff\n"

    assert render(Bulk(data), OutputFormat.RAW) == data + b"\n"
    assert render(Bulk(data), OutputFormat.RAW, command=[b"info"]) == data


def test_an_invalidation_of_odd_keys_is_one_harmless_line() -> None:
    push = Push((Bulk(b"invalidate"), Array((Bulk(b"a\x1b[2J"), Bulk(b"b")))))

    assert render_push(push, OutputFormat.HUMAN) == b"-> invalidate: 'a\\x1b[2J', 'b'\n"
    assert render_push(push, OutputFormat.CSV) == b'"invalidate","a\\x1b[2J","b"\n'


def test_an_invalidation_of_everything_is_shown_like_a_reply() -> None:
    push = Push((Bulk(b"invalidate"), Nil(NilKind.NULL)))

    assert render_push(push, OutputFormat.HUMAN) == b'1) "invalidate"\n2) (nil)\n'


@pytest.mark.parametrize(
    "line", [b"INFO", b"info all", b"client LIST type normal", b"LATENCY GRAPH x", b"cluster nodes"]
)
def test_texts_for_people_are_shown_unquoted(line: bytes) -> None:
    assert is_shown_unquoted(line.split())


@pytest.mark.parametrize(
    "line", [b"", b"GET info", b"CLIENT", b"LATENCY GRAPH", b"CLUSTER NODES x", b"CLIENT NO-EVICT"]
)
def test_everything_else_is_quoted(line: bytes) -> None:
    assert not is_shown_unquoted(line.split())
