"""Checks of ansible lines: which module runs with which arguments, and what only shows.

Sources: ansible(1), ansible-playbook(1), the module index of Ansible.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_READING: Final = frozenset(
    (
        *(
            "ping",
            "win_ping",
            "setup",
            "gather_facts",
            "debug",
            "stat",
            "find",
            "getent",
            "slurp",
            "assert",
            "wait_for",
        ),
        *(
            "service_facts",
            "package_facts",
            "mount_facts",
            "wait_for_connection",
            "group_by",
            "validate_argument_spec",
        ),
    )
)
_RUNNING: Final = frozenset({"command", "shell", "raw", "script", "expect", "win_command", "win_shell"})
_REMOVING: Final = lazy_pattern(
    r"\bstate\s*[=:]\s*[\"']?(?:absent|stopped|restarted|reloaded|removed|purged|killed|dead|down|offline|rebooted|uninstalled)\b"
    r"|\bpurge\s*=\s*(?:yes|true)|\bremove\s*=\s*(?:yes|true)|\bautoremove\s*=\s*(?:yes|true)|\bdaemon_reexec\b"
)
_ENDING: Final = frozenset({"reboot", "win_reboot", "shutdown", "filesystem", "parted", "lvol", "lvg"})


def only_shows(invocation: Invocation) -> bool:
    """Whether a playbook is only checked or listed."""
    return invocation.has("--check", "-C", "--list-tasks", "--list-hosts", "--list-tags", "--syntax-check")


def module_reads(invocation: Invocation) -> bool:
    """Whether a single module only looks, or hosts are only listed; commands are read by themselves."""
    if invocation.has("--list-hosts"):
        return True
    module = _module(invocation)
    return module in _READING or (only_shows(invocation) and module not in _RUNNING)


def module_removes(invocation: Invocation) -> bool:
    """Whether a single module removes, stops or restarts something."""
    if only_shows(invocation):
        return False
    module = _module(invocation)
    return module in _ENDING or (
        module not in _RUNNING and _REMOVING.search(_arguments(invocation)) is not None
    )


def _module(invocation: Invocation) -> str:
    """The module's name without its collection; `command` is the default; "?" when not known."""
    named = invocation.value("-m", "--module-name")
    if named is None:
        return "command"
    return named.text.rpartition(".")[2] if named.known else "?"


def _arguments(invocation: Invocation) -> str:
    given = invocation.value("-a", "--args")
    return given.text if given is not None else ""
