"""Lines of everyday work, by what must become of them in production."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeshell.cli.shell_reading import LateRedis
from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.verdict import VerdictKind
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect

HERE = Path(__file__).parent
DIALECT = ShellDialect(ShellContext(cwd="/home/me/app", home="/home/me"), dialects={"redis": LateRedis()})


def lines(name: str) -> list[str]:
    text = (HERE / f"{name}.lines").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def verdict(line: str, mode: Mode) -> VerdictKind:
    return judge(DIALECT.read(line), Circumstances(PRODUCTION, mode, "web", datetime.now(UTC))).kind


@pytest.mark.parametrize("name", ["destructive", "bypass_attempts"])
def test_no_destructive_line_runs_unasked(name: str) -> None:
    assert [line for line in lines(name) if verdict(line, Mode.GUARDED) is VerdictKind.ALLOW] == []


def test_everyday_work_is_not_asked_about() -> None:
    asked = [line for line in lines("harmless") if verdict(line, Mode.GUARDED) is not VerdictKind.ALLOW]

    assert asked == []


def test_looking_is_allowed_in_a_read_only_session() -> None:
    refused = [line for line in lines("diagnosis") if verdict(line, Mode.READ_ONLY) is not VerdictKind.ALLOW]

    assert refused == []


@pytest.mark.parametrize("name", ["destructive", "bypass_attempts", "changing"])
def test_nothing_that_changes_anything_passes_a_read_only_session(name: str) -> None:
    assert [line for line in lines(name) if verdict(line, Mode.READ_ONLY) is not VerdictKind.DENY] == []
