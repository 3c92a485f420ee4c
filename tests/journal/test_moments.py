"""Moments as people write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.journal.moments import parse_stretch

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2h", "2026-11-02T13:30Z"),
        ("2h ago", "2026-11-02T13:30Z"),
        ("1h30m", "2026-11-02T14:00Z"),
        ("now", "2026-11-02T15:30Z"),
        ("today", "2026-11-01T23:00Z"),
        ("yesterday", "2026-10-31T23:00Z"),
        ("14:30", "2026-11-02T13:30Z"),
        ("2026-11-01", "2026-10-31T23:00Z"),
        ("2026-07-01", "2026-06-30T22:00Z"),
        ("2026-11-01 14:30", "2026-11-01T13:30Z"),
        ("2026-11-01T14:30:05", "2026-11-01T13:30:05Z"),
        ("2026-11-01T14:30Z", "2026-11-01T14:30Z"),
        ("2026-11-01T14:30-05:00", "2026-11-01T19:30Z"),
    ],
)
def test_a_time_is_meant_in_the_local_zone(text: str, start: str) -> None:
    assert parse_stretch(text, NOW).start == datetime.fromisoformat(start)


def test_a_day_lasts_to_its_end_also_when_the_clocks_change() -> None:
    day = parse_stretch("2026-10-25", NOW)

    assert day.end.astimezone(UTC) - day.start.astimezone(UTC) == timedelta(hours=25)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01", "2026-11", "-2h", "999999999999d", "5"])
def test_what_is_no_time_is_told_with_what_there_is(text: str) -> None:
    with pytest.raises(ValueError, match="write 2h, today"):
        parse_stretch(text, NOW)


@given(st.text() | st.text("0123456789-:TZ+. hmd"))
def test_any_text_is_a_time_or_told(text: str) -> None:
    try:
        stretch = parse_stretch(text, NOW)
    except ValueError as error:
        assert "is no time" in str(error)
    else:
        assert stretch.start <= stretch.end
