from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from safeshell.guard.window import Window, parse_days, parse_hours

BERLIN = ZoneInfo("Europe/Berlin")


def window(days: str, hours: str, zone: ZoneInfo = BERLIN) -> Window:
    start, end = parse_hours(hours)
    return Window(parse_days(days), start, end, zone, f"{days} {hours}")


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-23 09:00", True),  # a Monday, the first minute
        ("2026-11-23 08:59", False),
        ("2026-11-23 15:29", True),
        ("2026-11-23 15:30", False),  # the cut-off itself is too late
        ("2026-11-26 12:00", True),  # Thursday
        ("2026-11-27 12:00", False),  # Friday
    ],
)
def test_the_founding_cut_off_at_half_past_three(moment: str, inside: bool) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)

    assert window("mon-thu", "09:00-15:30").contains(at) is inside


def test_the_hours_are_those_of_the_windows_own_zone() -> None:
    summer = datetime(2026, 7, 6, 13, 0, tzinfo=UTC)  # 15:00 in Berlin
    assert window("mon", "09:00-15:30").contains(summer)
    winter = datetime(2026, 11, 23, 14, 45, tzinfo=UTC)  # 15:45 in Berlin
    assert not window("mon", "09:00-15:30").contains(winter)


def test_a_window_past_midnight_belongs_to_the_day_it_began_on() -> None:
    night = window("fri", "22:00-02:00")

    assert night.contains(datetime(2026, 11, 27, 23, 0, tzinfo=BERLIN))
    assert night.contains(datetime(2026, 11, 28, 1, 59, tzinfo=BERLIN))
    assert not night.contains(datetime(2026, 11, 27, 1, 0, tzinfo=BERLIN))


def test_the_whole_day_can_be_written() -> None:
    assert window("sat", "00:00-24:00").contains(datetime(2026, 11, 28, 23, 59, 59, tzinfo=BERLIN))
    assert not window("sat", "00:00-24:00").contains(datetime(2026, 11, 29, 0, 0, tzinfo=BERLIN))


def test_days_may_be_lists_spans_and_long_names() -> None:
    assert parse_days("mon,wed, friday") == {0, 2, 4}
    assert parse_days("sat-mon") == {5, 6, 0}


@pytest.mark.parametrize("text", ["mon-xyz", "", "monnday", "m"])
def test_what_is_no_day_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day"):
        parse_days(text)


@pytest.mark.parametrize("text", ["9-15", "09:00", "25:00-26:00", "09:00-15:60", "noon-night"])
def test_what_are_no_hours_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="09:00-15:30"):
        parse_hours(text)
