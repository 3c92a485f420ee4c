"""Reading shell lines: verdicts on the packs' own examples, growth with length, and one whole process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.pack_source import PACKS, load_pack

WORDS = 5_000
RUNS = 15


def measure() -> Iterator[str]:
    """Judge every example once in a warm process, then long lines, then start the program."""
    dialect = ShellDialect()
    where = Circumstances(PRODUCTION, Mode.GUARDED, "web", datetime.now(UTC))

    def duration(line: str) -> float:
        start = time.perf_counter()
        judge(dialect.read(line), where)
        return time.perf_counter() - start

    lines = _examples()
    for line in lines:
        duration(line)
    taken = [min(duration(line), duration(line)) for line in lines]
    quantiles = statistics.quantiles(taken, n=100)
    yield f"{len(lines):,} lines, each in a warm process"
    yield f"verdicts per second      {len(taken) / sum(taken):>10,.0f}"
    yield f"median of one line       {quantiles[49] * 1e6:>10.1f} µs   (promised: under 300)"
    yield f"99th percentile          {quantiles[98] * 1e6:>10.1f} µs   (promised: under 1000)"
    shapes = {
        "operands": lambda count: "rm " + " ".join(f"f{at}" for at in range(count)),
        "commands": lambda count: ";".join(["ls -la"] * (count // 2)),
        "characters": lambda count: "echo " + "x" * (count * 10),
    }
    for name, shape in shapes.items():
        once, twice = (
            statistics.median(duration(shape(size)) for _ in range(5)) for size in (WORDS, 2 * WORDS)
        )
        yield f"twice as many {name:<11}{twice / once:>10.2f} times as long   (linear: 2)"
    bare = _process(["-c", "pass"])
    for line in ("kubectl get pods", "sudo sh -c 'rm -rf /srv/*' | tee log"):
        whole = _process(["-m", "safeshell", "check", "--", line])
        yield f"check -- {line[:24]:<24} {whole / bare:>6.1f} times `python -c pass`   (promised: under 6.7)"


def _examples() -> list[str]:
    found: dict[str, None] = {}
    for path in sorted(PACKS.glob("*.toml")):
        pack = load_pack(path)
        for entry in (*pack.rules, *pack.reads):
            found.update(dict.fromkeys((*entry.hits, *entry.misses)))
    return list(found)


def _process(arguments: list[str]) -> float:
    """Seconds of one run, the best of several: everything else is the machine's."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=False)
        best = min(best, time.perf_counter() - start)
    return best
