"""Which processes a line would signal or stop: names, ages, what they have started, where they listen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from safeshell.guard.durations import written
from safeshell.guard.text import counted, visible
from safeshell.shell.impact.deadline import Deadline
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.processes import (
    NoSuchPattern,
    Process,
    age_of,
    children_of,
    hit_by,
    in_unit,
    listening_ports,
    processes,
)
from safeshell.shell.impact.touch import ProcessTouch, ServiceTouch
from safeshell.shell.impact.units import FOLDERS, Units

_SHOWN: Final = 4


def measure_processes(
    touches: Sequence[ProcessTouch | ServiceTouch], findings: Findings, deadline: Deadline
) -> None:
    """Add to `findings` which processes are hit.

    Raises:
        OutOfTime: there are too many to look at.
    """
    known = processes(deadline)
    if not known:
        return  # a system that does not tell
    for touch in touches:
        if isinstance(touch, ServiceTouch):
            _service(touch, known, findings, deadline)
        else:
            _signal(touch, known, findings)


def _signal(touch: ProcessTouch, known: list[Process], findings: Findings) -> None:
    if touch.unknown:
        findings.exact = False
        findings.fact(f"cannot tell which processes it hits: {touch.unknown}")
        return
    try:
        hit = hit_by(touch, known)
    except NoSuchPattern as reason:
        findings.exact = False
        findings.fact(f"cannot tell which processes it hits: {reason}")
        return
    findings.count(len(hit), "processes")
    if not hit:
        findings.fact("hits no process that runs now")
        return
    findings.fact(f"hits {counted(len(hit), 'process', 'processes')}: {_named(hit)}")
    _say_more(hit, known, findings)


def _service(touch: ServiceTouch, known: list[Process], findings: Findings, deadline: Deadline) -> None:
    for name in touch.names[:10]:
        hit = in_unit(name, known)
        if hit:
            shown = visible(name, limit=60)
            findings.fact(f"{shown} is {counted(len(hit), 'process', 'processes')}: {_named(hit)}")
            _say_more(hit, known, findings)
    units = Units(FOLDERS, deadline)
    for name in touch.names[:10]:
        _say_dependents(name, units.stopped_with(name), known, findings)


def _say_dependents(unit: str, dependents: Sequence[str], known: list[Process], findings: Findings) -> None:
    """Only those that run now: the others have nothing to lose."""
    running = [visible(name, limit=60) for name in dependents if in_unit(name, known)]
    if running:
        more = f" and {len(running) - _SHOWN:,} more" if len(running) > _SHOWN else ""
        shown = ", ".join(running[:_SHOWN])
        findings.fact(
            f"{counted(len(running), 'service')} more would stop with {visible(unit, limit=60)}: {shown}{more}"
        )


def _say_more(hit: list[Process], known: list[Process], findings: Findings) -> None:
    children = children_of(hit, known)
    if children:
        findings.fact(f"they have started {counted(len(children), 'more', 'more')}: {_named(children)}")
    ports = listening_ports([*hit, *children])
    if ports:
        shown = ", ".join(map(str, ports[:8]))
        more = f" and {len(ports) - 8} more" if len(ports) > 8 else ""
        findings.fact(
            f"listens on port {shown}{more}" if len(ports) == 1 else f"listens on ports {shown}{more}"
        )


def _named(some: Sequence[Process]) -> str:
    names = [
        f"{visible(one.name, limit=40)} ({one.pid}, for {written(timedelta(seconds=int(age_of(one))))})"
        for one in some[:_SHOWN]
    ]
    more = len(some) - _SHOWN
    return f"{', '.join(names)} and {more:,} more" if more > 0 else ", ".join(names)
