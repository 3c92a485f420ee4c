"""`safeshell explain`: how a verdict comes about, step by step, for people."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.e2e.program import safeshell


def explained(line: str, *before: str) -> list[str]:
    return safeshell(*before, "explain", "--dialect", "redis", "--", line).out.decode().splitlines()


def underlined(lines: list[str]) -> list[str]:
    """The pieces of the line that are marked under it."""
    pieces = []
    for above, below in itertools.pairwise(lines):
        marks = below.strip()
        if marks and set(marks) == {"^"}:
            start = below.index("^")
            pieces.append(above[start : start + len(marks)])
    return pieces


def test_the_steps_are_command_effect_rule_severity_place_and_verdict(home: Path) -> None:
    done = safeshell(
        "--environment", "production", "explain", "--dialect", "redis", "--mode", "guarded", "--", "FLUSHALL"
    )
    text = done.out.decode()

    assert done.status == 10
    at = [
        text.index(word)
        for word in ("line ", "command ", "effect ", "proof ", "severity ", "where ", "verdict ")
    ]
    assert at == sorted(at)
    assert "delete · everything" in text
    assert "critical" in text
    assert "production · guarded" in text
    assert "question: target+impact" in text


def test_the_part_that_matters_is_underlined(home: Path) -> None:
    pieces = underlined(explained("SORT list BY w STORE other"))

    assert any("STORE" in piece or piece == "other" for piece in pieces), pieces


def test_of_several_commands_each_is_underlined(home: Path) -> None:
    lines = explained("EVAL \"redis.call('get','a') redis.call('flushall')\" 0")

    assert "flushall" in "\n".join(lines).lower()
    assert "delete · everything" in "\n".join(lines)


def test_of_several_lines_each_command_is_underlined_in_its_own(home: Path) -> None:
    lines = explained("GET a\nFLUSHALL\nDEL b")

    assert {"GET a", "FLUSHALL", "DEL b"} <= set(underlined(lines))


@pytest.mark.parametrize(
    "line", ["AUTH joe hunter2", "CONFIG SET requirepass hunter2", "ACL SETUSER joe >hunter2"]
)
def test_a_secret_is_not_repeated_nor_its_place_given_away(home: Path, line: str) -> None:
    lines = explained(line)

    assert "hunter2" not in "\n".join(lines)
    assert underlined(lines) == []


def test_escape_sequences_in_the_line_do_nothing_to_the_screen(home: Path) -> None:
    done = safeshell("explain", "--dialect", "redis", "--", "DEL \x1b]0;owned\x07 \x9b31m")

    assert b"\x1b" not in done.out
    assert b"\xc2\x9b" not in done.out
    assert b"\x07" not in done.out


@pytest.mark.parametrize(
    ("line", "status"),
    [("GET a", 0), ("SET a 1", 12), ("FLUSHALL", 12), ("", 0), ('"unclosed', 12), ("\xff", 12)],
)
def test_the_exit_status_is_that_of_check(home: Path, line: str, status: int) -> None:
    words = ("--environment", "production")

    assert safeshell(*words, "explain", "--dialect", "redis", "--", line).status == status
    assert safeshell(*words, "check", "--dialect", "redis", "--", line).status == status


def test_no_line_is_a_usage_error(home: Path) -> None:
    done = safeshell("explain")

    assert done.status == 2
    assert done.told()
