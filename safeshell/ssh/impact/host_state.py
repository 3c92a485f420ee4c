"""What a host has told of itself, and the sentences that a person reads before it is stopped. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from safeshell.frozen import field, frozen
from safeshell.guard.durations import written
from safeshell.guard.text import counted, visible
from safeshell.shell.impact.findings import Findings
from safeshell.shell.impact.processes import NoSuchPattern, Process, hit_by
from safeshell.shell.impact.touch import ProcessTouch

_SHOWN: Final = 4
_PORTS_SHOWN: Final = 12
_DATABASES: Final = {
    "postgres": "PostgreSQL",
    "mysqld": "MySQL",
    "mariadbd": "MariaDB",
    "mongod": "MongoDB",
    "redis-server": "Redis",
    "valkey-server": "Valkey",
}


@frozen
class HostState:
    """What a host is doing.

    Args:
        name: what it calls itself; "" when it has not said.
        uptime: seconds since it started; None when not known.
        load: of the last minute, five and fifteen, as it writes it.
        processors: how many.
        users: who is logged in, a line each.
        ports: where it listens.
        connections: open ones, by the port here.
        processes: what runs; `started` is how long ago that was.
        services: how many of systemd's run; None without systemd.
        redis: what its Redis says of its role.
        dependents: units that need a unit, by its name.
        states: of the units that were asked for.
    """

    name: str = ""
    uptime: int | None = None
    load: str = ""
    processors: int | None = None
    users: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    connections: Counter[int] = field(default_factory=Counter)
    processes: tuple[Process, ...] = ()
    services: int | None = None
    redis: dict[str, str] = field(default_factory=dict)
    dependents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)


def read_state(said: bytes) -> HostState:
    """Read what `host.sh` prints; a line that is not of its form says nothing."""
    values: dict[str, list[str]] = {}
    for line in said.decode("utf-8", "replace").splitlines():
        key, tab, value = line.partition("\t")
        if tab:
            values.setdefault(key, []).append(value)
    called = dict(_pair(one) for one in values.get("called", ()))
    ports = [_number(one) for one in values.get("port", ())] + [
        _number(one, 16) for one in values.get("hexport", ())
    ]
    opened = [_number(one) for one in values.get("open", ())] + [
        _number(one, 16) for one in values.get("hexopen", ())
    ]
    dependents: dict[str, tuple[str, ...]] = {}
    for one in values.get("needs", ()):
        unit, other = _pair(one)
        dependents[unit] = (*dependents.get(unit, ()), other)
    return HostState(
        name=_first(values, "name"),
        uptime=_number(_first(values, "uptime")),
        load=_first(values, "load"),
        processors=_number(_first(values, "processors")),
        users=tuple(values.get("user", ())),
        ports=tuple(sorted({port for port in ports if port is not None})),
        connections=Counter(port for port in opened if port is not None),
        processes=tuple(found for one in values.get("process", ()) if (found := _process(one, called))),
        services=_number(_first(values, "services")),
        redis={key[6:]: _first(values, key) for key in values if key.startswith("redis_")},
        dependents=dependents,
        states=dict(_pair(one) for one in values.get("state", ())),
    )


def say_host(state: HostState, findings: Findings) -> None:
    """Add what a person has to know of a host that is about to be stopped."""
    if state.name:
        up = (
            f" has been up for {written(timedelta(seconds=state.uptime))}" if state.uptime is not None else ""
        )
        load = f"{',' if up else ' has'} load {visible(state.load, limit=40)}" if state.load else ""
        on = f" on {counted(state.processors, 'processor')}" if load and state.processors else ""
        findings.fact(f"{visible(state.name, limit=60)}{up}{load}{on}")
    for sentence in _databases(state):
        findings.fact(sentence)
    if state.users:
        shown = "; ".join(visible(" ".join(one.split()), limit=60) for one in state.users[:_SHOWN])
        more = f" and {len(state.users) - _SHOWN} more" if len(state.users) > _SHOWN else ""
        findings.fact(f"{counted(len(state.users), 'login')} there now: {shown}{more}")
    if state.ports:
        busy = sum(number for port, number in state.connections.items() if port in state.ports and port != 22)
        shown = ", ".join(map(str, state.ports[:_PORTS_SHOWN]))
        more = f" and {len(state.ports) - _PORTS_SHOWN} more" if len(state.ports) > _PORTS_SHOWN else ""
        used = f", with {counted(busy, 'connection')} open to them" if busy else ""
        findings.fact(f"listens on {'port' if len(state.ports) == 1 else 'ports'} {shown}{more}{used}")
    if state.services:
        findings.fact(f"{counted(state.services, 'service')} of systemd's run there")


def say_units(state: HostState, units: Sequence[str], findings: Findings) -> None:
    """Add who depends on the services that are about to stop."""
    for unit in units:
        shown = visible(unit, limit=60)
        if now := state.states.get(unit):
            findings.fact(f"{shown} is {visible(now, limit=30)} there")
        others = [one for one in state.dependents.get(unit, ()) if not one.endswith(".target")]
        if others:
            named = ", ".join(visible(one, limit=60) for one in others[:_SHOWN])
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            findings.fact(f"needed by {counted(len(others), 'unit')}: {named}{more}")


def say_processes(state: HostState, touch: ProcessTouch, findings: Findings) -> None:
    """Add which processes are about to be signalled."""
    if touch.unknown:
        findings.exact = False
        findings.fact(f"cannot tell which processes it hits: {touch.unknown}")
        return
    if not state.processes:
        findings.complete = False
        findings.fact("which processes run there could not be seen")
        return
    try:
        hit = hit_by(touch, list(state.processes))
    except NoSuchPattern as reason:
        findings.exact = False
        findings.fact(f"cannot tell which processes it hits: {reason}")
        return
    findings.count(len(hit), "processes")
    if not hit:
        findings.fact("hits no process that runs there now")
        return
    named = ", ".join(
        f"{visible(one.name, limit=40)} ({one.pid}, for {written(timedelta(seconds=int(one.started)))})"
        for one in hit[:_SHOWN]
    )
    more = f" and {len(hit) - _SHOWN:,} more" if len(hit) > _SHOWN else ""
    findings.fact(f"hits {counted(len(hit), 'process', 'processes')} there: {named}{more}")


def _databases(state: HostState) -> list[str]:
    sentences = []
    names = Counter(one.name for one in state.processes)
    for name, called in _DATABASES.items():
        if not names[name]:
            continue
        commands = [" ".join(one.command) for one in state.processes if one.name == name]
        senders = sum("walsender" in one for one in commands)
        if any("walreceiver" in one for one in commands):
            sentences.append(f"{called} runs there, as a replica")
        elif senders:
            sentences.append(f"{called} runs there, the primary of {counted(senders, 'replica')}")
        elif name in ("redis-server", "valkey-server") and state.redis:
            sentences.append(_redis(called, state.redis))
        else:
            sentences.append(f"{called} runs there; whether others depend on it could not be seen")
    return sentences


def _redis(called: str, said: dict[str, str]) -> str:
    if said.get("role") == "slave":
        return f"{called} runs there, as a replica"
    replicas = _number(said.get("connected_slaves", "")) or 0
    return f"{called} runs there, the primary of {counted(replicas, 'replica')}"


def _process(text: str, called: dict[str, str]) -> Process | None:
    words = text.split(None, 5)
    if len(words) < 5 or not all(word.lstrip("-").isdigit() for word in words[:5]):
        return None
    pid, parent, group, user, age = (int(word) for word in words[:5])
    command = tuple(words[5].split()) if len(words) > 5 else ()
    return Process(pid, parent, group, called.get(words[0], "")[:15], command, float(age), user)


def _pair(text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition(" ")
    return first, rest.strip()


def _first(values: dict[str, list[str]], key: str) -> str:
    return values.get(key, [""])[0]


def _number(text: str, base: int = 10) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None
