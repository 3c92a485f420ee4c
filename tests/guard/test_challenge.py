from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.guard.challenge import Question, question_for
from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Command, Impact
from tests.guard.readings import DELETE, FLUSH, WRITE, reading

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def asked(command: Command, impact: Impact) -> Question:
    where = Circumstances(PRODUCTION, Mode.GUARDED, "cache-prod", NOON)
    return question_for(judge(reading(command), where), impact)


def test_a_flush_is_answered_by_the_targets_name_and_the_number_of_keys() -> None:
    question = asked(FLUSH, Impact(count=48211, unit="keys"))

    assert question.is_right("cache-prod 48211")
    assert question.is_right("  cache-prod   48,211 ")
    assert "cache-prod" in question.prompt
    assert "48211" not in question.prompt, "the number has to be read from what would be lost"


@pytest.mark.parametrize(
    "typed", ["", "y", "yes", "cache-prod", "48211", "48211 cache-prod", "cache-prod 48210"]
)
def test_anything_else_is_no(typed: str) -> None:
    assert not asked(FLUSH, Impact(count=48211, unit="keys")).is_right(typed)


def test_a_count_that_is_not_complete_is_not_asked_for() -> None:
    question = asked(FLUSH, Impact(count=20, unit="keys", complete=False))

    assert question.is_right("cache-prod FLUSHDB")
    assert not question.is_right("cache-prod 20")


def test_a_small_loss_is_answered_by_yes_and_not_by_y() -> None:
    question = asked(DELETE, Impact(count=1, unit="keys"))

    assert question.is_right("yes")
    assert not question.is_right("y")


def test_what_asks_nothing_has_no_question() -> None:
    with pytest.raises(ValueError, match="asks nothing"):
        asked(WRITE, Impact())


@given(st.text())
def test_no_text_but_the_right_one_agrees(typed: str) -> None:
    question = asked(FLUSH, Impact(count=7, unit="keys"))

    assert question.is_right(typed) == (
        typed.split()[:1] == ["cache-prod"] and typed.split()[1:] in (["7"], ["07"])
    )


def test_nothing_typed_is_no_even_where_the_target_has_no_name() -> None:
    where = Circumstances(PRODUCTION, Mode.GUARDED, "", NOON)
    question = question_for(judge(reading(FLUSH), where), Impact())

    assert not question.is_right("")
    assert not question.is_right("   ")
