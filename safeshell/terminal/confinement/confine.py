"""The way in: prepare a confinement before the fork, apply it in the child, say in words what it holds.

Fails closed: whatever keeps the kernel from holding is a `ConfinementFailed`, before the program runs. Everything
that takes memory, files or time is done by `prepare`; `Prepared.apply` makes system calls, looks whether they
hold, and returns.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from safeshell.terminal.confinement.capabilities import CapabilityDrop, administers, permitted
from safeshell.terminal.confinement.failure import ConfinementFailed
from safeshell.terminal.confinement.hold import Hold, Holder
from safeshell.terminal.confinement.kernel import Kernel, Memory
from safeshell.terminal.confinement.landlock import ABI_TRUNCATE, Ruleset
from safeshell.terminal.confinement.means import Means, available
from safeshell.terminal.confinement.scratch import checked_scratch, refuse_wide, scratch_environ
from safeshell.terminal.confinement.syscall_numbers import Machine
from safeshell.terminal.confinement.write_filter import read_only_filter

_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_FILTER_DESCRIPTOR: Final = 63
"""Where bubblewrap finds the filter; a descriptor that nothing has at the start of a program."""


class Prepared:
    """A confinement that waits for its child.

    Attributes:
        hold: what it stops and leaves.
        scratch: the real path of the folder that may be written.
        environ: what the child's environment gets beside its own.
    """

    def __init__(self, hold: Hold, scratch: Path) -> None:
        self.hold = hold
        self.scratch = scratch
        self.environ = scratch_environ(scratch)

    @property
    def words(self) -> str:
        """One sentence for people."""
        return self.hold.words

    def command(self, argv: Sequence[str]) -> list[str]:
        """What is to be run so that `argv` runs confined: `argv` itself, or behind the program that confines it."""
        return list(argv)

    def apply(self) -> None:
        """Confine this process, in the child, behind fork and before exec.

        Raises:
            ConfinementFailed: the kernel does not hold; the program must not be run.
        """


def prepare(
    scratch: Path,
    *,
    writable: Sequence[Path] = (),
    network: bool = True,
    unix_sockets: bool = True,
    means: Means | None = None,
) -> Prepared:
    """Prepare to confine a child to a scratch folder, by the strongest means there is.

    Args:
        scratch: an existing folder of this user's, closed to others.
        writable: more folders and files that the child may write: safeshell's own pipes.
        network: whether connections to other machines stay open.
        unix_sockets: whether sockets of this machine's services stay open; X11, ssh-agent and name services are
            among them.
        means: what may be used; None to find out.

    Raises:
        ConfinementFailed: there is no means, a path can't be used, or the kernel does not take the rules.
    """
    means = available() if means is None else means
    hold = means.hold(network=network, unix_sockets=unix_sockets)
    if hold is None:
        raise ConfinementFailed(
            "this system has no means to hold a session read-only",
            where="the kernel",
            todo="Landlock (Linux 5.13 or newer, with landlock in its lsm= list) or bubblewrap would do.",
        )
    folder = checked_scratch(scratch)
    paths = [folder, *(_checked(path) for path in writable)]
    program = _filter(means, network=network, unix_sockets=unix_sockets)
    match hold.by:
        case Holder.LANDLOCK:
            return _ByLandlock(hold, paths, means, program, network=network)
        case Holder.BUBBLEWRAP:
            return _ByBubblewrap(hold, paths, means, program, network=network)
        case Holder.SEATBELT:
            return _BySeatbelt(hold, paths, means, network=network, unix_sockets=unix_sockets)


class _ByLandlock(Prepared):
    def __init__(
        self, hold: Hold, paths: Sequence[Path], means: Means, program: bytes | None, *, network: bool
    ) -> None:
        super().__init__(hold, paths[0])
        kernel = Kernel()
        self._kernel = kernel
        self._rules = Ruleset(kernel, means.landlock, paths, network=network)
        self._drop = _capability_drop(kernel, means)
        self._program = None if program is None else _Filter(program)
        try:
            self._rules.try_out()
        except OSError as error:
            raise _not_taken(error) from error

    def apply(self) -> None:
        try:
            self._rules.apply()
            if self._drop:
                self._drop.apply()
            if self._program:
                self._kernel.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._program.address)
        except OSError as error:
            raise _not_taken(error) from error
        self._look()

    def _look(self) -> None:
        """Whether it holds: a file of this process's own, and a change that is refused before it is looked for."""
        try:
            os.close(os.open("/proc/self/comm", os.O_WRONLY))
        except OSError:
            pass
        else:
            raise ConfinementFailed("the kernel took the rules and does not hold them", where="Landlock")
        if self._program:
            try:
                os.chmod("/proc/self/.safeshell", 0o600)  # noqa: PTH101 - a system call, not a path
            except OSError as error:
                if error.errno == errno.EPERM:
                    return
            raise ConfinementFailed("the kernel took the filter and does not hold it", where="seccomp")


class _ByBubblewrap(Prepared):
    def __init__(
        self, hold: Hold, paths: Sequence[Path], means: Means, program: bytes | None, *, network: bool
    ) -> None:
        from safeshell.terminal.confinement.bubblewrap import bwrap_prefix

        super().__init__(hold, paths[0])
        if means.bubblewrap is None:
            raise ConfinementFailed("bubblewrap is not installed", where="bwrap")
        self._program = program
        self._prefix = bwrap_prefix(
            means.bubblewrap,
            paths,
            network=network,
            filter_descriptor=None if program is None else _FILTER_DESCRIPTOR,
            held=permitted(_status()),
        )
        self._try_out()

    def command(self, argv: Sequence[str]) -> list[str]:
        return [*self._prefix, *argv]

    def apply(self) -> None:
        if self._program is None:
            return
        try:
            os.fstat(_FILTER_DESCRIPTOR)
        except OSError:
            pass
        else:
            raise ConfinementFailed(f"descriptor {_FILTER_DESCRIPTOR} is in use", where="bubblewrap")
        try:
            there = os.memfd_create("safeshell-filter")
            os.write(there, self._program)
            os.lseek(there, 0, os.SEEK_SET)
            os.dup2(there, _FILTER_DESCRIPTOR)
            os.close(there)
        except OSError as error:
            raise _not_taken(error) from error

    def _try_out(self) -> None:
        """Run it once, since what namespaces an ordinary user may have shows no other way."""
        import subprocess
        import tempfile

        with tempfile.TemporaryDirectory(prefix="safeshell-trial-") as outside:
            script = (
                ': > "$1/.trial" && rm "$1/.trial" && ! (: > "$2/trial") 2>/dev/null && cat /proc/self/status'
            )
            done = subprocess.run(
                self.command(["/bin/sh", "-c", script, "sh", str(self.scratch), outside]),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                preexec_fn=self.apply,
                close_fds=False,
                check=False,
            )
        said = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode == 0:
            if not administers(permitted(done.stdout.decode("utf-8", "replace"))):
                return
            said = "it keeps rights that it was told to drop"
        raise ConfinementFailed(f"bubblewrap does not hold here ({said})", where=self._prefix[0])


class _BySeatbelt(Prepared):
    def __init__(
        self, hold: Hold, paths: Sequence[Path], means: Means, *, network: bool, unix_sockets: bool
    ) -> None:
        from safeshell.terminal.confinement.seatbelt import seatbelt_prefix, seatbelt_profile

        super().__init__(hold, paths[0])
        if means.seatbelt is None:
            raise ConfinementFailed("sandbox-exec is not there", where="Seatbelt")
        profile = seatbelt_profile(paths, network=network, unix_sockets=unix_sockets)
        self._prefix = seatbelt_prefix(means.seatbelt, profile)

    def command(self, argv: Sequence[str]) -> list[str]:
        return [*self._prefix, *argv]


class _Filter:
    """`struct sock_fprog` and what it points to (linux/filter.h)."""

    def __init__(self, program: bytes) -> None:
        self._program = Memory(program)
        self._described = Memory(struct.pack("@HP", len(program) // 8, self._program.address))
        self.address = self._described.address


def _filter(means: Means, *, network: bool, unix_sockets: bool) -> bytes | None:
    machine = means.filters
    if machine is None:
        return None
    truncation = means.strongest is Holder.LANDLOCK and means.landlock.abi < ABI_TRUNCATE
    return read_only_filter(machine, network=network, unix_sockets=unix_sockets, truncation=truncation)


def _capability_drop(kernel: Kernel, means: Means) -> CapabilityDrop | None:
    machine: Machine | None = means.machine
    return CapabilityDrop(kernel, machine, signals_scoped=means.landlock.scopes_signals) if machine else None


def _status() -> str:
    return Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")


def _checked(path: Path) -> Path:
    try:
        real = path.resolve(strict=True)
    except OSError as error:
        raise ConfinementFailed(f"it can't be made writable ({error.strerror})", where=str(path)) from error
    refuse_wide(real)
    return real


def _not_taken(error: OSError) -> ConfinementFailed:
    where = error.filename if isinstance(error.filename, str) else "the kernel"
    return ConfinementFailed(f"the session can't be held read-only ({error.strerror})", where=where)
