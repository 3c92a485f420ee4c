"""Calls of our client as a program of its own, as the front makes them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.person import Person
from tests.ssh.sshd import SshServer

ROOT = Path(__file__).parents[3]
DEADLINE = 60


def argv(*words: str) -> tuple[str, ...]:
    """The command line of our client."""
    return (sys.executable, "-m", "tests.ssh.client.as_ssh", *words)


def environ(server: SshServer | None = None, **more: str) -> dict[str, str]:
    """An environment without the tester's agent."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "LC_", "DISPLAY"))
    }
    home = {"HOME": str(server.home)} if server else {}
    return {**kept, **home, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


def call(
    server: SshServer, *words: str, data: bytes = b"", config: Path | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run our client to its end, without a terminal."""
    return subprocess.run(
        argv("-F", str(config or server.client_config), *words),
        input=data,
        capture_output=True,
        env=environ(server, **more),
        cwd=ROOT,
        timeout=DEADLINE,
        start_new_session=True,
        check=False,
    )


@contextmanager
def running(
    server: SshServer, *words: str, config: Path | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Our client while it runs."""
    process = subprocess.Popen(
        argv("-F", str(config or server.client_config), *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server, **more),
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def person(server: SshServer, *words: str, config: Path | None = None, **more: str) -> Person:
    """Somebody who runs our client in a terminal."""
    return Person(
        *argv("-F", str(config or server.client_config), *words), environ=environ(server, **more), folder=ROOT
    )


def config(folder: Path, *blocks: str) -> Path:
    """A configuration of several hosts."""
    file = folder / "config"
    file.write_text("".join(blocks))
    return file
