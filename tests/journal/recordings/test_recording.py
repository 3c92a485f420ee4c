"""The core of a recording: what goes in, and which lines come out. No file, no clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.journal.recordings.recording import FLUSH_BYTES, Recording
from safeshell.journal.recordings.session import RecordedSession, header_of
from tests.journal.recordings.asciicast import output_in, strictly

SESSION = RecordedSession(
    console="shell",
    target="web-1",
    environment="production",
    mode="read-only",
    columns=120,
    rows=40,
    term="xterm-256color",
    shell="/bin/zsh",
    user="anna",
    host="laptop",
    pid=4711,
)
BEGAN = datetime(2026, 11, 23, 9, 5, 12, tzinfo=UTC)
HEADER = header_of(SESSION, name="k7f3qa", began=BEGAN)


def recording(*, max_size: int = 1_000_000, began: float = 100.0) -> Recording:
    return Recording(HEADER, began=began, max_size=max_size)


def test_the_header_says_which_session_it_is() -> None:
    header, events = strictly(recording().take_last())

    assert header["term"] == {"cols": 120, "rows": 40, "type": "xterm-256color"}
    assert header["timestamp"] == int(BEGAN.timestamp())
    assert header["title"] == "web-1 (production)"
    assert header["env"] == {"SHELL": "/bin/zsh"}
    assert header["tags"] == ["shell", "production"]
    assert header["safeshell"]["id"] == "k7f3qa"
    assert header["safeshell"]["user"] == "anna"
    assert events == []


def test_escape_sequences_in_a_name_are_written_out_in_the_header() -> None:
    session = RecordedSession("shell", "web\x1b]52;c;eA==\x07", "production", "guarded", 80, 24)

    assert "\x1b" not in str(header_of(session, name="k7f3qa", began=BEGAN))


def test_output_sizes_markers_and_the_end_come_in_their_order_with_their_times() -> None:
    made = recording()
    made.output(b"$ ls\r\n", 100.25)
    made.resized(90, 30, 101.0)
    made.marker("deny: rm -rf /srv", 102.0)
    made.output(b"bye", 103.5)
    made.exited(130, 104.0)

    assert strictly(made.take_last())[1] == [
        (0.25, "o", "$ ls\r\n"),
        (1.0, "r", "90x30"),
        (2.0, "m", "deny: rm -rf /srv"),
        (3.5, "o", "bye"),
        (4.0, "x", "130"),
    ]


def test_output_within_a_sixtieth_of_a_second_is_one_event() -> None:
    made = recording()
    for number in range(10):
        made.output(b"x", 100.0 + number / 1000)
    made.output(b"y", 100.5)

    assert strictly(made.take_last())[1] == [(0.0, "o", "x" * 10), (0.5, "o", "y")]


def test_times_do_not_drift_however_many_events_there_are() -> None:
    made = recording(began=0.0)
    for number in range(1, 3001):
        made.output(b"x", number * 0.0334567)

    assert strictly(made.take_last())[1][-1][0] == pytest.approx(3000 * 0.0334567, abs=0.001)


def test_a_clock_that_goes_backwards_stands_still() -> None:
    made = recording()
    made.output(b"a", 101.0)
    made.marker("one", 99.0)
    made.output(b"b", 90.0)

    assert [at for at, _, _ in strictly(made.take_last())[1]] == [1.0, 1.0, 1.0]


def test_a_character_cut_by_a_read_is_whole_in_the_recording() -> None:
    made = recording()
    for number, byte in enumerate("für 40 € 🙂".encode()):
        made.output(bytes((byte,)), 100.0 + number)

    assert output_in(made.take_last()) == "für 40 € 🙂"


def test_bytes_that_are_no_characters_stay_as_replacements() -> None:
    made = recording()
    made.output(b"a\xff\xc3", 100.0)
    made.marker("m", 101.0)
    made.output(b"(b", 102.0)
    made.output(b"end\xe2\x82", 103.0)

    assert output_in(made.take_last()) == "a\ufffd\ufffd(bend\ufffd"


def test_a_marker_is_one_line_that_is_safe_to_show_whatever_is_in_it() -> None:
    made = recording()
    made.marker("deny: rm \udcff\n\x1b]0;x\x07" + "y" * 5000, 100.0)

    (_, _, label), = strictly(made.take_last())[1]  # fmt: skip
    assert label.startswith("deny: rm \\xff\\n\\x1b]0;x\\x07yyy")
    assert len(label) < 700


def test_the_end_tells_length_and_verdicts_in_a_comment() -> None:
    made = recording()
    made.marker("allow #1: ls", 100.0)
    made.marker("allow #2: ls", 101.0)
    made.marker("deny: rm", 102.0)
    made.marker("asked: Type yes to go on", 103.0)
    last = made.take_last().decode().splitlines()[-1]

    assert last.startswith("# safeshell ")
    assert json.loads(last.removeprefix("# safeshell ")) == {
        "duration": 3.0,
        "verdicts": {"allow": 2, "deny": 1},
    }


def test_nothing_is_due_while_nothing_happens() -> None:
    made = recording()
    made.take()

    assert made.due_at() is None
    assert not made.is_due(1e9)


def test_what_waits_is_due_within_a_second() -> None:
    made = recording()
    made.take()
    made.output(b"x", 200.0)

    assert not made.is_due(200.9)
    assert made.is_due(201.0)
    assert made.due_at() == 201.0

    made.output(b"y", 200.5)
    assert made.due_at() == 201.0, "the older of the two counts"


def test_much_output_is_due_at_once() -> None:
    made = recording(max_size=10 * FLUSH_BYTES)
    made.take()
    made.output(b"x" * 2 * FLUSH_BYTES, 200.0)

    assert made.is_due(200.0)


def test_what_was_taken_is_not_given_again() -> None:
    made = recording()
    made.output(b"one", 100.0)
    first = made.take()
    made.output(b"two", 101.0)
    second = made.take_last()

    assert output_in(first + second) == "onetwo"


def test_past_the_limit_only_markers_are_kept_and_one_says_so() -> None:
    made = recording(max_size=20_000)
    for number in range(100):
        made.output(b"x" * 1000, 100.0 + number)
    made.resized(10, 10, 250.0)
    made.marker("deny: rm -rf /", 300.0)
    made.exited(0, 400.0)
    data = made.take_last()
    events = strictly(data)[1]

    assert len(data) < 20_000 + 1000
    assert 15_000 < len(output_in(data)) < 20_000
    assert [text for _, code, text in events if code == "m"] == [
        "cut: the limit of 19.5 KiB is reached; only markers from here on",
        "deny: rm -rf /",
    ]
    assert events[-2:] == [(200.0, "m", "deny: rm -rf /"), (300.0, "x", "0")]


def test_a_limit_of_nothing_keeps_the_verdicts() -> None:
    made = recording(max_size=0)
    made.output(b"x", 100.0)
    made.marker("deny: rm", 101.0)
    data = made.take_last()

    assert output_in(data) == ""
    assert (1.0, "m", "deny: rm") in strictly(data)[1]


def test_not_even_markers_grow_without_end() -> None:
    made = recording(max_size=1000)
    for number in range(20_000):
        made.marker(f"deny #{number}: " + "x" * 500, 100.0)

    assert len(made.take_last()) < 1_100_000


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(
        st.tuples(st.sampled_from("omrx"), st.binary(max_size=30), st.floats(0, 0.4)),
        max_size=20,
    ),
    limit=st.sampled_from([0, 600, 1_000_000]),
)
def test_whatever_happens_every_line_is_what_the_specification_says(
    pieces: list[tuple[str, bytes, float]], limit: int
) -> None:
    made, now, given_out = recording(max_size=limit), 100.0, b""
    for code, data, later in pieces:
        now += later
        match code:
            case "o":
                made.output(data, now)
            case "m":
                made.marker(data.decode("utf-8", "surrogateescape"), now)
            case "r":
                made.resized(len(data), 3, now)
            case _:
                made.exited(len(data), now)
        if made.is_due(now):
            given_out += made.take()
    given_out += made.take_last()
    wanted = b"".join(data for code, data, _ in pieces if code == "o").decode("utf-8", "replace")

    strictly(given_out)
    if limit == 1_000_000:
        assert output_in(given_out) == wanted
