"""The files of a remote host, as far as a line's reading looks at them: small regular ones, and folders' names."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.ssh.side_channel import Runner

_SECONDS: Final = 2.0
_FOUND, _FOLDER = b"f\n", b"d\n"


class HostFiles:
    """Those of one host. What can't be looked at is not there.

    Args:
        runner: runs programs on it.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._script = files("safeshell.ssh").joinpath("remote/look.sh").read_text("utf-8")

    def content(self, path: str, most: int) -> bytes | None:
        """What stands in a regular file of at most `most` bytes; None for everything else."""
        said = self._look(path, most)
        return said.removeprefix(_FOUND) if said.startswith(_FOUND) else None

    def inside(self, folder: str) -> list[str] | None:
        """The names in a folder, sorted; None for what is no folder, or can't be looked at."""
        said = self._look(folder, 0)
        if not said.startswith(_FOLDER):
            return None
        names = said.removeprefix(_FOLDER).decode("utf-8", "surrogateescape").split("\0")
        return sorted(filter(None, names))

    def _look(self, path: str, most: int) -> bytes:
        if not path.startswith("/") or "\0" in path:
            return b""
        try:
            return self._runner.run(
                self._script, f"{most}\n{path}".encode("utf-8", "surrogateescape"), _SECONDS
            )
        except SafeshellError:
            return b""
