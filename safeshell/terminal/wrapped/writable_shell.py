"""What is opened in front of a shell that the kernel holds: a shell that may write, or a console of our own."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from safeshell.errors import SafeshellError
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.launch import launch, shell_name
from safeshell.terminal.wrapped.messages import Request, RequestKind
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size
from safeshell.terminal.wrapped.pty_child import PtyChild, start
from safeshell.terminal.wrapped.shell_gate import ShellGate

if TYPE_CHECKING:
    from safeshell.terminal.wrapped.held import Held


from safeshell.terminal.wrapped.nesting import Nesting
from safeshell.terminal.wrapped.plan import Equipment, Plan


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
        environ = self._held.environ_outside(plan.environ, request.facts.exported, complete=True)
        if shell_name(plan.argv[0]) == "fish":
            # It reads its history from where it really is; the others are told of the copy.
            self._held.history.give_back()
        channel = ShellChannel()
        # A shell inside of it asks where it asks.
        nesting = Nesting(channel, plan.names, environ, plan.shims)

        def forget() -> None:
            prepared.forget()
            nesting.forget()

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
        self._gate.writable.opened(request.cwd, nesting.words_for, forget)
        return child, channel

    def _console(self, request: Request) -> tuple[PtyChild, ShellChannel]:
        """A console of our own: it holds itself read-only, and has a journal and a history to write."""
        words = self._gate.console_words(request)
        environ = self._held.environ_outside(
            self._plan.environ, self._gate.exported(request.pid), complete=False
        )
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
