"""Recordings read: anybody's files, damaged ones too; summaries, text, places, markers, the older form."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.errors import GuardFailure, UsageError
from safeshell.guard.challenge import Answer, AnswerKind, question_for
from safeshell.guard.interfaces import EntryId
from safeshell.guard.reading import Impact
from safeshell.guard.verdict import VerdictKind
from safeshell.journal.recordings.cast import CastEvent, clock, parse_size, read_cast, summary
from safeshell.journal.recordings.labels import answer_label, is_verdict, question_label, verdict_label
from safeshell.journal.recordings.lines import text_lines
from safeshell.journal.recordings.older_form import older_form
from safeshell.journal.recordings.places import place_named
from safeshell.journal.recordings.sequences import Kind, Splitter
from tests.journal.entries import FLUSH, asked_flush, entry
from tests.journal.recordings.test_recorder import Disk

V3 = (
    '{"version": 3, "term": {"cols": 90, "rows": 30, "type": "xterm"}, "timestamp": 1504467315,'
    ' "idle_time_limit": 2, "title": "Demo", "env": {"SHELL": "/bin/zsh"}}\n'
    '[0.248, "o", "Hello"]\n# a comment\n\n[1.001, "m", "half"]\n[0.5, "r", "100x50"]\n[0.25, "z", "new"]\n'
    '[1, "x", "0"]\n'
)
V2 = (
    '{"version": 2, "width": 90, "height": 30, "timestamp": 1504467315, "title": "Demo"}\n'
    '[0.248848, "o", "Hello"]\n[1.5, "i", "x"]\n[6.5, "o", "Bye!"]\n'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "talk.cast"


def test_the_third_form_counts_from_event_to_event(file: Path) -> None:
    file.write_text(V3)
    cast = read_cast(file)

    assert (cast.header.columns, cast.header.rows, cast.header.idle_limit) == (90, 30, 2.0)
    assert [(round(event.at, 3), event.code) for event in cast.events] == [
        (0.248, "o"), (1.249, "m"), (1.749, "r"), (1.999, "z"), (2.999, "x"),
    ]  # fmt: skip
    assert cast.unread == 0


def test_the_second_form_counts_from_the_beginning(file: Path) -> None:
    file.write_text(V2)

    assert [event.at for event in read_cast(file).events] == [0.248848, 1.5, 6.5]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "hello", '{"version": 4}', '{"version": 1, "stdout": []}', "\0"]
)
def test_what_is_no_recording_is_told(text: str, file: Path) -> None:
    file.write_text(text)

    with pytest.raises(UsageError, match=r"no recording|can't be played"):
        read_cast(file)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(GuardFailure, match="No such file"):
        read_cast(file)
    with pytest.raises(GuardFailure, match="No such file"):
        summary(file)


def test_a_line_cut_off_by_a_kill_is_left_out_without_a_word(file: Path) -> None:
    file.write_text(V2 + '[7.0, "o", "cut o')
    cast = read_cast(file)

    assert len(cast.events) == 3
    assert cast.unread == 0


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[1]",
        '[1, "o"]',
        '[-1, "o", "x"]',
        '[NaN, "o", "x"]',
        '["x", "o", "x"]',
        '[1, "o", 2]',
        "7",
    ],
)
def test_a_line_that_is_no_event_is_left_out_and_counted(line: str, file: Path) -> None:
    file.write_text(V2 + line + '\n[8.0, "o", "on"]\n')
    cast = read_cast(file)

    assert cast.unread == 1
    assert cast.events[-1] == CastEvent(8.0, "o", "on")


@settings(max_examples=100, deadline=None)
@given(garbage=st.binary(max_size=200))
def test_any_bytes_behind_a_header_are_read_or_left_out(
    garbage: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("any") / "talk.cast"
    file.write_bytes(V3.encode() + garbage)

    read_cast(file)
    summary(file)
    list(text_lines(read_cast(file).events))


def test_a_list_need_not_read_a_finished_recording(disk: Disk) -> None:
    recorder = disk.open()
    recorder.marker("deny: rm", 55.0)
    recorder.marker("asked: Type yes", 56.0)
    recorder.output(b"x" * 100_000, 57.5)
    recorder.close()
    assert recorder.path
    found = summary(recorder.path)

    assert (found.duration, found.verdicts, found.finished) == (7.5, 1, True)
    assert found.header.own["target"] == "web-1"


def test_a_recording_cut_off_is_summed_up_all_the_same(disk: Disk) -> None:
    recorder = disk.open()
    recorder.marker("allow #3: ls", 55.0)
    recorder.output(b"x", 57.5)
    recorder.flush()
    assert recorder.path
    found = summary(recorder.path)

    assert (found.duration, found.verdicts, found.finished) == (7.5, 1, False)
    recorder.close()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def test_old_players_get_the_second_form(file: Path) -> None:
    file.write_text(V3)
    header, *events = [json.loads(line) for line in older_form(file)]

    assert header["version"] == 2
    assert (header["width"], header["height"]) == (90, 30)
    assert header["env"] == {"SHELL": "/bin/zsh", "TERM": "xterm"}
    assert events == [
        [0.248, "o", "Hello"], [1.249, "m", "half"], [1.749, "r", "100x50"], [1.999, "z", "new"], [2.999, "x", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "size"),
    [
        ("80x24", (80, 24)),
        ("80", None),
        ("x", None),
        ("0x5", None),
        ("-1x5", None),
        ("99999999x1", None),
        ("²x3", None),
    ],
)
def test_sizes(data: str, size: tuple[int, int] | None) -> None:
    assert parse_size(data) == size


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (192.46, "3:12.4"), (3792.4, "1:03:12.4"), (59.99, "0:59.9")]
)
def test_places_are_written_like_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


EVENTS = (
    CastEvent(1.0, "o", "deny of the output"),
    CastEvent(5.0, "m", "allow #142: ls"),
    CastEvent(9.0, "m", "deny #42: rm -rf /srv"),
)


@pytest.mark.parametrize(
    ("name", "place"),
    [("90", 90.0), ("0.5", 0.5), ("1:30", 90.0), ("1:02:03.5", 3723.5), ("90s", 90.0), ("1h5m", 3900.0),
     ("#42", 9.0), ("#142", 5.0), ("Deny", 9.0), ("rm -rf", 9.0), ("ls", 5.0)],
)  # fmt: skip
def test_places_have_names(name: str, place: float) -> None:
    assert place_named(name, EVENTS) == place


@pytest.mark.parametrize("name", ["#7", "nowhere", "-1", "1:2:3:4"])
def test_a_place_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ValueError, match="--markers"):
        place_named(name, EVENTS)


def lines_of(*texts: str) -> list[str]:
    events = [CastEvent(float(number), "o", text) for number, text in enumerate(texts)]
    return [line.text for line in text_lines(events)]


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("one\r\ntwo\r\n\r\nthree", ["one", "two", "three"]),
        ("\x1b[1;31mred\x1b[0m text\r\n", ["red text"]),
        ("\x1b]0;title\x07$ ls\x1b[K\r\n", ["$ ls"]),
        ("$ sl\b\b\x1b[Kls\r\n", ["$ ls"]),
        ("$ rm -rf\r$ ls\x1b[K\r\n", ["$ ls"]),
        ("50 %\r100 %\r\n", ["100 %"]),
        ("$ ac\b\x1b[1@b\r\n", ["$ abc"]),
        ("$ abc\b\b\x1b[1P\r\n", ["$ ac"]),
        ("a\tb\r\n", ["a       b"]),
        ("\x1b[5;1Hin row 5\x1b[6;1Hin row 6", ["in row 5", "in row 6"]),
        ("\x1bPq#0;2;0;0;0\x1b\\after", ["after"]),
        ("shell\x1b[?1049hvim\x1b[?1049lshell again", ["shell", "vim", "shell again"]),
        ("\x1b[99999999999Cfar", ["far"]),
        ("abc\x1b[3Gx", ["abx"]),
    ],
)  # fmt: skip
def test_output_is_read_as_a_person_saw_it(output: str, lines: list[str]) -> None:
    assert [line.lstrip() if line.endswith("far") else line for line in lines_of(output)] == lines


def test_a_line_typed_key_by_key_is_one_line_with_the_time_of_its_last_key() -> None:
    events = [CastEvent(float(number), "o", char) for number, char in enumerate("$ ls -la\r\n")]

    assert list(text_lines(events)) == [(7.0, "$ ls -la")]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(alphabet="ab\x1b[]0;?mKHcP\\\x07\x9b\x90\x9c\n\x18 (B", max_size=60),
    cuts=st.sets(st.integers(0, 60)),
)
def test_where_output_is_cut_makes_no_difference(text: str, cuts: set[int]) -> None:
    whole = [(piece.kind, piece.raw) for piece in Splitter().feed(text)]
    splitter, found, start = Splitter(), [], 0
    for cut in sorted(cuts | {len(text)}):
        found += [(piece.kind, piece.raw) for piece in splitter.feed(text[start:cut])]
        start = max(start, min(cut, len(text)))

    assert _merged(found) == _merged(whole)


def _merged(pieces: list[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    merged: list[tuple[Kind, str]] = []
    for kind, raw in pieces:
        if merged and kind is Kind.RUN and merged[-1][0] is Kind.RUN:
            merged[-1] = (kind, merged[-1][1] + raw)
        else:
            merged.append((kind, raw))
    return merged


def test_a_string_without_end_is_not_kept_in_memory() -> None:
    splitter = Splitter()
    for _ in range(1000):
        assert list(splitter.feed("\x1b]52;c;" + "A" * 1000)) == []

    assert [piece.raw for piece in splitter.feed("\x07shown")] == ["shown"]


def test_the_label_of_a_verdict_says_what_and_why_and_where_in_the_journal() -> None:
    verdict = entry("FLUSHDB", kind=VerdictKind.DENY, command=FLUSH).verdict

    assert verdict_label(verdict, EntryId(42)) == "deny #42: FLUSHDB (every key of db 0 is deleted)"
    assert verdict_label(entry("GET a").verdict) == "allow: GET a"


def test_no_secret_is_in_a_label() -> None:
    verdict = entry("AUTH ***", secret=" hunter2").verdict

    assert "hunter2" in verdict.reading.line
    assert "hunter2" not in verdict_label(verdict)


def test_questions_and_answers_have_labels() -> None:
    asked = asked_flush()
    question = question_for(asked.verdict, asked.impact or Impact())

    assert question_label(question) == "asked: Type cache and the number of keys lost to go on"
    assert (
        answer_label(Answer(AnswerKind.CONFIRMED, "INC-7"), EntryId(42)) == "answered #42: confirmed (INC-7)"
    )
    assert answer_label(Answer(AnswerKind.TIMED_OUT)) == "answered: timed-out"


@pytest.mark.parametrize(
    ("label", "so"),
    [("deny: rm", True), ("allow #4: ls", True), ("denying: x", False), ("asked: deny", False), ("", False)],
)
def test_verdicts_are_told_from_other_markers(label: str, so: bool) -> None:
    assert is_verdict(label) is so


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(alphabet="ab \x1b[0;m]Kc\x07\r\n\x90\b", max_size=60),
    cuts=st.sets(st.integers(0, 60)),
)
def test_lines_are_the_same_however_the_output_is_cut(text: str, cuts: set[int]) -> None:
    places = sorted({cut for cut in cuts if cut < len(text)} | {0, len(text)})
    parts = [text[start:end] for start, end in pairwise(places)]

    assert lines_of(*parts) == lines_of(text)
