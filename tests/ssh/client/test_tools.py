"""Programs that call ssh themselves, with our client in its place."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from safeshell.ssh.client.transport import OwnClient
from safeshell.ssh.options import read_call
from tests.ssh.client.calls import environ
from tests.ssh.sshd import SshServer


@pytest.fixture
def ssh(shared_sshd: SshServer, tmp_path: Path) -> Path:
    """A program with ssh's words that is our client."""
    words = OwnClient("ssh", read_call(["-F", str(shared_sshd.client_config), "HOST"])).exec_argv()
    program = tmp_path / "ssh"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words[: words.index("HOST") - 1])} "$@"\n')
    program.chmod(0o755)
    return program


def test_git_clones(ssh: Path, shared_sshd: SshServer, tmp_path: Path) -> None:
    there = tmp_path / "there"
    _run(["git", "init", "-q", str(there)], shared_sshd)
    (there / "file").write_text("content")
    _run(["git", "-C", str(there), "add", "file"], shared_sshd)
    _run(
        ["git", "-C", str(there), "-c", "user.name=me", "-c", "user.email=me@x", "commit", "-qm", "x"],
        shared_sshd,
    )

    _run(
        ["git", "clone", "-q", f"ssh://web-1{there}", str(tmp_path / "here")],
        shared_sshd,
        GIT_SSH_COMMAND=str(ssh),
    )

    assert (tmp_path / "here/file").read_text() == "content"


@pytest.mark.parametrize("protocol", ["-s", "-O"])
def test_scp_copies_both_ways(ssh: Path, shared_sshd: SshServer, tmp_path: Path, protocol: str) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)

    _run(["scp", "-q", protocol, "-S", str(ssh), str(tmp_path / "a"), f"web-1:{tmp_path}/b"], shared_sshd)
    _run(["scp", "-q", protocol, "-S", str(ssh), f"web-1:{tmp_path}/b", str(tmp_path / "c")], shared_sshd)

    assert (tmp_path / "c").read_bytes() == data


def test_rsync_copies(ssh: Path, shared_sshd: SshServer, tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    for number in range(30):
        (tmp_path / f"from/{number}").write_bytes(os.urandom(20_000))

    _run(["rsync", "-a", "-e", str(ssh), f"{tmp_path}/from/", f"web-1:{tmp_path}/to/"], shared_sshd)

    assert {file.name: file.read_bytes() for file in (tmp_path / "to").iterdir()} == {
        file.name: file.read_bytes() for file in (tmp_path / "from").iterdir()
    }


def _run(words: list[str], server: SshServer, **more: str) -> None:
    done = subprocess.run(
        words,
        env=environ(server, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
