"""The guard's word on a line that was read from the screen: every reading of it counts, and every doubt.

Whatever goes wrong here is a no: Enter stays held, and the line stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.guard.effects import Severity
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.pipeline import Admission, Guard
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.verdict import Verdict
from safeshell.journal.recordings.labels import answer_label, verdict_label
from safeshell.terminal.tracking.events import HeldLine
from safeshell.terminal.tracking.programs import Program

ReadRepl = Callable[[Program, str], Reading]
"""What a text would do in a program."""

_UNKNOWN_END = "how it ended is not seen from outside"


class Screen(Protocol):
    """Where refusals are told."""

    def refused(self, verdict: Verdict, admission: Admission) -> None:
        """Why a line did not run."""

    def told(self, text: str) -> None:
        """A sentence."""


class ReplGate:
    """Judges the held lines of a session.

    Args:
        guard: the session's.
        read: reads a text as a program's.
        screen: where refusals are told.
        mark: puts a verdict or an answer into the recording.
    """

    def __init__(self, guard: Guard, read: ReadRepl, screen: Screen, *, mark: Callable[[str], None]) -> None:
        self._guard = guard
        self._read = read
        self._screen = screen
        self._mark = mark

    def judge(self, held: HeldLine) -> bool:
        """Whether the line runs; the question, where there is one, is asked meanwhile."""
        try:
            return self._admitted(held)
        except SafeshellError as error:
            self._screen.told(f"{error}")
        except Exception as failure:  # noqa: BLE001 - a bug here must not run a line, nor end a session
            self._screen.told(f"the guard failed ({type(failure).__name__}: {failure}); the line did not run")
        return False

    def _admitted(self, held: HeldLine) -> bool:
        verdict = self._guard.judge_by(lambda: reading_of(held, self._read))
        admission = self._guard.admit(verdict)
        self._mark(verdict_label(admission.verdict, admission.number))
        if admission.answer is not None:
            self._mark(answer_label(admission.answer, admission.number))
        if not admission.admitted:
            self._screen.refused(admission.verdict, admission)
            return False
        self._guard.conclude(admission, Outcome(OutcomeKind.DONE, _UNKNOWN_END))
        return True


def reading_of(held: HeldLine, read: ReadRepl) -> Reading:
    """What a held line would do, by each of its texts; what makes it doubtful is worth a question."""
    first, *others = (read(held.program, text) for text in held.texts)
    reading = first
    for other in others:
        reading = replace(
            reading,
            commands=(*reading.commands, *other.commands),
            unreadable=(*reading.unreadable, *other.unreadable),
            refused=(*reading.refused, *other.refused),
            addresses=tuple(dict.fromkeys((*reading.addresses, *other.addresses))),
        )
    if held.certain:
        return reading
    span = (0, len(held.text))
    findings = tuple(
        Finding(
            "repl.not-sure",
            Severity.MEDIUM,
            f"the line was read from the screen, and it is not sure that this is all: {doubt}",
            "press ^C and type it anew, without recalling or completing",
            span,
        )
        for doubt in held.doubts
    )
    doubtful = Command(held.program.name, findings=findings, span=span)
    return replace(reading, commands=(*reading.commands, doubtful))
