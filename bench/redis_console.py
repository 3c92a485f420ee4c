"""The Redis console against redis-cli and iredis: start, one-shot, pipe, memory."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect

from bench.stopwatch import Run, in_turn, timed
from tests.servers import RedisServer

LINES = 100_000
TURNS = 9


def measure() -> Iterator[str]:
    """Each comparison on one throw-away server, in one run."""
    here = Path(sys.executable).parent
    own, cli = str(here / "safeshell"), _needed("redis-cli")
    iredis = str(here / "iredis")
    if not Path(iredis).exists():
        raise SystemExit("iredis is not installed: pip install 'safeshell[bench]'")
    with RedisServer() as server, tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "HOME": folder, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder}
        port = str(server.port)
        rivals = {
            "redis-cli": [cli, "-p", port],
            "safeshell": [own, "redis", "-p", port],
            "iredis": [iredis, "-p", port],
        }
        yield from _one_shot(rivals, environ, Path(folder))
        yield from _prompt(rivals, environ)
        del rivals["iredis"]  # it takes minutes for what the others do in a second
        yield from _load(rivals, environ, server)


def _one_shot(rivals: dict[str, list[str]], environ: dict[str, str], folder: Path) -> Iterator[str]:
    ping = folder / "ping"
    ping.write_text("PING\n")
    runs = in_turn(
        {name: (lambda c=command: timed(c, environ=environ, stdin=ping)) for name, command in rivals.items()},
        times=TURNS,
    )
    yield from _table("PING from a pipe: first reply, whole process, memory", runs)
    share = runs["safeshell"].whole / runs["iredis"].whole
    yield f"  safeshell takes {share:.2f} of iredis' time (promised: under 0.50)"


def _prompt(rivals: dict[str, list[str]], environ: dict[str, str]) -> Iterator[str]:
    def first_prompt(command: list[str]) -> Run:
        start = time.perf_counter()
        child = pexpect.spawn(command[0], command[1:], env={**environ, "TERM": "xterm-256color"}, timeout=30)
        # prompt_toolkit paints the prompt, moves the cursor behind it and shows it; redis-cli just prints.
        child.expect(r">( |.{0,200}\x1b\[\?25h)")
        shown = time.perf_counter() - start
        memory = _memory(child.pid)
        child.close(force=True)
        return Run(shown, shown, memory)

    runs = in_turn(
        {name: (lambda c=command: first_prompt(c)) for name, command in rivals.items()}, times=TURNS
    )
    yield from _table("first prompt of the console; memory while idle", runs)


def _load(rivals: dict[str, list[str]], environ: dict[str, str], server: RedisServer) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".redis") as script:
        script.writelines(f"SET load:{number} value-{number}\n" for number in range(LINES))
        script.flush()

        def load(command: list[str]) -> Run:
            server.send("FLUSHALL")
            run = timed(command, environ=environ, stdin=Path(script.name))
            if int(server.send("DBSIZE")) != LINES:
                raise RuntimeError(f"{command[0]} did not store every line")
            return run

        runs = in_turn({name: (lambda c=command: load(c)) for name, command in rivals.items()}, times=5)
    yield from _table(f"{LINES:,} SET lines from a file, every one judged", runs)
    times_faster = runs["redis-cli"].whole / runs["safeshell"].whole
    yield f"  safeshell is {times_faster:.2f} times as fast as redis-cli (promised: at least 1, aim 10)"


def _table(title: str, runs: dict[str, Run]) -> Iterator[str]:
    yield title
    for name, run in runs.items():
        first, whole = run.first_byte * 1e3, run.whole * 1e3
        yield f"  {name:<10} {first:>9.1f} ms {whole:>9.1f} ms {run.memory:>7.1f} MiB"


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _needed(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise SystemExit(f"{program} is not installed")
    return found
