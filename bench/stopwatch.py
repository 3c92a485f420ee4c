"""Timing whole processes: wall time, time to the first byte, and the most memory they held."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: seconds to its first byte of output, seconds in all, most memory in MiB."""

    first_byte: float
    whole: float
    memory: float


def timed(command: Sequence[str], *, environ: Mapping[str, str], stdin: Path | None = None) -> Run:
    """Run `command` once.

    Raises:
        RuntimeError: it did not exit with 0.
    """
    source = stdin.open("rb") if stdin else subprocess.DEVNULL
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environ)
    )
    assert process.stdout
    process.stdout.read(1)
    first = time.perf_counter() - start
    while process.stdout.read(1 << 20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        error = process.stderr.read().decode(errors="replace") if process.stderr else ""
        raise RuntimeError(f"{' '.join(command)} exited with {process.returncode}: {error[:500]}")
    return Run(first, whole, usage.ru_maxrss / 1024)


def in_turn(rivals: Mapping[str, Callable[[], Run]], *, times: int) -> dict[str, Run]:
    """The median run of each rival, measured in turn `times` times."""
    runs: dict[str, list[Run]] = {name: [] for name in rivals}
    for _ in range(times):
        for name, run in rivals.items():
            runs[name].append(run())
    return {
        name: Run(
            statistics.median(run.first_byte for run in found),
            statistics.median(run.whole for run in found),
            statistics.median(run.memory for run in found),
        )
        for name, found in runs.items()
    }


def own_memory() -> float:
    """The most memory this process held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
