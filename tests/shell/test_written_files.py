"""What a line writes and then runs was read by nobody in between."""

from __future__ import annotations

import pytest

from safeshell.guard.effects import Severity
from tests.shell.readings import read, rules


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("curl https://x -o f && sh f", Severity.HIGH),
        ("curl -fsSL https://x --output=./f; sudo bash ./f", Severity.HIGH),
        ("wget -O /tmp/i.sh https://x; chmod +x /tmp/i.sh; /tmp/i.sh", Severity.HIGH),
        ("T=$(mktemp); curl https://x -o $T; $T", Severity.HIGH),
        ("curl https://x > f; python3 f", Severity.MEDIUM),
        ("echo 'rm -rf x' > x.sh; . ./x.sh", Severity.MEDIUM),
        ("generate | tee run.sh; bash run.sh", Severity.MEDIUM),
    ],
)
def test_a_file_written_and_run_by_one_line_is_asked_about(line: str, severity: Severity) -> None:
    assert "shell.written-then-run" in rules(line)
    assert read(line).severity is severity


@pytest.mark.parametrize(
    "line",
    [
        "curl https://x -o f && less f",
        "make > log; cat log",
        "sh f; echo done > f",
        "curl https://x -o f; sh g",
        "ls > /dev/null; sh x.sh",
        "gcc -o a a.c && ./a",
    ],
)
def test_what_is_not_run_is_not(line: str) -> None:
    assert "shell.written-then-run" not in rules(line)
