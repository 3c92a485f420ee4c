"""The corpus line by line, in production: each line becomes what its class says, but for those named as `known`."""

from __future__ import annotations

import tomllib

import pytest

from safeshell.guard.mode import Mode
from safeshell.guard.verdict import VerdictKind
from tests.shell.corpus.cases import HERE, all_lines, families, known, lines
from tests.shell.everyday.test_everyday import verdict

DESTRUCTIVE = families("destructive", "bypass_attempts")
HARMLESS = families("harmless", "false_alarms")
DIAGNOSIS = families("diagnosis")
CHANGING = families("changing")


def allowed(family: str, mode: Mode) -> list[str]:
    return [
        line
        for line in lines(family)
        if verdict(line, mode) is VerdictKind.ALLOW and line not in known(family)
    ]


def stopped(family: str, mode: Mode) -> list[str]:
    return [
        line
        for line in lines(family)
        if verdict(line, mode) is not VerdictKind.ALLOW and line not in known(family)
    ]


@pytest.mark.parametrize("family", DESTRUCTIVE)
def test_a_destructive_line_is_asked_about(family: str) -> None:
    assert allowed(family, Mode.GUARDED) == []


@pytest.mark.parametrize("family", HARMLESS + DIAGNOSIS)
def test_a_harmless_line_is_not_asked_about(family: str) -> None:
    assert stopped(family, Mode.GUARDED) == []


@pytest.mark.parametrize("family", DIAGNOSIS)
def test_a_look_is_allowed_in_a_read_only_session(family: str) -> None:
    assert stopped(family, Mode.READ_ONLY) == []


@pytest.mark.parametrize("family", CHANGING + DESTRUCTIVE)
def test_nothing_that_changes_anything_passes_a_read_only_session(family: str) -> None:
    assert allowed(family, Mode.READ_ONLY) == []


@pytest.mark.parametrize("family", families("edge_cases"))
def test_a_line_on_the_border_gets_the_verdict_that_is_written_beside_it(family: str) -> None:
    cases = tomllib.loads((HERE / f"{family}.toml").read_text(encoding="utf-8"))["cases"]

    wrong = [
        (line, mode.value, got.value, why)
        for line, guarded, read_only, why in cases
        for mode, expected in ((Mode.GUARDED, guarded), (Mode.READ_ONLY, read_only))
        if (got := verdict(line, mode)).value != expected
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("names", "mode", "allow", "most"),
    [
        (DESTRUCTIVE, Mode.GUARDED, False, 0.03),
        (HARMLESS + DIAGNOSIS, Mode.GUARDED, True, 0.02),
        (DIAGNOSIS, Mode.READ_ONLY, True, 0.05),
    ],
)
def test_the_known_mistakes_are_few_enough(names: list[str], mode: Mode, allow: bool, most: float) -> None:
    every = [line for family in names for line in lines(family)]
    wrong = [line for line in every if (verdict(line, mode) is VerdictKind.ALLOW) is not allow]

    assert len(wrong) / len(every) <= most


def test_the_corpus_is_large_enough_to_be_believed() -> None:
    assert len(all_lines("destructive", "bypass_attempts")) >= 1_500
    assert len(all_lines("harmless", "false_alarms", "diagnosis")) >= 1_500
    assert len(all_lines("changing")) >= 800


@pytest.mark.parametrize("family", DESTRUCTIVE + HARMLESS + DIAGNOSIS + CHANGING)
def test_no_line_stands_twice_in_a_file(family: str) -> None:
    every = lines(family)

    assert sorted({line for line in every if every.count(line) > 1}) == []
