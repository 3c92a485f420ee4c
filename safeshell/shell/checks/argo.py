"""Checks of argo and argocd lines, whose verbs stand at different places.

Sources: `argo --help`, `argocd app actions --help`.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def lists_actions(invocation: Invocation) -> bool:
    """Whether `argocd app actions list` or `argocd proj role|windows list|get` is meant: it shows."""
    return any(word.text in ("list", "get") for word in invocation.operands[2:3])


def deletes(invocation: Invocation) -> bool:
    """Whether an `argo` command deletes: `argo delete`, `argo cron delete`."""
    return any(word.text == "delete" for word in invocation.operands[:2])


def stops(invocation: Invocation) -> bool:
    """Whether an `argo` command stops something: `argo stop`, `argo cron suspend`."""
    names = [word.text for word in invocation.operands[:2]]
    return names[:1] != ["cron"] or names[1:] == ["suspend"]
