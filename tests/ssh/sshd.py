"""A real sshd on loopback that a test owns: its keys, its users' home, its configuration; gone with the test."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

DEADLINE = 20.0
_SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PrintMotd no
MaxSessions 30
MaxStartups 100
AcceptEnv LANG LC_* TEST_*
Subsystem sftp internal-sftp
LogLevel VERBOSE
"""


class SshServer:
    """A sshd that lets its owner in by a key; a context manager that ends it and all that it started.

    Args:
        folder: where its files are put; made if it isn't there.
        shell: the login shell that its sessions are told to have.
        lines: further lines of its configuration; the first value of a keyword wins.
        environ: variables that its sessions have.
        alias: the name by which the client's configuration knows it.
        home: the home of its sessions; one in its folder without.
    """

    def __init__(
        self,
        folder: Path,
        *,
        shell: str = "/bin/bash",
        lines: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        alias: str = "web-1",
        home: Path | None = None,
    ) -> None:
        self.folder = folder
        self.alias = alias
        self.home = home or folder / "home"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.home.mkdir(parents=True, exist_ok=True)
        self.user = getpass.getuser()
        self.port = free_port()
        self._shell = shell
        self._lines = list(lines)
        self._environ = dict(environ or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._make_keys()

    @property
    def host_key(self) -> str:
        """Its public host key as known_hosts writes it, `ssh-ed25519 AAAA…`."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    @property
    def known_hosts(self) -> Path:
        """The client's known hosts."""
        return self.folder / "known_hosts"

    @property
    def client_key(self) -> Path:
        """The key that lets its owner in."""
        return self.folder / "client_key"

    @property
    def client_config(self) -> Path:
        """A configuration for ssh that knows this server by its alias."""
        file = self.folder / "ssh_config"
        file.write_text(self.host_block())
        return file

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "sshd.log").read_text(errors="replace")

    def host_block(self, *more: str, alias: str = "") -> str:
        """The lines of ssh's configuration for it; `more` come first, so that they win."""
        lines = [
            *more,
            "HostName 127.0.0.1",
            f"Port {self.port}",
            f"User {self.user}",
            f"IdentityFile {self.client_key}",
            "IdentitiesOnly yes",
            "IdentityAgent none",
            f"UserKnownHostsFile {self.known_hosts}",
            "GlobalKnownHostsFile none",
        ]
        return f"Host {alias or self.alias}\n" + "".join(f"    {line}\n" for line in lines)

    def make_key(self, name: str, kind: str = "ed25519", *, passphrase: str = "") -> Path:
        """A new key pair in its folder; the private half."""
        path = self.folder / name
        _keygen("-t", kind, "-N", passphrase, "-C", name, "-f", str(path))
        return path

    def knows(self) -> None:
        """Put its host key into the client's known hosts."""
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {self.host_key}\n")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        assert program, "sshd is missing: install openssh-server"
        if os.geteuid() == 0:
            # OpenSSH wants its empty folder, which the service's start makes otherwise.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = self.folder / "sshd_config"
        environ = {"HOME": str(self.home), "SHELL": self._shell, **self._environ}
        told = "SetEnv " + " ".join(f'{name}="{value}"' for name, value in environ.items())
        config.write_text(
            "".join(f"{line}\n" for line in self._lines)
            + _SETTINGS.format(port=self.port, folder=self.folder)
            + f"{told}\n"
        )
        self._process = subprocess.Popen(
            [program, "-D", "-f", str(config), "-E", str(self.folder / "sshd.log")],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        give_up_at = time.monotonic() + DEADLINE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < give_up_at and self._process.poll() is None, self.log
                time.sleep(0.02)

    def stop(self) -> None:
        """End it and its sessions."""
        if self._process is None:
            return
        for pid in _descendants(self._process.pid):
            _kill(pid)
        self._process.kill()
        self._process.wait()
        self._process = None

    def cut(self) -> None:
        """Cut every connection, and go on listening."""
        assert self._process
        for pid in _children(self._process.pid):
            _kill(pid)

    def _make_keys(self) -> None:
        self.make_key("host_key")
        self.make_key("client_key")
        (self.folder / "authorized_keys").write_text((self.folder / "client_key.pub").read_text())
        self.knows()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *words], check=True, stdin=subprocess.DEVNULL)


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def _descendants(pid: int) -> list[int]:
    children = _children(pid)
    return [*children, *(below for child in children for below in _descendants(child))]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 9)
