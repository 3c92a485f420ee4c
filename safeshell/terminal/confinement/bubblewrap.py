"""The fallback where Landlock is missing: bubblewrap, which shows the same files through mounts that are read-only.

Arguments only; nothing is started. The file system's root is bound read-only with all below it, the few devices that
are written to without changing anything are put back, then the folders that may be written. Processes and network
stay the system's own, so that `ps`, `top` and `ss` show what is there. Facts: bwrap(1).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from safeshell.terminal.confinement.capabilities import kept_names
from safeshell.terminal.confinement.landlock import DEVICES

_LINKS: Final = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
}


def bwrap_prefix(
    program: Path, writable: Iterable[Path], *, network: bool, filter_descriptor: int | None, held: int
) -> list[str]:
    """What goes before a command so that it runs read-only.

    Args:
        program: bubblewrap.
        writable: folders and files that may be written; the scratch folder is one of them.
        network: whether connections to other machines stay open.
        filter_descriptor: where the filter of system calls is read from; None without one.
        held: the capabilities of this process, as a mask; an ordinary user's is 0.
    """
    words = [str(program), "--ro-bind", "/", "/", "--tmpfs", "/dev"]
    for device in DEVICES:
        words += ["--dev-bind-try", device, device]
    for link, target in _LINKS.items():
        words += ["--symlink", target, link]
    words += ["--remount-ro", "/dev"]
    for path in writable:
        words += ["--bind", str(path), str(path)]
    if not network:
        words.append("--unshare-net")
    if held:
        words += ["--cap-drop", "ALL"]
        for name in kept_names(held):
            words += ["--cap-add", name]
    if filter_descriptor is not None:
        words += ["--seccomp", str(filter_descriptor)]
    return [*words, "--"]
