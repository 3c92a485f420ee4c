"""CLUSTER and SENTINEL: what takes slots, nodes or the watch over a primary away."""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.redis.arguments import has_word
from safeshell.redis.meaning import Call, Meaning, Remark, Rule, Rules, doing, reading

_MANY, _ALL = Extent.MANY, Extent.EVERYTHING
_HIGH, _CRITICAL = Severity.HIGH, Severity.CRITICAL


def _always(kind: EffectKind, extent: Extent, what: str, severity: Severity, reason: str) -> Rule:
    def rule(call: Call) -> Meaning:
        return doing(
            kind, extent, what, Remark(f"redis.{call.info.name.split(' ')[0].lower()}", severity, reason)
        )

    return rule


def _cluster_failover(call: Call) -> Meaning:
    forced = has_word(call.argv, b"FORCE", 2) or has_word(call.argv, b"TAKEOVER", 2)
    reason = "this replica takes over its primary's slots"
    return doing(
        EffectKind.STOP,
        _ALL,
        "the primary of these slots",
        Remark(
            "redis.cluster",
            _CRITICAL if forced else _HIGH,
            reason + (" without asking the primary; writes may be lost" if forced else ""),
        ),
        reversible=not forced,
    )


def _setslot(call: Call) -> Meaning:
    if call.word(3) == "NODE":
        return doing(
            EffectKind.STOP,
            _MANY,
            f"slot {call.shown(2)}",
            Remark(
                "redis.cluster", _HIGH, "with the wrong owner the keys of the slot are out of reach", at=3
            ),
        )
    return doing(
        EffectKind.CONFIGURE, _MANY, f"slot {call.shown(2)}", Remark("redis.cluster", _HIGH, "moves a slot")
    )


def _migration(call: Call) -> Meaning:
    if call.word(2) == "STATUS":
        return reading(call)
    return doing(
        EffectKind.CONFIGURE,
        _MANY,
        "slots",
        Remark("redis.cluster", _HIGH, "moves slots with all their keys, now"),
    )


def _sentinel_config(call: Call) -> Meaning:
    if call.word(2) == "GET":
        return reading(call)
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        "the sentinel's settings",
        Remark("redis.sentinel", Severity.MEDIUM, "changes how this sentinel works", at=2),
        reversible=True,
    )


def _sentinel_debug(call: Call) -> Meaning:
    if len(call.argv) == 2:
        return reading(call)
    return doing(
        EffectKind.CONFIGURE,
        _MANY,
        "the sentinel's timing",
        Remark("redis.sentinel", _HIGH, "changes when this sentinel thinks a server is down"),
    )


def _sentinel_set(call: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        Extent.ONE,
        f"the watch over {call.shown(2)}",
        Remark("redis.sentinel", Severity.MEDIUM, "changes when and to whom it fails over", at=2),
        reversible=True,
    )


def _sentinel_reset(call: Call) -> Meaning:
    return doing(
        EffectKind.CONFIGURE,
        _ALL,
        f"the watch over {call.shown(2)}",
        Remark(
            "redis.sentinel",
            _HIGH,
            "forgets the replicas and sentinels of every primary that fits the pattern",
            at=2,
        ),
    )


_SLOTS_GONE = "nobody serves these slots any more: their keys are out of reach, and the cluster may stop"

RULES: Final[Rules] = {
    "CLUSTER RESET": _always(
        EffectKind.DELETE, _ALL, "all databases", _CRITICAL,
        "forgets all nodes and slots, and on a replica throws away every key",
    ),
    "CLUSTER REPLICATE": _always(
        EffectKind.DELETE, _ALL, "all databases", _CRITICAL,
        "everything here is thrown away and replaced by a copy of that primary",
    ),
    "CLUSTER FLUSHSLOT": _always(
        EffectKind.DELETE, _ALL, "all keys of this slot", _CRITICAL, "deletes every key of the slot"
    ),
    "CLUSTER FLUSHSLOTS": _always(EffectKind.STOP, _ALL, "all slots of this node", _CRITICAL, _SLOTS_GONE),
    "CLUSTER DELSLOTS": _always(EffectKind.STOP, _MANY, "slots of this node", _HIGH, _SLOTS_GONE),
    "CLUSTER DELSLOTSRANGE": _always(EffectKind.STOP, _MANY, "slots of this node", _HIGH, _SLOTS_GONE),
    "CLUSTER FAILOVER": _cluster_failover,
    "CLUSTER FORGET": _always(EffectKind.STOP, _MANY, "a node", _HIGH, "this node forgets another, for a minute"),
    "CLUSTER MEET": _always(
        EffectKind.CONFIGURE, _ALL, "the cluster", _HIGH, "joins two clusters; there is no command that parts them"
    ),
    "CLUSTER SETSLOT": _setslot,
    "CLUSTER MIGRATESLOTS": _migration,
    "CLUSTER MIGRATION": _migration,
    "CLUSTER SYNCSLOTS": _always(
        EffectKind.STOP, _ALL, "the server", _CRITICAL, "is spoken between servers only"
    ),
    "SENTINEL CONFIG": _sentinel_config,
    "SENTINEL DEBUG": _sentinel_debug,
    "SENTINEL SET": _sentinel_set,
    "SENTINEL RESET": _sentinel_reset,
    "SENTINEL FAILOVER": _always(
        EffectKind.STOP, _MANY, "the primary", _HIGH, "fails over at once, without asking the other sentinels"
    ),
    "SENTINEL REMOVE": _always(
        EffectKind.STOP, _MANY, "the watch over the primary", _HIGH, "nobody fails over for it any more"
    ),
    "SENTINEL SIMULATE-FAILURE": _always(
        EffectKind.STOP, _ALL, "this sentinel", _CRITICAL, "it crashes in the next failover"
    ),
}  # fmt: skip
