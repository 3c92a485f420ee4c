"""Readings made by hand, for tests of what follows from them."""

from __future__ import annotations

from typing import ClassVar

from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading

READ = Command("GET", (Effect(EffectKind.READ),), reads=True)
WRITE = Command("SET", (Effect(EffectKind.WRITE, object="key a"),))
DELETE = Command("DEL", (Effect(EffectKind.DELETE, object="key a", reversible=True),))
FLUSH = Command("FLUSHDB", (Effect(EffectKind.DELETE, Extent.EVERYTHING, "db 0"),))
UNREADABLE = Finding("redis.unknown", Severity.MEDIUM, "the server alone knows what this does")


def reading(*commands: Command, unreadable: bool = False) -> Reading:
    line = "; ".join(command.name for command in commands)
    return Reading("redis", line, line, commands, (UNREADABLE,) if unreadable else ())


class Words:
    """A dialect of four words, one command each."""

    name = "redis"
    known: ClassVar[dict[str, Command]] = {"GET": READ, "SET": WRITE, "DEL": DELETE, "FLUSHDB": FLUSH}

    def read(self, line: str) -> Reading:
        commands = [self.known[word] for word in line.split() if word in self.known]
        return reading(*commands, unreadable=len(commands) != len(line.split()))
