"""When many small deletions are one large one: the same rule for a paste, a script and a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command
from safeshell.guard.text import counted
from safeshell.redis.meaning import Remark

MANY: Final = 10
"""From so many deletions on, each of one thing, they count as the deletion of many."""


def many_deletions(commands: Iterable[Command], more: int = 0) -> tuple[Effect | None, Remark | None]:
    """The effect and the remark of many small deletions; None and None for a few.

    Args:
        commands: those that are read.
        more: deletions beyond them.
    """
    count = more + sum(
        effect.kind is EffectKind.DELETE and effect.extent is Extent.ONE
        for command in commands
        for effect in command.effects
    )
    if count < MANY:
        return None, None
    deletions = counted(count, "deletion")
    return (
        Effect(EffectKind.DELETE, Extent.MANY, deletions, reversible=True),
        Remark(
            "redis.batch",
            Severity.HIGH,
            f"{deletions} in one go",
            ":unlink PATTERN --dry-run, to see what goes",
        ),
    )
