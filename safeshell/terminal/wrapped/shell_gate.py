"""The guard at a shell's Enter key: what each request of a hook is answered with.

Ties the pipeline to the hooks; draws nothing but what the pipeline has to say, and decides nothing itself. Whatever
goes wrong here is `no`: the line does not run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.pipeline import Admission, Guard
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict
from safeshell.journal.recordings.labels import answer_label, verdict_label
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.terminal.tracking.foreground import parent_of
from safeshell.terminal.wrapped.live_context import context_of, goes_on, is_blank, needed, typed_script
from safeshell.terminal.wrapped.machine import INSIDE
from safeshell.terminal.wrapped.messages import BETWEEN_WORDS, Facts, Request, RequestKind
from safeshell.terminal.wrapped.session_words import Note, perform
from safeshell.terminal.wrapped.shims import Shim, call_of, left_to_console
from safeshell.terminal.wrapped.writable_shells import WritableShells

if TYPE_CHECKING:
    from safeshell.terminal.wrapped.held import Held

PROBE = "doctor"
"""What a shell's function asks on behalf of `safeshell doctor`: was this very line held?"""
HELD, SLIPPED = "held", "slipped"
_MOST_ROUNDS = 4


class Screen(Protocol):
    """Where the guard tells the person something, and asks."""

    @property
    def drawn(self) -> int:
        """How often something has been drawn."""

    def refused(self, verdict: Verdict, admission: Admission) -> None:
        """A line did not run."""

    def told(self, text: str) -> None:
        """A sentence."""

    def noted(self, text: str) -> None:
        """A sentence between a line's output and the next prompt."""


@frozen
class _Pending:
    """A line whose names are being asked for."""

    request: Request
    facts: Facts
    rounds: int


@frozen
class _Left:
    """A line that was left to a console."""

    shim: Shim
    exported: Mapping[str, str]


class ShellGate:
    """Answers the requests of one session's shells.

    Args:
        guard: the session's.
        dialect: reads its lines; the context is each request's own.
        screen: where refusals are told.
        environ: what the session was started with.
        look: a reading with what its files say; looks at them where they are.
        settle: notes how a line has left what was kept of it.
        marker: what the prompt of a kind of shell is to show now; called at each prompt.
        note: writes into the journal what is no line.
        mark: puts a verdict or an answer into the recording.
        nest: how a shell is started that was typed as these words, so that it has the hook; () as it was typed.
        ready: called when a shell has said that its hook is in place.
        held: what a session that the kernel holds read-only runs under; None where nothing holds.
        shims: programs that are a console of our own in its shells.
        console: the words that start such a console now, by our own command's name.
    """

    def __init__(
        self,
        guard: Guard,
        dialect: ShellDialect,
        screen: Screen,
        *,
        environ: Mapping[str, str],
        look: Callable[[Reading], Reading],
        settle: Callable[[str], None],
        marker: Callable[[str], str],
        note: Note,
        mark: Callable[[str], None],
        nest: Callable[[Sequence[str]], Sequence[str]],
        ready: Callable[[], None],
        held: Held | None = None,
        shims: Sequence[Shim] = (),
        console: Callable[[str], Sequence[str]] = lambda command: ("safeshell", command),
    ) -> None:
        self._guard = guard
        self._dialect = dialect
        self._screen = screen
        self._environ = environ
        self._look = look
        self._settle = settle
        self._marker = marker
        self._note = note
        self._mark = mark
        self._nest = nest
        self._ready = ready
        self._held = held
        self.writable = WritableShells()
        """Those that are open outside of what holds the session."""
        self._shells: dict[int, str] = {}
        self._words: dict[int, bytes] = {}
        self._at_prompt: set[int] = set()
        self._pending: dict[str, _Pending] = {}
        self._shims = shims
        self._console = console
        self._running: dict[int, list[tuple[Admission, str]]] = {}
        self._left: dict[int, _Left] = {}

    def judge(self, request: Request) -> str:
        """The answer to `request`; the question, where there is one, is asked meanwhile.

        Behind `run` and `no` it says `drawn` when something was put on the screen below the line.
        """
        before = self._screen.drawn
        said = self._safely(request)
        return f"{said} drawn" if said in ("run", "no") and self._screen.drawn != before else said

    def is_at_prompt(self, pid: int) -> bool:
        """Whether that process is a shell that waits for a line; it becomes nothing else before it has asked."""
        return pid in self._at_prompt

    def is_hooked(self, pid: int) -> bool:
        """Whether that process is a shell that asks by itself, and has not become another program since.

        A child of such a shell that is no other program yet, or a part of its line in parentheses, is the same.
        """
        words = _words_of(pid)
        if pid in self._shells:
            return self._words[pid] == words
        return bool(words) and words == self._words.get(parent_of(pid))

    def _safely(self, request: Request) -> str:
        try:
            return self._answer(request)
        except SafeshellError as error:
            self._screen.told(f"{error}")
        except Exception as failure:  # noqa: BLE001 - a bug here must not run a line, nor end a session
            self._screen.told(f"the guard failed ({type(failure).__name__}: {failure}); the line did not run")
        return "no"

    def _answer(self, request: Request) -> str:
        match request.kind:
            case RequestKind.HELLO:
                self._shells[request.pid] = request.text.partition(" ")[0]
                self._words[request.pid] = _words_of(request.pid)
                self.writable.greeted(request.pid)
                self._ready()
                if self._held and self._shells[request.pid] == "fish":
                    return f"ok data {self._environ.get('XDG_DATA_HOME', '')}"
                history = request.facts.variables.get("HISTFILE", "")
                return f"ok {self._held.history.copy_of(history)}" if self._held and history else "ok"
            case RequestKind.PROMPT:
                self._at_prompt.add(request.pid)
                self._conclude(request)
                if self.writable.has(request.pid):
                    self.writable.folder = request.cwd
                    if self._guard.unlocked_for() is None:
                        # What was opened for that time does not outlive it.
                        return "leave"
                return f"ok {self._marker(self._shells.get(request.pid, 'bash'))}"
            case RequestKind.LINE | RequestKind.NET:
                return self._line(_Pending(request, request.facts, 0))
            case RequestKind.MORE:
                before = self._pending.pop(request.id, None)
                if before is None:
                    return "no"
                return self._line(
                    _Pending(before.request, before.facts.joined(request.facts), before.rounds + 1)
                )
            case RequestKind.UNSEEN:
                self._screen.told("this line went past the guard and is running; nobody was asked")
                return "ok"
            case RequestKind.META:
                return self._meta(request)
            case RequestKind.NEST:
                nest = self.writable.nest if self.writable.has(request.pid) else self._nest
                return f"ok {BETWEEN_WORDS.join(nest(request.text.split(BETWEEN_WORDS)))}"
            case RequestKind.SHIM:
                return self._shim(request)

    def _meta(self, request: Request) -> str:
        if request.text.strip() == PROBE:
            # The line that asks has come here first, or it has come past the guard.
            return f"ok {HELD if request.pid in self._running else SLIPPED}"
        said = perform(self._guard, request.text, self._note)
        unlocked = self._guard.unlocked_for() is not None
        if self._held is None or self.writable.open or not (unlocked and said.startswith("ok ")):
            return said
        self._screen.noted(
            f"{said[3:]} This shell can't change anything; one that can is in front of it now."
        )
        return INSIDE

    def _line(self, pending: _Pending) -> str:
        request, facts, text = pending.request, pending.facts, pending.request.text
        self._at_prompt.discard(request.pid)
        if request.kind is RequestKind.NET and not text.strip():
            self._screen.told(
                "a command came past the guard, and the shell does not say what it is; it did not run.\n"
                "  Type it at the prompt, or leave it in the history for a moment (HISTCONTROL)."
            )
            return "no"
        context = context_of(
            request, facts, shell=self._shells.get(request.pid, "bash"), environ=self._environ
        )
        if is_blank(text):
            return "run"
        script = typed_script(text, context)
        if request.kind is RequestKind.LINE and goes_on(text, context, script):
            return "more"
        asked_for = needed(text, script, facts) if pending.rounds < _MOST_ROUNDS else ()
        if asked_for:
            self._pending[request.id] = pending
            return f"need {' '.join(asked_for)}"
        self._running.pop(request.pid, None)
        self._left.pop(request.pid, None)
        # A console knows nothing of the session's unlocking.
        unlocked = self._guard.unlocked_for() is not None
        shim = left_to_console(text, facts, self._shims, only_sessions=unlocked)
        if not self._admitted(request.pid, text, context, shim):
            return "no"
        if shim is not None:
            self._left[request.pid] = _Left(shim, facts.exported)
        return "run"

    def _shim(self, request: Request) -> str:
        """What a shim's function is to run: see `shims`."""
        call, left = call_of(request.text), self._left.get(request.pid)
        if left is None:
            return "run"  # judged whole at Enter, or no line of the person's
        if call.at_terminal and call.words[:1] == (left.shim.name,):
            # What the kernel holds can't write a journal: the console runs in front of it, and holds itself.
            if self._held is not None and not self.writable.has(request.pid):
                return INSIDE
            return f"ok {BETWEEN_WORDS.join(self._console(left.shim.console))}"
        if not call.words:
            return "no"
        context = context_of(
            request, Facts(), shell=self._shells.get(request.pid, "bash"), environ=self._environ
        )
        return "run" if self._admitted(request.pid, call.line, context) else "no"

    def console_words(self, request: Request) -> tuple[str, ...]:
        """The words that run the console which a shim's function asks for."""
        left, words = self._left[request.pid], call_of(request.text).words
        return (*self._console(left.shim.console), *words[1:])

    def exported(self, pid: int) -> Mapping[str, str]:
        """What the line that was left to a console would hand on to it."""
        return self._left[pid].exported

    def _admitted(self, pid: int, text: str, context: ShellContext, shim: Shim | None = None) -> bool:
        dialect = self._dialect.with_context(context)
        verdict = self._guard.judge_by(lambda: self._looked(_read(dialect, text, shim)))
        admission = self._guard.admit(verdict)
        self._mark(verdict_label(admission.verdict, admission.number))
        if admission.answer is not None:
            self._mark(answer_label(admission.answer, admission.number))
        if not admission.admitted:
            self._screen.refused(admission.verdict, admission)
            return False
        kept = self._guard.keep(admission)
        # A shell that never came back to its prompt has run a line whose end nobody saw.
        self._running.setdefault(pid, []).append((admission, kept))
        return True

    def _looked(self, reading: Reading) -> Reading:
        return self._look(reading) if reading.loads or reading.touches else reading

    def _conclude(self, request: Request) -> None:
        self._left.pop(request.pid, None)
        for admission, kept in self._running.pop(request.pid, ()):
            self._concluded(admission, kept, request.text)

    def _concluded(self, admission: Admission, kept: str, status: str) -> None:
        done = status == "0"
        kind = OutcomeKind.DONE if done else OutcomeKind.FAILED
        if status == "130":
            kind = OutcomeKind.INTERRUPTED
        self._guard.conclude(admission, Outcome(kind, "" if done else f"status {status}", kept))
        if kept:
            self._settle(kept)
            self._screen.noted(f"Kept: safeshell undo {kept} puts it back.")


def _words_of(pid: int) -> bytes:
    """A process's command line as Linux tells it; b"" elsewhere."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _read(dialect: ShellDialect, text: str, shim: Shim | None) -> Reading:
    """What `text` would do: by itself, or as the console of our own that it opens."""
    reading = dialect.read(text)
    if shim is None:
        return reading
    opened = dialect.read(f"safeshell {shim.console}")
    return replace(opened, line=reading.line, redacted=reading.redacted)
