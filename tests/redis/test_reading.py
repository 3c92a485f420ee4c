"""Every line of the case tables gets the reading that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from safeshell.redis.dialect import RedisDialect

CASES = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Case:
    line: str
    severity: str
    reads: bool
    effects: frozenset[str] | None
    rules: frozenset[str]


def _cases(path: Path) -> list[Case]:
    found = []
    for text in path.read_text("utf-8").splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        line, severity, reads, effects, rules = (part.strip(" ") for part in f"{text} ".rsplit("|", 4))
        assert reads in ("reads", "changes"), text
        wanted = None if not effects else frozenset(effects.split()) - {"-"}
        found.append(Case(line, severity, reads == "reads", wanted, frozenset(rules.split())))
    return found


ALL = [(path.stem, case) for path in sorted(CASES.glob("*.cases")) for case in _cases(path)]


@pytest.mark.parametrize(("table", "case"), ALL, ids=[f"{table}: {case.line[:60]}" for table, case in ALL])
def test_a_line_does_what_its_table_says(table: str, case: Case) -> None:
    reading = RedisDialect().read(case.line)
    effects = {f"{effect.kind}.{effect.extent}" for effect in reading.effects}
    assert reading.severity.word == case.severity
    assert reading.reads is case.reads
    if case.effects is not None:
        assert effects == case.effects
    assert case.rules <= {finding.rule for finding in reading.findings}


def test_every_list_of_the_research_notes_has_its_table() -> None:
    assert {table for table, _ in ALL} >= {
        "flags_lie",
        "arguments",
        "server",
        "everyday",
        "scripts",
        "unreadable",
    }


@pytest.mark.parametrize("case", [case for _, case in ALL], ids=lambda case: case.line[:60])
def test_findings_speak_plainly_and_point_into_the_line(case: Case) -> None:
    reading = RedisDialect().read(case.line)
    for finding in reading.findings:
        start, end = finding.span
        assert 0 <= start < end <= len(case.line)
        assert finding.rule.startswith("redis.")
        assert finding.reason
        assert not finding.reason.endswith(".")
        assert finding.reason.isprintable()
    for command in reading.commands:
        start, end = command.span
        assert case.line[start:end] == case.line[start:end].strip()
