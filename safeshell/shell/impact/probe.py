"""What a shell line would hit on this machine, measured within a budget before the question is asked.

Reads only, in process; git alone is started, for what only it can count. Never raises: what could not be measured
is said. Who measures what is in the `*_impact` modules; here it is decided which of them a line needs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from safeshell.guard.effects import EffectKind
from safeshell.guard.reading import Command, Impact, Reading
from safeshell.guard.verdict import Verdict
from safeshell.shell.impact.deadline import Deadline, OutOfTime
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.resolving import Hits, resolve
from safeshell.shell.impact.touch import Deed, FileTouch, GitTouch, ProcessTouch, ServiceTouch


class Forecast(Protocol):
    """Whether there is a way back, as `safeshell.shell.undo.keeper.Forecast` says it."""

    @property
    def words(self) -> str:
        """A sentence; "" when there is nothing to keep."""

    @property
    def whole(self) -> bool:
        """All files that the line destroys are going to be kept."""


class Forecaster(Protocol):
    """Whoever keeps what a line destroys, as `safeshell.shell.undo.keeper.FileKeeper`."""

    def forecast(self, reading: Reading, hits: Hits, deadline: Deadline) -> Forecast:
        """Whether what the line destroys is going to be kept."""


class ShellProbe:
    """Measures what lines would hit.

    Args:
        keeper: who keeps what is destroyed, to say whether there is a way back; None where nothing is kept.
    """

    def __init__(self, keeper: Forecaster | None = None) -> None:
        self._keeper = keeper

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """What `verdict`'s line would hit, as much of it as `budget` allows."""
        return self.measure_reading(verdict.reading, budget)

    def measure_reading(self, reading: Reading, budget: timedelta) -> Impact:
        """The same of a reading."""
        findings = Findings()
        deadline = Deadline(budget.total_seconds())
        for measure in (self._processes, self._git, self._files):
            try:
                measure(reading, findings, deadline)
            except OutOfTime:
                findings.complete = False
            except OSError as error:
                findings.complete = False
                findings.fact(f"could not be measured: {error.strerror or type(error).__name__}")
        if not findings.complete:
            findings.fact("there was no time to measure more")
        return findings.impact()

    def _files(self, reading: Reading, findings: Findings, deadline: Deadline) -> None:
        touches = [touch for touch in reading.touches if isinstance(touch, FileTouch)]
        if not touches:
            return
        from safeshell.shell.impact.file_impact import measure_files

        hits = resolve(touches, deadline.part(0.3))
        forecast = self._keeper.forecast(reading, hits, deadline.part(0.4)) if self._keeper else None
        if hits.hits or hits.unknown:
            measure_files(hits, findings, deadline)
        elif all(touch.deed is Deed.DELETE for touch in touches):
            findings.fact("deletes nothing, as things are now")
        if forecast is not None and forecast.words:
            findings.fact(forecast.words)
            findings.way_back = forecast.whole and all(map(is_about_files, reading.commands))

    def _processes(self, reading: Reading, findings: Findings, deadline: Deadline) -> None:
        touches = [touch for touch in reading.touches if isinstance(touch, (ProcessTouch, ServiceTouch))]
        if touches:
            from safeshell.shell.impact.process_impact import measure_processes

            measure_processes(touches, findings, deadline)

    def _git(self, reading: Reading, findings: Findings, deadline: Deadline) -> None:
        touches = [touch for touch in reading.touches if isinstance(touch, GitTouch)]
        if touches:
            from safeshell.shell.impact.git_impact import measure_git

            measure_git(touches, findings, deadline.part(0.7))


def is_about_files(command: Command) -> bool:
    """Whether all that a command of the line would destroy is files, which are then kept."""
    if all(effect.reversible or effect.kind is EffectKind.READ for effect in command.effects):
        return True
    from safeshell.shell.impact.file_commands import programs

    return command.name in programs() and not command.within
