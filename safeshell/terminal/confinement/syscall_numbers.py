"""What the kernel calls its system calls on the two machines that we know: numbers, nothing else.

Sources: asm/unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64) of Linux; AUDIT_ARCH_* of linux/audit.h.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

from safeshell.frozen import frozen

_ABSENT: Final = -1

# name: (x86_64, the numbers that newer machines share)
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "acct": (163, 89),
    "capget": (125, 90),
    "capset": (126, 91),
    "chmod": (90, _ABSENT),
    "chown": (92, _ABSENT),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "file_setattr": (469, 469),
    "finit_module": (313, 273),
    "fremovexattr": (199, 16),
    "fsconfig": (431, 431),
    "fsetxattr": (190, 7),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "futimesat": (261, _ABSENT),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, _ABSENT),
    "iopl": (172, _ABSENT),
    "ioprio_set": (251, 30),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "lchown": (94, _ABSENT),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "open": (2, _ABSENT),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "openat": (257, 56),
    "openat2": (437, 437),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "removexattr": (197, 14),
    "removexattrat": (466, 466),
    "seccomp": (317, 277),
    "semctl": (66, 191),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setpriority": (141, 140),
    "settimeofday": (164, 170),
    "setxattr": (188, 5),
    "setxattrat": (463, 463),
    "shmctl": (31, 195),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "truncate": (76, 45),
    "umount2": (166, 39),
    "utime": (132, _ABSENT),
    "utimensat": (280, 88),
    "utimes": (235, _ABSENT),
    "vhangup": (153, 58),
}

LANDLOCK_CREATE_RULESET: Final = 444
"""The same on every machine, as are the next two."""
LANDLOCK_ADD_RULE: Final = 445
LANDLOCK_RESTRICT_SELF: Final = 446


@frozen
class Machine:
    """A kind of processor, as the kernel's filters see it.

    Args:
        name: as `uname -m` says it.
        audit_arch: what a filter finds in `seccomp_data.arch`.
        numbers: system calls by name; those that it does not have are missing.
        other_calls_from: numbers from here on belong to another convention on the same processor (x32); 0 for none.
    """

    name: str
    audit_arch: int
    numbers: Mapping[str, int]
    other_calls_from: int = 0


def _column(index: int) -> dict[str, int]:
    return {name: both[index] for name, both in _NUMBERS.items() if both[index] != _ABSENT}


X86_64: Final = Machine("x86_64", 0xC000003E, _column(0), other_calls_from=0x40000000)
AARCH64: Final = Machine("aarch64", 0xC00000B7, _column(1))
MACHINES: Final = (X86_64, AARCH64)
"""All that we know."""


def machine_here() -> Machine | None:
    """The machine that this process runs on; None when its numbers are not known."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return None
    return {"x86_64": X86_64, "aarch64": AARCH64}.get(os.uname().machine)
