"""What makes a connection: our own client where it can honour all that is configured, else the system's ssh."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

from safeshell.config.settings import TransportChoice
from safeshell.errors import SafeshellError, UsageError
from safeshell.ssh.options import SshCall
from safeshell.ssh.plan import Transport
from safeshell.ssh.resolved import Resolved, resolve
from safeshell.ssh.system_ssh import SystemSsh


class Connection(Transport, Protocol):
    """A transport that runs commands without a session as well."""

    def exec_argv(self) -> Sequence[str]:
        """The program and its arguments for everything that is no session: what was typed, as it was typed."""


def choose_transport(choice: TransportChoice, call: SshCall, resolved: Resolved, program: str) -> Connection:
    """The transport for a call.

    Args:
        choice: what was asked for.
        call: what was typed.
        resolved: what ssh's configuration makes of it.
        program: the system's ssh.

    Raises:
        UsageError: our own client was asked for, and can't honour what is configured for the host.
    """
    if choice is TransportChoice.OPENSSH:
        if not program:
            raise UsageError("there is no ssh on this machine", where="--transport openssh", todo="Use auto.")
        return SystemSsh(program, call, resolved)
    from safeshell.ssh.client.fitness import unsupported
    from safeshell.ssh.client.transport import OwnClient

    missing = tuple(
        _placed(call, one) for one in unsupported(call, resolved, lambda hop: resolve(hop, program))
    )
    if not missing:
        _say(call, "paramiko")
        return OwnClient(program, call)
    if choice is TransportChoice.PARAMIKO or not program:
        raise UsageError(
            f"our own client can't do what is configured for this host: {'; '.join(missing)}",
            where="safeshell ssh",
            todo="Leave that out, or use --transport openssh (or auto).",
        )
    _say(call, f"the system's ssh, since our own client can't do {'; '.join(missing)}")
    return SystemSsh(program, call, resolved)


def _placed(call: SshCall, missing: str) -> str:
    """What can't be done, with the file and line that asks for it."""
    from safeshell.ssh.config_machine import ThisMachine
    from safeshell.ssh.config_origin import Origins

    keyword, _, value = missing.partition(" ")
    try:
        origin = Origins(call, ThisMachine()).of(keyword, value)
    except SafeshellError:
        return missing
    return f"{missing} ({origin.place})" if origin else missing


def _say(call: SshCall, text: str) -> None:
    if call.has("v"):
        sys.stderr.write(f"safeshell: the connection is made by {text}\n")
