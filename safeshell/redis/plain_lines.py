"""The short way for ordinary lines: `SET k v`, `GET k`, `HSET k f v` without quotes, whose arguments change nothing.

What a word in front promises is worked out once (`plan_for`) and holds for every line that begins with it. A
line that is not plainly one of these goes the long way; nothing is judged differently here, only sooner.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent
from safeshell.guard.reading import Command
from safeshell.redis.meaning import Call, Context, by_class
from safeshell.redis.table import CommandInfo, EffectClass, command_info
from safeshell.redis.understanding import rule_for

MAX_PLAIN: Final = 200
"""Longer lines may have a key that is shortened when it is shown."""

# What a line does is plain when it has just so many words, although the command has a rule.
_PLAIN_AT: Final = {"SET": 3, "GETEX": 2, "DEL": 2, "UNLINK": 2, "GETDEL": 2}
_CLASSES: Final = frozenset({EffectClass.READ, EffectClass.WRITE_KEY, EffectClass.DELETE_KEYS})


@frozen
class Plan:
    """What every plain line with this command does.

    Args:
        name: the command.
        kind: its effect, on one key: the second word.
        reversible, reads: as of `Effect` and `Command`.
        words: how many words the line has; 0 for two or more.
        remarked: there is more to say of a line that stands alone; among many such lines it is counted only.
    """

    name: str
    kind: EffectKind
    reversible: bool
    reads: bool
    words: int
    remarked: bool = False

    def fits(self, count: int) -> bool:
        """Whether a line of so many words is one of these."""
        return count == self.words if self.words else count > 1

    def command(self, key: str, start: int, end: int) -> Command:
        """The command of a line that names `key` and stands at `start` to `end`."""
        effect = Effect(self.kind, Extent.ONE, "key " + key, self.reversible)
        return Command(self.name, (effect,), (), self.reads, (start, end), (key,))

    def commands(self, count: int, start: int, end: int) -> Command:
        """Many such lines as one; each still changes but one key."""
        extent = Extent.ONE if self.kind is EffectKind.OVERWRITE else Extent.MANY
        effect = Effect(self.kind, extent, f"{count:,} keys, one a line", self.reversible)
        return Command(self.name, (effect,), (), self.reads, (start, end))


@lru_cache(maxsize=4096)
def plan_for(word: str) -> Plan | None:
    """The plan for lines that begin with `word`; None when they need a closer look."""
    info = command_info(word.upper())
    if info is None or info.container or info.effect not in _CLASSES:
        return None
    if not (_names_its_second_word(info) or info.name in _PLAIN_AT):
        return None
    words = _PLAIN_AT.get(info.name, 0)
    if not words and rule_for(info):
        return None
    return _plan(info, words)


def _names_its_second_word(info: CommandInfo) -> bool:
    if " " in info.name or len(info.keys) != 1:
        return False
    spec = info.keys[0]
    return spec.at == 1 and not (spec.last or spec.numkeys or spec.keyword or "not_key" in spec.access)


def _plan(info: CommandInfo, words: int) -> Plan | None:
    """Ask the long way once, and keep the answer."""
    from safeshell.redis.keys import keys_of

    argv = [info.name.encode(), *[b"k"] * ((words or 2) - 1)]
    call = Call(info, argv, keys_of(info, argv), Context())
    meaning = (rule_for(info) or by_class)(call)
    if len(meaning.effects) != 1 or meaning.unreadable:
        return None
    effect = meaning.effects[0]
    if effect.extent is not Extent.ONE:
        return None
    return Plan(info.name, effect.kind, effect.reversible, meaning.reads, words, bool(meaning.remarks))
