"""A host that is this machine's own sh, in a throw-away folder, with lines that are kept, run and put back there."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from safeshell.guard.environment import BUILT_IN
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.verdict import Verdict
from safeshell.shell.catalog import built_in
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.touches import touches_of
from safeshell.ssh.impact.measuring import RemoteProbe
from safeshell.ssh.side_channel import HostUnavailable
from safeshell.ssh.undo.entries import HostEntry, HostUndoStore, Way
from safeshell.ssh.undo.keeper import HostKeeper, HostLimits
from safeshell.ssh.undo.restoring import HostReport, HostRestorer

SHELLS = ("sh", "bash --posix", "ksh", "zsh --emulate sh")


class Here:
    """Runs programs by a shell of this machine; `off` is a host that is gone."""

    def __init__(self, shell: str = "sh", home: Path | None = None) -> None:
        self.shell = shell.split()
        self.environ = {**os.environ, **({"HOME": str(home)} if home else {})}
        self.is_off = False

    def run(self, script: str, data: bytes, seconds: float) -> bytes:
        if self.is_off:
            raise HostUnavailable("the host does not answer on another channel")
        done = subprocess.run(
            [*self.shell, "-c", script],
            input=data,
            capture_output=True,
            timeout=60,
            check=True,
            env=self.environ,
        )
        assert not done.stderr, done.stderr
        return done.stdout


class Host:
    """One of them.

    Args:
        folder: for all of it.
        shell: what runs the programs.
        limits: how much is kept.
        scratch: as configured.
    """

    def __init__(
        self,
        folder: Path,
        shell: str = "sh",
        *,
        limits: HostLimits | None = None,
        scratch: str = "~/.cache/safeshell",
    ) -> None:
        self.home = folder / "home"
        self.work = self.home / "work"
        self.work.mkdir(parents=True)
        self.runner = Here(shell, self.home)
        self.store = HostUndoStore(folder / "state/undo-hosts", keep_for=timedelta(days=14))
        self.said: list[str] = []
        self.keeper = HostKeeper(
            self.runner,
            self.store,
            Way("me@host:22", (("p", "22"),), "host", scratch),
            target="web",
            limits=limits or HostLimits(1 << 20, 1 << 30),
            told=self.said.append,
        )
        self.restorer = HostRestorer(self.runner, self.store)
        self.kept = self.home / ".cache/safeshell/undo"

    def verdict(self, line: str, **context: object) -> Verdict:
        """What is said of a line typed in the work folder."""
        known = ShellContext(cwd=str(self.work), home=str(self.home), **context)  # type: ignore[arg-type]  # a test's own
        reading = ShellDialect(built_in(), touches=touches_of).with_context(known).read(line)
        environment = BUILT_IN["production"]
        return judge(reading, Circumstances(environment, Mode.GUARDED, "web", datetime.now(UTC)))

    def asked(self, line: str) -> Impact:
        """What the question says of a line."""
        return RemoteProbe(self.runner, self.keeper).measure(self.verdict(line), timedelta(seconds=1))

    def reading(self, line: str) -> Reading:
        """What a line would do."""
        return self.verdict(line).reading

    def runs(self, line: str, *, settled: bool = True, shell: str = "bash") -> str:
        """Ask about a line, keep what it destroys, run it; what was kept."""
        self.asked(line)
        kept = self.keeper.run_kept(self.reading(line), lambda: self._run(line, shell)).undo_id
        if settled:
            self.keeper.settle(kept)
        return kept

    def _run(self, line: str, shell: str) -> Outcome:
        subprocess.run([shell, "-c", line], cwd=self.work, check=False, capture_output=True)
        return Outcome(OutcomeKind.DONE)

    def entry(self, undo_id: str) -> HostEntry:
        """An entry."""
        found = self.store.load(undo_id)
        assert found is not None
        return found

    def back(self, undo_id: str, *, overwrite: bool = False) -> HostReport:
        """Put an entry back."""
        return self.restorer.restore(self.entry(undo_id), overwrite=overwrite)
