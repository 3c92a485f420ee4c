"""Checks of puppet, bolt, r10k and knife lines, whose verbs stand at different places.

Sources: `puppet help`, `bolt --help`, `r10k help`, the reference of knife.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation

_SHOWING: Final = frozenset(
    (
        *(
            "show",
            "list",
            "display",
            "check",
            "find",
            "print",
            "validate",
            "diff",
            "dump",
            "search",
            "info",
            "status",
            "get",
        ),
        *("tree", "changes", "render", "verify", "facts", "version", "upgrade-check"),
    )
)
_ALONE: Final = frozenset({"facts", "lookup", "describe", "doc", "help", "man", "status", "strings"})
_KNIFE_CHANGING: Final = frozenset(
    (
        *(
            "upload",
            "from",
            "edit",
            "run_list",
            "create",
            "set",
            "add",
            "reregister",
            "disable",
            "bootstrap",
            "push",
            "push-archive",
        ),
        *("delete-policy", "delete-policy-group", "clean-policy-revisions", "remove", "key", "password"),
    )
)
_KNIFE_SHOWING: Final = frozenset({"list", "show", "status", "search", "diff", "check"})


def acts(invocation: Invocation) -> bool:
    """Whether bolt or r10k runs or deploys something, without `--noop`."""
    names = [word.text for word in invocation.operands]
    if invocation.has("--noop"):
        return False
    return names[1:2] not in (["show"], ["display"], ["check"], ["list"], ["convert"])


def shows(invocation: Invocation) -> bool:
    """Whether a puppet subcommand only shows."""
    names = [word.text for word in invocation.operands]
    if names[:1] and names[0] in _ALONE:
        return names[0] != "facts" or names[1:2] != ["upload"]
    return bool(names[1:]) and names[1] in _SHOWING


def knife_acts(invocation: Invocation) -> bool:
    """Whether knife or chef changes something on the server."""
    return any(word.text in _KNIFE_CHANGING for word in invocation.operands[:3])


def knife_shows(invocation: Invocation) -> bool:
    """Whether knife only shows: a showing verb, and no changing word or method."""
    names = [word.text for word in invocation.operands[:3]]
    if invocation.has("-m", "--method") and names[:1] == ["raw"]:
        return False
    return any(name in _KNIFE_SHOWING or name == "raw" for name in names) and not knife_acts(invocation)
