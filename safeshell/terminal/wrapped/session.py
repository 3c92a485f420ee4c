"""A wrapped session put together: terminal, child, channel, and the guard at its Enter key. Decides nothing."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from safeshell.guard.environment import UNLABELLED
from safeshell.guard.mode import Mode
from safeshell.guard.pipeline import Guard
from safeshell.terminal.capability import understands_escapes
from safeshell.terminal.title import WindowTitle
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.launch import Launch, launch
from safeshell.terminal.wrapped.live_title import LiveTitle
from safeshell.terminal.wrapped.machine import SessionMachine
from safeshell.terminal.wrapped.marker import Badge, front_sign, prompt_signs, window_title
from safeshell.terminal.wrapped.nesting import Nesting
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size
from safeshell.terminal.wrapped.plan import Plan
from safeshell.terminal.wrapped.pty_child import PtyChild, start
from safeshell.terminal.wrapped.pump import Pump
from safeshell.terminal.wrapped.repl_gate import ReplGate
from safeshell.terminal.wrapped.resident import BorrowedScreen, serve
from safeshell.terminal.wrapped.session_folder import sweep
from safeshell.terminal.wrapped.session_screen import SessionScreen
from safeshell.terminal.wrapped.shell_gate import ShellGate
from safeshell.terminal.wrapped.watchdog import watched
from safeshell.terminal.wrapped.watching import Watch
from safeshell.terminal.wrapped.window_dress import WindowDress
from safeshell.terminal.wrapped.writable_shell import WritableShell

if TYPE_CHECKING:
    from safeshell.terminal.wrapped.held import Held


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
            live_title.set_soon()

        def watcher_of(watched: PtyChild) -> Watch | None:
            if not plan.watch:
                return None
            return Watch(
                watched.master,
                window_size(terminal.device),
                hooked=gate.is_hooked,
                at_prompt=gate.is_at_prompt,
                judge=lambda held: pump.while_held(lambda: repls.judge(held)),
                screen=screen,
                badge=badged,
                forced=plan.forced,
            )

        live_title = LiveTitle(lambda: title.set(_title(plan, guard, badge)), guard.unlocked_for)
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
            title=live_title,
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


def reside(plan: Plan, terminal: OuterTerminal, channel: ShellChannel) -> None:
    """Guard a shell that somebody else has started, until it ends.

    Args:
        plan: what is guarded, and with what.
        terminal: the shell's.
        channel: where it asks.
    """
    screen = BorrowedScreen(terminal, plan.theme, plan.environ)
    nesting = Nesting(channel, plan.names, plan.environ)
    equipment = plan.equip(screen, window_size(terminal.device))
    guard = equipment.guard
    gate = ShellGate(
        guard,
        equipment.dialect,
        screen,
        environ=plan.environ,
        look=equipment.look,
        settle=equipment.settle,
        marker=lambda shell: _at_prompt(plan, guard, shell),
        note=equipment.note,
        mark=lambda _: None,
        nest=nesting.words_for,
        ready=nesting.forget,
    )
    try:
        serve(gate, screen, terminal, channel)
    finally:
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
