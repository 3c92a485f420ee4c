"""The client as a program: what `ssh` does with one call, in this process, on its own stdin, stdout and stderr.

The one idea: errors become text here and nowhere else in the client, and the status is ssh's: the remote one, or
255.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.guard.text import visible
from safeshell.ssh.client.background import in_background
from safeshell.ssh.client.bell import Bell, Ring
from safeshell.ssh.client.connecting import set_service
from safeshell.ssh.client.forwards import Forwards
from safeshell.ssh.client.keepalive import watch
from safeshell.ssh.client.link import Around, reach
from safeshell.ssh.client.session import Session, wait_without_session
from safeshell.ssh.client.side_door import SideDoor
from safeshell.ssh.client.telling import Telling, quiet_paramiko
from safeshell.ssh.client.wanted import Kind, wanted
from safeshell.ssh.client.wanted import in_background as goes_to_background
from safeshell.ssh.client.wire import Gone
from safeshell.ssh.options import NO_CONNECTION, SshCall
from safeshell.ssh.resolved import Resolved, resolve

_SSH: Final = "ssh"


def run(
    call: SshCall,
    resolved: Resolved,
    side: Path | None = None,
    *,
    keys: Path | None = None,
    resolve_jump: Callable[[SshCall], Resolved] | None = None,
) -> int:
    """Do what `ssh` does for `call`.

    Args:
        call: the options, the destination and the command.
        resolved: the configuration of the destination.
        side: where a unix socket is made on which the process in front may ask for further commands (`side_door`);
            None for none.
        keys: where the key of the host is written once it is trusted, a line of its name, type and fingerprint; None
            for nowhere. Jump hosts' keys are not.
        resolve_jump: says the configuration of a jump host; the system's ssh is asked by default.

    Returns:
        The remote command's status; 255 without a connection, or when a signal ended the command.
    """
    try:
        telling = Telling.of(call, resolved)
    except OSError as error:
        Telling.of(SshCall(), resolved).error(f"safeshell ssh: -E: {error.strerror}")
        return NO_CONNECTION
    quiet_paramiko(telling)
    # A thread's failure ends what it carried; nobody wants to see how it was programmed.
    threading.excepthook = lambda failed: telling.debug(
        f"{failed.thread and failed.thread.name}: {failed.exc_value!r}"
    )
    around = Around(telling, os.environ, resolve_jump or (lambda hop: resolve(hop, _SSH)), {}, keys)
    if goes_to_background(call, resolved):
        return in_background(lambda ready: _told(call, resolved, side, around, ready))
    return _told(call, resolved, side, around, lambda: None)


def _told(
    call: SshCall, resolved: Resolved, side: Path | None, around: Around, ready: Callable[[], None]
) -> int:
    try:
        return _run(call, resolved, side, around, ready)
    except SafeshellError as error:
        around.telling.error(f"safeshell ssh: {error}")
    except Gone:
        around.telling.error(f"safeshell ssh: {resolved.hostname}: the connection ended.")
    except KeyboardInterrupt:
        around.telling.debug("Killed by signal 2.")
    except OSError as error:
        around.telling.error(f"safeshell ssh: {resolved.hostname}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - paramiko raises what a broken packet makes it raise; nobody is in yet
        around.telling.error(f"safeshell ssh: {resolved.hostname}: {_unforeseen(error)}")
    return NO_CONNECTION


def _unforeseen(error: BaseException) -> str:
    said = visible(f"{type(error).__name__}: {error}")
    return (
        f'the server said what nobody expects ({said}).\n  The system\'s ssh may know it: transport = "ssh".'
    )


def _run(
    call: SshCall, resolved: Resolved, side: Path | None, around: Around, ready: Callable[[], None]
) -> int:
    telling = around.telling
    asked = wanted(call, resolved, around.environ, on_terminal=os.isatty(0))
    if asked.no_terminal_here:
        telling.info("Pseudo-terminal will not be allocated because stdin is not a terminal.")
    link = reach(call, resolved, around)
    try:
        if link.stream is not None:
            set_service(link.stream, resolved, interactive=asked.terminal)
        forwards = Forwards(link.wire, resolved, telling)
        with Bell() as bell, contextlib.ExitStack() as open_things:
            open_things.callback(forwards.stop)
            watch(link.wire, resolved, lambda: bell.ring(Ring.DEAD))
            if asked.kind is not Kind.STREAM:
                forwards.start()
            if side is not None:
                try:
                    open_things.enter_context(SideDoor(link.wire, side))
                except OSError as error:
                    telling.debug(
                        f"no further commands can be asked for at {side}: {error.strerror or error}"
                    )
            ready()
            if asked.kind is Kind.NOTHING:
                return wait_without_session(link, bell, telling)
            return Session(link, asked, forwards, bell, telling, around.environ).run()
    finally:
        link.close()
