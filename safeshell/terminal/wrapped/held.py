"""A session that the kernel holds read-only: what its shell starts under, and the way out of that for a while.

What the kernel has once confined stays so. Unlocked, the session therefore opens a further shell that is not: in
the same terminal, in the same folder, with the same history and exported variables, on a channel of its own. The
confined shell waits meanwhile, and goes on when that one has ended.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from safeshell.config.settings import KernelHold
from safeshell.terminal.confinement.confine import Prepared, prepare
from safeshell.terminal.confinement.failure import ConfinementFailed
from safeshell.terminal.wrapped.channel import ShellChannel
from safeshell.terminal.wrapped.history_file import HistoryFiles
from safeshell.terminal.wrapped.launch import shell_name
from safeshell.terminal.wrapped.session_folder import SessionFolder


class Held:
    """What a read-only session runs under.

    Args:
        prepared: the confinement.
        scratch: its folder.
    """

    def __init__(self, prepared: Prepared, scratch: SessionFolder) -> None:
        self.words = prepared.words
        self.history = HistoryFiles(prepared.scratch)
        self._prepared = prepared
        self._scratch = scratch
        self._moved: dict[str, str] = {}

    def move_fish_data(self, environ: Mapping[str, str]) -> None:
        """Let fish find its data in the scratch folder: it writes its history nowhere else.

        All of it but the histories are links to where it really is: fish runs code from there, and must not find
        any that was put there from within.

        Args:
            environ: says where fish's data is.
        """
        data = environ.get("XDG_DATA_HOME") or str(Path(environ.get("HOME", "/"), ".local", "share"))
        moved = self._prepared.scratch / "data" / "fish"
        with contextlib.suppress(OSError):
            moved.mkdir(mode=0o700, parents=True)
            self._moved["XDG_DATA_HOME"] = str(moved.parent)
            own = Path(data) / "fish"
            names = (
                {"fish_history", *(path.name for path in own.iterdir())} if own.is_dir() else {"fish_history"}
            )
            for name in names:
                if name.endswith("_history"):
                    self.history.copy_to(own / name, moved / name)
                else:
                    (moved / name).symlink_to(own / name)

    def command(self, argv: Sequence[str]) -> list[str]:
        """What is run so that `argv` runs confined."""
        return self._prepared.command(argv)

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment of what runs confined."""
        return {**environ, **self._prepared.environ, **self._moved}

    def environ_outside(
        self, environ: Mapping[str, str], exported: Mapping[str, str], *, complete: bool
    ) -> dict[str, str]:
        """The environment of what is not confined.

        Args:
            environ: what the session was started with.
            exported: what the confined shell exports now.
            complete: whether that is all; what it does not export then was taken back by the person.
        """
        own = {**self._prepared.environ, **self._moved}
        # What only sends it to the scratch folder is as it was before.
        kept = {name: value for name, value in exported.items() if own.get(name) != value}
        if not (complete and exported):
            return {**environ, **kept}
        # Exported functions and the like have names that a shell does not tell as variables.
        return {
            **{name: environ[name] for name in environ if name in own or not name.isidentifier()},
            **kept,
        }

    def apply(self) -> None:
        """Confine this process; for the child, between fork and exec.

        Raises:
            ConfinementFailed: it can't be.
        """
        self._prepared.apply()

    def close(self) -> None:
        """Hand the histories back, and take the scratch folder away."""
        self.history.give_back()
        self._scratch.remove()


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
    try:
        scratch = SessionFolder(on_disk=True)
    except OSError as error:
        raise ConfinementFailed(f"no scratch folder can be made ({error.strerror})") from error
    try:
        held = Held(prepare(scratch.path, writable=[channel.folder]), scratch)
    except ConfinementFailed as error:
        scratch.remove()
        if kernel is KernelHold.REQUIRE:
            raise
        told(
            f"read-only is not held by the kernel here ({error.message}); every line has to be proven to read"
        )
        return None
    if shell_name(argv[0]) == "fish":
        held.move_fish_data(environ)
    return held
