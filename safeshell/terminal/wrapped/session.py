"""A wrapped session put together: terminal, child, channel, and the guard at its Enter key. Decides nothing."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from safeshell.config.settings import KernelHold
from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.challenge import Answer, Question
from safeshell.guard.environment import UNLABELLED, Environment
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Admission, Guard
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict
from safeshell.journal.recordings.labels import question_label
from safeshell.journal.recordings.recorder import Recorder
from safeshell.shell.dialect import ShellDialect
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.capability import understands_escapes
from safeshell.terminal.theme import Style, Theme
from safeshell.terminal.title import WindowTitle
from safeshell.terminal.tracking.programs import Program
from safeshell.terminal.verdict_text import refusal_lines
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.launch import Launch, launch
from safeshell.terminal.wrapped.live_title import LiveTitle
from safeshell.terminal.wrapped.machine import SessionMachine
from safeshell.terminal.wrapped.marker import Badge, front_sign, prompt_signs, window_title
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.nesting import Nesting
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, WindowSize, window_size
from safeshell.terminal.wrapped.pty_child import PtyChild, start
from safeshell.terminal.wrapped.pump import Pump
from safeshell.terminal.wrapped.repl_gate import ReadRepl, ReplGate
from safeshell.terminal.wrapped.session_folder import sweep
from safeshell.terminal.wrapped.session_words import Note
from safeshell.terminal.wrapped.shell_gate import ShellGate
from safeshell.terminal.wrapped.shims import Shim
from safeshell.terminal.wrapped.watchdog import watched
from safeshell.terminal.wrapped.watching import Watch
from safeshell.terminal.wrapped.window_dress import WindowDress

if TYPE_CHECKING:
    from safeshell.terminal.wrapped.held import Held

_STUCK_AFTER = 5.0
"""Seconds after which a terminal that takes no output is given up."""


@frozen
class Equipment:
    """What a session works with.

    Args:
        guard: its guard.
        dialect: reads its lines.
        note: writes into the journal what is no line.
        recorder: keeps what the screen shows.
        look: a reading with what the files say that its line would load.
        settle: notes how a line has left what was kept of it.
        read_repl: what a text would do in a program without a hook.
        close: ends the session in the journal.
    """

    guard: Guard
    dialect: ShellDialect
    note: Note
    recorder: Recorder
    look: Callable[[Reading], Reading]
    settle: Callable[[str], None]
    read_repl: ReadRepl
    close: Callable[[], None]


class Equip(Protocol):
    """Makes what a session works with, once the shell is on its way."""

    def __call__(self, screen: SessionScreen, size: WindowSize) -> Equipment:
        """The equipment of a session that asks and tells on `screen`."""


@frozen
class Plan:
    """A session about to begin.

    Args:
        argv: the shell or other program.
        environ: the environment that it gets.
        names: variables whose values say where a command would act.
        theme: the terminal's looks.
        equip: makes what it works with.
        environment: the session's, for the window's looks.
        target: what the session acts on, for the title.
        kernel: whether the kernel is to hold it read-only; None for a session that may write.
        watch: whether lines of programs without a hook are read from the screen.
        forced: what such programs are taken for; None to look.
        tint: whether the background is to have the environment's colour.
        tab: whether the window's tab is.
        shims: programs that are a console of our own at its prompt.
        own_program: the words that start this program as it was started, with its configuration.
    """

    argv: Sequence[str]
    environ: Mapping[str, str]
    names: Sequence[str]
    theme: Theme
    equip: Equip
    environment: Environment
    target: str
    kernel: KernelHold | None = None
    watch: bool = True
    forced: Program | None = None
    tint: bool = False
    tab: bool = False
    shims: Sequence[Shim] = ()
    own_program: Sequence[str] = ("safeshell",)


def run(plan: Plan) -> int:
    """Carry a session to its end; the exit status of what ran inside.

    Raises:
        SafeshellError: it can't be begun.
    """
    device = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    terminal = OuterTerminal(device, escapes=understands_escapes(plan.environ))
    dress = WindowDress(terminal, plan.environment, plan.theme, plan.environ, tint=plan.tint, tab=plan.tab)
    return watched(terminal, lambda lifeline: _session(plan, terminal, dress, lifeline))


def _session(plan: Plan, terminal: OuterTerminal, dress: WindowDress, lifeline: int) -> int:
    screen = SessionScreen(terminal, plan.theme, plan.environ)
    with ShellChannel() as channel, _holding(plan, channel, screen) as held:
        prepared = launch(plan.argv, plan.environ, channel, plan.names, plan.shims)
        nesting = Nesting(channel, plan.names, plan.environ, plan.shims)
        child = start(
            held.command(prepared.argv) if held else prepared.argv,
            environ=held.environ(prepared.environ) if held else prepared.environ,
            size=window_size(terminal.device),
            attributes=terminal.former,
            before_exec=held.apply if held else lambda: None,
        )
        dress.ask()
        sweep()
        title = WindowTitle(screen.print, plan.environ, is_tty=True)
        # The shell reads the person's own files meanwhile: what takes time is done now.
        equipment = plan.equip(screen, window_size(terminal.device))
        guard, recorder = equipment.guard, equipment.recorder
        screen.shown = lambda data: recorder.output(data, time.monotonic())
        screen.marked = lambda label: recorder.marker(label, time.monotonic())
        badge = Badge.GUARDED if prepared.hooked else Badge.UNGUARDED
        title.set(_title(plan, guard, badge))
        gate = ShellGate(
            guard,
            equipment.dialect,
            screen,
            environ=plan.environ,
            look=equipment.look,
            settle=equipment.settle,
            marker=lambda shell: _at_prompt(plan, guard, shell),
            note=equipment.note,
            mark=lambda label: recorder.marker(label, time.monotonic()),
            nest=nesting.words_for,
            ready=lambda: _forget(prepared, nesting),
            held=held,
            shims=plan.shims,
            console=lambda command: _console(plan, guard, command),
        )
        repls = ReplGate(
            guard, equipment.read_repl, screen, mark=lambda label: recorder.marker(label, time.monotonic())
        )

        def badged(now: Badge) -> None:
            nonlocal badge
            badge = now
            pump.print_behind(title.sequence(_title(plan, guard, badge)))

        def watcher_of(watched: PtyChild) -> Watch | None:
            if not plan.watch:
                return None
            return Watch(
                watched.master,
                window_size(terminal.device),
                hooked=gate.is_hooked,
                judge=lambda held: pump.while_held(lambda: repls.judge(held)),
                screen=screen,
                badge=badged,
                forced=plan.forced,
            )

        pump = Pump(
            terminal,
            child,
            channel,
            gate.judge,
            machine=SessionMachine(),
            lifeline=lifeline,
            recorder=recorder,
            inside=WritableShell(plan, terminal, held, gate, equipment) if held else None,
            watcher_of=watcher_of,
            title=LiveTitle(lambda: title.set(_title(plan, guard, badge)), guard.unlocked_for),
            typed=dress.put_on(),
        )
        # What is loaded stays; from here on a session may last all day, and collects what it leaves behind.
        gc.freeze()
        gc.enable()
        try:
            return pump.run()
        finally:
            recorder.close()
            title.restore()
            if child.was_killed and not pump.lost_terminal:
                terminal.put_back_after_crash()
            terminal.put_back()
            child.close()
            equipment.close()


@contextlib.contextmanager
def _holding(plan: Plan, channel: ShellChannel, screen: SessionScreen) -> Iterator[Held | None]:
    """What a read-only session runs under; said in one sentence before its shell begins."""
    if plan.kernel is None:
        yield None
        return
    from safeshell.terminal.wrapped.held import hold

    held = hold(plan.kernel, plan.argv, plan.environ, channel, screen.told)
    if held is None:
        yield None
        return
    screen.noted(held.words)
    try:
        yield held
    finally:
        held.close()


def _console(plan: Plan, guard: Guard, command: str) -> tuple[str, ...]:
    """The words that start a console which is at least as strict as the session is now."""
    words = [*plan.own_program]
    # Naming an environment labels what has no label: a milder one would make it milder.
    if guard.environment.strictness >= UNLABELLED.strictness:
        words += ["--environment", guard.environment.name]
    if guard.mode is not Mode.OPEN:
        words += ["--mode", guard.mode.value]
    return (*words, command)


def _forget(prepared: Launch, nesting: Nesting) -> None:
    nesting.forget()
    prepared.forget()


class WritableShell:
    """Opens a shell that may write, in front of the one that the kernel holds, while the session is unlocked."""

    def __init__(
        self, plan: Plan, terminal: OuterTerminal, held: Held, gate: ShellGate, equipment: Equipment
    ) -> None:
        self._plan = plan
        self._terminal = terminal
        self._held = held
        self._gate = gate
        self._equipment = equipment

    def open(self, request: Request) -> tuple[PtyChild, ShellChannel]:
        """The shell, where the waiting one is, with what that exports.

        Raises:
            SafeshellError: it can't be started.
        """
        if request.kind is RequestKind.SHIM:
            return self._console(request)
        plan = self._plan
        environ = self._held.environ_outside(plan.environ, request.facts.exported)
        channel = ShellChannel()
        try:
            prepared = launch(plan.argv, environ, channel, plan.names, plan.shims)
            child = start(
                prepared.argv,
                environ=prepared.environ,
                size=window_size(self._terminal.device),
                attributes=self._terminal.former,
                before_exec=lambda: _go_to(request.cwd),
            )
        except SafeshellError:
            channel.close()
            raise
        self._gate.writable.opened(request.cwd, prepared.forget)
        return child, channel

    def _console(self, request: Request) -> tuple[PtyChild, ShellChannel]:
        """A console of our own: it holds itself read-only, and has a journal and a history to write."""
        words = self._gate.console_words(request)
        environ = self._held.environ_outside(self._plan.environ, self._gate.exported(request.pid))
        channel = ShellChannel()
        try:
            child = start(
                words,
                environ=environ,
                size=window_size(self._terminal.device),
                attributes=self._terminal.former,
                before_exec=lambda: _go_to(request.cwd),
            )
        except SafeshellError:
            channel.close()
            raise
        return child, channel

    def failed(self, error: SafeshellError) -> str:
        """Read-only again, since there is nothing that could be written from."""
        self._equipment.guard.lock()
        return f"fail {int(error.status)} {' '.join(str(error).split())}"

    def ended(self, request: Request, status: int) -> str:
        """Read-only again; the waiting shell goes where that one was, or hears a console's exit status."""
        if request.kind is RequestKind.SHIM:
            return f"done {status}"
        if self._equipment.guard.unlocked_for() is not None:
            self._equipment.guard.lock()
            with contextlib.suppress(SafeshellError):
                self._equipment.note("locked", "")
        folder = self._gate.writable.folder
        self._gate.writable.ended()
        return f"back {folder}"


def _go_to(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _at_prompt(plan: Plan, guard: Guard, shell: str) -> str:
    front = front_sign(
        plan.theme,
        guard.environment,
        guard.mode,
        unlocked_for=guard.unlocked_for(),
        badge=Badge.GUARDED,
    )
    return prompt_signs(front, _title(plan, guard, Badge.GUARDED), shell)


def _title(plan: Plan, guard: Guard, badge: Badge) -> str:
    return window_title(
        plan.theme, guard.environment, plan.target, guard.mode, badge, unlocked_for=guard.unlocked_for()
    )


class SessionScreen:
    """The person's terminal while a shell waits: asks, and tells refusals below the line that they are about.

    Args:
        terminal: raw already.
        theme: its looks.
        environ: the process's environment variables.
    """

    def __init__(self, terminal: OuterTerminal, theme: Theme, environ: Mapping[str, str]) -> None:
        self.drawn = 0
        """How often something has been drawn."""
        self.shown: Callable[[bytes], None] = lambda _: None
        """Told of what is printed here, questions and the answers' echo included."""
        self.before_drawing: Callable[[], None] = lambda: None
        """Called before something is drawn."""
        self.marked: Callable[[str], None] = lambda _: None
        """Told that a question is about to be asked, in a recording's words."""
        self._terminal = terminal
        self._theme = theme
        self._asker = TerminalAsker(theme, environ=environ, shown=self._has_shown)

    def ask(self, question: Question) -> Answer:
        """The person's answer."""
        self.before_drawing()
        self.drawn += 1
        self.marked(question_label(question))
        return self._asker.ask(question)

    def refused(self, verdict: Verdict, admission: Admission) -> None:
        """Why a line did not run."""
        width = window_size(self._terminal.device).columns
        self._tell(refusal_lines(verdict, admission.answer, theme=self._theme, width=width))

    def told(self, text: str) -> None:
        """A sentence."""
        self._tell([self._theme.paint(f"safeshell: {line}", Style.WARNING) for line in text.split("\n")])

    def noted(self, text: str) -> None:
        """A sentence between a line's output and the next prompt."""
        self.print(f"{self._theme.paint(text, Style.QUIET)}\r\n")

    def _has_shown(self, text: str) -> None:
        self.shown(text.encode("utf-8", "backslashreplace"))

    def print(self, text: str) -> None:
        """Something of our own that takes no room, at once."""
        self._write(text.encode("utf-8", "backslashreplace"))

    def _write(self, data: bytes) -> None:
        self.shown(data)
        give_up_at = time.monotonic() + _STUCK_AFTER
        while data and time.monotonic() < give_up_at:
            try:
                data = data[os.write(self._terminal.device, data) :]
            except BlockingIOError:
                time.sleep(0.005)
            except OSError:
                return

    def paint(self, data: bytes) -> None:
        """Bytes that move the cursor and draw what was there, at once."""
        self._write(data)

    def _tell(self, lines: Sequence[str]) -> None:
        self.before_drawing()
        self.drawn += 1
        self.print("".join(f"\r\n{line}" for line in lines) + "\r\n")
