"""Measures on a remote host, within the budget of a question: what goes, who is there, who depends on it.

The words of the line go over as data of fixed programs; what comes back is somebody else's text, read strictly. What
could not be measured is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.guard.effects import EffectKind, Extent
from safeshell.guard.reading import Impact, Reading
from safeshell.guard.text import counted
from safeshell.guard.verdict import Verdict
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.touch import Deed, FileTouch, Place, ProcessTouch, ServiceTouch
from safeshell.ssh.impact.host_state import HostState, read_state, say_host, say_processes, say_units
from safeshell.ssh.side_channel import Runner

_LEAST: Final = 1.5
"""Seconds that a host is given, whatever the budget: a question about another machine may take a little longer."""
_MOST_PLACES: Final = 50
_UNIT: Final = re.compile(r"[A-Za-z0-9@:._\\-]{1,200}")
_LOSING: Final = (Deed.DELETE, Deed.WRITE, Deed.REPLACE)
_NO_WAY_BACK: Final = "nothing is kept of it: there is no undo on that host"


class RemoteProbe:
    """Measures what lines would hit on a host.

    Args:
        runner: runs programs there.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

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
        touches = [
            touch for touch in reading.touches if isinstance(touch, FileTouch) and touch.deed in _LOSING
        ]
        places = [(place, touch) for touch in touches for place in touch.places][:_MOST_PLACES]
        if not places:
            return
        known = [(place, touch) for place, touch in places if not (place.unknown or place.mixed)]
        for place, _ in places:
            if place.unknown or place.mixed:
                findings.exact = False
                findings.fact(
                    f"cannot tell which files: {place.unknown or 'a pattern that is partly quoted'}"
                )
        if known:
            data = b"".join(_asked(place, recursive=touch.recursive) for place, touch in known)
            _say_files(self._runner.run(_script("paths.sh"), data, seconds), known, findings)
        findings.fact(_NO_WAY_BACK)


def stops_everything(reading: Reading) -> bool:
    """Whether a line takes the whole host out of service."""
    return any(
        effect.kind is EffectKind.STOP and effect.extent is Extent.EVERYTHING
        for command in reading.commands
        for effect in command.effects
    )


def _asked(place: Place, *, recursive: bool) -> bytes:
    coded = place.path.replace("\\", "\\\\").replace("\n", "\\n")
    kind = f"{'g' if place.glob else 'p'}{'r' if recursive else 'n'}"
    return f"{kind}\n{coded}\n".encode("utf-8", "surrogateescape")


def _say_files(said: bytes, places: Sequence[tuple[Place, FileTouch]], findings: Findings) -> None:
    entries, size, found, partial = 0, 0, 0, False
    lines = said.decode("utf-8", "replace").splitlines()
    for line in lines:
        words = line.split()
        if len(words) != 5 or not all(word.isdigit() for word in (words[0], *words[2:])):
            continue
        found += 1
        entries += int(words[2])
        size += int(words[3]) << 10
        partial = partial or words[4] == "1"
    complete = bool(lines) and lines[-1] == "end" and not partial
    findings.complete = findings.complete and complete
    if not found:
        if complete and all(touch.deed is Deed.DELETE for _, touch in places):
            findings.fact("deletes nothing, as things are now")
        return
    findings.count(entries, "files and folders")
    findings.weigh(size)
    least = "" if complete else "at least "
    findings.fact(f"hits {least}{counted(entries, 'file or folder', 'files and folders')} there")


def _script(name: str) -> str:
    return files("safeshell.ssh.impact").joinpath(name).read_text("utf-8")
