"""What one command means, before it is tied to a place in a line: effects, remarks, whether it only reads.

Values that the `rules_*` modules take and give, the words for things (`key cart:7`, `3 keys`), and the meaning
by class alone. What arguments change is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Reading
from safeshell.guard.text import counted
from safeshell.redis.arguments import shown, upper
from safeshell.redis.facts import EMPTY, ServerFacts
from safeshell.redis.keys import Access, NamedKey
from safeshell.redis.table import CommandInfo, EffectClass, UndoClass

LONG_PAST_MS: Final = 1_735_689_600_000
"""The start of 2025: a moment before it is over for certain, whatever the time is now."""


@frozen
class Context:
    """What the session knows when a line is read.

    Args:
        facts: what the server told.
        db: the selected database.
        now_ms: Unix milliseconds; None when only what is past for certain counts as past.
        in_multi: whether commands are being queued.
        queued: the readings of what is queued.
    """

    facts: ServerFacts = EMPTY
    db: int = 0
    now_ms: int | None = None
    in_multi: bool = False
    queued: tuple[Reading, ...] = ()

    def is_past(self, unix_ms: int) -> bool:
        """Whether a moment is over, as far as is known."""
        return unix_ms <= (LONG_PAST_MS if self.now_ms is None else max(self.now_ms, LONG_PAST_MS))


@frozen
class Call:
    """A command with its words.

    Args:
        info: what is known of the command.
        argv: all its words.
        keys: the keys it names.
        context: the session.
    """

    info: CommandInfo
    argv: Sequence[bytes]
    keys: tuple[NamedKey, ...]
    context: Context

    @property
    def reversible(self) -> bool:
        """Whether what it does to its keys can be put back."""
        return self.info.undo in (UndoClass.DUMP, UndoClass.INVERSE, UndoClass.SAVED_STATE)

    def word(self, at: int) -> str:
        """The word at a position in upper case; empty when there is none."""
        return upper(self.argv[at]) if at < len(self.argv) else ""

    def shown(self, at: int) -> str:
        """The word at a position, safe to show; empty when there is none."""
        return shown(self.argv[at], 60) if at < len(self.argv) else ""


@frozen
class Remark:
    """A finding that is about a word rather than a place in a line.

    Args:
        rule, severity, reason, instead: as of `Finding`.
        at: the position of the word it is about; 0 for the whole command.
    """

    rule: str
    severity: Severity
    reason: str
    instead: str = ""
    at: int = 0


@frozen
class Meaning:
    """What a command does.

    Args:
        effects: as of `Command`.
        remarks: what a rule says of it.
        reads: proven to change nothing.
        unreadable: what could not be understood.
    """

    effects: tuple[Effect, ...] = ()
    remarks: tuple[Remark, ...] = ()
    reads: bool = False
    unreadable: tuple[Remark, ...] = ()


Rule = Callable[[Call], Meaning]
Rules = Mapping[str, Rule]

HARMLESS: Final = Meaning(reads=True)
"""Changes nothing that anybody else could notice."""

_HARMLESS_CONNECTION: Final = frozenset(
    {
        "ASKING", "CLIENT CACHING", "CLIENT CAPA", "CLIENT NO-EVICT", "CLIENT NO-TOUCH", "CLIENT SETINFO",
        "CLIENT SETNAME", "CLIENT TRACKING", "DISCARD", "MULTI", "PSUBSCRIBE", "PUNSUBSCRIBE", "QUIT",
        "READONLY", "READWRITE", "SELECT", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE", "UNWATCH",
        "WAIT", "WAITAOF", "WATCH",
    }
)  # fmt: skip


def naming(keys: Iterable[bytes]) -> str:
    """Some keys in words: `key cart:7`, `3 keys`."""
    names = list(dict.fromkeys(keys))
    if len(names) == 1:
        return f"key {shown(names[0])}"
    return counted(len(names), "key") if names else "keys it does not name"


def on_keys(kind: EffectKind, keys: Iterable[bytes], *, reversible: bool) -> Effect:
    """An effect on some keys; without a name they are many, and nothing brings them back."""
    names = list(dict.fromkeys(keys))
    if not names:
        return Effect(kind, Extent.MANY, naming(()))
    return Effect(kind, Extent.ONE if len(names) == 1 else Extent.MANY, naming(names), reversible)


def key_effects(call: Call, kinds: Mapping[Access, EffectKind]) -> tuple[Effect, ...]:
    """The effects on the keys of a call: each access as its kind, accesses without a kind left out."""
    groups: dict[EffectKind, list[bytes]] = {}
    for named in call.keys:
        if named.access in kinds:
            groups.setdefault(kinds[named.access], []).append(named.key)
    return tuple(on_keys(kind, keys, reversible=call.reversible) for kind, keys in groups.items())


def reading(call: Call, *remarks: Remark) -> Meaning:
    """A call that changes nothing."""
    if not call.keys:
        return Meaning(
            (Effect(EffectKind.READ, Extent.ONE, "the server", reversible=True),), remarks, reads=True
        )
    return Meaning(
        (on_keys(EffectKind.READ, [named.key for named in call.keys], reversible=True),), remarks, reads=True
    )


def writing(call: Call, *remarks: Remark) -> Meaning:
    """A call that changes its keys in bounds; a server's own command may overwrite, for all that is known."""
    write = EffectKind.OVERWRITE if call.info.live else EffectKind.WRITE
    kinds = {Access.WRITE: write, Access.DELETE: write, Access.OVERWRITE: EffectKind.OVERWRITE}
    return Meaning(key_effects(call, kinds) or (on_keys(write, (), reversible=False),), remarks)


def deleting(call: Call, *remarks: Remark) -> Meaning:
    """A call that takes keys or parts of them away."""
    kinds = {
        Access.WRITE: EffectKind.WRITE,
        Access.OVERWRITE: EffectKind.OVERWRITE,
        Access.DELETE: EffectKind.DELETE,
    }
    return Meaning(key_effects(call, kinds) or (on_keys(EffectKind.DELETE, (), reversible=False),), remarks)


def losing(call: Call, *remarks: Remark) -> Meaning:
    """A call that, with these arguments, takes all its written keys away."""
    keys = [named.key for named in call.keys if named.access is not Access.READ]
    return Meaning((on_keys(EffectKind.DELETE, keys, reversible=call.reversible),), remarks)


def doing(kind: EffectKind, extent: Extent, what: str, *remarks: Remark, reversible: bool = False) -> Meaning:
    """A call with one effect on something that is no key."""
    return Meaning((Effect(kind, extent, what, reversible),), remarks)


def by_class(call: Call) -> Meaning:
    """What a call means by the class of its command alone."""
    info = call.info
    undoable = call.reversible
    match info.effect:
        case EffectClass.READ:
            return reading(call)
        case EffectClass.WRITE_KEY:
            return writing(call)
        case EffectClass.DELETE_KEYS:
            return deleting(call)
        case EffectClass.DELETE_ALL:
            return doing(EffectKind.DELETE, Extent.EVERYTHING, "every key")
        case EffectClass.CONNECTION:
            if info.name in _HARMLESS_CONNECTION:
                return HARMLESS
            return doing(EffectKind.WRITE, Extent.ONE, "this connection")
        case EffectClass.SERVER_CONFIG:
            extent = Extent.EVERYTHING if info.live else Extent.ONE
            return doing(EffectKind.CONFIGURE, extent, "the server's settings", reversible=undoable)
        case EffectClass.REPLICATION:
            return doing(EffectKind.CONFIGURE, Extent.EVERYTHING, "the replication", reversible=undoable)
        case EffectClass.AVAILABILITY:
            return doing(EffectKind.STOP, Extent.MANY, "the server")
        case EffectClass.SCRIPT:
            return doing(EffectKind.EXECUTE, Extent.MANY, "code in the server")
        case EffectClass.UNKNOWN:
            return not_understood(
                f"the server knows {info.name.lower()}, but not even it says whether it only reads"
            )


def not_understood(
    reason: str, *, rule: str = "redis.unknown-command", instead: str = "", at: int = 0
) -> Meaning:
    """A call whose effect is not known."""
    return Meaning(unreadable=(Remark(rule, Severity.HIGH, reason, instead, at),))
