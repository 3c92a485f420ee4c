"""How a refusal and a warning are told."""

from __future__ import annotations

import pytest

from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.effects import Severity
from safeshell.guard.environment import PRODUCTION, ChallengeKind
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.terminal.color import ColorDepth
from safeshell.terminal.theme import Theme
from safeshell.terminal.verdict_text import refusal_lines, warning_lines

FLUSH = Finding("redis.flush", Severity.CRITICAL, "every key of db 0 goes", "use :unlink PATTERN")
LOCKED = Finding("mode.read-only", Severity.NONE, "production is read-only here", "unlock 10m and a reason")


def verdict(kind: VerdictKind, *own: Finding, of_line: tuple[Finding, ...] = (FLUSH,)) -> Verdict:
    read = Reading("redis", "FLUSHDB", "FLUSHDB", (Command("FLUSHDB", findings=of_line),))
    return Verdict(
        kind, read, Severity.CRITICAL, ChallengeKind.TARGET, False, PRODUCTION, Mode.READ_ONLY, "cache-prod",
        (*of_line, *own),
    )  # fmt: skip


def test_a_denial_says_first_what_denied_it_and_then_the_rest() -> None:
    assert refusal_lines(verdict(VerdictKind.DENY, LOCKED)) == [
        "Refused: production is read-only here",
        "  why every key of db 0 goes",
        "  instead: use :unlink PATTERN",
        "  instead: unlock 10m and a reason",
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AnswerKind.WRONG, "that was not the right answer"),
        (AnswerKind.CANCELLED, "you said no"),
        (AnswerKind.TIMED_OUT, "there was no answer in time"),
        (AnswerKind.PASTED, "the answer was pasted, or came faster than hands type"),
        (AnswerKind.NO_TERMINAL, "it needs a person's answer, and there is no terminal to ask on"),
    ],
)
def test_an_answer_that_is_no_is_told_by_its_kind(kind: AnswerKind, words: str) -> None:
    lines = refusal_lines(verdict(VerdictKind.CONFIRM), Answer(kind))

    assert lines[:2] == [f"Refused: {words}", "  why every key of db 0 goes"]
    assert "  instead: use :unlink PATTERN" in lines


def test_a_right_answer_to_what_was_denied_meanwhile_is_told_by_the_denial() -> None:
    lines = refusal_lines(verdict(VerdictKind.DENY, LOCKED), Answer(AnswerKind.CONFIRMED))

    assert lines[0] == "Refused: production is read-only here"


def test_a_refusal_without_findings_still_says_who_refuses() -> None:
    assert refusal_lines(verdict(VerdictKind.DENY, of_line=())) == ["Refused: production does not allow it"]


def test_a_line_that_runs_with_findings_is_told_what_to_mind() -> None:
    keys = Finding("redis.keys", Severity.MEDIUM, "KEYS blocks the server", "use SCAN")
    small = Finding("redis.ttl", Severity.LOW, "the key expires", "")

    lines = warning_lines(verdict(VerdictKind.ALLOW, of_line=(keys, small, keys)))

    assert lines == ["Mind: KEYS blocks the server", "  instead: use SCAN"]
    assert warning_lines(verdict(VerdictKind.ALLOW, of_line=(small,))) == []


def test_colors_are_on_the_labels_and_hostile_words_do_nothing() -> None:
    hostile = Finding("r", Severity.HIGH, "gone \x1b[2J", "\x1b]0;owned\x07")

    lines = refusal_lines(
        verdict(VerdictKind.DENY, of_line=(hostile,)), theme=Theme(ColorDepth.PALETTE, True)
    )

    assert lines == [
        "\x1b[1;31mRefused:\x1b[0m gone \\x1b[2J",
        "\x1b[36m  instead:\x1b[0m \\x1b]0;owned\\x07",
    ]


def test_long_reasons_wrap() -> None:
    long = Finding("r", Severity.HIGH, "a word and more " * 10)

    lines = refusal_lines(verdict(VerdictKind.DENY, of_line=(long,)), width=40)

    assert len(lines) > 3
    assert all(len(line) <= 40 for line in lines)
