"""EXEC: everything that was queued since MULTI, as a whole."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.redis.deletions import many_deletions
from safeshell.redis.meaning import Call, Meaning, Remark, Rules


def _exec(call: Call) -> Meaning:
    context = call.context
    if not context.in_multi:
        return Meaning(
            (Effect(EffectKind.EXECUTE, Extent.MANY, "what is queued"),),
            (
                Remark(
                    "redis.exec",
                    Severity.HIGH,
                    "carries out what is queued, and nothing is known here of anything queued",
                    "MULTI, to begin a transaction",
                ),
            ),
        )
    commands = [command for queued in context.queued for command in queued.commands]
    effects = tuple(dict.fromkeys(effect for command in commands for effect in command.effects))
    remarks = tuple(
        dict.fromkeys(
            Remark(finding.rule, finding.severity, finding.reason, finding.instead)
            for command in commands
            for finding in command.findings
        )
    )
    unreadable = tuple(
        Remark(finding.rule, finding.severity, finding.reason, finding.instead)
        for queued in context.queued
        for finding in queued.unreadable
    )
    effect, remark = many_deletions(commands)
    if effect and remark:
        effects, remarks = (*effects, effect), (*remarks, remark)
    return Meaning(
        effects, remarks, reads=all(queued.reads for queued in context.queued), unreadable=unreadable
    )


RULES: Final[Rules] = {"EXEC": _exec}
