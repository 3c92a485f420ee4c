"""What the wrapped terminal costs: throughput against script(1), keys, clean lines, first prompt, idling, memory.

Each figure is the wrapped shell beside the bare one, in turn on the same machine in the same run. Whoever plays the
person is a process on that machine too: the differences are what counts.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

_OUTPUT = 100 << 20
_FLOODS = 5
_LINES = 80
_STARTS = 9
_IDLE = 5.0
_PATIENCE = 30.0
_PROMPT = b"P> "
_RC = {
    ".bashrc": "PS1='P> '\n",
    ".zshrc": "PROMPT='P> '\nunsetopt PROMPT_SP\n",
    ".config/fish/config.fish": "function fish_prompt; printf 'P> '; end\nset -g fish_greeting\n",
}
_AIMS = {"clean line to its output": "1, p99 3"}
_WRAPPED = (sys.executable, "-m", "safeshell", "shell", "--")


class Seat:
    """A place before a program in a pseudo-terminal, as fast as Python goes; a context manager that ends it."""

    def __init__(self, argv: tuple[str, ...], home: Path) -> None:
        self._rest = b""
        self.began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(home)
                os.execvpe(argv[0], argv, _environ(home))
            finally:
                os._exit(127)

    def press(self, keys: str) -> float:
        """Send keys; the moment."""
        moment = time.perf_counter()
        os.write(self._terminal, keys.encode())
        return moment

    def until(self, what: bytes) -> float:
        """Read up to `what`; the moment it was there.

        Raises:
            RuntimeError: it never was.
        """
        give_up_at = time.perf_counter() + _PATIENCE
        while what not in self._rest:
            if not self._read(max(give_up_at - time.perf_counter(), 0.0)):
                raise RuntimeError(f"waited in vain for {what!r} behind {self._rest[-200:]!r}")
        self._rest = self._rest.partition(what)[2]
        return time.perf_counter()

    def quiet(self, seconds: float) -> None:
        """Read until nothing has come for so long, and forget it."""
        while self._read(seconds):
            pass
        self._rest = b""

    def drain(self) -> int:
        """Read to the end; how many bytes came."""
        count = 0
        with contextlib.suppress(OSError):
            while data := os.read(self._terminal, 1 << 16):
                count += len(data)
        return count

    def _read(self, seconds: float) -> bool:
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            self._rest += os.read(self._terminal, 1 << 16)
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._terminal)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def measure() -> Iterator[str]:
    """Throughput, then each shell there is, then a session that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name, text in _RC.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        yield from _throughput(home)
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell):
                yield from _shell(shell, home)
            else:
                yield f"{shell}: is not installed"
        yield from _idle(home)


def _environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }


def _throughput(home: Path) -> Iterator[str]:
    line = "\x1b[32m2026-11-23 09:12:33\x1b[0m request for /home handled in 12 ms by worker 3\n"
    (home / "output").write_text(line * (_OUTPUT // len(line)))
    rivals = {
        "bare": ("cat", "output"),
        "script": ("script", "-qc", "cat output", "/dev/null"),
        "safeshell": (*_WRAPPED, "cat", "output"),
    }
    if not shutil.which("script"):
        del rivals["script"]
    found: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(_FLOODS):
        for name, argv in rivals.items():
            found[name].append(_flood(argv, home))
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    yield f"throughput of {_OUTPUT >> 20} MiB of coloured lines, MB/s"
    yield "  " + "   ".join(f"{name} {rate:.0f}" for name, rate in medians.items())
    if "script" in medians:
        yield f"  against script(1)  {medians['safeshell'] / medians['script']:.2f}   (aim: 1.0, at least 0.8)"


def _flood(argv: tuple[str, ...], home: Path) -> float:
    with Seat(argv, home) as seat:
        seat.until(b"2026")
        start = time.perf_counter()
        return seat.drain() / (time.perf_counter() - start) / 1e6


def _shell(shell: str, home: Path) -> Iterator[str]:
    starts = _in_turn(_STARTS, lambda argv: _start(argv, home), shell)
    rounds = {name: _lines(argv, home) for name, argv in _rivals(shell).items()}
    yield f"{shell}: milliseconds, bare / wrapped / added"
    yield _row("start to first prompt", starts, at_aim="100")
    for name, aim in (
        ("echo of a key", ""),
        ("clean line to its output", "1, p99 3"),
        ("… to the next prompt", ""),
    ):
        yield _row(name, {rival: found[name] for rival, found in rounds.items()}, at_aim=aim)


def _rivals(shell: str) -> dict[str, tuple[str, ...]]:
    return {"bare": (shell,), "wrapped": (*_WRAPPED, shell)}


def _in_turn(times: int, run: Callable[[tuple[str, ...]], float], shell: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"bare": [], "wrapped": []}
    for _ in range(times):
        for name, argv in _rivals(shell).items():
            found[name].append(run(argv))
    return found


def _start(argv: tuple[str, ...], home: Path) -> float:
    with Seat(argv, home) as seat:
        took = seat.until(_PROMPT) - seat.began
        seat.press("exit\r")
        seat.drain()
    return took


def _lines(argv: tuple[str, ...], home: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {
        "echo of a key": [],
        "clean line to its output": [],
        "… to the next prompt": [],
    }
    with Seat(argv, home) as seat:
        seat.until(_PROMPT)
        for at in range(_LINES):
            seat.quiet(0.02)
            seat.press(f"echo on''e{at}")
            seat.quiet(0.03)
            pressed = seat.press("z")
            found["echo of a key"].append(seat.until(b"z") - pressed)
            seat.quiet(0.02)
            pressed = seat.press("\r")
            found["clean line to its output"].append(seat.until(f"one{at}z\r\n".encode()) - pressed)
            found["… to the next prompt"].append(seat.until(_PROMPT) - pressed)
        seat.press("exit\r")
        seat.drain()
    return found


def _row(name: str, found: dict[str, list[float]], *, at_aim: str) -> str:
    cells = []
    for quantile in (50, 99):
        bare, wrapped = (_quantile(found[rival], quantile) * 1e3 for rival in ("bare", "wrapped"))
        cells.append(f"p{quantile} {bare:7.2f} /{wrapped:7.2f} /{wrapped - bare:7.2f}")
    return f"  {name:<25} {'   '.join(cells)}" + (f"   (aim: {at_aim})" if at_aim else "")


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _idle(home: Path) -> Iterator[str]:
    with Seat((*_WRAPPED, "bash"), home) as seat:
        seat.until(_PROMPT)
        seat.quiet(0.5)
        ours = [seat.pid, *_children(seat.pid)]
        before = [_woken(pid) for pid in ours]
        seat.quiet(_IDLE)
        woken = sum(_woken(pid) for pid in ours) - sum(before)
        memory = [_memory(pid) for pid in ours]
        yield f"idle for {_IDLE:.0f} s: woken {woken} times (aim: 0)"
        yield f"memory of its own (Pss): {' + '.join(f'{one:.1f}' for one in memory)} MiB in {len(ours)} processes"
        seat.press("exit\r")
        seat.drain()


def _children(pid: int) -> list[int]:
    """The guard below the process that watches over it."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _woken(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return sum(int(count) for count in re.findall(r"ctxt_switches:\s+(\d+)", status))


def _memory(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
