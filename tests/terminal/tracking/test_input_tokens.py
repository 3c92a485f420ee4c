"""What comes from a terminal is told apart, and not a byte of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.tracking.input_tokens import InputReader, TokenKind

_BYTES = st.lists(
    st.sampled_from([bytes([one]) for one in b"\x1b[]O0;~uMR<\r\n\x03\x07\\ab\x80\xc3\xa9"]), max_size=14
)


def _kinds(*pieces: bytes) -> list[tuple[TokenKind, bytes]]:
    reader = InputReader()
    tokens = [token for piece in pieces for token in reader.feed(piece)]
    return [(token.kind, token.data) for token in (*tokens, *reader.flush())]


@pytest.mark.parametrize(
    "enter",
    [b"\r", b"\n", b"\x1b[13u", b"\x1b[13;1u", b"\x1b[13;2u", b"\x1b[13;1:1u", b"\x1b[57414u", b"\x1b[27;1;13~",
     b"\x1b[27;5;13~", b"\x1bOM", b"\x1b\r", b"\x1b\n", b"\x1b[109;5u", b"\x1b[106;5u", b"\x1b[27;5;109~"],
)  # fmt: skip
def test_enter_in_any_form_is_enter(enter: bytes) -> None:
    assert _kinds(enter) == [(TokenKind.ENTER, enter)]


@pytest.mark.parametrize(
    "key", [b"\x1b[13;1:3u", b"\x1b[A", b"\x1bOA", b"\t", b"\x7f", b"\x1bb", b"\x1b[3~", b"\x12"]
)
def test_other_keys_are_no_enter(key: bytes) -> None:
    assert _kinds(key) == [(TokenKind.KEY, key)]


@pytest.mark.parametrize(
    "report",
    [b"\x1b[12;40R", b"\x1b[?62;22c", b"\x1b[>1;10;0c", b"\x1b[I", b"\x1b[O", b"\x1b[0n", b"\x1b[<0;3;4M",
     b"\x1b[<0;3;4m",
     b"\x1b[M !!", b"\x1b]11;rgb:1111/2222/3333\x1b\\", b"\x1b]11;rgb:1/2/3\x07", b"\x1bP1+r544e\x1b\\", b"\x1b[?1u",
     b"\x1b[?2026;2$y", b"\x1b[8;24;80t", b"\x1b_Gi=1;OK\x1b\\"],
)  # fmt: skip
def test_what_the_terminal_says_by_itself_is_no_key(report: bytes) -> None:
    assert _kinds(report) == [(TokenKind.REPORT, report)]
    for cut in range(1, len(report)):
        assert _kinds(report[:cut], report[cut:]) == [(TokenKind.REPORT, report)], cut


def test_a_key_that_comes_in_two_reads_is_one_key() -> None:
    assert _kinds(b"\x1b[13", b"u") == [(TokenKind.ENTER, b"\x1b[13u")]
    assert _kinds(b"\x1b", b"[A") == [(TokenKind.KEY, b"\x1b[A")]


def test_enter_behind_what_only_began_like_a_string_is_seen() -> None:
    assert (TokenKind.ENTER, b"\r") in _kinds(b"\x1b]drop table t;\r")
    assert (TokenKind.ENTER, b"\r") in _kinds(b"\x1b[M\r\r\r")


def test_letters_of_any_language_are_text() -> None:
    assert _kinds("données 日本語".encode()) == [(TokenKind.TEXT, "données 日本語".encode())]


@given(_BYTES, st.integers(0, 14))
def test_every_byte_comes_out_in_order(pieces: list[bytes], cut: int) -> None:
    data = b"".join(pieces)

    assert b"".join(token for _, token in _kinds(data[:cut], data[cut:])) == data


@given(_BYTES)
def test_a_carriage_return_is_always_an_enter_of_its_own(pieces: list[bytes]) -> None:
    data = b"".join(pieces)

    enters = sum(token.count(b"\r") for kind, token in _kinds(data) if kind is TokenKind.ENTER)
    assert enters == data.count(b"\r")
