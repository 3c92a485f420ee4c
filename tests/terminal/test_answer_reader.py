"""What counts as typed: whole conversations as bytes and moments, without a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.answer_reader import DEAF, QUIET, AnswerReader, Ending

TIMEOUT = 60.0
HAND = 0.06


def reader(*, deaf: float = 0.0) -> AnswerReader:
    return AnswerReader(at=0.0, timeout=TIMEOUT, deaf=deaf)


def typed(machine: AnswerReader, text: str | bytes, *, start: float = 1.0, pace: float = HAND) -> float:
    """Each character by itself; the moment after the last one."""
    at = start
    for char in text if isinstance(text, str) else text.decode("latin-1"):
        machine.feed(char.encode(), at)
        at += pace
    machine.tick(at)
    return at


def test_a_typed_answer_is_entered() -> None:
    machine = reader()

    typed(machine, "cache-prod 48,211\r")

    assert machine.ending is Ending.ENTERED
    assert machine.text == "cache-prod 48,211"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("yex\x7fs", "yes"),
        ("yex\x08s", "yes"),
        ("no\x15yes", "yes"),
        ("\x7f\x15\x17yes", "yes"),
        ("a b\x17c", "a c"),
        ("a bc  \x17", "a "),
        ("bc\x17", ""),
        ("grün", "grün"),
        ("本\x7f木", "木"),
        ("y\x00\x01\x0c\tes", "yes"),
    ],
)
def test_the_line_can_be_edited(keys: str, text: str) -> None:
    machine = reader()

    typed(machine, keys)

    assert machine.ending is None
    assert machine.text == text


@pytest.mark.parametrize(
    "enter", ["\r", "\n", "\x1b[13u", "\x1b[13;1u", "\x1b[57414u", "\x1b[27;1;13~", "\x1bOM"]
)
def test_every_form_of_enter_enters(enter: str) -> None:
    machine = reader()
    at = typed(machine, "yes")

    machine.feed(enter.encode(), at)
    machine.tick(at + HAND)

    assert machine.ending is Ending.ENTERED


def test_a_terminal_in_newline_mode_enters_once() -> None:
    machine = reader()
    at = typed(machine, "yes")

    machine.feed(b"\r\n", at)
    machine.tick(at + HAND)

    assert machine.ending is Ending.ENTERED


@pytest.mark.parametrize(
    "key", ["\x03", "\x04", "\x1c", "\x1b[27u", "\x1b[99;5u", "\x1b[100;5u", "\x1b[27;5;99~"], ids=repr
)
def test_every_form_of_no_cancels(key: str) -> None:
    machine = reader()
    at = typed(machine, "yes")

    machine.feed(key.encode(), at)

    assert machine.ending is Ending.CANCELLED


def test_a_key_that_is_let_go_is_no_key() -> None:
    machine = reader()

    machine.feed(b"\x1b[13;1:3u\x1b[27;1:3u\x1b[99;5:3u", 1.0)

    assert machine.ending is None


def test_escape_alone_cancels_and_escape_with_more_does_not() -> None:
    alone, more = reader(), reader()

    alone.feed(b"\x1b", 1.0)
    alone.tick(1.5)
    more.feed(b"\x1b", 1.0)
    more.feed(b"[I", 1.05)
    more.tick(1.5)

    assert alone.ending is Ending.CANCELLED
    assert more.ending is None


@pytest.mark.parametrize("open_end", ["\x1b]52;c;", "\x1bP", "\x1b_", "\x1b[12;", "\x1b[M"], ids=repr)
def test_a_sequence_without_an_end_does_not_hold_the_question(open_end: str) -> None:
    cancelled, waited = reader(), reader()

    cancelled.feed(open_end.encode(), 1.0)
    typed(cancelled, "\x03", start=1.0 if open_end != "\x1b[M" else 2.0)
    waited.feed(open_end.encode(), 1.0)
    typed(waited, "yes\r", start=2.0)

    assert cancelled.ending is Ending.CANCELLED
    assert (waited.ending, waited.text) == (Ending.ENTERED, "yes")


def test_alt_and_enter_is_not_enter() -> None:
    machine = reader()
    at = typed(machine, "yes")

    machine.feed(b"\x1b\r", at)
    machine.tick(at + 1)

    assert machine.ending is None


def test_time_ends_the_question() -> None:
    machine = reader()
    typed(machine, "cache")

    machine.tick(TIMEOUT)

    assert machine.ending is Ending.TIMED_OUT


def test_an_empty_answer_is_no() -> None:
    machine = reader()

    typed(machine, "  \r")

    assert machine.ending is Ending.CANCELLED


@pytest.mark.parametrize(
    "early", [b"cache-prod 48211\r", b"\r", b"\x1b[200~yes\r\x1b[201~", b"\x1b[200~yes\r"]
)
def test_keys_that_come_before_the_question_can_be_read_are_dropped(early: bytes) -> None:
    machine = reader(deaf=DEAF)

    machine.feed(early, DEAF / 2)
    machine.tick(DEAF + QUIET)

    assert machine.listening
    assert machine.ending is None
    assert machine.text == ""


def test_typing_that_does_not_pause_is_never_heard() -> None:
    machine = reader(deaf=DEAF)

    typed(machine, "cache-prod 48211\r" * 4, start=0.0, pace=0.05)

    assert not machine.listening
    assert machine.ending is None


def test_a_no_is_heard_at_once() -> None:
    machine = reader(deaf=DEAF)

    machine.feed(b"\x03", 0.01)

    assert machine.ending is Ending.CANCELLED


@pytest.mark.parametrize("chunk", [b"yes\r", b"s\r", b"\ryes\r", b"\r\r", b"\rno", b"abcd", b"yes\r\n\r\n"])
def test_a_burst_is_a_paste(chunk: bytes) -> None:
    machine = reader()
    at = typed(machine, "ye")

    machine.feed(chunk, at)
    machine.tick(at + 1)

    assert machine.ending is Ending.PASTED


def test_a_short_paste_entered_by_hand_is_a_paste() -> None:
    machine = reader()

    machine.feed(b"yes", 1.0)
    machine.feed(b"\r", 3.0)

    assert machine.ending is Ending.PASTED


def test_a_tool_that_types_evenly_is_a_paste() -> None:
    machine = reader()

    typed(machine, "cache-prod 48211\r", pace=0.012)

    assert machine.ending is Ending.PASTED


def test_two_rolled_keys_and_three_after_a_stall_are_no_paste() -> None:
    machine = reader()
    at = typed(machine, "cache-")

    machine.feed(b"pr", at)
    machine.feed(b"od ", at + 0.1)
    typed(machine, "48211\r", start=at + 0.2)

    assert (machine.ending, machine.text) == (Ending.ENTERED, "cache-prod 48211")


def test_the_end_of_a_paste_that_began_before_is_a_paste() -> None:
    machine = reader()

    machine.feed(b"s\x1b[201~", 1.0)

    assert machine.ending is Ending.PASTED


REPORTS = [
    b"\x1b[24;80R",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[?1;2c",
    b"\x1b[>41;354;0c",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1b]52;c;eWVzCg==\x1b\\",
    b"\x1b]lyes\r\x1b\\",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b[<35;10;20M",
    b"\x1b[M\x23\x2d\x0d",
    b"\x1b[[A",
    b"\x1b[A",
    b"\x1bOA",
    b"\x1b[3~",
    b"\x1b[?2004;1$y",
    b"\x1b[8;24;80t",
    b"\x1by",
]


@given(st.lists(st.sampled_from(REPORTS), min_size=4, max_size=4))
def test_what_a_terminal_says_changes_no_answer(reports: list[bytes]) -> None:
    machine = reader()

    for index, char in enumerate(b"yes\r"):
        machine.feed(reports[index], 1.0 + index * HAND)
        machine.feed(bytes((char,)), 1.03 + index * HAND)
        machine.feed(reports[index], 1.04 + index * HAND)
    machine.tick(2.0)

    assert (machine.ending, machine.text) == (Ending.ENTERED, "yes")


KEYS = st.sampled_from(
    [
        *(bytes((byte,)) for byte in b"yes\r\n \x7f\x15\x17\x1b[]OM\x07\xc3\xbc"),
        b"200~",
        b"201~",
        b"13u",
    ]
)
PIECES = st.one_of(KEYS, st.binary(max_size=6))


@given(st.lists(PIECES, max_size=40), st.booleans())
def test_no_bytes_that_arrive_in_a_burst_ever_enter_an_answer(pieces: list[bytes], in_one_read: bool) -> None:
    machine = reader()

    if in_one_read:
        machine.feed(b"".join(pieces), 1.0)
    else:
        for index, piece in enumerate(pieces):
            machine.feed(piece, 1.0 + index * 0.0004)
    machine.tick(3.0)

    assert machine.ending is not Ending.ENTERED


@given(st.lists(PIECES, max_size=40))
def test_no_bytes_that_come_before_the_question_can_be_read_enter_an_answer(pieces: list[bytes]) -> None:
    machine = reader(deaf=DEAF)

    for index, piece in enumerate(pieces):
        machine.feed(piece, index * DEAF / (len(pieces) + 1))
    machine.tick(3.0)

    assert machine.text == ""
    assert machine.ending in (None, Ending.CANCELLED)


@given(st.lists(st.tuples(PIECES, st.floats(0, 2)), max_size=30), st.sampled_from([0.0, DEAF]))
def test_any_bytes_at_any_pace_are_taken_and_time_still_ends_the_question(
    pieces: list[tuple[bytes, float]], deaf: float
) -> None:
    machine = reader(deaf=deaf)
    at = 0.0

    for piece, pause in pieces:
        at += pause
        machine.feed(piece, at)
        assert machine.ending is not None or machine.wake_at() > at
    machine.tick(at + TIMEOUT)

    assert machine.ending is not None
