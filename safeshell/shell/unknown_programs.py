"""Programs that no pack has a rule for: asked about when they are told to destroy something in so many words.

`datadog-agent stop`, `shopctl db drop orders`: nobody knows the program, everybody understands the line.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Finding
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_VERBS: Final = (
    "delete|destroy|drop|purge|terminate|wipe|nuke|erase|decommission|truncate|flush|flushall|flushdb|drain|shutdown"
    "|uninstall|remove|reset|stop|kill|rollback|deregister|evict|teardown|prune|revoke|failover|undeploy"
)
_DESTROYS: Final = lazy_pattern(rf"(?:[a-z][a-z0-9]*[-_:.])*(?:{_VERBS})(?:[-_:.][a-z0-9]+)*")
_LOOKED_AT: Final = 2
"""Operands that may be the verb: `tool delete x`, `tool thing delete x`."""


def plain_deed(invocation: Invocation) -> tuple[Effect, Finding] | None:
    """What an unknown program is told to do, when one of its first words says it; None when none does."""
    if invocation.has("--dry-run", "--help", "-h"):
        return None
    for word in invocation.operands[:_LOOKED_AT]:
        if word.known and _DESTROYS.fullmatch(word.text):
            effect = Effect(
                EffectKind.DELETE, Extent.ONE, " ".join(one.text for one in invocation.operands[:4])
            )
            finding = Finding(
                "shell.plain-word",
                Severity.MEDIUM,
                f"tells a program that no rule knows to {word.text}",
                "its own help or dry run shows what that is",
                invocation.command.span,
            )
            return effect, finding
    return None
