"""What markers say: a verdict, a question, an answer, each as one line of text that is safe to show anywhere.

Secrets are never in it: a line is told in its redacted form. The first word is what the marker is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safeshell.guard.text import visible
from safeshell.guard.verdict import VerdictKind

if TYPE_CHECKING:
    from safeshell.guard.challenge import Answer, Question
    from safeshell.guard.interfaces import EntryId
    from safeshell.guard.verdict import Verdict

LONGEST: Final = 600
_LONGEST_LINE: Final = 400
VERDICT_WORDS: Final = tuple(kind.value for kind in VerdictKind)


def verdict_label(verdict: Verdict, entry: EntryId | None = None) -> str:
    """`deny #42: rm -rf /srv (everything below /srv is deleted)`.

    Args:
        verdict: what the guard says of a line.
        entry: the line's number in the journal, where it has one already.
    """
    said = f"{_head(verdict.kind.value, entry)}: {visible(verdict.reading.redacted, limit=_LONGEST_LINE)}"
    if verdict.kind is VerdictKind.ALLOW or not verdict.why:
        return said
    return f"{said} ({visible(verdict.why)})"


def question_label(question: Question) -> str:
    """`asked: Type web to go on`."""
    return f"asked: {visible(question.prompt)}"


def answer_label(answer: Answer, entry: EntryId | None = None) -> str:
    """`answered #42: confirmed (INC-7)`.

    Args:
        answer: how a question ended.
        entry: the line's number in the journal, where it has one already.
    """
    reason = f" ({visible(answer.reason)})" if answer.reason else ""
    return f"{_head('answered', entry)}: {answer.kind.value}{reason}"


def is_verdict(label: str) -> bool:
    """Whether a marker tells a verdict."""
    return label.startswith(VERDICT_WORDS) and label.partition(":")[0].partition(" ")[0] in VERDICT_WORDS


def entry_mark(number: int) -> str:
    """What stands in the labels of the journal's line `number`, and in no others: `#42: `."""
    return f"#{number}: "


def _head(word: str, entry: EntryId | None) -> str:
    return word if entry is None else f"{word} #{entry}"
