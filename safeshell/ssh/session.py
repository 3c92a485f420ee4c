"""A remote session put together: the person's terminal, a connection in one of its own, the guard between them.

Decides nothing. The driver is the wrapped terminal's; what differs is where the shell's questions come from.
"""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Iterator
from datetime import timedelta

from safeshell.config.settings import KernelHold
from safeshell.errors import Refused, SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.ssh.conversation import RemoteConversation
from safeshell.ssh.front_look import FrontLook
from safeshell.ssh.front_there import FrontThere
from safeshell.ssh.no_channel import NoChannel
from safeshell.ssh.options import NO_CONNECTION
from safeshell.ssh.plan import Link, Reached, RemotePlan
from safeshell.ssh.shells import Gate, RemoteShells
from safeshell.ssh.writable import WritableShellThere
from safeshell.terminal.capability import understands_escapes
from safeshell.terminal.title import WindowTitle
from safeshell.terminal.tracking.events import HeldLine
from safeshell.terminal.wrapped.launch import HOOKED, shell_name
from safeshell.terminal.wrapped.live_title import LiveTitle
from safeshell.terminal.wrapped.machine import INSIDE
from safeshell.terminal.wrapped.marker import Badge, front_sign, prompt_signs, window_title
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.pty_child import PtyChild, start
from safeshell.terminal.wrapped.pump import Pump
from safeshell.terminal.wrapped.repl_gate import ReplGate
from safeshell.terminal.wrapped.session_folder import SessionFolder, sweep
from safeshell.terminal.wrapped.session_screen import SessionScreen
from safeshell.terminal.wrapped.shell_gate import ShellGate
from safeshell.terminal.wrapped.watchdog import watched
from safeshell.terminal.wrapped.watching import Watch
from safeshell.terminal.wrapped.window_dress import WindowDress


def run(plan: RemotePlan) -> Ended:
    """Carry a session to its end.

    Raises:
        SafeshellError: it can't be begun.
    """
    device = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    terminal = OuterTerminal(device, escapes=understands_escapes(plan.environ))
    dress = WindowDress(terminal, plan.environment, plan.theme, plan.environ, tint=plan.tint, tab=plan.tab)
    # The session is in a process of its own, whose status alone does not say whether the connection ever was there.
    told, tells = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def carried(lifeline: int) -> int:
        session = RemoteSession(plan, terminal, dress)
        status = session.run(lifeline)
        if status == NO_CONNECTION and session.was_up:
            os.write(tells, b"lost")
        return status

    try:
        status = watched(terminal, carried)
        with contextlib.suppress(BlockingIOError):
            return Ended(status, was_lost=bool(os.read(told, 4)))
        return Ended(status, was_lost=False)
    finally:
        for descriptor in (device, told, tells):
            os.close(descriptor)


@frozen
class Ended:
    """How a session has ended.

    Args:
        status: the exit status of what made the connection.
        was_lost: the connection was there, and was cut.
    """

    status: int
    was_lost: bool


class RemoteSession:
    """One session.

    Args:
        plan: what is connected to, and with what.
        terminal: the person's.
        dress: the window's.
    """

    def __init__(self, plan: RemotePlan, terminal: OuterTerminal, dress: WindowDress) -> None:
        self._plan = plan
        self._terminal = terminal
        self._dress = dress
        self._screen = SessionScreen(terminal, plan.theme, plan.environ)
        self._title = WindowTitle(self._screen.print, plan.environ, is_tty=True)
        self._live_title = LiveTitle(self._show_title, self._unlocked_for)
        self._shells = RemoteShells(plan.names, self._reach, self._booted)
        self._badge = Badge.UNGUARDED
        self._front = FrontThere()
        self._lines: dict[str, str] = {}
        self._reached: Reached | None = None
        self._link: Link | None = None
        self._pump: Pump | None = None
        self._failed: SafeshellError | None = None
        self._holds = self._is_held = self._is_greeted = False
        self.was_up = False
        """Whether a shell there has had its hook, and nobody told ssh to go."""

    def run(self, lifeline: int) -> int:
        """Carry it to its end; the exit status of what made the connection."""
        plan = self._plan
        if not plan.integrate and not plan.command:
            self._front.unhooked("")
        with _folder() as folder, NoChannel() as channel:
            command = plan.command
            if plan.integrate:
                command = self._shells.command_for(command) if command else self._shells.first_command()
            if plan.command and command == plan.command:
                self._front.alone(plan.command)
            self._link = Link(folder.path, command)
            child = start(
                plan.transport.argv(self._link),
                environ=plan.environ,
                size=window_size(self._terminal.device),
                attributes=self._terminal.former,
            )
            self._dress.ask()
            sweep()
            self._show_title()
            conversation = RemoteConversation(self._shells, time.monotonic)
            self._writable = WritableShellThere(
                plan.transport, self._link, plan.environ, self._terminal, self._shells, self._equipment
            )
            self._pump = pump = Pump(
                self._terminal,
                child,
                channel,
                self._judge,
                machine=conversation,
                lifeline=lifeline,
                inside=self._writable,
                watcher_of=lambda child: self._watch(child, conversation) if plan.watch else None,
                title=self._live_title,
                typed=self._dress.put_on(),
            )
            # What is loaded stays; from here on a session may last all day, and collects what it leaves behind.
            gc.freeze()
            gc.enable()
            try:
                status = pump.run()
                left = conversation.left_by_escape or self._failed is not None
                self.was_up = self._reached is not None and not left
                return int(self._failed.status) if self._failed else status
            finally:
                pump.recorder.close()
                self._title.restore()
                if child.was_killed and not pump.lost_terminal:
                    self._terminal.put_back_after_crash()
                self._terminal.put_back()
                child.close()
                if self._reached:
                    self._reached.equipment.close()

    # ------------------------------------------------------------ once the host has answered

    def _reach(self, host: str) -> Gate:
        assert self._link and self._pump, "a host answers a connection"
        plan, screen = self._plan, self._screen
        try:
            reached = plan.equip(host, self._link, screen, window_size(self._terminal.device))
        except SafeshellError as error:
            screen.told(str(error))
            self._failed = error
            self._pump.end_child()
            return Gate(lambda _: "no", lambda _: "", lambda _: False)
        self._reached = reached
        self._front.looker = FrontLook(reached.runner) if reached.runner else None
        equipment = reached.equipment
        guard, recorder = equipment.guard, equipment.recorder
        # Nothing is recorded before: that is where passwords are asked for.
        self._pump.recorder = recorder
        screen.shown = lambda data: recorder.output(data, time.monotonic())
        screen.marked = lambda label: recorder.marker(label, time.monotonic())
        if reached.told:
            screen.told(reached.told)
        gate = ShellGate(
            guard,
            equipment.dialect,
            screen,
            environ={},
            look=equipment.look,
            settle=equipment.settle,
            marker=self._marks,
            note=equipment.note,
            mark=lambda label: recorder.marker(label, time.monotonic()),
            nest=self._shells.nest,
            ready=lambda: None,
        )
        repls = ReplGate(
            guard, equipment.read_repl, screen, mark=lambda label: recorder.marker(label, time.monotonic())
        )
        self._holds = guard.base_mode is Mode.READ_ONLY and plan.kernel is not KernelHold.OFF
        return Gate(gate.judge, self._marks, repls.judge, self._holds)

    def _booted(self, shell: str) -> None:
        """A shell starts there; one that takes the hook says so by its greeting."""
        if shell_name(shell) not in HOOKED:
            self._front.unhooked(shell)

    def _judge(self, request: Request) -> str:
        """The guard's word; what is in front there follows from what is asked, and from what may run."""
        said = self._shells.judge(request)
        match request.kind:
            case RequestKind.HELLO if not self._is_held:
                self._say_held(request.text.partition(" held=")[2])
                self._front.greeted()
                self._badged(Badge.GUARDED)
            case RequestKind.META if (
                self._is_held and not self._writable.is_open and self._was_unlocked(said)
            ):
                self._screen.noted(
                    f"{said[3:]} This shell can't change anything; one that can is in front of it now."
                )
                return INSIDE
            case RequestKind.HELLO | RequestKind.PROMPT:
                self._front.greeted()
                self._badged(Badge.GUARDED)
            case RequestKind.LINE | RequestKind.NET:
                self._lines = {request.id: request.text}
        if said.startswith("run") and request.id in self._lines:
            self._front.runs(self._lines[request.id], request.pid, time.monotonic())
        return said

    def _was_unlocked(self, said: str) -> bool:
        return said.startswith("ok ") and self._unlocked_for() is not None

    def _say_held(self, held: str) -> None:
        """Tell the person once what holds a read-only session, besides the proof of each line."""
        if self._is_greeted:
            return
        self._is_greeted = True
        guard = self._guard
        if guard is None or guard.base_mode is not Mode.READ_ONLY:
            return
        self._is_held = held.startswith("landlock")
        if self._is_held:
            self._screen.noted(
                "Read-only: what is not proven to read is refused, and the host's kernel lets nothing be written "
                "(no sudo either).\r\nLeave it for a while by: safeshell unlock 10m REASON"
            )
        elif self._holds and self._plan.kernel is KernelHold.REQUIRE:
            self._failed = Refused(
                "this host's kernel can't hold the session read-only, and [ssh] kernel requires it"
            )
            self._screen.told(str(self._failed))
            assert self._pump
            self._pump.end_child()
        else:
            self._screen.noted(
                "Read-only by the proof of each line alone; the host's kernel holds nothing here."
            )

    def _equipment(self) -> Equipment:
        assert self._reached, "what is unlocked was reached"
        return self._reached.equipment

    def _watch(self, child: PtyChild, conversation: RemoteConversation) -> Watch:
        """Reads the lines of what has no hook there from the screen."""
        return Watch(
            child.master,
            window_size(self._terminal.device),
            at_prompt=lambda _: conversation.at_prompt,
            judge=self._judge_seen,
            screen=self._screen,
            badge=self._badged,
            front=self._front,
        )

    def _judge_seen(self, held: HeldLine) -> bool:
        assert self._pump, "what is seen was printed"
        gate = self._shells.gate
        return self._pump.while_held(lambda: gate.see(held))

    def _badged(self, badge: Badge) -> None:
        if badge is not self._badge:
            self._badge = badge
            self._live_title.set_soon()

    def _marks(self, shell: str) -> str:
        guard = self._guard
        assert guard is not None, "marks are for a host that was reached"
        front = front_sign(
            self._plan.theme,
            guard.environment,
            guard.mode,
            unlocked_for=guard.unlocked_for(),
            badge=Badge.GUARDED,
        )
        return prompt_signs(front, self._title_words(Badge.GUARDED), shell)

    # ------------------------------------------------------------ the window

    @property
    def _guard(self) -> Guard | None:
        return self._reached.equipment.guard if self._reached else None

    def _unlocked_for(self) -> timedelta | None:
        return self._guard.unlocked_for() if self._guard else None

    def _show_title(self) -> None:
        self._title.set(self._title_words(self._badge))

    def _title_words(self, badge: Badge) -> str:
        guard, reached = self._guard, self._reached
        environment: Environment = guard.environment if guard else self._plan.environment
        mode: Mode = guard.mode if guard else environment.mode
        target = reached.target if reached else self._plan.target
        return window_title(
            self._plan.theme, environment, target, mode, badge, unlocked_for=self._unlocked_for()
        )


@contextlib.contextmanager
def _folder() -> Iterator[SessionFolder]:
    folder = SessionFolder()
    try:
        yield folder
    finally:
        folder.remove()
