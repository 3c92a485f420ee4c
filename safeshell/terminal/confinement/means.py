"""Which means this machine has to hold a session read-only, found out without confining anybody.

`available()` asks the kernel and looks for programs; the rest are sentences about what it found. Facts:
landlock(7), seccomp(2), bwrap(1), user_namespaces(7), sandbox-exec(1).
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.confinement.hold import Hold, Holder, bubblewrap_hold, landlock_hold, seatbelt_hold
from safeshell.terminal.confinement.kernel import Kernel, Memory
from safeshell.terminal.confinement.landlock import ABI_TRUNCATE, Landlock, landlock_here
from safeshell.terminal.confinement.syscall_numbers import Machine, machine_here

_SECCOMP_GET_ACTION_AVAIL: Final = 2
_SECCOMP_RET_ERRNO: Final = 0x00050000
_SANDBOX_EXEC: Final = Path("/usr/bin/sandbox-exec")


@frozen
class Means:
    """What is here.

    Args:
        landlock: what of Landlock.
        machine: whose system calls we know by number; None when this processor's are not known.
        seccomp: whether the kernel takes filters of system calls.
        bubblewrap: where it is installed; None when it is not.
        user_namespaces: whether an ordinary user may have one; bubblewrap needs it, root does not.
        seatbelt: where macOS's `sandbox-exec` is; None elsewhere.
    """

    landlock: Landlock = Landlock()
    machine: Machine | None = None
    seccomp: bool = False
    bubblewrap: Path | None = None
    user_namespaces: bool = False
    seatbelt: Path | None = None

    @property
    def filters(self) -> Machine | None:
        """The machine whose system calls can be filtered; None when none can."""
        return self.machine if self.seccomp else None

    @property
    def strongest(self) -> Holder | None:
        """What is to be used; None when nothing here can hold files.

        Landlock before its ABI 3 does not see a file emptied, so without a filter it is not enough.
        """
        if self.landlock.abi >= ABI_TRUNCATE or (self.landlock.abi and self.filters):
            return Holder.LANDLOCK
        if self.bubblewrap and (self.user_namespaces or os.geteuid() == 0):
            return Holder.BUBBLEWRAP
        return Holder.SEATBELT if self.seatbelt else None

    def hold(self, *, network: bool = True, unix_sockets: bool = True) -> Hold | None:
        """What the strongest means stops and leaves; None when there is none.

        Args:
            network: whether connections to other machines are left open.
            unix_sockets: whether sockets of this machine's services are left open.
        """
        filtered = self.filters is not None
        match self.strongest:
            case Holder.LANDLOCK:
                return landlock_hold(
                    self.landlock, filtered=filtered, network=network, unix_sockets=unix_sockets
                )
            case Holder.BUBBLEWRAP:
                return bubblewrap_hold(filtered=filtered, network=network, unix_sockets=unix_sockets)
            case Holder.SEATBELT:
                return seatbelt_hold(network=network, unix_sockets=unix_sockets)
            case None:
                return None

    @property
    def advice(self) -> str:
        """What is missing where nothing holds."""
        return (
            "not held by the kernel here, only by the proof of each line; it would take Landlock "
            "(Linux 5.13 or newer, landlock in its lsm= list) or bubblewrap"
        )


def available() -> Means:
    """Find out what is here; nothing is changed or started, it takes about a millisecond."""
    from shutil import which

    if sys.platform == "darwin":
        return Means(seatbelt=_SANDBOX_EXEC if _SANDBOX_EXEC.exists() else None)
    if sys.platform != "linux":
        return Means()
    bubblewrap = which("bwrap")
    machine = machine_here()
    try:
        kernel = Kernel()
    except OSError:
        return Means(bubblewrap=Path(bubblewrap) if bubblewrap else None, user_namespaces=_user_namespaces())
    return Means(
        landlock=landlock_here(kernel),
        machine=machine,
        seccomp=machine is not None and _takes_filters(kernel, machine),
        bubblewrap=Path(bubblewrap) if bubblewrap else None,
        user_namespaces=_user_namespaces(),
    )


def _takes_filters(kernel: Kernel, machine: Machine) -> bool:
    action = Memory(struct.pack("<I", _SECCOMP_RET_ERRNO))
    try:
        kernel.syscall(machine.numbers["seccomp"], _SECCOMP_GET_ACTION_AVAIL, 0, action.address)
    except OSError:
        return False
    return True


def _user_namespaces() -> bool:
    """Whether the system's settings let an ordinary user have one (user_namespaces(7); Debian's, Ubuntu's)."""
    settings = Path("/proc/sys")
    return (
        _number(settings / "user/max_user_namespaces", 0) > 0
        and _number(settings / "kernel/unprivileged_userns_clone", 1) > 0
        and _number(settings / "kernel/apparmor_restrict_unprivileged_userns", 0) == 0
    )


def _number(path: Path, otherwise: int) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return otherwise
