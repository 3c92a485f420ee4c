"""Landlock: all of the file system may be read and run, and written below a few paths only.

A set of rules is prepared from paths; applying it makes system calls and nothing else. Facts: landlock(7),
landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2), linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from safeshell.frozen import frozen
from safeshell.terminal.confinement.kernel import Kernel, Memory
from safeshell.terminal.confinement.syscall_numbers import (
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
)

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15
_READING: Final = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""What a rule about something else than a folder may speak of."""

_NETWORK: Final = 0b11  # BIND_TCP, CONNECT_TCP
_SCOPE_ABSTRACT_SOCKETS: Final = 1 << 0
_SCOPE_SIGNALS: Final = 1 << 1

_ASK_FOR_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38

DEVICES: Final = (
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
    *("/dev/tty", "/dev/ptmx", "/dev/pts"),
)
"""What programs write to without changing anything; terminals are among them."""

ABI_REFER: Final = 2
ABI_TRUNCATE: Final = 3
ABI_NETWORK: Final = 4
ABI_DEVICES: Final = 5
ABI_SCOPES: Final = 6


def file_rights(abi: int) -> int:
    """All rights on files and folders that an ABI (1 and up) knows, but newer ones that write nothing (ABI 9)."""
    if abi >= ABI_DEVICES:
        return (1 << 16) - 1
    if abi >= ABI_TRUNCATE:
        return (1 << 15) - 1
    return (1 << 14) - 1 if abi >= ABI_REFER else (1 << 13) - 1


@frozen
class Landlock:
    """What of Landlock is here.

    Args:
        abi: its version; 0 when the kernel has none, or none that is switched on.
        scopes_signals: whether signals to processes outside can be stopped.
        scopes_sockets: whether abstract unix sockets of processes outside can be closed.
    """

    abi: int = 0
    scopes_signals: bool = False
    scopes_sockets: bool = False


def landlock_here(kernel: Kernel) -> Landlock:
    """Ask the kernel. The scopes are tried: some kernels say ABI 6 and lack one (RHEL 9's)."""
    try:
        abi = kernel.syscall(LANDLOCK_CREATE_RULESET, 0, 0, _ASK_FOR_VERSION)
    except OSError:
        return Landlock()
    if abi < ABI_SCOPES:
        return Landlock(abi)
    return Landlock(
        abi,
        scopes_signals=_makes(kernel, _SCOPE_SIGNALS),
        scopes_sockets=_makes(kernel, _SCOPE_ABSTRACT_SOCKETS),
    )


def _makes(kernel: Kernel, scope: int) -> bool:
    attributes = Memory(struct.pack("<QQQ", 0, 0, scope))
    try:
        os.close(kernel.syscall(LANDLOCK_CREATE_RULESET, attributes.address, attributes.size, 0))
    except OSError:
        return False
    return True


class Ruleset:
    """Rules prepared before a fork.

    Args:
        kernel: the system calls.
        landlock: what of it may be used.
        writable: folders and files that may be written, each with all below it.
        network: whether connections over TCP stay open.
    """

    __slots__ = ("_attributes", "_kernel", "_rules")

    def __init__(
        self, kernel: Kernel, landlock: Landlock, writable: Iterable[Path], *, network: bool
    ) -> None:
        handled = file_rights(landlock.abi)
        self._kernel = kernel
        self._attributes = Memory(_attributes(landlock, handled, network=network))
        device = (_READING | _WRITE_FILE | _IOCTL_DEV) & handled
        wanted = [("/", _READING, True)]
        wanted += [(str(path), handled, True) for path in writable]
        wanted += [(path, device, False) for path in DEVICES]
        self._rules = [(os.fsencode(path), rights, needed) for path, rights, needed in wanted]

    def try_out(self) -> None:
        """Make the rules once, and let them go.

        Raises:
            OSError: a path is not there, or the kernel does not take a rule.
        """
        os.close(self._made())

    def apply(self) -> None:
        """Confine this process, and all that it will start.

        Raises:
            OSError: as for `try_out`.
        """
        rules = self._made()
        self._kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1)
        self._kernel.syscall(LANDLOCK_RESTRICT_SELF, rules, 0)
        os.close(rules)

    def _made(self) -> int:
        rules = self._kernel.syscall(
            LANDLOCK_CREATE_RULESET, self._attributes.address, self._attributes.size, 0
        )
        try:
            for path, rights, needed in self._rules:
                # A device may be missing, or lead nowhere: then there is nothing to be written to.
                with contextlib.nullcontext() if needed else contextlib.suppress(OSError):
                    self._add(rules, path, rights)
        except BaseException:
            os.close(rules)
            raise
        return rules

    def _add(self, rules: int, path: bytes, rights: int) -> None:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(there).st_mode):
                rights &= _OF_FILES
            rule = Memory(struct.pack("<Qi", rights, there))
            self._kernel.syscall(LANDLOCK_ADD_RULE, rules, _PATH_BENEATH, rule.address, 0)
        except OSError as error:
            raise OSError(error.errno or errno.EINVAL, error.strerror, os.fsdecode(path)) from error
        finally:
            os.close(there)


def _attributes(landlock: Landlock, handled: int, *, network: bool) -> bytes:
    """`struct landlock_ruleset_attr`, as long as the ABI knows it."""
    if landlock.abi < ABI_NETWORK:
        return struct.pack("<Q", handled)
    closed = 0 if network else _NETWORK
    if landlock.abi < ABI_SCOPES:
        return struct.pack("<QQ", handled, closed)
    scopes = _SCOPE_SIGNALS if landlock.scopes_signals else 0
    scopes |= _SCOPE_ABSTRACT_SOCKETS if landlock.scopes_sockets else 0
    return struct.pack("<QQQ", handled, closed, scopes)
