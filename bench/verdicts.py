"""Verdicts per second on one core, and the 99th percentile of one line, in a warm process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge

LINES = (
    "GET session:42",
    "SET greeting hello EX 60",
    "HGETALL cart:7",
    "DEL cache:home:1 cache:home:2",
    "FLUSHDB",
    "CONFIG SET maxmemory 100mb",
    "ZRANGE leaderboard 0 10 WITHSCORES",
    "EVAL \"return redis.call('get', KEYS[1])\" 1 a",
    "SCAN 0 MATCH cache:* COUNT 100",
    "XADD orders * id 1 total 20",
)


def measure() -> Iterator[str]:
    """Judge a mix of ordinary lines for a second."""
    from safeshell.redis.dialect import RedisDialect

    dialect = RedisDialect()
    where = Circumstances(PRODUCTION, Mode.GUARDED, "cache-prod", datetime.now(UTC))
    for line in LINES:
        judge(dialect.read(line), where)
    durations = []
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        for line in LINES:
            start = time.perf_counter()
            judge(dialect.read(line), where)
            durations.append(time.perf_counter() - start)
    quantiles = statistics.quantiles(durations, n=100)
    yield f"verdicts per second      {len(durations) / sum(durations):>10,.0f}"
    yield f"median of one line       {quantiles[49] * 1e6:>10.1f} µs"
    yield f"99th percentile          {quantiles[98] * 1e6:>10.1f} µs   (promised: at most 1000)"
