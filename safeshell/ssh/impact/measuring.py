"""Measures on a remote host, within the budget of a question: what goes, who is there, who depends on it.

The words of the line go over as data of fixed programs; what comes back is somebody else's text, read strictly. What
could not be measured is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Final, Protocol

from safeshell.errors import SafeshellError
from safeshell.guard.effects import EffectKind, Extent
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.text import counted
from safeshell.guard.verdict import Verdict
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.probe import Forecast, is_about_files
from safeshell.shell.impact.touch import Deed, FileTouch, ProcessTouch, ServiceTouch
from safeshell.shell.impact.touches import file_touches_of
from safeshell.ssh.impact.host_state import HostState, read_state, say_host, say_processes, say_units
from safeshell.ssh.impact.touch_lines import TouchLines, touch_lines
from safeshell.ssh.side_channel import Runner

_LEAST: Final = 1.5
"""Seconds that a host is given, whatever the budget: a question about another machine may take a little longer."""
_UNIT: Final = re.compile(r"[A-Za-z0-9@:._\\-]{1,200}")
_NO_WAY_BACK: Final = "nothing is kept of it: there is no undo on that host"


class Forecaster(Protocol):
    """Whoever keeps on a host what a line destroys."""

    def forecast(self, reading: Reading) -> Forecast:
        """Whether what the line destroys is going to be kept; asks the host. Never raises."""


class RemoteProbe:
    """Measures what lines would hit on a host.

    Args:
        runner: runs programs there.
        keeper: who keeps there what is destroyed, to say whether there is a way back; None where nothing is kept.
    """

    def __init__(self, runner: Runner, keeper: Forecaster | None = None) -> None:
        self._runner = runner
        self._keeper = keeper

    def measure(self, verdict: Verdict, budget: timedelta) -> Impact:
        """What the line would hit, as much of it as the time allows. Never raises."""
        findings = Findings()
        seconds = max(budget.total_seconds(), _LEAST)
        for measure in (self._host, self._files):
            try:
                measure(verdict.reading, findings, seconds)
            except SafeshellError as error:
                findings.complete = False
                findings.fact(f"could not be measured: {error.message}")
        return findings.impact()

    def _host(self, reading: Reading, findings: Findings, seconds: float) -> None:
        units = [
            name
            for touch in reading.touches
            if isinstance(touch, ServiceTouch)
            for name in touch.names
            if _UNIT.fullmatch(name)
        ][:10]
        signals = [touch for touch in reading.touches if isinstance(touch, ProcessTouch)]
        everything = stops_everything(reading)
        if not (units or signals or everything):
            return
        state = self._state(units, seconds)
        if everything:
            say_host(state, findings)
        say_units(state, units, findings)
        for touch in signals:
            say_processes(state, touch, findings)

    def _state(self, units: Sequence[str], seconds: float) -> HostState:
        data = "".join(f"{unit}\n" for unit in units).encode()
        return read_state(self._runner.run(_script("host.sh"), data, seconds))

    def _files(self, reading: Reading, findings: Findings, seconds: float) -> None:
        touches = file_touches_of(reading.touches)
        if not touches:
            return
        asked = touch_lines(touches)
        hit = bool(asked.unknown)
        if asked.data:
            said = self._runner.run(f"{_script('touched.sh')}{_script('paths.sh')}", asked.data, seconds)
            hit = _say_files(said, touches, asked, findings) or hit
        for reason in asked.unknown:
            findings.exact = False
            findings.fact(f"cannot tell which files: {reason}")
        if self._keeper is None:
            if hit or not findings.complete:
                findings.fact(_NO_WAY_BACK)
            return
        forecast = self._keeper.forecast(reading)
        if forecast.words:
            findings.fact(forecast.words)
            findings.way_back = forecast.whole and all(map(is_about_files, reading.commands))


def stops_everything(reading: Reading) -> bool:
    """Whether a line takes the whole host out of service."""
    return any(
        effect.kind is EffectKind.STOP and effect.extent is Extent.EVERYTHING
        for command in reading.commands
        for effect in command.effects
    )


def _say_files(said: bytes, touches: Sequence[FileTouch], asked: TouchLines, findings: Findings) -> bool:
    """Add what a host has found; whether that is anything."""
    found = numbers_said(said)
    complete = "end" in found and "over" not in found
    findings.complete = findings.complete and complete
    hit = found.get("alone", 0) + found.get("below", 0)
    if found.get("more"):
        findings.exact = False
        findings.fact("a folder is copied over another: files in it may be overwritten")
    if not hit:
        if complete and not asked.unknown and all(touch.deed is Deed.DELETE for touch in touches):
            findings.fact("deletes nothing, as things are now")
        return bool(found.get("more"))
    about = "at least " if not complete else "" if asked.sure else "up to "
    findings.exact = findings.exact and asked.sure
    findings.count(hit, "files and folders")
    if "kib" in found and (complete or found["kib"]):
        findings.weigh(found["kib"] << 10)
    findings.fact(f"hits {about}{counted(hit, 'file or folder', 'files and folders')} there")
    return True


def numbers_said(said: bytes) -> dict[str, int]:
    """What a program of ours has said in lines of a word and a number; other lines say nothing."""
    found: dict[str, int] = {}
    for line in said.decode("utf-8", "replace").splitlines():
        word, _, number = line.partition(" ")
        if word.isalpha() and (not number or (number.isascii() and number.isdigit() and len(number) < 19)):
            found[word] = int(number or 0)
    return found


def _script(name: str) -> str:
    folder = "remote" if name == "touched.sh" else "impact"
    return files("safeshell.ssh").joinpath(folder, name).read_text("utf-8")
