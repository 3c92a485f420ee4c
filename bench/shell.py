"""Reading shell lines: verdicts on the corpus, growth with length, words and depth, and one whole process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.pack_source import PACKS, load_pack
from tests.shell.corpus import cases

CLASSES = ("destructive", "bypass_attempts", "harmless", "false_alarms", "changing", "diagnosis")
SIZES = (1_000, 10_000, 100_000)
PROCESSES = 15
PROMISED = 80 / 12
"""Whole processes: 80 ms where `python -c pass` takes 12."""

GROWING: dict[str, Callable[[int], str]] = {
    "one word": lambda size: "echo " + "x" * size,
    "short words": lambda size: "rm" + " abc" * (size // 4),
    "commands": lambda size: "ls -l; " * (size // 7),
    "pipes in a list": lambda size: "cat f | wc -l && " * (size // 17) + "true",
    "quotes": lambda size: "echo" + " \"a 'b' $c\"" * (size // 11),
    "here-document": lambda size: "cat <<'E'\n" + "a line of text\n" * (size // 15) + "E",
}
WORDS: Callable[[int], str] = lambda count: "rm " + " ".join(f"f{at}" for at in range(count))  # noqa: E731
LEVELS: dict[str, Callable[[int], str]] = {
    "( … )": lambda depth: "(" * depth + "ls" + ")" * depth,
    "$( … )": lambda depth: "echo $(" * depth + "ls" + ")" * depth,
    "sudo …": lambda depth: "sudo " * depth + "ls",
}


def measure() -> Iterator[str]:
    """Judge the corpus in a warm process, then lines that grow, then start the program."""
    dialect = ShellDialect()
    where = Circumstances(PRODUCTION, Mode.GUARDED, "web", datetime.now(UTC))

    def duration(line: str) -> float:
        start = time.perf_counter()
        judge(dialect.read(line), where)
        return time.perf_counter() - start

    def median(line: str) -> float:
        return statistics.median(duration(line) for _ in range(5))

    yield from _verdicts(duration)
    yield from _growth(median)
    yield from _processes()


def _verdicts(duration: Callable[[str], float]) -> Iterator[str]:
    for name, lines in (("the corpus", cases.all_lines(*CLASSES)), ("the packs' examples", _examples())):
        for line in lines:
            duration(line)
        taken = [statistics.median(duration(line) for _ in range(3)) for line in lines]
        quantiles = statistics.quantiles(taken, n=100)
        yield f"{len(lines):,} lines of {name}, each in a warm process"
        yield f"  verdicts per second      {len(taken) / sum(taken):>10,.0f}"
        yield f"  median of one line       {quantiles[49] * 1e6:>10.1f} µs   (promised: under 300)"
        yield f"  99th percentile          {quantiles[98] * 1e6:>10.1f} µs   (promised: under 1000)"
        yield f"  slowest                  {max(taken) * 1e6:>10.1f} µs   {lines[taken.index(max(taken))][:60]!r}"


def _growth(median: Callable[[str], float]) -> Iterator[str]:
    yield "growth with length: 1 kB, 10 kB, 100 kB, and each step as a ratio (linear: 10)"
    for name, shape in GROWING.items():
        times = [median(shape(size)) for size in SIZES]
        shown = " ".join(f"{one * 1e3:>8.2f} ms" for one in times)
        yield f"  {name:<16} {shown} {times[1] / times[0]:>8.1f} {times[2] / times[1]:>6.1f}"
    few, many = median(WORDS(1_000)), median(WORDS(10_000))
    yield f"  10,000 words take {many / few:.1f} times as long as 1,000 (linear: 10)"
    for name, shape in LEVELS.items():
        ratio = median(shape(60)) / median(shape(15))
        yield f"  60 levels of {name:<7} take {ratio:.1f} times as long as 15 (linear: 4)"


def _processes() -> Iterator[str]:
    lines = ("kubectl get pods", "sudo sh -c 'rm -rf /srv/*' | tee log")
    rivals = {"": ["-c", "pass"]} | {line: ["-m", "safeshell", "check", "--", line] for line in lines}
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(PROCESSES):  # in turn: a busy machine slows them all alike
        for name, arguments in rivals.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=False)
            taken[name].append(time.perf_counter() - start)
    bare = statistics.median(taken.pop(""))
    yield f"whole processes, in times of `python -c pass` (promised: under {PROMISED:.1f})"
    for line, all_of_it in taken.items():
        yield f"  check -- {line:<42} {statistics.median(all_of_it) / bare:>6.1f}"


def _examples() -> list[str]:
    found: dict[str, None] = {}
    for path in sorted(PACKS.glob("*.toml")):
        pack = load_pack(path)
        for entry in (*pack.rules, *pack.reads):
            found.update(dict.fromkeys((*entry.hits, *entry.misses)))
    return list(found)
