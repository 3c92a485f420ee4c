"""The question asked before a line runs, and whether an answer is right.

Pure: what to ask follows from verdict and impact, what counts as right from the question. How it is put on a
screen, and how reflex, paste and leftover input are kept out, is the terminal's business.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from safeshell.frozen import frozen
from safeshell.guard.environment import ChallengeKind
from safeshell.guard.reading import Impact
from safeshell.guard.verdict import Verdict


class AnswerKind(StrEnum):
    """How a question ended."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed-out"
    PASTED = "pasted"
    NO_TERMINAL = "no-terminal"
    NAMED = "named"
    """Confirmed beforehand, by naming the target in the script's own options."""


@frozen
class Answer:
    """How a question ended, and what was given as reason."""

    kind: AnswerKind
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Only a right answer does."""
        return self.kind in (AnswerKind.CONFIRMED, AnswerKind.NAMED)


@frozen
class Question:
    """What a person is asked.

    Args:
        verdict: why it is asked.
        impact: what would be hit.
        expected: the words that are the right answer.
        prompt: what to type, as a sentence.
        timeout: after this the answer is no.
    """

    verdict: Verdict
    impact: Impact
    expected: tuple[str, ...]
    prompt: str
    timeout: timedelta = timedelta(minutes=2)

    def is_right(self, typed: str) -> bool:
        """Whether `typed` is the right answer: the words, in order, whatever the white space between them.

        Counts may be typed with or without separators (`48,211`, `48211`, `48 211` is two words and wrong).
        """
        words = typed.split()
        return (
            bool(words)
            and len(words) == len(self.expected)
            and all(_plain(word) == _plain(wanted) for word, wanted in zip(words, self.expected, strict=True))
        )


def question_for(verdict: Verdict, impact: Impact, *, timeout: timedelta = timedelta(minutes=2)) -> Question:
    """The question that `verdict` asks, knowing `impact`.

    `target+impact` asks for the count of what is lost; where nothing could be counted, for the name of the
    command, so that the answer still can't be given without reading.
    """
    name = verdict.target
    match verdict.challenge:
        case ChallengeKind.NONE:
            raise ValueError("a verdict without a challenge asks nothing")
        case ChallengeKind.YES:
            return Question(verdict, impact, ("yes",), "Type yes to go on", timeout)
        case ChallengeKind.TARGET:
            return Question(verdict, impact, tuple(name.split()), f"Type {name} to go on", timeout)
        case ChallengeKind.TARGET_IMPACT:
            second, what = _second_word(verdict, impact)
            return Question(
                verdict,
                impact,
                (*name.split(), second),
                f"Type {name} and {what} to go on",
                timeout,
            )


def _second_word(verdict: Verdict, impact: Impact) -> tuple[str, str]:
    if impact.count is not None and impact.complete:
        return str(impact.count), f"the number of {impact.unit or 'things'} lost"
    gravest = max(verdict.reading.commands, key=lambda command: command.severity, default=None)
    word = gravest.name.split()[-1] if gravest else verdict.reading.dialect
    return word, f"the word {word}"


def _plain(word: str) -> str:
    if re.fullmatch(r"\d{1,3}([,._']\d{3})+|\d+", word):
        return re.sub(r"\D", "", word).lstrip("0") or "0"
    return word
