"""A followed screen says what stands where, through wrapping, scrolling and other sizes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from safeshell.terminal.tracking.screen_tracker import MISSING, Modes, Place, ScreenTracker, tracker_or_none
from tests.terminal.tracking.watched_terminal import make_tracker


def _fed(data: str | bytes, columns: int = 20, rows: int = 5) -> ScreenTracker:
    tracker = make_tracker(columns, rows)
    tracker.feed(data.encode() if isinstance(data, str) else data)
    return tracker


def test_text_stands_where_it_was_printed() -> None:
    tracker = _fed("one\r\ntwo \x1b[31mred\x1b[0m")

    assert tracker.screen_text() == "one\ntwo red"
    assert tracker.cursor == Place(7, 1)
    assert tracker.row(1).cells[4].look == "38;5;1"


def test_sequences_and_letters_may_be_cut_anywhere() -> None:
    data = "a日本\x1b[1;31mé\x1b]0;title\x07\x1b[0mz".encode()
    for cut in range(len(data)):
        tracker = make_tracker(20, 3)
        tracker.feed(data[:cut])
        tracker.feed(data[cut:])
        assert tracker.screen_text() == "a日本éz", cut
        tracker.close()


def test_a_cell_that_was_never_written_is_told_from_a_blank() -> None:
    row = _fed("a b\x1b[3Cc").row(0)

    assert [cell.text for cell in row.cells[:7]] == ["a", " ", "b", None, None, None, "c"]


def test_a_row_that_wraps_says_so_and_one_that_ends_there_does_not() -> None:
    wrapped, ended = _fed("x" * 25), _fed("x" * 20 + "\r\ny")

    assert (wrapped.row(0).wraps, ended.row(0).wraps) == (True, False)


def test_a_cursor_that_will_wrap_stands_behind_the_last_column() -> None:
    assert _fed("x" * 20).cursor == Place(20, 0)


def test_a_wide_letter_that_did_not_fit_leaves_no_blank() -> None:
    tracker = _fed("x" * 19 + "日y")

    assert tracker.row(0).text() + tracker.row(1).text().rstrip() == "x" * 19 + "日y"


def test_what_is_dim_or_filled_is_told() -> None:
    row = _fed("\x1b[90mg\x1b[2;39mf\x1b[0;7mr\x1b[0;44mb\x1b[0;38;5;244ms\x1b[0mp").row(0)

    assert [cell.dim for cell in row.cells[:6]] == [True, True, False, False, True, False]
    assert [cell.filled for cell in row.cells[:6]] == [False, False, True, True, False, False]


def test_the_anchor_stays_with_its_text_when_that_scrolls() -> None:
    tracker = _fed("1\r\n2\r\n3\r\nprompt> ")
    tracker.anchor(tracker.cursor)
    tracker.feed(b"text\r\n4\r\n5\r\n6\r\n7")

    place = tracker.anchored
    assert place is not None
    assert tracker.row(place.row).text(0, place.column) == "prompt> "


def test_the_anchor_stays_with_its_text_when_the_window_gets_narrower() -> None:
    tracker = _fed("x" * 15 + "> abcdef")
    tracker.anchor(Place(17, 0))
    tracker.resize(10, 5)

    place = tracker.anchored
    assert place is not None
    assert tracker.row(place.row).cells[place.column].text == "a"


def test_the_anchor_of_a_full_row_is_the_next_rows_start() -> None:
    tracker = _fed("x" * 20)
    tracker.anchor(tracker.cursor)

    assert tracker.anchored == Place(0, 1)


def test_the_programs_modes_are_known() -> None:
    tracker = _fed("")
    assert tracker.modes == Modes()
    tracker.feed(b"\x1b[?2004h\x1b[>1u")
    assert tracker.modes == Modes(bracketed_paste=True, kitty_keyboard=1)
    tracker.feed(b"\x1b[?1049h")
    assert tracker.modes.alternate
    tracker.feed(b"\x1b[?1049l\x1b[?2004l\x1b[<u")
    assert tracker.modes == Modes()


def test_whatever_is_printed_does_no_harm() -> None:
    tracker = make_tracker(80, 24)
    piece = bytes(range(256)) * 256
    for _ in range(64):
        tracker.feed(piece)

    assert tracker.screen_text() is not None
    tracker.close()


def test_without_the_library_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safeshell.terminal.tracking.ghostty_tracker", None)

    assert tracker_or_none(80, 24) == MISSING


def test_the_library_is_not_imported_before_it_is_asked_for() -> None:
    code = """import sys, safeshell.terminal.tracking.repl_watcher
print('pyghostty' in sys.modules, 'cffi' in sys.modules)"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
