"""What the journal knows of a session: who, from where, on what, under which rules.

Values, and the one function that looks at this process to find out who it is.
"""

from __future__ import annotations

import os
import sys

from safeshell.frozen import frozen
from safeshell.guard.mode import Mode
from safeshell.version import __version__


@frozen
class Person:
    """Who sits at this process, as far as the system knows.

    Args:
        user: the account that the process runs as.
        sudo_user: the account that became `user` by sudo; empty without sudo. A claim of the environment.
        host: this machine's name.
        pid: the process.
        tty: the terminal's device; empty when there is none.
    """

    user: str
    sudo_user: str
    host: str
    pid: int
    tty: str


@frozen
class SessionStart:
    """A session as the journal records it.

    Args:
        console: `redis`, `ssh`, `shell`.
        target: the target's name as questions ask for it.
        environment: its environment's name.
        mode: the mode it starts in.
        address: where it connects to. Without secrets: the caller leaves password and token out.
        person: who.
        version: of safeshell.
        recording: the name of the session's recording (`recordings.recorder`); empty when there is none.
    """

    console: str
    target: str
    environment: str
    mode: Mode
    address: str
    person: Person
    version: str = __version__
    recording: str = ""

    def body(self) -> dict[str, object]:
        """The session's event."""
        here = self.person
        person = {
            "user": here.user,
            "sudo_user": here.sudo_user,
            "host": here.host,
            "pid": here.pid,
            "tty": here.tty,
        }
        return {
            "console": self.console,
            "target": self.target,
            "environment": self.environment,
            "mode": self.mode.value,
            "address": self.address,
            "version": self.version,
            **({"recording": self.recording} if self.recording else {}),
            **{name: value for name, value in person.items() if value},
        }


def person_here() -> Person:
    """Who runs this process. The account is asked of the system, not of `$USER`, which anybody may set."""
    if sys.platform == "win32":
        import getpass
        import platform

        return Person(getpass.getuser(), "", platform.node(), os.getpid(), "")
    return Person(_account(), os.environ.get("SUDO_USER", ""), os.uname().nodename, os.getpid(), _tty())


def _account() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container's made-up uid
        return str(os.geteuid())


def _tty() -> str:
    for descriptor in (0, 2, 1):
        try:
            return os.ttyname(descriptor)
        except OSError:
            continue
    return ""
