"""What putting an entry back would do, and what speaks against it: values and words, nothing sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Effect, EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding, Reading
from safeshell.guard.text import counted, visible
from safeshell.redis.payload import rdb_version
from safeshell.redis.undo_record import Inverse, KeptKey, ServerMark, UndoEntry, UndoId

_SHOWN: Final = 5
_STREAM_TYPES: Final = frozenset({15, 19, 21})  # RDB_TYPE_STREAM_LISTPACKS and its successors (rdb.h)


class Fate(Enum):
    """What putting one thing back means now."""

    READY = "as it was left"
    CHANGED = "changed since"
    UNKNOWN = "perhaps changed since"
    THERE = "already as it was before"
    EXPIRED = "expired meanwhile"


@frozen
class KeyPlan:
    """One key.

    Args:
        kept: as it was before.
        fate: what putting it back means now.
        now: its state when the plan was made.
        missing: whether it does not exist now.
    """

    kept: KeptKey
    fate: Fate
    now: bytes | None
    missing: bool

    @property
    def is_due(self) -> bool:
        """Whether there is something to do."""
        return self.fate in (Fate.READY, Fate.CHANGED, Fate.UNKNOWN)

    @property
    def words(self) -> str:
        """For a list: `put back cart:7 (db 0), changed since`."""
        does = "remove" if self.kept.payload is None else "put back"
        note = "" if self.fate is Fate.READY else f", {self.fate.value}"
        if self.fate is Fate.CHANGED and self.missing:
            note = ", deleted since"
        return f"{does} {visible(self.kept.key, limit=80)} (db {self.kept.db}){note}"


@frozen
class InversePlan:
    """Something that is no key, and whether it changed since."""

    inverse: Inverse
    fate: Fate

    @property
    def words(self) -> str:
        """For a list: `put back setting maxmemory`."""
        note = "" if self.fate is Fate.READY else f", {self.fate.value}"
        return f"put back {self.inverse.words}{note}"


@frozen
class RestorePlan:
    """What putting an entry back would do.

    Args:
        entry: what was kept.
        keys: each key.
        inverses: the rest, in the order in which it is put back.
        objections: why it should not be done without a second thought; overwriting says it was given.
        limits: what does not come back, or not exactly.
    """

    entry: UndoEntry
    keys: tuple[KeyPlan, ...]
    inverses: tuple[InversePlan, ...]
    objections: tuple[str, ...]
    limits: tuple[str, ...]

    def lines(self) -> list[str]:
        """The plan for a person, safe to show."""
        due = [key for key in self.keys if key.is_due]
        shown = [one.words for one in self.inverses] + [key.words for key in due]
        lines = [f"{words}" for words in shown[: _SHOWN * 4]]
        if len(shown) > _SHOWN * 4:
            lines.append(f"… and {len(shown) - _SHOWN * 4:,} more")
        there = sum(key.fate is Fate.THERE for key in self.keys)
        if there:
            lines.append(f"{counted(there, 'key')} already as before: nothing to do")
        return lines


@frozen
class RestoreReport:
    """How putting back ended.

    Args:
        plan: what was to be done.
        refused: nothing was done, for the plan's objections; `overwrite=True` goes on all the same.
        restored: keys and other things put back.
        removed: keys removed that did not exist before.
        failed: what did not work, each with the server's reason.
        undo_id: the entry that takes this back; empty when there is none.
    """

    plan: RestorePlan
    refused: bool = False
    restored: int = 0
    removed: int = 0
    failed: tuple[str, ...] = ()
    undo_id: str = ""

    def lines(self) -> list[str]:
        """The report for a person, safe to show."""
        if self.refused:
            return ["Nothing was put back:", *(f"  {reason}" for reason in self.plan.objections)]
        parts = []
        if self.restored or not self.removed:
            parts.append(f"put back {counted(self.restored, 'thing')}" if self._mixed else self._keys_back)
        if self.removed:
            parts.append(f"removed {counted(self.removed, 'key')} that did not exist before")
        back = f"; undo {self.undo_id} takes this back" if self.undo_id else ""
        first = ", ".join(parts)
        lines = [first[:1].upper() + first[1:] + back + "."]
        lines += [f"Failed: {reason}" for reason in self.failed[:_SHOWN]]
        if len(self.failed) > _SHOWN:
            lines.append(f"… and {len(self.failed) - _SHOWN:,} more failures")
        return lines + list(self.plan.limits)

    @property
    def _mixed(self) -> bool:
        return bool(self.plan.inverses)

    @property
    def _keys_back(self) -> str:
        return f"put back {counted(self.restored, 'key')}"


def restore_reading(entry: UndoEntry, *, objections: Sequence[str] = ()) -> Reading:
    """What putting `entry` back does, for the guard to judge.

    Args:
        entry: what was kept.
        objections: those of the plan that are passed over; they are worth a question, be it for one key only.
    """
    line = f":undo {entry.header.id}"
    restored = sum(key.payload is not None for key in entry.keys)
    removed = len(entry.keys) - restored
    effects: list[Effect] = []
    if restored:
        effects.append(Effect(EffectKind.OVERWRITE, _extent(restored), counted(restored, "key"), True))
    if removed:
        effects.append(Effect(EffectKind.DELETE, _extent(removed), counted(removed, "key"), True))
    if entry.inverses:
        words = ", ".join(inverse.words for inverse in entry.inverses[:_SHOWN])
        effects.append(Effect(EffectKind.CONFIGURE, Extent.ONE, words, True))
    objects = tuple(visible(key.key, limit=80) for key in entry.keys[:_SHOWN])
    span = (0, len(line))
    findings = tuple(
        Finding("redis.undo-newer", Severity.MEDIUM, reason, "see :undo --dry-run for what it would do", span)
        for reason in objections
    )
    command = Command(":undo", tuple(effects), findings, span=span, objects=objects)
    return Reading("redis", line, line, (command,))


def objections(
    entry: UndoEntry, keys: tuple[KeyPlan, ...], inverses: tuple[InversePlan, ...], here: ServerMark
) -> tuple[str, ...]:
    """Why the entry should not be put back without a second thought."""
    found = [words for words in (_other_server(entry.header.server, here),) if words]
    for fate, what in ((Fate.CHANGED, "changed since"), (Fate.UNKNOWN, "may have changed since")):
        names = [visible(key.kept.key, limit=60) for key in keys if key.fate is fate]
        names += [one.inverse.words for one in inverses if one.fate is fate]
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            found.append(f"{', '.join(names[:_SHOWN])}{more} {what}; that work would be lost")
    return tuple(found)


def limits(entry: UndoEntry, keys: tuple[KeyPlan, ...], here: ServerMark) -> tuple[str, ...]:
    """What does not come back, or not exactly, in this case (notes/redis.md §5)."""
    found = list(entry.notes)
    if not entry.whole:
        found.append("The entry is cut off or damaged; what comes after that is not put back")
    expired = [key for key in keys if key.fate is Fate.EXPIRED]
    if expired:
        first = expired[0].kept
        at = datetime.fromtimestamp((first.expires_ms or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        found.append(
            f"{counted(len(expired), 'key')} would have expired by now and stay away "
            f"({visible(first.key, limit=60)} at {at})"
        )
    payloads = [key.kept.payload for key in keys if key.kept.payload is not None and key.is_due]
    kept_on = entry.header.server
    if payloads and (kept_on.kind, kept_on.version) != (here.kind, here.version):
        then, now = (visible(f"{mark.kind} {mark.version}") for mark in (kept_on, here))
        form = rdb_version(payloads[0])
        found.append(f"Kept from {then} (format {form}); this is {now}, which may refuse it")
    if any(payload[:1] and payload[0] in _STREAM_TYPES for payload in payloads):
        found.append("A stream comes back with its groups as they were: their consumers are rewound too")
    if entry.keys and not entry.atomic:
        found.append("Kept just before, not in the same instant: a write in between is not in it")
    return tuple(f"{text}." for text in found)


def _other_server(kept_on: ServerMark, here: ServerMark) -> str:
    if kept_on.run_id == here.run_id or (kept_on.replid and kept_on.replid == here.replid):
        return ""
    if kept_on.place != here.place:
        return f"it was kept from {kept_on.place}, and this is {here.place}, another server"
    return f"{here.place} was restarted or replaced since, and does not go on from the same data"


def undone(entry_id: UndoId, line: str) -> str:
    """The line of the entry that keeps what an undo overwrites."""
    return f":undo {entry_id} ({line})"


def _extent(count: int) -> Extent:
    return Extent.ONE if count == 1 else Extent.MANY
