"""A real folder, a real shell, and the keeper between them: what the tests of undo are made of."""

from __future__ import annotations

import os
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.reading import Impact, Reading
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.probe import ShellProbe
from safeshell.shell.impact.touches import touches_of
from safeshell.shell.undo.gathering import Limits
from safeshell.shell.undo.keeper import FileKeeper
from safeshell.shell.undo.kept import KeptFiles
from safeshell.shell.undo.restore import FileRestorer, RestoreReport
from safeshell.shell.undo.store import FileUndoStore

BUDGET = timedelta(seconds=5)
Seen = tuple[str, ...]


class Machine:
    """A folder in which lines run, kept before.

    Args:
        folder: an empty one; the lines run in `work` inside of it.
        limits: how much one line may keep.
        store: where, if not in `undo` inside of it.
    """

    def __init__(
        self, folder: Path, *, limits: Limits | None = None, store: FileUndoStore | None = None
    ) -> None:
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        self.store = store or FileUndoStore(folder / "state" / "undo-files")
        self.told: list[str] = []
        self.keeper = FileKeeper(
            self.store, session="s1", target="here", limits=limits, told=self.told.append
        )
        self.probe = ShellProbe(self.keeper)
        self.restorer = FileRestorer(self.store, self.keeper)
        self.dialect = ShellDialect(ShellContext(cwd=str(self.work), home="/nonexistent"), touches=touches_of)

    def read(self, line: str) -> Reading:
        return self.dialect.read(line)

    def asked(self, line: str) -> Impact:
        """What is said before the question."""
        return self.probe.measure_reading(self.read(line), BUDGET)

    def run(self, line: str, *, ask: bool = True) -> str:
        """Ask about a line, keep, and have bash run it; the entry's name."""
        reading = self.read(line)
        if ask:
            self.probe.measure_reading(reading, BUDGET)

        def really() -> Outcome:
            subprocess.run(["bash", "-c", os.fsencode(line)], cwd=self.work, check=False, capture_output=True)
            return Outcome(OutcomeKind.DONE)

        return self.keeper.run_kept(reading, really).undo_id

    def load(self, undo_id: str) -> KeptFiles:
        return self.store.load(undo_id)

    def undo(self, undo_id: str, *, overwrite: bool = False) -> RestoreReport:
        return self.restorer.restore(self.store.load(undo_id), overwrite=overwrite)


def tree(folder: Path, *, times: bool = True) -> dict[bytes, tuple[object, ...]]:
    """All that can be seen of a folder and what is in it; names, modes, owners, times, links, contents."""
    found: dict[bytes, tuple[object, ...]] = {}
    files: dict[tuple[int, int], bytes] = {}
    pending = [os.fsencode(folder)]
    while pending:
        path = pending.pop()
        state = os.lstat(path)
        name = path[len(os.fsencode(folder)) :]
        content: object = None
        first = name
        if stat.S_ISLNK(state.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(state.st_mode):
            with open(path, "rb") as file:
                content = file.read()
        elif stat.S_ISDIR(state.st_mode):
            pending += sorted((path + b"/" + one for one in os.listdir(path)), reverse=True)
        if not stat.S_ISDIR(state.st_mode):
            first = files.setdefault((state.st_dev, state.st_ino), name)
        names = 0 if stat.S_ISDIR(state.st_mode) else state.st_nlink
        # What stands directly in the folder changes its time; that is nobody's work.
        time = state.st_mtime_ns if times and name else 0
        found[name] = (state.st_mode, state.st_uid, state.st_gid, names, time, content, first)
    return found
