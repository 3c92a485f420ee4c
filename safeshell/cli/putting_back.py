"""The question about putting something back, and what the command line may agree to beforehand."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta

from safeshell.errors import ExitStatus
from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.interfaces import Outcome, OutcomeKind, Run
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import VerdictKind

_UNLOCKED_FOR = timedelta(minutes=5)


def submit(
    arguments: argparse.Namespace,
    guard: Guard,
    unlock: Callable[[timedelta, str], object],
    reading: Reading,
    put_back: Run,
) -> int:
    """Let the guard judge, ask and record, and put back if it may.

    Args:
        arguments: `unlock`, `reason` and `yes_i_mean` of the command line.
        guard: of where it is put back.
        unlock: leaves read-only there, for how long and why.
        reading: what putting it back does.
        put_back: does it.

    Returns:
        The exit status.

    Raises:
        SafeshellError: it can't be unlocked.
    """
    if arguments.unlock:
        unlock(min(_UNLOCKED_FOR, guard.environment.unlock.max), arguments.reason)
    verdict = guard.judge_reading(reading)
    agreed = arguments.yes_i_mean and verdict.kind is VerdictKind.CONFIRM
    answer = Answer(AnswerKind.NAMED, arguments.reason) if agreed else None
    decision = guard.submit_judged(verdict, put_back, asked=answer)
    if not decision.ran:
        from safeshell.terminal.theme import PLAIN
        from safeshell.terminal.verdict_text import refusal_lines

        width = shutil.get_terminal_size().columns
        tell("\n".join(refusal_lines(decision.verdict, decision.answer, theme=PLAIN, width=width)))
        return int(ExitStatus.REFUSED)
    return int(_status_of(decision.outcome))


def _status_of(outcome: Outcome) -> ExitStatus:
    return ExitStatus.DONE if outcome.kind is OutcomeKind.DONE else ExitStatus.COMMAND_FAILED


def tell(text: str) -> None:
    """A sentence on standard error, after what has been printed so far."""
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
