"""Checks of nomad lines, whose showing verbs stand at the second or third place.

Source: `nomad -help` and the help of its subcommands.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_SHOWING: Final = frozenset(
    (
        *(
            "status",
            "list",
            "info",
            "inspect",
            "plan",
            "validate",
            "history",
            "deployments",
            "allocs",
            "logs",
            "fs",
            "read",
        ),
        *(
            "members",
            "list-peers",
            "self",
            "get",
            "get-config",
            "health",
            "eligibility-status",
            "state",
            "jobs",
            "nodes",
            "action-list",
        ),
        *("monitor", "checks", "read-config", "metrics", "debug-info"),
    )
)


def only_shows(invocation: Invocation) -> bool:
    """Whether a nomad command only shows; `job run -output` prints the job."""
    names = [word.text for word in invocation.operands]
    if not names:
        return True
    if names[0] == "run" or names[:2] == ["job", "run"]:
        return invocation.has("-output")
    if names[:3] in (["operator", "snapshot", "save"],):
        return False
    if names[:3] == ["operator", "snapshot", "inspect"]:
        return True
    second = names[1:2]
    if second and second[0] in _SHOWING:
        return True
    groups = (
        ["raft"],
        ["policy"],
        ["token"],
        ["role"],
        ["auth-method"],
        ["binding-rule"],
        ["pool"],
        ["meta"],
        ["autopilot"],
        ["scheduler"],
        ["keyring"],
    )
    return second in groups and bool(names[2:]) and names[2] in _SHOWING


def changes(invocation: Invocation) -> bool:
    """Whether a nomad command changes the cluster: it does not only show, and is no snapshot into a file."""
    names = [word.text for word in invocation.operands[:3]]
    return names != ["operator", "snapshot", "save"] and not only_shows(invocation)
