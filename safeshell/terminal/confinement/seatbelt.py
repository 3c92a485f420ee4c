"""macOS: the profile and the arguments by which `sandbox-exec` holds a session read-only.

Text only; nothing is started. Everything is allowed as before, then writing is denied, then the few places that may
be written are allowed again: the last rule that fits decides. Setuid programs are denied by Seatbelt itself,
whatever a profile says. Written after sandbox-exec(1) and the profiles that macOS ships; our tests do not run it,
having no macOS.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

_NAMES_ASKED_FOR: Final = "/private/var/run/mDNSResponder"


def seatbelt_profile(writable: Iterable[Path], *, network: bool, unix_sockets: bool) -> str:
    """The profile, as `sandbox-exec -p` reads it.

    Args:
        writable: folders and files that may be written, as real paths (`/tmp` is a link on macOS, and Seatbelt
            compares what it leads to).
        network: whether connections to other machines stay open.
        unix_sockets: whether sockets of this machine's services stay open.
    """
    lines = [
        "(version 1)",
        "(allow default)",
        "(deny file-write*)",
        *(f"(allow file-write* (subpath {_quoted(path)}))" for path in writable),
        '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/ptmx"))',
        '(allow file-write* (literal "/dev/random") (literal "/dev/urandom") (regex #"^/dev/tty[a-z0-9]+$"))',
        '(allow file-write* (regex #"^/dev/fd/[0-9]+$") (literal "/dev/stdout") (literal "/dev/stderr"))',
        "(deny signal)",
        "(allow signal (target self))",
        "(allow signal (target same-sandbox))",
    ]
    if not network:
        lines += ["(deny network*)", "(allow network* (local unix-socket) (remote unix-socket))"]
    if not unix_sockets:
        lines.append("(deny network-outbound (remote unix-socket))")
        if network:
            lines.append(f'(allow network-outbound (remote unix-socket (path-literal "{_NAMES_ASKED_FOR}")))')
    return "\n".join(lines) + "\n"


def seatbelt_prefix(program: Path, profile: str) -> list[str]:
    """What goes before a command so that it runs read-only.

    Args:
        program: `sandbox-exec`.
        profile: what holds.
    """
    return [str(program), "-p", profile]


def _quoted(path: Path) -> str:
    """A path as a string of the profile's language."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
