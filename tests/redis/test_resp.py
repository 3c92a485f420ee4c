from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.redis import resp
from safeshell.redis.reply import integer_of, items_of, pairs_of, string_of
from safeshell.redis.resp import (
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
    ProtocolError,
    Push,
    Reply,
    ReplyReader,
    Set,
    Status,
    Verbatim,
    encode,
)


def on_the_wire(reply: Reply) -> bytes:
    """What a server sends for `reply`."""
    match reply:
        case Status(data):
            return b"+%b\r\n" % data
        case Error(data, blob):
            return b"!%d\r\n%b\r\n" % (len(data), data) if blob else b"-%b\r\n" % data
        case Bulk(data):
            return b"$%d\r\n%b\r\n" % (len(data), data)
        case Verbatim(form, data):
            return b"=%d\r\n%b:%b\r\n" % (len(data) + 4, form, data)
        case Integer(value):
            return b":%d\r\n" % value
        case Double(data):
            return b",%b\r\n" % data
        case BigNumber(data):
            return b"(%b\r\n" % data
        case Boolean(value):
            return b"#t\r\n" if value else b"#f\r\n"
        case Nil(kind):
            return kind.value.encode() + b"\r\n"
        case Map(pairs):
            return b"%%%d\r\n" % len(pairs) + b"".join(on_the_wire(k) + on_the_wire(v) for k, v in pairs)
        case Array(items) | Set(items) | Push(items):
            mark = {Array: b"*", Set: b"~", Push: b">"}[type(reply)]
            return b"%b%d\r\n" % (mark, len(items)) + b"".join(map(on_the_wire, items))


def in_pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return (data[a:b] for a, b in pairwise(edges))


def read_all(data: bytes) -> list[Reply]:
    return ReplyReader().feed(data)


lines = st.binary(max_size=30).map(lambda data: data.replace(b"\r", b" ").replace(b"\n", b" "))
leaves: st.SearchStrategy[Reply] = st.one_of(
    lines.map(Status),
    lines.map(Error),
    st.binary().map(lambda data: Error(data, blob=True)),
    st.binary().map(Bulk),
    st.binary().map(lambda data: Verbatim(b"txt", data)),
    st.integers(-(2**63), 2**63 - 1).map(Integer),
    st.floats().map(lambda number: Double(repr(number).encode())),
    st.integers().map(lambda number: BigNumber(b"%d" % number)),
    st.booleans().map(Boolean),
    st.sampled_from(NilKind).map(Nil),
)
in_band: st.SearchStrategy[Reply] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: Array(tuple(items))),
        st.lists(inner, max_size=4).map(lambda items: Set(tuple(items))),
        st.lists(st.tuples(inner, inner), max_size=3).map(lambda pairs: Map(tuple(pairs))),
    ),
    max_leaves=12,
)
replies = st.one_of(in_band, st.lists(in_band, max_size=4).map(lambda items: Push(tuple(items))))


@given(st.lists(replies, max_size=4), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_replies_in_any_pieces_are_read_as_they_were_sent(sent: list[Reply], cuts: list[int]) -> None:
    reader = ReplyReader()
    data = b"".join(map(on_the_wire, sent))

    got = [reply for piece in in_pieces(data, cuts) for reply in reader.feed(piece)]

    assert got == sent
    assert reader.is_idle


@given(st.lists(replies, min_size=1, max_size=2))
def test_a_reply_that_comes_byte_by_byte_is_the_same(sent: list[Reply]) -> None:
    reader = ReplyReader()
    data = b"".join(map(on_the_wire, sent))

    got = [reply for byte in data for reply in reader.feed(bytes([byte]))]

    assert got == sent


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_no_bytes_raise_anything_but_a_protocol_error(pieces: list[bytes]) -> None:
    reader = ReplyReader()
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.check()
    except ProtocolError as error:
        assert error.message


@given(st.text(alphabet="*$%~>|=!+-:_#,(0123456789tfx.e\r\n", max_size=80))
def test_no_almost_protocol_raises_anything_but_a_protocol_error(text: str) -> None:
    reader = ReplyReader()
    try:
        reader.feed(text.replace("\n", "\r\n").encode())
        reader.check()
    except ProtocolError as error:
        assert error.message


@given(replies, st.binary(max_size=20))
def test_replies_before_the_fault_are_still_given(sent: Reply, junk: bytes) -> None:
    reader = ReplyReader()

    assert reader.feed(on_the_wire(sent) + b"?" + junk + b"\r\n") == [sent]

    assert isinstance(reader.broken, ProtocolError)
    with pytest.raises(ProtocolError):
        reader.feed(b"+OK\r\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", 'no Redis reply: "HTTP/1.1 400 Bad Request"'),
        (b"\x1b[2J\r\n", r'no Redis reply: "\x1b[2J"'),
        (b"\r\n", "no Redis reply"),
        (b":1_000\r\n", "no Redis reply"),
        (b": 1\r\n", "no Redis reply"),
        (b":" + b"9" * 5000 + b"\r\n", "no Redis reply"),
        (b",1,5\r\n", "no Redis reply"),
        (b"#yes\r\n", "no Redis reply"),
        (b"_x\r\n", "no Redis reply"),
        (b"$x\r\n", "a length that is no number"),
        (b"$?\r\n", "a length that is no number"),
        (b"$-2\r\n", "a length that is no number"),
        (b"%-1\r\n", "a length below zero"),
        (b"$3\r\nabcdef\r\n", "longer than it said"),
        (b"=2\r\nab\r\n", "does not name its format"),
        (b"$4294967297\r\n", "a string of more than 4,294,967,296 bytes"),
        (b"*4294967296\r\n", "more than 4,294,967,295 elements"),
        (b"*1\r\n" * 200, "nested deeper than 128 levels"),
    ],
)
def test_what_is_no_redis_protocol_is_told_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        read_all(data)

    assert said in raised.value.message


def test_the_deepest_nesting_that_is_taken_can_be_compared_and_shown() -> None:
    (reply,) = read_all(b"*1\r\n" * resp.MAX_NESTING + b":1\r\n")

    assert reply == read_all(b"*1\r\n" * resp.MAX_NESTING + b":1\r\n")[0]
    assert "Integer" in repr(reply)


def test_an_endless_line_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resp, "MAX_LINE_BYTES", 1000)
    reader = ReplyReader()

    with pytest.raises(ProtocolError, match="a line of more than 1,000 bytes"):
        for _ in range(20):
            reader.feed(b"+" + b"x" * 100)


def test_attributes_are_skipped_wherever_they_stand() -> None:
    attribute = b"|1\r\n+ttl\r\n:5\r\n"

    assert read_all(attribute + b"*2\r\n:1\r\n" + attribute + b":2\r\n") == [Array((Integer(1), Integer(2)))]
    assert read_all(b"|0\r\n+OK\r\n") == [Status(b"OK")]


def test_a_push_in_the_middle_of_a_reply_is_no_element_of_it() -> None:
    # What redis-server 7.0 sends to a client that publishes to itself in MULTI.
    data = b"*2\r\n:1\r\n>2\r\n+message\r\n+x\r\n:2\r\n+OK\r\n"

    assert read_all(data) == [
        Push((Status(b"message"), Status(b"x"))),
        Array((Integer(1), Integer(2))),
        Status(b"OK"),
    ]


def test_what_hiredis_would_lose_is_kept() -> None:
    data = b"+a\r\n$1\r\na\r\n,3.10\r\n~2\r\n+z\r\n+b\r\n=5\r\nmkd:x\r\n$-1\r\n*-1\r\n_\r\n"

    assert read_all(data) == [
        Status(b"a"),
        Bulk(b"a"),
        Double(b"3.10"),
        Set((Status(b"z"), Status(b"b"))),
        Verbatim(b"mkd", b"x"),
        Nil(NilKind.BULK),
        Nil(NilKind.ARRAY),
        Nil(NilKind.NULL),
    ]


def test_a_long_value_in_many_pieces_takes_linear_time() -> None:
    reader = ReplyReader()
    body = b"x" * 4_000_000
    data = b"$%d\r\n%b\r\n+%b\r\n" % (len(body), body, body)

    got = [reply for at in range(0, len(data), 500) for reply in reader.feed(data[at : at + 500])]

    # Copying all that is held for each of the 16,000 pieces would move 32 GB and hit the suite's time limit.
    assert got == [Bulk(body), Status(body)]


@given(st.lists(st.binary(), min_size=1, max_size=5))
def test_a_command_is_sent_word_for_word(argv: list[bytes]) -> None:
    assert read_all(encode(argv)) == [Array(tuple(Bulk(word) for word in argv))]


def test_replies_can_be_viewed_as_plain_values() -> None:
    assert [string_of(one) for one in (Status(b"a"), Bulk(b"b"), Verbatim(b"txt", b"c"), Integer(1))] == [
        b"a",
        b"b",
        b"c",
        None,
    ]
    assert [
        integer_of(one) for one in (Integer(5), Bulk(b"-7"), Bulk(b"x"), Bulk(b"1_0"), Boolean(True))
    ] == [
        5,
        -7,
        None,
        None,
        None,
    ]
    flat = Array((Bulk(b"k"), Integer(1)))
    pairs = Map(((Bulk(b"k"), Integer(1)),))
    assert pairs_of(flat) == pairs_of(pairs) == ((Bulk(b"k"), Integer(1)),)
    assert items_of(pairs) == items_of(flat) == flat.items
    assert pairs_of(Array((Integer(1),))) is None
    assert items_of(Integer(1)) is None
    assert Error(b"MOVED 1 h:1").code == b"MOVED"
    assert Double(b"inf").value == float("inf")
