"""What ssh's configuration asks of the machine it is read on: files, homes, names, and the programs of `Match exec`.

The reader knows only the interface; everything here acts on the world, and decides nothing.
"""

from __future__ import annotations

import glob
import os
import pwd
import socket
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from safeshell.ssh.local_addresses import Address, local_addresses


class UnsafeFile(OSError):
    """Somebody else could have written the file."""


class Machine(Protocol):
    """The machine, and the person who runs ssh there."""

    user: str
    uid: int
    home: str
    name: str
    """The machine's name, as gethostname(3) has it."""
    environ: Mapping[str, str]

    def read(self, path: str, *, guarded: bool) -> str:
        """What stands in a file.

        Args:
            path: the file.
            guarded: whether it counts only if nobody but its owner, this person or root, can write it.

        Raises:
            UnsafeFile: it is guarded, and somebody else can.
            OSError: it can't be read.
        """

    def paths(self, pattern: str) -> list[str]:
        """The files that a pattern of glob(3) stands for, sorted."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""

    def home_of(self, user: str) -> str | None:
        """The home of somebody; None for nobody."""

    def port_of(self, service: str) -> int | None:
        """The number of a service's port; None for one that is unknown."""

    def succeeds(self, command: str) -> bool:
        """Whether a command of the shell ends with status 0."""

    def addresses(self) -> tuple[Address, ...]:
        """Those of the network interfaces."""

    def numeric(self, host: str) -> str | None:
        """The usual spelling of an address; None for what is none."""

    def canonical(self, host: str, family: str) -> str | None:
        """The name that the resolver has for a host; None for a host that it doesn't know.

        Args:
            host: the name.
            family: `any`, `inet`, or `inet6`.
        """


class ThisMachine:
    """The machine that this process runs on."""

    def __init__(self) -> None:
        entry = pwd.getpwuid(os.getuid())
        self.user = entry.pw_name
        self.uid = entry.pw_uid
        self.home = entry.pw_dir
        self.name = socket.gethostname()
        self.environ: Mapping[str, str] = os.environ

    def read(self, path: str, *, guarded: bool) -> str:
        """What stands in a file. Raises as `Machine.read` says."""
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            others = stat.S_IWGRP | stat.S_IWOTH
            if guarded and (status.st_uid not in (0, self.uid) or status.st_mode & others):
                raise UnsafeFile(path)
            return file.read().decode("utf-8", "surrogateescape")

    def paths(self, pattern: str) -> list[str]:
        """The files that a pattern stands for, in the order of their bytes."""
        return sorted(glob.glob(pattern), key=os.fsencode)  # noqa: PTH207 - absolute patterns

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return Path(path).exists()

    def home_of(self, user: str) -> str | None:
        """The home of somebody; None for nobody."""
        try:
            return pwd.getpwnam(user).pw_dir
        except KeyError:
            return None

    def port_of(self, service: str) -> int | None:
        """The number of a service's port; None for one that is unknown."""
        try:
            return socket.getservbyname(service, "tcp")
        except (OSError, UnicodeError, ValueError):
            return None

    def succeeds(self, command: str) -> bool:
        """Whether a command of the person's shell ends with status 0. It has nothing to read; its words are lost."""
        done = subprocess.run(
            (self.environ.get("SHELL") or "/bin/sh", "-c", command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode == 0

    def addresses(self) -> tuple[Address, ...]:
        """Those of the network interfaces that are up."""
        return local_addresses()

    def numeric(self, host: str) -> str | None:
        """The usual spelling of an address; None for what is none."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            return socket.getnameinfo(found[0][4], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
        except (OSError, UnicodeError):
            return None

    def canonical(self, host: str, family: str) -> str | None:
        """The name that the resolver has for a host; None for a host that it doesn't know."""
        families = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
        try:
            found = socket.getaddrinfo(
                host,
                None,
                family=families.get(family, socket.AF_UNSPEC),
                type=socket.SOCK_STREAM,
                flags=socket.AI_CANONNAME,
            )
        except (OSError, UnicodeError):
            return None
        return found[0][3].lower() or host
