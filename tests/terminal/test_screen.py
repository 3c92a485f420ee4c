"""Text in cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.terminal.screen import cells, redrawn, tail, wrapped

TEXT = st.text(st.sampled_from("ab 本é\u0301-"), max_size=200)


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("本木", 4), ("e\u0301", 1), ("▲", 1)])
def test_width_is_counted_in_cells(text: str, width: int) -> None:
    assert cells(text) == width


def test_text_breaks_at_spaces_and_keeps_its_indent() -> None:
    assert wrapped("  instead type the answer by hand", 20, indent="    ") == [
        "  instead type the",
        "    answer by hand",
    ]


def test_a_word_wider_than_the_screen_is_cut() -> None:
    assert wrapped("key " + "x" * 45, 20, indent="  ") == [
        "key",
        "  " + "x" * 18,
        "  " + "x" * 18,
        "  " + "x" * 9,
    ]


@given(TEXT, st.integers(1, 60), st.sampled_from(["", "    "]))
def test_no_line_is_wider_than_the_screen_and_nothing_is_lost(text: str, width: int, indent: str) -> None:
    lines = wrapped(text, width, indent=indent)

    assert all(cells(line) <= max(width, 20) for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(TEXT, st.integers(0, 40))
def test_the_end_that_fits_is_the_end_and_fits(text: str, width: int) -> None:
    end = tail(text, width)

    assert text.endswith(end)
    assert cells(end) <= width


def test_a_redrawn_line_leaves_nothing_of_the_longer_one_before() -> None:
    output, now = redrawn("> ", "ab", 80, before=6)

    assert output == "\r> ab  \r> ab"
    assert now == 4


def test_a_redrawn_line_never_reaches_the_last_column() -> None:
    output, now = redrawn("> ", "x" * 100, 20, before=100)

    assert now == 19
    assert output == "\r> " + "x" * 17
