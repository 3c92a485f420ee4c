"""Reads that everybody waits for: KEYS, a SCAN with a huge COUNT, MEMORY USAGE of all samples, and MONITOR.

They change nothing, so they stay proven reads; what they cost is a finding.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.redis.arguments import number_after, option_at
from safeshell.redis.meaning import HARMLESS, Call, Meaning, Remark, Rules, reading

LARGE_COUNT: Final = 10_000
"""A SCAN of more keys than this at a time holds everybody up noticeably (some ms)."""


def _keys(call: Call) -> Meaning:
    pattern = call.shown(1) or "*"
    return reading(
        call,
        Remark(
            "redis.keys",
            Severity.MEDIUM,
            "blocks everybody while the server walks all its keys",
            f"SCAN 0 MATCH {pattern} COUNT 1000, again with the cursor it answers until that is 0",
        ),
    )


def _scan(call: Call) -> Meaning:
    first = 2 if call.info.name in ("SCAN", "CLUSTERSCAN") else 3
    count = number_after(call.argv, b"COUNT", first)
    if count is None or count <= LARGE_COUNT:
        return reading(call)
    return reading(
        call,
        Remark(
            "redis.scan-count",
            Severity.MEDIUM,
            f"blocks everybody while the server walks {count:,} elements at once",
            "COUNT 1000, again with the cursor it answers",
            option_at(call.argv, b"COUNT", first),
        ),
    )


def _memory_usage(call: Call) -> Meaning:
    if number_after(call.argv, b"SAMPLES", 3) != 0:
        return reading(call)
    return reading(
        call,
        Remark(
            "redis.samples",
            Severity.LOW,
            f"walks every element of {call.shown(2)}, and everybody waits",
            "leave out SAMPLES 0",
            option_at(call.argv, b"SAMPLES", 3),
        ),
    )


def _monitor(call: Call) -> Meaning:
    return reading(
        call,
        Remark(
            "redis.monitor",
            Severity.MEDIUM,
            "shows every command of every client, secrets included, and slows the whole server while it runs",
            "SLOWLOG GET, or CLIENT LIST",
        ),
    )


def _psubscribe(call: Call) -> Meaning:
    if b"*" not in call.argv[1:]:
        return HARMLESS
    at = list(call.argv).index(b"*", 1)
    return Meaning(
        remarks=(
            Remark(
                "redis.subscribe-all",
                Severity.LOW,
                "every message of every channel is sent here as well",
                at=at,
            ),
        ),
        reads=True,
    )


RULES: Final[Rules] = {
    "KEYS": _keys,
    "SCAN": _scan,
    "CLUSTERSCAN": _scan,
    "HSCAN": _scan,
    "SSCAN": _scan,
    "ZSCAN": _scan,
    "MEMORY USAGE": _memory_usage,
    "MONITOR": _monitor,
    "PSUBSCRIBE": _psubscribe,
}
