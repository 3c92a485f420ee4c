"""Questions as a person sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from safeshell.guard.challenge import Question
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.environment import PRODUCTION, ChallengeKind
from safeshell.guard.mode import Mode
from safeshell.guard.reading import Command, Finding, Impact, Reading
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.terminal.color import ColorDepth
from safeshell.terminal.questions import draw, effect_words
from safeshell.terminal.screen import cells
from safeshell.terminal.theme import PLAIN, Theme
from tests.guard.readings import FLUSH, reading


def question(read: Reading, impact: Impact, *findings: Finding) -> Question:
    verdict = Verdict(
        VerdictKind.CONFIRM, read, Severity.CRITICAL, ChallengeKind.TARGET, False, PRODUCTION, Mode.GUARDED,
        "cache-prod", findings,
    )  # fmt: skip
    return Question(verdict, impact, ("cache-prod",), "Type cache-prod to go on", timedelta(minutes=2))


def text(asked: Question, theme: Theme = PLAIN, width: int = 80) -> str:
    return "\n".join(draw(asked, theme, width))


def test_a_question_reads_from_where_to_what_to_type() -> None:
    outside = Finding("window.closed", Severity.NONE, "outside the change window", "wait for the window")
    flush = Finding("redis.flush", Severity.CRITICAL, "every key of db 0 goes", "use :unlink PATTERN")
    impact = Impact(
        ("48,211 keys, 41.0 MiB", "2 replicas follow"), 48_211, "keys", offers=("keep a dump first",)
    )

    assert text(question(reading(FLUSH), impact, outside, flush)) == (
        "[!! PRODUCTION] cache-prod - critical\n"
        "  FLUSHDB\n"
        "  deletes everything: db 0 (can't be put back)\n"
        "  48,211 keys, 41.0 MiB\n"
        "  2 replicas follow\n"
        "  why     every key of db 0 goes\n"
        "  why     outside the change window\n"
        "  instead wait for the window\n"
        "  instead use :unlink PATTERN\n"
        "  instead keep a dump first\n"
        "\n"
        "Type cache-prod to go on; anything else is no."
    )


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect(EffectKind.DELETE, Extent.EVERYTHING, "db 0"), "deletes everything: db 0 (can't be put back)"),
        (Effect(EffectKind.DELETE, Extent.ONE, "key a", reversible=True), "deletes key a"),
        (Effect(EffectKind.OVERWRITE, Extent.MANY, "keys a, b"), "overwrites many: keys a, b (can't be put back)"),
        (Effect(EffectKind.STOP, Extent.EVERYTHING, reversible=True), "stops everything"),
        (Effect(EffectKind.CONFIGURE, Extent.ONE, "maxmemory", reversible=True), "changes settings: maxmemory"),
        (Effect(EffectKind.EXECUTE, Extent.MANY, "x", reversible=True), "runs what can't be read (many): x"),
        (Effect(EffectKind.READ), "reads"),
    ],
)  # fmt: skip
def test_effects_are_said_in_words(effect: Effect, words: str) -> None:
    assert effect_words(effect) == words


def test_what_is_kept_first_is_not_said_to_be_lost() -> None:
    rm = Reading("shell", "rm", "rm", (Command("rm", (Effect(EffectKind.DELETE, Extent.MANY, "victim"),)),))

    lost = text(question(rm, Impact(("30 files",))))
    kept = text(question(rm, Impact(("30 files", "kept first"), way_back=True)))

    assert "deletes many: victim (can't be put back)" in lost
    assert "deletes many: victim\n" in kept


@pytest.mark.parametrize(
    ("facts", "added"),
    [
        ((), True),
        (("about 148,211 keys",), True),
        (("41.0 MiB",), True),
        (("48,211 keys",), False),
        (("48211 keys",), False),
    ],
)
def test_the_number_to_type_is_always_on_the_screen_once(facts: tuple[str, ...], added: bool) -> None:
    impact = Impact(facts, count=48_211, unit="keys", bytes=1024)

    shown = text(question(reading(FLUSH), impact))

    assert ("  48,211 keys, 1.0 KiB\n" in shown) is added


def test_a_measurement_cut_short_says_so() -> None:
    assert "measured only in part" in text(question(reading(FLUSH), Impact(complete=False)))


def test_a_long_batch_is_cut_and_counted() -> None:
    batch = replace(reading(FLUSH), redacted="\n".join(f"DEL key:{number}" for number in range(500)))

    shown = text(question(batch, Impact()))

    assert "DEL key:11\n" in shown
    assert "DEL key:12" not in shown
    assert "... and 488 lines more" in shown


def test_many_effects_are_cut_worst_first() -> None:
    many = tuple(Effect(EffectKind.WRITE, object=f"key {n}") for n in range(20))
    command = Command("EVAL", (*many, Effect(EffectKind.DELETE, Extent.EVERYTHING, "db 0")))

    shown = text(question(reading(command), Impact()))

    assert shown.index("deletes everything") < shown.index("writes key 0")
    assert "... and 15 effects more" in shown


def test_nothing_from_outside_acts_on_the_terminal() -> None:
    hostile = "\x1b[2J\x1b]0;owned\x07\r\u202egone\u2028"
    command = Command("DEL", (Effect(EffectKind.DELETE, object=hostile),))
    read = Reading("redis", hostile, hostile, (command,))
    asked = question(
        read, Impact((hostile,), offers=(hostile,)), Finding("r", Severity.HIGH, hostile, hostile)
    )
    asked = replace(asked, prompt=hostile, verdict=replace(asked.verdict, target=hostile))

    shown = text(asked, Theme(ColorDepth.NONE, unicode=True))

    assert not any(char in shown for char in "\x1b\x07\r\u202e\u2028")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_fit_the_window(width: int) -> None:
    long = Finding("r", Severity.HIGH, "word " * 30, "x" * 200)
    read = replace(reading(FLUSH), redacted="SET k " + "v" * 10_000)

    lines = draw(question(read, Impact(("fact " * 20,)), long), PLAIN, width)

    assert all(cells(line) <= width for line in lines[1:])
