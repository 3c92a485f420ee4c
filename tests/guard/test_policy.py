from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from safeshell.guard.effects import Severity
from safeshell.guard.environment import (
    DEVELOPMENT,
    PRODUCTION,
    STAGING,
    UNLABELLED,
    ChallengeKind,
    Environment,
    OutsideWindow,
    strictest,
)
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.guard.window import Window
from tests.guard.readings import DELETE, FLUSH, READ, WRITE, reading

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MORNINGS = Window(frozenset(range(7)), time(9), time(11), UTC, "every day 09:00-11:00 UTC")


def verdict(what: Reading, environment: Environment, mode: Mode) -> Verdict:
    return judge(what, Circumstances(environment, mode, "cache-prod", NOON))


ROWS = [
    # environment, mode, reading, verdict, challenge
    (PRODUCTION, Mode.READ_ONLY, reading(READ), VerdictKind.ALLOW, ChallengeKind.NONE),
    (PRODUCTION, Mode.READ_ONLY, reading(WRITE), VerdictKind.DENY, ChallengeKind.NONE),
    (PRODUCTION, Mode.READ_ONLY, reading(READ, unreadable=True), VerdictKind.DENY, ChallengeKind.NONE),
    (PRODUCTION, Mode.GUARDED, reading(WRITE), VerdictKind.ALLOW, ChallengeKind.NONE),
    (PRODUCTION, Mode.GUARDED, reading(DELETE), VerdictKind.CONFIRM, ChallengeKind.YES),
    (PRODUCTION, Mode.GUARDED, reading(FLUSH), VerdictKind.CONFIRM, ChallengeKind.TARGET_IMPACT),
    (PRODUCTION, Mode.GUARDED, reading(READ, unreadable=True), VerdictKind.CONFIRM, ChallengeKind.TARGET),
    (PRODUCTION, Mode.OPEN, reading(DELETE), VerdictKind.ALLOW, ChallengeKind.NONE),
    (PRODUCTION, Mode.OPEN, reading(FLUSH), VerdictKind.CONFIRM, ChallengeKind.TARGET_IMPACT),
    (UNLABELLED, Mode.GUARDED, reading(FLUSH), VerdictKind.CONFIRM, ChallengeKind.TARGET_IMPACT),
    (STAGING, Mode.GUARDED, reading(DELETE), VerdictKind.ALLOW, ChallengeKind.NONE),
    (STAGING, Mode.GUARDED, reading(FLUSH), VerdictKind.CONFIRM, ChallengeKind.TARGET),
    (DEVELOPMENT, Mode.OPEN, reading(DELETE), VerdictKind.ALLOW, ChallengeKind.NONE),
    (DEVELOPMENT, Mode.OPEN, reading(FLUSH), VerdictKind.CONFIRM, ChallengeKind.YES),
    (DEVELOPMENT, Mode.READ_ONLY, reading(WRITE), VerdictKind.DENY, ChallengeKind.NONE),
]


@pytest.mark.parametrize(("environment", "mode", "what", "kind", "challenge"), ROWS)
def test_what_each_environment_says(
    environment: Environment, mode: Mode, what: Reading, kind: VerdictKind, challenge: ChallengeKind
) -> None:
    found = verdict(what, environment, mode)

    assert (found.kind, found.challenge) == (kind, challenge)


def test_the_worst_command_of_a_line_counts() -> None:
    assert verdict(reading(READ, WRITE, FLUSH), PRODUCTION, Mode.GUARDED).severity is Severity.CRITICAL


def test_a_denial_says_why_and_what_instead() -> None:
    found = verdict(reading(WRITE), PRODUCTION, Mode.READ_ONLY)

    assert "SET is not proven to only read" in found.why
    assert any("unlock" in advice for advice in found.instead)


@pytest.mark.parametrize(
    ("outside", "kind"),
    [(OutsideWindow.DENY, VerdictKind.DENY), (OutsideWindow.CONFIRM, VerdictKind.CONFIRM)],
)
def test_a_change_outside_the_window_gets_what_the_environment_says(
    outside: OutsideWindow, kind: VerdictKind
) -> None:
    environment = replace(PRODUCTION, window=MORNINGS, outside_window=outside)

    found = verdict(reading(WRITE), environment, Mode.GUARDED)

    assert found.kind is kind
    assert "outside the change window" in found.findings[-1].reason
    if kind is VerdictKind.CONFIRM:
        assert (found.challenge, found.reason_required) == (ChallengeKind.TARGET_IMPACT, True)


def test_looking_is_welcome_at_any_hour() -> None:
    environment = replace(PRODUCTION, window=MORNINGS, outside_window=OutsideWindow.DENY)

    assert verdict(reading(READ), environment, Mode.GUARDED).kind is VerdictKind.ALLOW


def test_what_needs_a_second_person_asks_the_strictest_question_and_says_so() -> None:
    environment = replace(PRODUCTION, review=frozenset({Severity.CRITICAL}))

    found = verdict(reading(FLUSH), environment, Mode.GUARDED)

    assert (found.kind, found.challenge) == (VerdictKind.REVIEW, ChallengeKind.TARGET_IMPACT)
    assert found.reason_required
    assert "second person" in found.findings[-1].reason


def test_the_strictest_environment_is_the_one_that_counts() -> None:
    assert strictest(DEVELOPMENT, PRODUCTION, STAGING) is PRODUCTION
    assert strictest(DEVELOPMENT, UNLABELLED) is UNLABELLED
