"""A shell that may write, in front of one that its host's kernel holds, for as long as the session is unlocked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from safeshell.errors import SafeshellError
from safeshell.ssh.no_channel import NoChannel
from safeshell.ssh.plan import Link, Transport
from safeshell.ssh.shells import RemoteShells
from safeshell.terminal.wrapped.messages import Request
from safeshell.terminal.wrapped.outer_terminal import OuterTerminal, window_size
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.pty_child import PtyChild, start


class WritableShellThere:
    """Opens it, by another session to the same host.

    Args:
        transport: made the first one.
        link: of the first one.
        environ: of the transport.
        terminal: the person's.
        shells: those of the session.
        equipment: what the session works with, once it is reached.
    """

    def __init__(
        self,
        transport: Transport,
        link: Link,
        environ: Mapping[str, str],
        terminal: OuterTerminal,
        shells: RemoteShells,
        equipment: Callable[[], Equipment],
    ) -> None:
        self._transport = transport
        self._link = link
        self._environ = environ
        self._terminal = terminal
        self._shells = shells
        self._equipment = equipment
        self.is_open = False

    def open(self, request: Request) -> tuple[PtyChild, NoChannel]:
        """The shell, in the folder of the one that waits.

        Raises:
            SafeshellError: it can't be started.
        """
        command = self._shells.command_in(request.cwd)
        child = start(
            self._transport.again(self._link, command),
            environ=self._environ,
            size=window_size(self._terminal.device),
            attributes=self._terminal.former,
        )
        self.is_open = True
        return child, NoChannel()

    def failed(self, error: SafeshellError) -> str:
        """Read-only again, since there is nothing that could be written from."""
        self._equipment().guard.lock()
        return f"fail {int(error.status)} {' '.join(str(error).split())}"

    def ended(self, request: Request, status: int) -> str:
        """Read-only again; the waiting shell goes on where it was."""
        del status
        self.is_open = False
        equipment = self._equipment()
        if equipment.guard.unlocked_for() is not None:
            equipment.guard.lock()
            with contextlib.suppress(SafeshellError):
                equipment.note("locked", "")
        return f"back {request.cwd}"
