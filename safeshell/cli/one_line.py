"""One line without a session: judged like a line of the shell, asked about where a person is, run by a shell.

What `safeshell shell -c LINE` and a forced command do. Standard input is the line's, and never read here.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from safeshell.cli.judging import place_addressed
from safeshell.cli.shell_equipment import keeper_for, looked, touches
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.config.settings import Settings
from safeshell.errors import ExitStatus, GuardFailure, SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.challenge import Answer, AnswerKind, Question
from safeshell.guard.interfaces import Asker, NothingKept, Outcome, OutcomeKind
from safeshell.guard.pipeline import Decision, Guard
from safeshell.guard.reading import Reading
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.impact.probe import ShellProbe
from safeshell.terminal.run_in_place import end_alike, run_in_place
from safeshell.terminal.theme import Theme, theme_for
from safeshell.terminal.tracking.programs import program_of
from safeshell.terminal.verdict_text import refusal_lines

_NOT_PLAIN: Final = frozenset("|&;<>()$`\\\n*?[]{}~!#")
_INTERRUPTED: Final = (130, -2)


@frozen
class OneLine:
    """A line and where it runs.

    Args:
        line: as it was given.
        shell: the program that runs it.
        login: whether that is to be a login shell.
        settings: the configuration.
        place: this machine.
        no_color: whether colours are off.
        client: where the person sits who has sent it; "" when not known.
        open_session: opens a guarded session with a program that a person talks to; its exit status. None where
            there is one already.
    """

    line: str
    shell: str
    login: bool
    settings: Settings
    place: Place
    no_color: bool
    client: str
    open_session: Callable[[list[str]], int] | None


def run_line(one: OneLine) -> int:
    """Judge a line and run it if it may; its exit status, 77 where it did not run.

    A line that a signal ends, ends this process in the same way.

    Raises:
        SafeshellError: it can't be judged, or written down where that is required; it did not run.
    """
    theme = _theme(one)
    journal = JournalRecorder(JournalStore(state_folder(one.settings.state_folder)), _start(one))
    statuses: list[int] = []

    def run() -> Outcome:
        statuses.append(_run(one))
        return _outcome(statuses[0])

    try:
        guard, read = _guard(one, journal, theme)
        decision = guard.submit_judged(guard.judge_by(lambda: read(one.line)), run)
    finally:
        _close(journal)
    if not decision.ran:
        _tell_refusal(decision, theme)
        return int(ExitStatus.REFUSED)
    if decision.outcome.undo_id:
        _tell(f"kept: safeshell undo {decision.outcome.undo_id} puts it back")
    return end_alike(statuses[0])


def _guard(one: OneLine, journal: JournalRecorder, theme: Theme) -> tuple[Guard, Callable[[str], Reading]]:
    settings, place = one.settings, one.place
    dialect = shell_dialect(settings, touches=touches)
    dialect = dialect.with_context(replace(dialect.context, fed=is_fed()))
    keeper = keeper_for(settings, place, str(os.getpid()), _tell)
    guard = Guard(
        dialect=dialect,
        environment=place.environment,
        target=place.target,
        mode=place.mode,
        probe=ShellProbe(keeper),
        asker=_asker(theme),
        keeper=keeper or NothingKept(),
        recorder=journal,
        clock=lambda: datetime.now(UTC),
        place_of=lambda reading: place_addressed(settings, reading, place.environment, place.target),
        budget=settings.impact_budget,
        ask_timeout=settings.ask_timeout,
        told=_tell,
    )

    def read(line: str) -> Reading:
        reading = dialect.read(line)
        return looked(reading, dialect) if reading.loads or reading.touches else reading

    return guard, read


def _run(one: OneLine) -> int:
    words = _program_with_lines(one.line)
    if words is not None and one.open_session is not None:
        return one.open_session(words)
    name = one.shell.rpartition("/")[2]
    argv = [f"-{name}" if one.login else name, "-c", one.line]
    try:
        return run_in_place(argv, program=one.shell, environ=os.environ)
    except OSError as error:
        raise GuardFailure(
            f"{one.shell} can't be started: {error.strerror}",
            todo="SHELL names the program that runs lines.",
        ) from error


def _program_with_lines(line: str) -> list[str] | None:
    """The words of a line that is nothing but a shell or console for a person at a terminal; None for others.

    The person's lines in it are to be read as well: it runs inside of a session.
    """
    if _NOT_PLAIN & set(line) or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return words if words and "=" not in words[0] and program_of(words) is not None else None


def is_fed() -> bool:
    """Whether standard input is what another program sends: no terminal, and not /dev/null."""
    try:
        return not stat.S_ISCHR(os.fstat(0).st_mode)
    except OSError:  # there is none
        return False


def _start(one: OneLine) -> SessionStart:
    here, place = person_here(), one.place
    address = f"{here.host} from {one.client}" if one.client else here.host
    return SessionStart("shell", place.target, place.environment.name, place.mode, address, here)


def _outcome(status: int) -> Outcome:
    if status == 0:
        return Outcome(OutcomeKind.DONE)
    kind = OutcomeKind.INTERRUPTED if status in _INTERRUPTED else OutcomeKind.FAILED
    return Outcome(kind, f"status {status}" if status > 0 else f"signal {-status}")


def _asker(theme: Theme) -> Asker:
    if not sys.stdin.isatty():
        return _Nobody()
    from safeshell.terminal.asker import TerminalAsker

    return TerminalAsker(theme, environ=os.environ)


class _Nobody:
    """Where nobody can be asked, the answer is no."""

    def ask(self, question: Question) -> Answer:
        """No."""
        del question
        return Answer(AnswerKind.NO_TERMINAL)


def _close(journal: JournalRecorder) -> None:
    try:
        journal.close()
    except SafeshellError as error:
        _tell(str(error))


def _tell_refusal(decision: Decision, theme: Theme) -> None:
    width = os.get_terminal_size(2).columns if sys.stderr.isatty() else 1000
    lines = refusal_lines(decision.verdict, decision.answer, theme=theme, width=width)
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def _tell(text: str) -> None:
    sys.stderr.write(f"safeshell: {text}\n")


def _theme(one: OneLine) -> Theme:
    looks = one.settings.theme
    return theme_for(
        os.environ,
        is_tty=sys.stderr.isatty(),
        no_color=one.no_color,
        colors=looks.colors,
        symbols=looks.symbols,
    )
