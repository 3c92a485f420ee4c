"""Which system calls a read-only session does without: what changes something and Landlock does not look at.

Landlock decides about paths; permissions, owners, times, attributes, mounts, modules, clocks and other processes'
priorities have no path to decide about. Pure: a machine in, a BPF program out. What fails says EPERM ("Operation
not permitted"), which programs tell in their own words. Facts: seccomp(2), and the page of each call.
"""

from __future__ import annotations

import errno
from typing import Final

from safeshell.terminal.confinement.bpf_program import ALLOW, KILL_PROCESS, Block, BpfProgram, fail_with
from safeshell.terminal.confinement.syscall_numbers import Machine

_METADATA: Final = (
    *("fchmodat", "fchmod", "chmod", "fchmodat2"),
    *("fchownat", "fchown", "chown", "lchown"),
    *("utimensat", "utimes", "utime", "futimesat"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat"),
    "file_setattr",
)
# What a ring would do is done by the kernel itself, past every filter.
_RINGS: Final = ("io_uring_setup", "io_uring_enter", "io_uring_register")
_SYSTEM: Final = (
    *("mount", "umount2", "pivot_root", "move_mount", "mount_setattr", "open_tree", "open_tree_attr"),
    *("fsopen", "fsconfig", "fsmount", "fspick"),
    *("reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("swapon", "swapoff", "acct", "quotactl", "quotactl_fd"),
    *("settimeofday", "clock_settime", "sethostname", "setdomainname"),
    *("iopl", "ioperm", "vhangup"),
    *("open_by_handle_at", "mq_open", "mq_unlink"),
)

_AF_UNIX: Final = 1
_AF_NETLINK: Final = 16
"""Asks the kernel itself (`ip addr`, `ss`); what would change something there wants a right that is given up."""

# The low sixteen bits of a request: the letter of its family, and a number. These write through a descriptor that
# was opened for reading, so that no right on a path is asked for. Sources: linux/fs.h, linux/fscrypt.h,
# linux/fsverity.h, linux/btrfs.h, linux/msdos_fs.h, ext4's and xfs' own headers.
_FILE_REQUESTS: Final = (
    0x6602,  # FS_IOC_SETFLAGS (chattr)
    0x5820,  # FS_IOC_FSSETXATTR
    0x7602,  # FS_IOC_SETVERSION
    0x6685,  # FS_IOC_ENABLE_VERITY
    0x6613,  # FS_IOC_SET_ENCRYPTION_POLICY
    0x6617,  # FS_IOC_ADD_ENCRYPTION_KEY
    0x6618,  # FS_IOC_REMOVE_ENCRYPTION_KEY
    0x6619,  # FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS
    0x5877,  # FIFREEZE
    0x5878,  # FITHAW
    0x5879,  # FITRIM
    0x587D,  # EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN
    *(
        0x6604,
        0x6607,
        0x6608,
        0x660F,
        0x6610,
        0x6611,
        0x662C,
    ),  # ext4: version, groups, extents, resize, boot, uuid
    *(0x586E, 0x586F, 0x5870),  # xfs: growing data, log, realtime
    0x7211,  # FAT_IOCTL_SET_ATTRIBUTES
    # btrfs: snapshots and subvolumes made, removed, marked; devices; balance; defragmentation; label
    *(0x9401, 0x9402, 0x9403, 0x940A, 0x940B, 0x940C, 0x940E, 0x940F, 0x9413, 0x9417, 0x9418, 0x941A),
    *(0x9420, 0x9428, 0x9429, 0x942A, 0x942B, 0x942C, 0x9432, 0x9439, 0x943A, 0x943F),
)

_KERNEL_LOG_CHANGES: Final = (2, 4, 5, 6, 7, 8)
"""Reading that takes away, clearing, and the console's level (syslog(2))."""
_IPC_CHANGES: Final = (0, 1, 11, 12, 16, 17)
"""IPC_RMID, IPC_SET, SHM_LOCK, SHM_UNLOCK, SETVAL, SETALL."""
_IPC_COMMAND: Final = 0xFF  # above it is IPC_64, which says how the answer looks

_O_ACCMODE: Final = 0o3
_O_TRUNC: Final = 0o1000


def read_only_filter(machine: Machine, *, network: bool, unix_sockets: bool, truncation: bool) -> bytes:
    """The filter that stands beside Landlock, as the kernel reads it.

    Args:
        machine: for whose calls.
        network: whether sockets to other machines may be made.
        unix_sockets: whether sockets to services of this machine may be made.
        truncation: whether files have to be kept from being emptied here, since Landlock is too old to (before its
            ABI 3).
    """
    refused = fail_with(errno.EPERM)
    program = BpfProgram(machine, other_architecture=KILL_PROCESS, other_convention=fail_with(errno.ENOSYS))
    program.inspect(
        "ioctl", Block().load_argument(1, mask=0xFFFF).answer_if(_FILE_REQUESTS, refused).otherwise(ALLOW)
    )
    if truncation:
        _keep_from_truncating(program)
    program.answer(_METADATA, refused)
    program.answer((*_RINGS, *_SYSTEM), refused)
    for name in ("setpriority", "ioprio_set"):
        program.inspect(name, Block().load_argument(1).answer_unless(0, refused).otherwise(ALLOW))
    program.inspect("prlimit64", _own_limits_only(refused))
    program.inspect(
        "syslog", Block().load_argument(0).answer_if(_KERNEL_LOG_CHANGES, refused).otherwise(ALLOW)
    )
    for name, index in (("shmctl", 1), ("msgctl", 1), ("semctl", 2)):
        command = Block().load_argument(index, mask=_IPC_COMMAND)
        program.inspect(name, command.answer_if(_IPC_CHANGES, refused).otherwise(ALLOW))
    _close_sockets(program, network=network, unix_sockets=unix_sockets)
    return program.assembled()


def _keep_from_truncating(program: BpfProgram) -> None:
    """A file opened for reading and emptied by the same call, and `truncate(2)` by path.

    openat2(2) has its flags in memory, where no filter sees them: it is said not to be there, and nobody minds.
    """
    refused = fail_with(errno.EACCES)
    flags = [_O_TRUNC, _O_TRUNC | _O_ACCMODE]
    for name, index in (("openat", 2), ("open", 1)):
        opened = Block().load_argument(index, mask=_O_TRUNC | _O_ACCMODE)
        program.inspect(name, opened.answer_if(flags, refused).otherwise(ALLOW))
    program.answer(("truncate",), refused)
    program.answer(("openat2",), fail_with(errno.ENOSYS))


def _own_limits_only(refused: int) -> Block:
    """Limits are set by a process for itself, and asked for of any: then there is no new limit in the call."""
    return (
        Block()
        .load_argument(0)
        .answer_if([0], ALLOW)
        .load_argument(2)
        .answer_unless(0, refused)
        .load_argument(2, high=True)
        .answer_unless(0, refused)
        .otherwise(ALLOW)
    )


def _close_sockets(program: BpfProgram, *, network: bool, unix_sockets: bool) -> None:
    if network and unix_sockets:
        return
    refused = fail_with(errno.EACCES)
    family = Block().load_argument(0)
    if not unix_sockets:
        family.answer_if([_AF_UNIX], refused)
    if network:
        program.inspect("socket", family.otherwise(ALLOW))
    else:
        program.inspect("socket", family.answer_if([_AF_UNIX, _AF_NETLINK], ALLOW).otherwise(refused))
