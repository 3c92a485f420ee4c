"""`safeshell ssh HOST COMMAND`: the line is judged, asked about where a person can be, and run as ssh does."""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import stat
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from safeshell.cli.judging import place_addressed
from safeshell.cli.one_line import is_fed
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.ssh_place import HostPlace
from safeshell.errors import ExitStatus, Refused
from safeshell.guard.challenge import Answer, AnswerKind
from safeshell.guard.interfaces import NothingKept, NothingToMeasure, Outcome, OutcomeKind
from safeshell.guard.pipeline import Admission, Guard
from safeshell.guard.text import visible
from safeshell.guard.verdict import Verdict, VerdictKind
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.context import ShellContext
from safeshell.ssh.exec_line import ExecLine, Runs
from safeshell.ssh.own_options import OwnOptions
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.run_in_place import run_in_place
from safeshell.terminal.theme import Theme, theme_for
from safeshell.terminal.verdict_text import refusal_lines

_MOST_INPUT: Final = 1 << 20
_PATIENCE: Final = 5.0
"""Seconds for which standard input may take to come to its end, where it is to be read as commands."""
_UNSEEN: Final = "cat | sh"
"""What stands for commands that nobody can read beforehand."""


class Judgement:
    """One call's: judges it, and writes down what became of it.

    Args:
        arguments: the global options.
        own: the options that are safeshell's.
        place: where the call leads.
    """

    def __init__(self, arguments: argparse.Namespace, own: OwnOptions, place: HostPlace) -> None:
        self._own = own
        self._place = place
        settings = place.settings
        self._theme = _theme(arguments, place)
        note = place.by_key(place.known_keys())
        if note.text and note.environment is not place.environment:
            _tell(note.text)
        environment = note.environment
        self._target = place.match.name
        mode = place.mode_in(environment)
        start = SessionStart("ssh", self._target, environment.name, mode, place.address, person_here())
        self._journal = JournalRecorder(JournalStore(state_folder(settings.state_folder)), start)
        self._dialect = shell_dialect(settings)
        self._guard = Guard(
            dialect=self._dialect,
            environment=environment,
            target=self._target,
            mode=mode,
            probe=NothingToMeasure(),
            asker=TerminalAsker(self._theme, environ=os.environ),
            keeper=NothingKept(),
            recorder=self._journal,
            clock=lambda: datetime.now(UTC),
            place_of=lambda reading: place_addressed(settings, reading, environment, self._target),
            budget=settings.impact_budget,
            ask_timeout=settings.ask_timeout,
            told=_tell,
        )
        self._admission: Admission | None = None

    def admits(self, line: str, *, fed: bool) -> bool:
        """Whether the line may run; the refusal is told.

        Args:
            line: what the host's shell is to read.
            fed: whether its input is no person's keyboard but what another program sends, unread.

        Raises:
            Refused: another target was named, or a reason is wanted and none was given.
        """
        own = self._own
        if own.yes_i_mean is not None and own.yes_i_mean != self._target:
            raise Refused(
                f"--yes-i-mean names {visible(own.yes_i_mean)!r}, but this is {self._target}; nothing was run",
                todo="Look where you are.",
            )
        if own.unlock:
            self._guard.unlock(self._guard.environment.unlock.max, own.reason)
        dialect = self._dialect.with_context(ShellContext(fed=fed))
        verdict = self._guard.judge_by(lambda: dialect.read(line))
        self._admission = self._guard.admit(verdict, asked=self._answer_beforehand(verdict))
        if not self._admission.admitted:
            self._tell_refusal(self._admission)
        return self._admission.admitted

    def conclude(self, status: int) -> None:
        """Write down how what ran has ended, and close the journal."""
        if self._admission and self._admission.admitted:
            kind = OutcomeKind.DONE if status == 0 else OutcomeKind.FAILED
            self._guard.conclude(self._admission, Outcome(kind, "" if status == 0 else f"status {status}"))
        self._journal.close()

    def _answer_beforehand(self, verdict: Verdict) -> Answer | None:
        own = self._own
        if own.yes_i_mean is not None and verdict.kind is VerdictKind.CONFIRM:
            if verdict.reason_required and not own.reason.strip():
                raise Refused(
                    f"{verdict.environment.name} wants a reason for this: {verdict.why}",
                    todo="Add --reason 'TICKET-123 why'.",
                )
            return Answer(AnswerKind.NAMED, own.reason)
        # Told to ask nobody, ssh asks nobody; nor does this.
        if self._place.resolved.one("batchmode", "no") in ("yes", "true"):
            return Answer(AnswerKind.NO_TERMINAL)
        return None

    def _tell_refusal(self, admission: Admission) -> None:
        width = os.get_terminal_size(2).columns if sys.stderr.isatty() else 1000
        lines = refusal_lines(admission.verdict, admission.answer, theme=self._theme, width=width)
        unasked = admission.answer and admission.answer.kind is AnswerKind.NO_TERMINAL
        if unasked and admission.verdict.kind is VerdictKind.CONFIRM:
            lines.append(f"  In a script, name the target beforehand: --yes-i-mean {self._target}")
        sys.stderr.write("".join(f"{line}\n" for line in lines))


def run_command(
    arguments: argparse.Namespace,
    own: OwnOptions,
    place: HostPlace,
    what: ExecLine,
    argv: Sequence[str],
    carry: Callable[[], int] | None = None,
) -> int:
    """Judge what a call runs, and run it with this process's own input and output; the exit status.

    Args:
        arguments: the global options.
        own: the options that are safeshell's.
        place: where the call leads.
        what: what it runs.
        argv: the program that runs it there, and its arguments.
        carry: runs it at a terminal there, instead of `argv`.

    Raises:
        SafeshellError: it can't be judged.
    """
    judgement = Judgement(arguments, own, place)
    given: bytes | None = None
    ended = True
    line = what.line
    if what.runs is Runs.INPUT:
        given, ended = _input()
        line = given.decode("utf-8", "surrogateescape") if ended else _UNSEEN
    status = int(ExitStatus.REFUSED)
    try:
        # What is read as commands is judged as such.
        if judgement.admits(line, fed=what.runs is Runs.COMMAND and is_fed()):
            status = carry() if carry else _run(argv, given, ended=ended)
    finally:
        judgement.conclude(status)
    return status


def _run(argv: Sequence[str], given: bytes | None, *, ended: bool) -> int:
    """Run a program in this one's place; `given` was read ahead from standard input."""
    if given is None:
        return _told_as_ssh(run_in_place(argv, program=argv[0], environ=os.environ))
    reads, writes = os.pipe()
    own, _ = os.dup(0), os.dup2(reads, 0)
    os.close(reads)
    threading.Thread(target=_feed, args=(writes, own, given, ended), daemon=True).start()
    return _told_as_ssh(run_in_place(argv, program=argv[0], environ=os.environ))


def _told_as_ssh(status: int) -> int:
    return status if status >= 0 else 128 - status


def _feed(writes: int, own: int, given: bytes, ended: bool) -> None:  # noqa: FBT001 - a thread's argument
    with contextlib.suppress(OSError), os.fdopen(writes, "wb") as pipe:
        pipe.write(given)
        pipe.flush()
        while not ended and (data := os.read(own, 1 << 16)):
            pipe.write(data)
            pipe.flush()


def _input() -> tuple[bytes, bool]:
    """Standard input, as far as it comes within a moment, and whether that is all of it."""
    mode = os.fstat(0).st_mode
    if stat.S_ISCHR(mode):
        return b"", True  # /dev/null
    data = b""
    give_up_at = _PATIENCE + _now()
    while len(data) <= _MOST_INPUT:
        left = give_up_at - _now()
        if left <= 0 or not select.select([0], [], [], left)[0]:
            return data, False
        piece = os.read(0, 1 << 16)
        if not piece:
            return data, True
        data += piece
    return data, False


def _now() -> float:
    import time

    return time.monotonic()


def _theme(arguments: argparse.Namespace, place: HostPlace) -> Theme:
    settings = place.settings
    return theme_for(
        os.environ,
        is_tty=sys.stderr.isatty(),
        no_color=arguments.no_color,
        colors=settings.theme.colors,
        symbols=settings.theme.symbols,
    )


def _tell(text: str) -> None:
    sys.stderr.write(f"safeshell: {text}\n")
