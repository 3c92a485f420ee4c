"""A session that the kernel holds read-only: what its shell starts under, and the way out of that for a while.

What the kernel has once confined stays so. Unlocked, the session therefore opens a further shell that is not: in
the same terminal, in the same folder, with the same history and exported variables, on a channel of its own. The
confined shell waits meanwhile, and goes on when that one has ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from safeshell.config.settings import KernelHold
from safeshell.terminal.confinement.confine import Prepared, prepare
from safeshell.terminal.confinement.failure import ConfinementFailed
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.history_file import HistoryFiles
from safeshell.terminal.wrapped.launch import shell_name


class Held:
    """What a read-only session runs under.

    Args:
        prepared: the confinement.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.words = prepared.words
        self.history = HistoryFiles(prepared.scratch)
        self._prepared = prepared

    def command(self, argv: Sequence[str]) -> list[str]:
        """What is run so that `argv` runs confined."""
        return self._prepared.command(argv)

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of what runs confined."""
        return {**environ, **self._prepared.environ}

    def environ_outside(self, environ: Mapping[str, str], exported: Mapping[str, str]) -> dict[str, str]:
        """The environment of the shell that is not confined.

        Args:
            environ: what the session was started with.
            exported: what the confined shell exports now; what only sends it to the scratch folder is left.
        """
        own = self._prepared.environ
        kept = {name: value for name, value in exported.items() if own.get(name) != value}
        return {**environ, **kept}

    def apply(self) -> None:
        """Confine this process; for the child, between fork and exec.

        Raises:
            ConfinementFailed: it can't be.
        """
        self._prepared.apply()

    def close(self) -> None:
        """Hand the histories back, and take the scratch folder away."""
        self.history.give_back()
        shutil.rmtree(self._prepared.scratch, ignore_errors=True)


def hold(
    kernel: KernelHold,
    argv: Sequence[str],
    environ: Mapping[str, str],
    channel: ShellChannel,
    told: Callable[[str], None],
) -> Held | None:
    """Prepare to hold a read-only session; None where that is not wanted, or can't be and need not.

    Args:
        kernel: what the configuration says.
        argv: the shell.
        environ: what the session was started with.
        channel: where the shell asks; it has to reach that.
        told: is told when nothing holds.

    Raises:
        ConfinementFailed: it can't be, and is required.
    """
    if kernel is KernelHold.OFF:
        return None
    scratch = Path(tempfile.mkdtemp(prefix="safeshell-scratch-"))
    try:
        return Held(prepare(scratch, writable=[channel.folder, *_own_folders(argv, environ)]))
    except ConfinementFailed as error:
        scratch.rmdir()
        if kernel is KernelHold.REQUIRE:
            raise
        told(
            f"read-only is not held by the kernel here ({error.message}); every line has to be proven to read"
        )
        return None


def _own_folders(argv: Sequence[str], environ: Mapping[str, str]) -> list[Path]:
    """Folders in which a shell keeps nothing but its own history: fish's can't be sent elsewhere."""
    if shell_name(argv[0]) != "fish":
        return []
    data = environ.get("XDG_DATA_HOME") or os.path.join(environ.get("HOME", "/"), ".local/share")  # noqa: PTH118
    folder = Path(data) / "fish"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [folder] if folder.is_dir() else []
