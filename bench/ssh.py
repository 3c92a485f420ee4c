"""What the SSH client costs beside the system's ssh, on loopback in one run: connecting, keys, lines, bulk, memory.

The link is made slower by a proxy of our own where it says so: half of the round trip in each direction.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.wrapped import Seat
from tests.ssh.slow_link import SlowLink
from tests.ssh.sshd import SshServer

_PROMPT = b"P> "
_CONNECTS = 5
_KEYS = 60
_LINES = 40
_BULK = 200 << 20
_ROUND_TRIPS = (0.0, 0.05, 0.2)


def measure() -> Iterator[str]:
    """The figures, a line each."""
    os.environ.setdefault("TERM", "xterm")
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as server:
        for name, words in _clients(server).items():
            yield f"\n{name}"
            yield from _connecting(words, server.home)
            yield from _typing(words, server)
            yield from _bulk(words)
        yield "\nclean line, from Enter to its output, in ms"
        for seconds in _ROUND_TRIPS:
            for name, words in _clients(server).items():
                yield _lines_over(name, words, server, seconds)


def _clients(server: SshServer) -> dict[str, list[str]]:
    config = ["-F", str(server.client_config)]
    own = [sys.executable, "-P", "-m", "safeshell", "--mode", "open", "ssh"]
    return {
        "ssh": ["ssh", *config],
        "safeshell ssh (openssh)": [*own, "--transport", "openssh", *config],
        "safeshell ssh (paramiko)": [*own, "--transport", "paramiko", *config],
    }


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[SshServer]:
    home = folder / "home"
    home.mkdir()
    (home / ".bash_profile").write_text("PS1='P> '\n")
    with SshServer(folder / "sshd", home=home) as server:
        yield server


def _connecting(words: list[str], home: Path) -> Iterator[str]:
    took = []
    for _ in range(_CONNECTS):
        with Seat((*words, "-t", "web-1") if words[0] == "ssh" else (*words, "web-1"), home) as seat:
            took.append((seat.until(_PROMPT) - seat.began) * 1000)
    yield f"  to the first prompt     {statistics.median(took):8.0f} ms"


def _typing(words: list[str], server: SshServer) -> Iterator[str]:
    with Seat((*words, "web-1"), server.home) as seat:
        seat.until(_PROMPT)
        echoes, lines = [], []
        for _ in range(_KEYS):
            pressed = seat.press("x")
            echoes.append((seat.until(b"x") - pressed) * 1000)
        seat.press("\x15")
        time.sleep(0.2)
        lines = _timed_lines(seat)
        memory = _memory(seat.pid)
    yield f"  a key's echo            {statistics.median(echoes):8.2f} ms"
    yield f"  a clean line            {statistics.median(lines):8.2f} ms"
    yield f"  memory                  {memory:8.0f} MiB (all its processes, what they share counted once)"


def _timed_lines(seat: Seat) -> list[float]:
    took = []
    for number in range(_LINES):
        pressed = seat.press(f"echo d''one-{number}\r")
        took.append((seat.until(f"done-{number}".encode()) - pressed) * 1000)
        seat.until(_PROMPT)
    return took


def _bulk(words: list[str]) -> Iterator[str]:
    for name, command, given in (
        ("download", f"head -c {_BULK} /dev/zero", None),
        ("upload", "cat >/dev/null", bytes(_BULK)),
    ):
        rates = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run(
                [*words, "web-1", command], input=given, stdin=None if given else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
            rates.append(_BULK / (1 << 20) / (time.perf_counter() - began))
        yield f"  {name:<22}  {statistics.median(rates):8.0f} MiB/s (connecting included)"


def _lines_over(name: str, words: list[str], server: SshServer, seconds: float) -> str:
    with SlowLink(server.port, seconds / 2) as link:
        named = [
            "-o",
            f"Port={link.port}",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ]
        with Seat((*words, *named, "-o", "LogLevel=ERROR", "web-1"), server.home) as seat:
            seat.until(_PROMPT)
            took = statistics.median(_timed_lines(seat)[:15])
    return f"  at {seconds * 1000:3.0f} ms of round trip  {name:<26} {took:8.1f}"


def _memory(pid: int) -> float:
    """The proportional set size of a process and all below it, in MiB (proc(5))."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(found[1]) / 1024 if found else 0) + sum(_memory(int(child)) for child in children)
