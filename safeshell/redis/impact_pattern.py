"""How many keys a pattern matches, and how long KEYS would hold everybody up: by as much of SCAN as time allows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from safeshell.guard.text import counted, sized, visible
from safeshell.redis.flush_snapshot import scanned
from safeshell.redis.measuring import Argv, Findings, Measuring, OutOfTime
from safeshell.redis.reply import Error, integer_of

_COUNT = 2000
_SAMPLED = 20
_CALLS_FOR_KEYS = 20


@dataclass(slots=True)
class _Walk:
    total: int
    looked_at: int = 0
    matched: int = 0
    seconds: float = 0.0
    whole: bool = False
    samples: list[bytes] | None = None

    @property
    def estimate(self) -> int:
        """Matching keys in all."""
        if self.whole or not self.looked_at:
            return self.matched
        return round(self.matched * self.total / self.looked_at)


def unlink_impact(measuring: Measuring, pattern: bytes, findings: Findings) -> None:
    """`:unlink PATTERN`: how many keys match, exactly where time allows, and how much memory they take.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    walk = _walk(measuring, pattern, calls=None)
    _say_matches(walk, pattern, findings)
    if walk.whole:
        findings.count(walk.matched, "keys")
    else:
        findings.complete = False
    samples = walk.samples or []
    sizes = [integer_of(reply) for reply in measuring.ask([(b"MEMORY", b"USAGE", key) for key in samples])]
    known = [size for size in sizes if size is not None]
    if known:
        memory = sum(known) * walk.estimate // len(known)
        findings.weigh(memory)
        findings.fact(f"about {sized(memory)} in memory, by {counted(len(known), 'key')} looked at")
    if samples:
        findings.fact("such as " + ", ".join(visible(key, limit=60) for key in samples[:3]))


def keys_impact(measuring: Measuring, pattern: bytes, findings: Findings) -> None:
    """KEYS: how long the server would do nothing else, and the way that does not hold it up.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    shown = visible(pattern, limit=80)
    findings.offer(f"SCAN 0 MATCH {shown} COUNT 1000 walks through them without holding anybody up")
    walk = _walk(measuring, pattern, calls=_CALLS_FOR_KEYS)
    if walk.looked_at:
        seconds = walk.seconds / walk.looked_at * walk.total
        findings.fact(
            f"KEYS looks at all {counted(walk.total, 'key')} at once: every client would wait about {_time(seconds)}"
        )
    _say_matches(walk, pattern, findings)


def _walk(measuring: Measuring, pattern: bytes, *, calls: int | None) -> _Walk:
    """Walk until the end, the budget (keeping a little for what follows), or so many calls."""
    walk = _Walk(integer_of(measuring.ask([(b"DBSIZE",)])[0]) or 0, samples=[])
    started = time.perf_counter()
    measuring.ask([(b"PING",)])
    way = time.perf_counter() - started  # of one round trip, which KEYS makes only once
    cursor = b"0"
    made = 0
    begun = measuring.left
    while calls is None or made < calls:
        if made and measuring.left < begun / 4:
            break
        command: Argv = (b"SCAN", cursor, b"MATCH", pattern, b"COUNT", b"%d" % _COUNT)
        started = time.perf_counter()
        try:
            reply = measuring.ask([command])[0]
        except OutOfTime:
            break
        walk.seconds += max(0.0, time.perf_counter() - started - way)
        if isinstance(reply, Error):
            break
        cursor, keys = scanned(reply)
        made += 1
        walk.matched += len(keys)
        walk.looked_at += _COUNT
        if walk.samples is not None and keys:
            walk.samples += keys[: max(0, _SAMPLED - len(walk.samples))]
        if cursor == b"0":
            walk.whole = True
            walk.looked_at = max(walk.total, 1)
            break
    return walk


def _say_matches(walk: _Walk, pattern: bytes, findings: Findings) -> None:
    shown = visible(pattern, limit=80)
    if walk.whole:
        findings.fact(f"{counted(walk.matched, 'key')} of {walk.total:,} match {shown}")
    elif walk.looked_at:
        share = min(1.0, walk.looked_at / max(walk.total, 1))
        findings.fact(
            f"about {counted(walk.estimate, 'key')} of {walk.total:,} match {shown} ({share:.0%} looked at)"
        )


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"
