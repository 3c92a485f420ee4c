"""How a verdict is told on a screen: why a line did not run, what to do instead, what to mind when it did.

Pure: values in, lines out. The question itself is drawn by `questions`.
"""

from __future__ import annotations

from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.effects import Severity
from safeshell.guard.text import visible
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.terminal.screen import wrapped
from safeshell.terminal.theme import PLAIN, Style, Theme

_LONGEST = 400

_ANSWERED = {
    AnswerKind.WRONG: "that was not the right answer",
    AnswerKind.CANCELLED: "you said no",
    AnswerKind.TIMED_OUT: "there was no answer in time",
    AnswerKind.PASTED: "the answer was pasted, or came faster than hands type",
    AnswerKind.NO_TERMINAL: "it needs a person's answer, and there is no terminal to ask on",
}
_ANSWER_ADVICE = {
    AnswerKind.PASTED: "type the answer by hand",
    AnswerKind.NO_TERMINAL: "run it in a terminal",
}


def refusal_lines(
    verdict: Verdict, answer: Answer | None = None, *, theme: Theme = PLAIN, width: int = 80
) -> list[str]:
    """Why the line did not run, and what to do instead.

    Args:
        verdict: what the policy said.
        answer: how the question ended, None when none was asked.
        theme: the looks of the output.
        width: of the output in cells; one-shot output that nobody wraps gives a large one.

    Returns:
        Lines without their ends, the first one opening with `Refused:`.
    """
    said = answer.kind if answer and verdict.kind is not VerdictKind.DENY else None
    if said in _ANSWERED:
        why = [_ANSWERED[said], *_reasons(verdict)]
    else:
        why = _reasons(verdict) or [f"{visible(verdict.environment.name)} does not allow it"]
    advice = [_ANSWER_ADVICE[said]] if said in _ANSWER_ADVICE else []
    return [
        *_labelled("Refused:", why[0], theme, width, Style.REFUSED),
        *(line for reason in why[1:] for line in _labelled("  why", reason, theme, width, Style.QUIET)),
        *_advice_lines((*advice, *verdict.instead), theme, width),
    ]


def warning_lines(verdict: Verdict, *, theme: Theme = PLAIN, width: int = 80) -> list[str]:
    """What to mind about a line that runs unasked: its findings of medium severity and above, if any."""
    minded = [f for f in verdict.reading.findings if f.severity >= Severity.MEDIUM and f.reason]
    reasons = dict.fromkeys(finding.reason for finding in minded)
    advice = tuple(dict.fromkeys(finding.instead for finding in minded if finding.instead))
    return [
        *(line for reason in reasons for line in _labelled("Mind:", reason, theme, width, Style.WARNING)),
        *_advice_lines(advice, theme, width),
    ]


def _reasons(verdict: Verdict) -> list[str]:
    """Why, most telling first: where it was denied, the policy's own reason; else the gravest."""
    own = [finding for finding in verdict.findings if finding not in verdict.reading.findings]
    read = sorted(verdict.reading.findings, key=lambda finding: finding.severity, reverse=True)
    ordered = (*own, *read) if verdict.kind is VerdictKind.DENY else (*read, *own)
    return list(dict.fromkeys(finding.reason for finding in ordered if finding.reason))


def _advice_lines(advice: tuple[str, ...], theme: Theme, width: int) -> list[str]:
    return [line for text in advice for line in _labelled("  instead:", text, theme, width, Style.ADVICE)]


def _labelled(label: str, text: str, theme: Theme, width: int, style: Style) -> list[str]:
    shown = theme.text(visible(text, limit=_LONGEST))
    first, *rest = wrapped(f"{label} {shown}", width, indent="    ")
    return [theme.paint(label, style) + first[len(label) :], *rest]
