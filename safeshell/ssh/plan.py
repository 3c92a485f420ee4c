"""A remote session about to begin: values, and the calls that make the rest of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from safeshell.config.settings import KernelHold
from safeshell.frozen import frozen
from safeshell.guard.environment import Environment
from safeshell.ssh.side_channel import Runner
from safeshell.terminal.theme import Theme
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.session_screen import SessionScreen


@frozen
class Link:
    """What a transport is started with, besides what was typed.

    Args:
        folder: a folder of this session's alone.
        command: what runs on the host; "" for a login shell as ever.
    """

    folder: Path
    command: str

    @property
    def keys(self) -> Path:
        """Where the transport writes the host's key, a line each: its name, type, and fingerprint."""
        return self.folder / "host-keys"

    @property
    def control(self) -> Path:
        """The socket by which another channel of the same connection is had."""
        return self.folder / "control"


class Transport(Protocol):
    """Makes the connection; runs in a terminal of its own, and behaves like ssh there."""

    name: str

    def argv(self, link: Link) -> Sequence[str]:
        """The program and its arguments."""

    def again(self, link: Link, command: str) -> Sequence[str]:
        """The program and its arguments for another session beside that of `link`."""

    def side_channel(self, link: Link) -> Runner | None:
        """Another channel of the connection; None where there is none to be had."""


class Equip(Protocol):
    """Makes what a session works with, once it is known who answers."""

    def __call__(self, host: str, link: Link, screen: SessionScreen, size: WindowSize) -> Reached:
        """The equipment of a session on the host that calls itself `host`; "" where it has not said."""


@frozen
class Reached:
    """A host that has answered.

    Args:
        equipment: what the session on it works with.
        environment: its environment, by its name and by its key.
        target: what questions ask for.
        told: what a person has to know of it at once; "" for nothing.
        runner: runs programs on it; None where there is no other channel.
    """

    equipment: Equipment
    environment: Environment
    target: str
    told: str = ""
    runner: Runner | None = None


@frozen
class RemotePlan:
    """A remote session about to begin.

    Args:
        transport: makes the connection.
        environ: the environment of this process.
        names: variables whose values say where a command would act.
        theme: the terminal's looks.
        environment: the host's by its name, until it is reached.
        target: its name, until it is reached.
        equip: makes what the session works with.
        integrate: whether the remote shell is to have the hook.
        command: what is run instead of a login shell; "" for a login shell.
        watch: whether lines are read from the screen where there is no hook.
        kernel: whether the host's kernel is to hold a read-only session.
        tint: whether the background is to have the environment's colour.
        tab: whether the window's tab is.
    """

    transport: Transport
    environ: Mapping[str, str]
    names: Sequence[str]
    theme: Theme
    environment: Environment
    target: str
    equip: Equip
    integrate: bool = True
    command: str = ""
    watch: bool = True
    kernel: KernelHold = KernelHold.AUTO
    tint: bool = False
    tab: bool = False
