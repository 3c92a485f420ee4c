"""The one pipeline of all consoles: read → judge → measure → ask → keep → record → run → record.

`Guard` decides nothing itself: reading and judging are pure functions, the world comes in through
`interfaces`. Its own failure is a refusal: when anything here raises before the line ran, it does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from safeshell.errors import GuardFailure, SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.challenge import Answer, Question, question_for
from safeshell.guard.environment import Environment
from safeshell.guard.interfaces import (
    Asker,
    Clock,
    Entry,
    EntryId,
    ImpactProbe,
    Outcome,
    OutcomeKind,
    Recorder,
    Run,
    UndoKeeper,
)
from safeshell.guard.mode import Mode, Unlocked, mode_now, unlock
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Dialect, Impact, Reading
from safeshell.guard.verdict import Verdict, VerdictKind

PlaceOf = Callable[[Reading], tuple[Environment, str]]
"""The strictest among the targets that a reading addresses and the session's own: its environment, its name."""


@frozen
class Admission:
    """How far a line has come before it runs.

    Args:
        verdict: what the policy said.
        admitted: whether it may run now.
        number: its entry in the journal; None where it is not written.
        answer: how the question ended, None when none was asked.
        impact: what was measured, None when nothing was.
    """

    verdict: Verdict
    admitted: bool
    number: EntryId | None = None
    answer: Answer | None = None
    impact: Impact | None = None


@frozen
class Decision:
    """What became of a submitted line.

    Args:
        verdict: what the policy said.
        outcome: how it ended; `refused` when it did not run.
        answer: how the question ended, None when none was asked.
        impact: what was measured, None when nothing was.
    """

    verdict: Verdict
    outcome: Outcome
    answer: Answer | None = None
    impact: Impact | None = None

    @property
    def ran(self) -> bool:
        """Whether the line was started."""
        return self.outcome.kind is not OutcomeKind.REFUSED


class Guard:
    """One session's guard.

    Args:
        dialect: reads lines.
        environment: the session's environment.
        target: the session's target, as questions ask for it.
        mode: the mode the session starts in; at least as strict as the environment's.
        place_of: where a reading's line acts; the session's own place by default.
        probe, asker, keeper, recorder, clock: the world.
        budget: how long measuring may take.
        ask_timeout: how long a question waits for its answer.
        told: called with a sentence when something goes wrong that does not stop the line.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        environment: Environment,
        target: str,
        mode: Mode,
        probe: ImpactProbe,
        asker: Asker,
        keeper: UndoKeeper,
        recorder: Recorder,
        clock: Clock,
        place_of: PlaceOf | None = None,
        budget: timedelta = timedelta(milliseconds=300),
        ask_timeout: timedelta = timedelta(minutes=2),
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.dialect = dialect
        self.environment = environment
        self.target = target
        self.base_mode = mode
        self.unlocked: Unlocked | None = None
        self._place_of = place_of or (lambda _: (environment, target))
        self._probe = probe
        self._asker = asker
        self._keeper = keeper
        self._recorder = recorder
        self._clock = clock
        self._budget = budget
        self._ask_timeout = ask_timeout
        self._told = told

    @property
    def mode(self) -> Mode:
        """The mode in force at this moment."""
        return mode_now(self.base_mode, self.unlocked, self._clock())

    def unlock(self, duration: timedelta, reason: str) -> Unlocked:
        """Leave read-only until `duration` is over.

        Raises:
            UsageError: the environment does not allow it so.
        """
        self.unlocked = unlock(self.environment.unlock, now=self._clock(), duration=duration, reason=reason)
        return self.unlocked

    def lock(self) -> None:
        """Go back to read-only (or whatever the session's own mode is)."""
        self.unlocked = None

    def unlocked_for(self) -> timedelta | None:
        """How long the session stays unlocked; None when it is not."""
        if self.unlocked is None:
            return None
        left = self.unlocked.until - self._clock()
        return left if left > timedelta(0) else None

    def judge(self, line: str) -> Verdict:
        """What would be said of `line`, without running or asking anything.

        Raises:
            GuardFailure: the guard itself failed.
        """
        return self.judge_by(lambda: self.dialect.read(line))

    def judge_by(self, read: Callable[[], Reading]) -> Verdict:
        """What would be said of the line that `read` reads.

        Raises:
            GuardFailure: the guard itself failed.
        """
        try:
            return self.judge_reading(read())
        except SafeshellError:
            raise
        except Exception as failure:
            raise _failed("judging the line", failure) from failure

    def judge_reading(self, reading: Reading) -> Verdict:
        """What would be said of a line that has been read already."""
        environment, target = self._place_of(reading)
        mode = self.mode
        if environment is not self.environment and environment.mode.strictness > mode.strictness:
            mode = environment.mode
        return judge(reading, Circumstances(environment, mode, target, self._clock()))

    def submit(self, line: str, run: Run) -> Decision:
        """Judge `line`, ask what has to be asked, and run it if it may.

        Raises:
            GuardFailure: the guard failed before the line ran; it did not run.
        """
        return self.submit_judged(self.judge(line), run)

    def submit_judged(self, verdict: Verdict, run: Run, *, asked: Answer | None = None) -> Decision:
        """Go on with a verdict: measure, ask (unless `asked` is the answer), record, keep, run, record.

        Raises:
            GuardFailure: the guard failed before the line ran; it did not run.
        """
        admission = self.admit(verdict, asked=asked)
        verdict, answer, impact, number = (
            admission.verdict,
            admission.answer,
            admission.impact,
            admission.number,
        )
        if not admission.admitted:
            return _refused(admission)
        try:
            outcome = self._keeper.run_kept(verdict.reading, run)
        except KeyboardInterrupt:
            self._complete(number, Outcome(OutcomeKind.INTERRUPTED))
            raise
        except BrokenPipeError:
            # Whoever read our output (`| head`) has enough; the line itself is done, and nothing is wrong.
            self._complete(number, Outcome(OutcomeKind.DONE, "its output was not read to the end"))
            raise
        except SafeshellError as error:
            self._complete(number, Outcome(OutcomeKind.FAILED, error.message))
            raise
        except Exception as failure:
            self._complete(number, Outcome(OutcomeKind.FAILED, type(failure).__name__))
            raise GuardFailure(
                f"running the line failed ({type(failure).__name__}: {failure}); it may have run in part",
                todo="Look at the target before you try again.",
            ) from failure
        self._complete(number, outcome)
        return Decision(verdict, outcome, answer, impact)

    def admit(self, verdict: Verdict, *, asked: Answer | None = None) -> Admission:
        """What comes before a line runs: measure, ask (unless `asked` is the answer), and record it.

        Whoever runs it elsewhere (a shell) says with `keep` and `conclude` what became of it.

        Raises:
            GuardFailure: the guard failed; the line may not run.
        """
        if verdict.kind is VerdictKind.DENY:
            return self._not_admitted(Admission(verdict, admitted=False))
        answer, impact = None, None
        if verdict.kind is not VerdictKind.ALLOW:
            answer, impact, verdict = self._ask(verdict, asked)
            if not answer.agrees or verdict.kind is VerdictKind.DENY:
                return self._not_admitted(Admission(verdict, admitted=False, answer=answer, impact=impact))
        number = self._begin(Entry(verdict, answer, impact))
        return Admission(verdict, admitted=True, number=number, answer=answer, impact=impact)

    def keep(self, admission: Admission) -> str:
        """Keep what an admitted line destroys, before somebody else runs it; what was kept, "" for nothing.

        Raises:
            SafeshellError: it can't be kept, and must be.
        """
        return self._keeper.run_kept(admission.verdict.reading, lambda: Outcome(OutcomeKind.DONE)).undo_id

    def conclude(self, admission: Admission, outcome: Outcome) -> None:
        """Record how an admitted line ended that somebody else ran."""
        self._complete(admission.number, outcome)

    def _ask(self, verdict: Verdict, asked: Answer | None) -> tuple[Answer, Impact, Verdict]:
        try:
            impact = self._probe.measure(verdict, self._budget)
            if asked is not None:
                return asked, impact, verdict
            question = question_for(verdict, impact, timeout=self._ask_timeout)
            answer = self._asker.ask(question)
        except SafeshellError:
            raise
        except Exception as failure:
            raise _failed("asking about the line", failure) from failure
        again = self._unchanged(question)
        return answer, impact, again

    def _unchanged(self, question: Question) -> Verdict:
        """The verdict once more, after the time that the answer took.

        A countdown may have ended or a window closed while the question stood; then the line is denied.
        """
        before = question.verdict
        now = self.judge_reading(before.reading)
        return now if now.kind.strictness > before.kind.strictness else before

    def _not_admitted(self, admission: Admission) -> Admission:
        entry = Entry(admission.verdict, admission.answer, admission.impact)
        try:
            self._recorder.complete(self._recorder.begin(entry), _refused(admission).outcome)
        except SafeshellError as error:
            self._told(f"The refusal could not be written to the journal: {error.message}")
        return admission

    def _begin(self, entry: Entry) -> EntryId | None:
        try:
            return self._recorder.begin(entry)
        except SafeshellError as error:
            if entry.verdict.environment.journal_required:
                raise GuardFailure(
                    f"the line did not run: {entry.verdict.environment.name} wants a journal, "
                    f"and it can't be written ({error.message})",
                    todo=error.todo,
                ) from error
            self._told(f"The journal can't be written ({error.message}); the line runs unrecorded.")
            return None

    def _complete(self, number: EntryId | None, outcome: Outcome) -> None:
        if number is None:
            return
        try:
            self._recorder.complete(number, outcome)
        except SafeshellError as error:
            self._told(f"The line ran, but its end could not be written to the journal: {error.message}")


def _refused(admission: Admission) -> Decision:
    answer = admission.answer
    said_no = answer is not None and not answer.agrees
    outcome = Outcome(OutcomeKind.REFUSED, answer.kind if answer and said_no else admission.verdict.why)
    return Decision(admission.verdict, outcome, answer, admission.impact)


def _failed(doing: str, failure: Exception) -> GuardFailure:
    return GuardFailure(
        f"the guard failed while {doing} ({type(failure).__name__}: {failure}); the line did not run",
        todo="Report it, or use the server's own client if you must, knowing that nothing guards it.",
    )


def stricter_mode(guard_mode: Mode, asked: Mode | None) -> Mode:
    """The mode of a session whose environment says `guard_mode` and whose options say `asked`."""
    return asked if asked and asked.strictness > guard_mode.strictness else guard_mode
