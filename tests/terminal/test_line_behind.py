"""What comes behind a question: whether it ends in the middle of a line, as bytes and moments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.answer_reader import BURST_GAP, ENTER_SILENCE, AnswerReader, Ending
from safeshell.terminal.key_parser import Key, KeyKind
from safeshell.terminal.line_behind import Behind, LineBehind

TIMEOUT = 60.0
HAND = 0.06


def ended_by_no() -> AnswerReader:
    reader = AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0)
    reader.feed(b"\x03", 1.0)
    assert reader.ending is Ending.CANCELLED
    return reader


def behind_a_no(*chunks: bytes) -> LineBehind:
    """What is left when these have come, one after the other, at a hand's pace."""
    reader, at = ended_by_no(), 1.0
    for chunk in chunks:
        at += HAND
        reader.feed(chunk, at)
    reader.tick(at + 1)
    return reader.behind


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        (b"", Behind.NOTHING),
        (b"X", Behind.LINE),
        (b"XDEL k\r", Behind.NOTHING),
        (b"XDEL k\n", Behind.NOTHING),
        (b"XDEL k\rX", Behind.LINE),
        (b"\r", Behind.NOTHING),
        (b"X\x7f", Behind.LINE),
        (b"X\x17", Behind.LINE),
        (b"X\x15", Behind.NOTHING),
        (b"X\x03", Behind.NOTHING),
        (b"X\x04", Behind.LINE),
        (b"X\x1b", Behind.LINE),
        (b"\x7f", Behind.NOTHING),
        (b"\x04", Behind.NOTHING),
        (b"\x1b", Behind.NOTHING),
        (b"\x1b[A", Behind.LINE),
        (b"\x1bOA", Behind.LINE),
        (b"\x1b[1;5D", Behind.LINE),
        (b"\x1b[3~", Behind.LINE),
        (b"\x1b[97;1u", Behind.LINE),
        (b"\x1b[114;5u", Behind.LINE),
        (b"\x1b[A\x1b[13u", Behind.NOTHING),
        (b"\x1b.", Behind.LINE),
        (b"\x12", Behind.LINE),
        (b"\t", Behind.LINE),
        ("ü".encode(), Behind.LINE),
        (b"\xc3", Behind.LINE),
        (b"\x1b[200~FLUSH", Behind.PASTE),
        (b"\x1b[200~FLUSH\r", Behind.PASTE),
        (b"\x1b[200~FLUSHDB\x1b[201~", Behind.BROKEN_OFF),
        (b"\x1b[200~FLUSHDB\r\x1b[201~", Behind.BROKEN_OFF),
        (b"\x1b[200~FLUSHDB\x1b[201~\r", Behind.NOTHING),
        (b"\x1b[200~FLUSHDB\x1b[201~ ", Behind.BROKEN_OFF),
    ],
    ids=repr,
)
def test_a_line_is_awaited_when_its_first_key_was_dropped(keys: bytes, state: Behind) -> None:
    assert behind_a_no(keys).state is state


def test_hands_that_go_on_after_a_paste_make_it_a_line() -> None:
    assert behind_a_no(b"\x1b[200~FLUSHDB\x1b[201~", b" ").state is Behind.LINE


@pytest.mark.parametrize(
    "report",
    [
        b"\x1b[24;80R", b"\x1b[I", b"\x1b[O", b"\x1b[?1;2c", b"\x1b[>41;354;0c", b"\x1b[?1u", b"\x1b[?2004;1$y",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07", b"\x1b]52;c;eWVzCg==\x1b\\", b"\x1bP1$r0m\x1b\\", b"\x1b[<35;10;20M",
        b"\x1b[M\x23\x2d\x0d", b"\x1b[8;24;80t", b"\x1b[97;1:3u", b"\x1b[1;1:3A", b"\x1b[3;1:3~",
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_terminal_says_by_itself_begins_no_line(report: bytes) -> None:
    assert behind_a_no(report).state is Behind.NOTHING


PLAIN = st.text(st.sampled_from("aü 7\r\x03\x15"), max_size=30)


@given(PLAIN, st.lists(st.integers(0, 40), max_size=6))
def test_it_is_a_line_exactly_when_no_key_after_the_last_end_was_dropped(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(places)]
    unfinished = max(text.rfind(end) for end in "\r\x03\x15") + 1 < len(text)

    assert behind_a_no(*chunks).is_awaited is unfinished


KEYS = st.builds(Key, st.sampled_from(KeyKind), st.sampled_from(["", "a"]))


@given(st.lists(KEYS, max_size=20), st.booleans())
def test_whatever_came_enter_outside_of_a_paste_makes_an_end(keys: list[Key], same_burst: bool) -> None:
    behind = LineBehind()

    for key in keys:
        behind.press(key, same_burst=same_burst)
    behind.press(Key(KeyKind.PASTE_END))
    behind.press(Key(KeyKind.ENTER), same_burst=same_burst)

    assert behind.state is Behind.NOTHING


@given(st.lists(KEYS, max_size=20))
def test_a_line_is_ended_by_enter_and_the_keys_that_drop_it_alone(keys: list[Key]) -> None:
    behind = LineBehind()
    behind.press(Key(KeyKind.TEXT, "X"))

    for key in keys:
        behind.press(key)

    ends = (KeyKind.ENTER, KeyKind.INTERRUPT, KeyKind.ERASE_ALL, KeyKind.PASTE_START)
    assert behind.state is Behind.LINE or any(key.kind in ends for key in keys)


def test_a_paste_that_ends_a_question_need_not_be_all_there_was() -> None:
    reader = AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0)

    reader.feed(b"cache-prod", 1.0)
    assert (reader.ending, reader.behind.state) == (Ending.PASTED, Behind.BROKEN_OFF)
    reader.feed(b" 48", 1.0 + BURST_GAP / 2)
    assert reader.behind.state is Behind.BROKEN_OFF
    reader.feed(b"2", 1.5)
    assert reader.behind.state is Behind.LINE


def test_a_paste_that_was_entered_is_over() -> None:
    reader = AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0)

    reader.feed(b"yes\r", 1.0)

    assert (reader.ending, reader.behind.state) == (Ending.PASTED, Behind.NOTHING)


def test_time_that_ends_a_question_breaks_off_what_was_being_typed() -> None:
    typing, idle = (AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0) for _ in range(2))

    typing.feed(b"c", 59.9)
    for reader in (typing, idle):
        reader.tick(TIMEOUT)

    assert (typing.ending, typing.behind.state) == (Ending.TIMED_OUT, Behind.BROKEN_OFF)
    assert (idle.ending, idle.behind.state) == (Ending.TIMED_OUT, Behind.NOTHING)


@pytest.mark.parametrize("key", [b"X", "ü".encode(), b"\x7f", b"\x15", b"\r"])
def test_a_key_read_with_enter_is_no_line_s_first(key: bytes) -> None:
    """It can't be told whether it was seen on the screen; so it is all refused, and the line dropped whole."""
    reader = AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0)
    for at, char in enumerate(b"yes"):
        reader.feed(bytes((char,)), 1 + at * HAND)

    reader.feed(b"\r" + key, 2.0)

    assert reader.ending is Ending.PASTED
    assert reader.behind.is_awaited is key.decode().isprintable()


@pytest.mark.parametrize(("first", "rest"), [(b"\xc3", b"\xbc"), (b"\x1b", b"[A"), (b"\x1b[", b"24;80R")])
def test_half_a_key_behind_enter_is_not_cut_from_its_rest(first: bytes, rest: bytes) -> None:
    reader = AnswerReader(at=0.0, timeout=TIMEOUT, deaf=0.0)
    for at, char in enumerate(b"yes"):
        reader.feed(bytes((char,)), 1 + at * HAND)

    reader.feed(b"\r" + first, 2.0)
    reader.tick(2.0 + 2 * ENTER_SILENCE)
    assert reader.in_key
    assert reader.ending is None
    reader.feed(rest, 2.0 + 3 * ENTER_SILENCE)
    reader.tick(reader.wake_at())

    assert not reader.in_key
    assert reader.ending is (Ending.PASTED if rest == b"\xbc" else Ending.ENTERED)
