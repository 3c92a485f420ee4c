"""What root gives up to be a reader: every capability but those that looking around takes.

Landlock holds files against root, too; routes, firewalls, clocks, mounts and devices it does not hold, and these go
by capabilities. What is dropped from the bounding set comes back in no child. Facts: capabilities(7), capset(2),
PR_CAPBSET_DROP(2const).
"""

from __future__ import annotations

import contextlib
import struct
from typing import Final

from safeshell.terminal.confinement.kernel import Kernel, Memory
from safeshell.terminal.confinement.syscall_numbers import Machine

_KILL: Final = 5
_KEPT: Final = {
    "CAP_DAC_OVERRIDE": 1,  # Landlock stands in front of it; without it root could not use a scratch folder of yours
    "CAP_DAC_READ_SEARCH": 2,
    "CAP_SETGID": 6,  # su and runuser to an ordinary user, to look at things as they do
    "CAP_SETUID": 7,
    "CAP_NET_RAW": 13,  # ping, tcpdump
    "CAP_SYS_PTRACE": 19,  # other people's /proc
    "CAP_SYS_RESOURCE": 24,  # what PAM sets for a session
    "CAP_AUDIT_WRITE": 29,  # su tells the audit log, and gives up when it can't
    "CAP_SYSLOG": 34,  # dmesg
    "CAP_AUDIT_READ": 37,
    "CAP_PERFMON": 38,
}
_WAYS_OUT: Final = ("CAP_SYS_PTRACE", "CAP_SETUID", "CAP_SETGID")
"""With these a file outside is reached by another process's `/proc/PID/root`, past mounts that are read-only."""
_VERSION_3: Final = 0x20080522
_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_HIGHEST: Final = 63


def permitted(status: str) -> int:
    """The permitted set in the text of a `/proc/PID/status`, as a mask; 0 where it says none (proc(5))."""
    said = next((line.split()[1] for line in status.splitlines() if line.startswith("CapPrm:")), "0")
    return int(said, 16)


def kept_names(held: int) -> tuple[str, ...]:
    """The names, as bubblewrap writes them, of what root keeps where nothing keeps signals inside.

    Args:
        held: what there is now, as a mask: asked to keep one that is not, bubblewrap drops none and says nothing.
    """
    return tuple(name for name, number in _KEPT.items() if held >> number & 1 and name not in _WAYS_OUT)


def administers(held: int) -> bool:
    """Whether a set (a mask) has more than what root keeps."""
    return bool(held & ~sum(1 << number for number in _KEPT.values()))


class CapabilityDrop:
    """Prepared before a fork; `apply` is called in the child.

    Args:
        kernel: the system calls.
        machine: whose numbers they are.
        signals_scoped: whether Landlock keeps signals inside, so that root may go on sending them.
    """

    __slots__ = ("_header", "_kept", "_kernel", "_numbers", "_sets")

    def __init__(self, kernel: Kernel, machine: Machine, *, signals_scoped: bool) -> None:
        self._kernel = kernel
        self._numbers = machine.numbers
        kept = {*_KEPT.values(), *([_KILL] if signals_scoped else [])}
        self._kept = sum(1 << number for number in kept)
        self._header = Memory(struct.pack("<Ii", _VERSION_3, 0))
        self._sets = Memory(bytes(24))

    def apply(self) -> None:
        """Give up the rest; who has none gives up nothing.

        Raises:
            OSError: the kernel does not take them.
        """
        self._kernel.syscall(self._numbers["capget"], self._header.address, self._sets.address)
        effective, permitted, inheritable = self._unpacked()
        if not permitted:
            return
        self._drop_from_bounding_set()
        with contextlib.suppress(OSError):  # before Linux 4.3 there are none
            self._kernel.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
        self._sets.write(_packed(effective & self._kept, permitted & self._kept, inheritable & self._kept))
        self._kernel.syscall(self._numbers["capset"], self._header.address, self._sets.address)

    def _unpacked(self) -> tuple[int, int, int]:
        low = struct.unpack("<6I", self._sets.data)
        return low[0] | low[3] << 32, low[1] | low[4] << 32, low[2] | low[5] << 32

    def _drop_from_bounding_set(self) -> None:
        for number in range(_HIGHEST + 1):
            if self._kept >> number & 1:
                continue
            try:
                there = self._kernel.prctl(_PR_CAPBSET_READ, number)
            except OSError:
                return  # the first number that this kernel does not know
            if there:
                with contextlib.suppress(
                    PermissionError
                ):  # without CAP_SETPCAP nothing comes back by exec either
                    self._kernel.prctl(_PR_CAPBSET_DROP, number)


def _packed(effective: int, permitted: int, inheritable: int) -> bytes:
    sets = (effective, permitted, inheritable)
    return struct.pack("<6I", *(one & 0xFFFFFFFF for one in sets), *(one >> 32 for one in sets))
