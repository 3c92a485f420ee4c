from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from safeshell.errors import UsageError
from safeshell.guard.durations import parse_duration, written
from safeshell.guard.mode import Mode, Unlocked, UnlockRule, mode_now, strictest_mode, unlock

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_an_unlocked_session_is_guarded_and_locks_itself_when_the_time_is_over() -> None:
    unlocked = Unlocked(NOON + MINUTE, "TICKET-1")

    assert mode_now(Mode.READ_ONLY, unlocked, NOON) is Mode.GUARDED
    assert mode_now(Mode.READ_ONLY, unlocked, NOON + MINUTE) is Mode.READ_ONLY


def test_unlocking_never_loosens_beyond_guarded() -> None:
    assert mode_now(Mode.GUARDED, Unlocked(NOON + MINUTE, ""), NOON) is Mode.GUARDED


def test_a_longer_unlock_than_allowed_is_refused_with_the_limit() -> None:
    with pytest.raises(UsageError, match="longer") as refused:
        unlock(UnlockRule(30 * MINUTE), now=NOON, duration=31 * MINUTE, reason="x")

    assert "30m" in refused.value.todo


def test_a_reason_is_wanted_where_the_environment_says_so() -> None:
    with pytest.raises(UsageError, match="reason"):
        unlock(UnlockRule(reason=True), now=NOON, duration=MINUTE, reason="  ")

    assert unlock(UnlockRule(reason=True), now=NOON, duration=MINUTE, reason=" T-1 ").reason == "T-1"


def test_the_strictest_mode_wins() -> None:
    assert strictest_mode(Mode.OPEN, Mode.READ_ONLY, Mode.GUARDED) is Mode.READ_ONLY


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("1h30m", 5400), ("2 d", 172800), ("1H", 3600)]
)
def test_durations_are_read_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0m", "1.5h", "10 minutes please", "9" * 40 + "d"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|no time"):
        parse_duration(text)


def test_a_countdown_is_short_and_never_negative() -> None:
    assert written(timedelta(seconds=552)) == "9m12s"
    assert written(timedelta(hours=1, minutes=5)) == "1h05m"
    assert written(timedelta(minutes=30)) == "30m"
    assert written(timedelta(seconds=-3)) == "0s"
