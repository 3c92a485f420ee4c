"""The title is set when its words change, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safeshell.guard.environment import BUILT_IN, PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.terminal.theme import PLAIN
from safeshell.terminal.wrapped.live_title import LiveTitle
from safeshell.terminal.wrapped.marker import Badge, window_title


class Clock:
    """A steady clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("safeshell.terminal.wrapped.live_title.time.monotonic", lambda: self.now)


@pytest.mark.parametrize("length", [1800.0, 600.0, 181.5, 121.0, 120.4, 4.0])
def test_the_title_has_every_word_within_a_moment_of_its_time(
    length: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    ends = clock.now + length

    def left() -> timedelta | None:
        return timedelta(seconds=ends - clock.now) if ends > clock.now else None

    def words() -> str:
        mode = Mode.READ_ONLY if left() is None else Mode.GUARDED
        return window_title(PLAIN, BUILT_IN[PRODUCTION.name], "web", mode, Badge.GUARDED, unlocked_for=left())

    shown: list[str] = [words()]
    title = LiveTitle(lambda: shown.append(words()), left)
    while (due := title.due_at()) is not None:
        # A moment before it is due the words are still those that are shown.
        clock.now = max(due - 0.005, clock.now)
        assert words() == shown[-1]
        clock.now = due
        title.refresh()
        assert shown[-1] == words()
    assert "read-only" in shown[-1]
    # Only the last second is said twice: less than one is told as one.
    assert len(shown) <= len(set(shown)) + 1


def test_nothing_is_due_while_nothing_is_unlocked() -> None:
    title = LiveTitle(lambda: pytest.fail("set for nothing"), lambda: None)
    assert title.due_at() is None
    title.refresh()
