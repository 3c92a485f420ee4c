"""Which target an SSH host is: by what was typed, by what the configuration makes of it, and by its key. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from safeshell.config.matching import Match, find_ssh, strictest_match
from safeshell.config.settings import Settings
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved


def names_of(call: SshCall, resolved: Resolved) -> tuple[str, ...]:
    """The names of the host: as typed, as it is connected to, as its key is known by."""
    typed = call.destination.removeprefix("ssh://").partition("/")[0].rpartition("@")[2]
    if call.destination.startswith("ssh://"):
        host, colon, port = typed.rpartition(":")
        typed = host if colon and port.isdigit() else typed
    return tuple(dict.fromkeys(filter(None, (typed, resolved.hostname, resolved.one("hostkeyalias")))))


def is_one_of(patterns: Sequence[str], names: Sequence[str]) -> bool:
    """Whether one of a host's names fits one of the patterns."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in names for pattern in patterns)


def label_by_name(settings: Settings, call: SshCall, resolved: Resolved) -> Match:
    """The target that the host belongs to by its names: where they differ, the strictest counts.

    A name that fits no target says nothing where another one does.
    """
    matches = [
        find_ssh(settings, host=name, user=resolved.user, port=resolved.port)
        for name in names_of(call, resolved)
    ]
    known = [match for match in matches if match.target is not None]
    found = strictest_match(known or matches)
    assert found is not None, "a destination has a name"
    return found if found.target is not None else matches[0]
