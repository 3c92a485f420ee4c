"""The pipeline with a world that remembers what was asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safeshell.errors import GuardFailure
from safeshell.guard.challenge import Answer, AnswerKind, Question
from safeshell.guard.environment import DEVELOPMENT, PRODUCTION, Environment
from safeshell.guard.interfaces import Entry, EntryId, NothingKept, Outcome, OutcomeKind
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.guard.window import Window
from tests.guard.readings import Words


class World:
    """Asks, measures, records and keeps the time, and writes down in which order it was called."""

    def __init__(self, answer: AnswerKind = AnswerKind.CONFIRMED) -> None:
        self.answer = answer
        self.story: list[str] = []
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self.broken_journal = False
        self.while_asking: Callable[[], None] = lambda: None

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        self.story.append("measured")
        return Impact(count=3, unit="keys")

    def ask(self, question: Question) -> Answer:
        self.story.append("asked")
        self.while_asking()
        return Answer(self.answer)

    def begin(self, entry: Entry) -> EntryId:
        if self.broken_journal:
            raise GuardFailure("the disk is full")
        self.story.append("recorded")
        return EntryId(1)

    def complete(self, entry: EntryId, outcome: Outcome) -> None:
        self.story.append(f"completed {outcome.kind}")

    def run(self) -> Outcome:
        self.story.append("ran")
        return Outcome(OutcomeKind.DONE)

    def clock(self) -> datetime:
        return self.now


def guard(world: World, environment: Environment = PRODUCTION, mode: Mode = Mode.GUARDED) -> Guard:
    return Guard(
        dialect=Words(),
        environment=environment,
        target="cache-prod",
        mode=mode,
        probe=world,
        asker=world,
        keeper=NothingKept(),
        recorder=world,
        clock=world.clock,
        told=world.story.append,
    )


def test_a_clean_line_is_recorded_before_it_runs_and_completed_after() -> None:
    world = World()

    assert guard(world).submit("GET", world.run).ran
    assert world.story == ["recorded", "ran", "completed done"]


def test_a_destructive_line_is_measured_and_asked_about_first() -> None:
    world = World()

    assert guard(world).submit("FLUSHDB", world.run).ran
    assert world.story == ["measured", "asked", "recorded", "ran", "completed done"]


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if not Answer(kind).agrees])
def test_anything_but_the_right_answer_leaves_the_line_unrun(kind: AnswerKind) -> None:
    world = World(kind)

    decision = guard(world).submit("FLUSHDB", world.run)

    assert not decision.ran
    assert "ran" not in world.story
    assert world.story[-2:] == ["recorded", "completed refused"]


def test_a_denied_line_is_not_even_asked_about() -> None:
    world = World()

    decision = guard(world, mode=Mode.READ_ONLY).submit("SET", world.run)

    assert decision.verdict.kind is VerdictKind.DENY
    assert world.story == ["recorded", "completed refused"]


def test_a_journal_that_cannot_be_written_stops_the_line_in_production() -> None:
    world = World()
    world.broken_journal = True

    with pytest.raises(GuardFailure, match="the disk is full"):
        guard(world).submit("SET", world.run)
    assert "ran" not in world.story


def test_elsewhere_it_is_told_and_the_line_runs() -> None:
    world = World()
    world.broken_journal = True

    assert guard(world, DEVELOPMENT, Mode.OPEN).submit("SET", world.run).ran
    assert "unrecorded" in world.story[0]


def test_a_question_that_outlives_the_unlocked_time_is_answered_too_late() -> None:
    world = World()
    watched = guard(world, mode=Mode.READ_ONLY)
    watched.unlock(timedelta(minutes=1), "TICKET-1")

    def take_two_minutes() -> None:
        world.now += timedelta(minutes=2)

    world.while_asking = take_two_minutes
    decision = watched.submit("FLUSHDB", world.run)

    assert decision.verdict.kind is VerdictKind.DENY
    assert "ran" not in world.story


def test_a_window_that_closes_while_the_question_stands_denies_the_line() -> None:
    world = World()
    hours = Window(
        frozenset(range(7)), world.now.time(), world.now.time().replace(minute=30), UTC, "12:00-12:30"
    )
    from safeshell.guard.environment import OutsideWindow

    watched = guard(world, replace(PRODUCTION, window=hours, outside_window=OutsideWindow.DENY))

    def take_an_hour() -> None:
        world.now += timedelta(hours=1)

    world.while_asking = take_an_hour

    assert not watched.submit("FLUSHDB", world.run).ran


def test_a_dialect_with_a_bug_stops_the_line() -> None:
    class Broken(Words):
        def read(self, line: str) -> Reading:
            raise ZeroDivisionError("oops")

    world = World()
    watched = guard(world)
    watched.dialect = Broken()

    with pytest.raises(GuardFailure, match="did not run"):
        watched.submit("GET", world.run)
    assert world.story == []


def test_an_interrupted_line_is_completed_as_interrupted() -> None:
    world = World()

    def interrupted() -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guard(world).submit("GET", interrupted)
    assert world.story == ["recorded", "completed interrupted"]


def test_a_line_that_addresses_production_is_judged_as_production_on_a_green_laptop() -> None:
    world = World()
    watched = Guard(
        dialect=Words(),
        environment=DEVELOPMENT,
        target="laptop",
        mode=Mode.OPEN,
        probe=world,
        asker=world,
        keeper=NothingKept(),
        recorder=world,
        clock=world.clock,
        place_of=lambda _: (PRODUCTION, "cache"),
    )

    verdict = watched.judge("SET")

    assert (verdict.kind, verdict.environment.name) == (VerdictKind.DENY, "production")


def test_locking_ends_an_unlocked_session_at_once() -> None:
    world = World()
    watched = guard(world, mode=Mode.READ_ONLY)
    watched.unlock(timedelta(minutes=5), "TICKET-1")
    assert watched.unlocked_for() == timedelta(minutes=5)

    watched.lock()

    assert watched.mode is Mode.READ_ONLY
    assert watched.unlocked_for() is None


def test_an_answer_given_beforehand_is_not_asked_again_but_the_loss_is_measured_and_recorded() -> None:
    world = World()
    watched = guard(world)

    decision = watched.submit_judged(watched.judge("FLUSHDB"), world.run, asked=Answer(AnswerKind.NAMED))

    assert decision.ran
    assert decision.impact == Impact(count=3, unit="keys")
    assert world.story == ["measured", "recorded", "ran", "completed done"]
