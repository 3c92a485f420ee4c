"""Which host answers, by its key: the only thing about it that no name, tunnel or address can fake.

A key that is known under another name is that other host, or shares its key (a cluster of clones): the stricter of
the two environments counts, and the person is told. That the key of a name may not change is ssh's own matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from safeshell.config.matching import Match, strictest_match
from safeshell.config.settings import Settings
from safeshell.errors import Refused
from safeshell.frozen import frozen
from safeshell.guard.environment import UNLABELLED, Environment, strictest
from safeshell.guard.text import visible
from safeshell.journal.known_places import KnownPlaces

FILE: Final = "ssh_hosts.json"
_FINGERPRINT: Final = "SHA256:"


@frozen
class HostNote:
    """What a host's key says.

    Args:
        environment: the strictest of all names that the key is known by, this one's among them.
        text: what a person should be told, safe to show; "" when there is nothing.
    """

    environment: Environment
    text: str = ""


def read_keys(text: str) -> frozenset[str]:
    """The fingerprints in what a transport has written: lines of a name, a type, and a fingerprint."""
    words = (line.split() for line in text.splitlines())
    return frozenset(word[-1] for word in words if word and word[-1].startswith(_FINGERPRINT))


def check_host(
    path: Path,
    fingerprints: frozenset[str],
    *,
    name: str,
    environment: Environment,
    settings: Settings,
) -> HostNote:
    """Compare a host's key with what was behind this name and others, and remember it.

    Args:
        path: the file of what was seen before.
        fingerprints: of the key that the host has shown.
        name: the name by which it was reached, with its port.
        environment: of that name by itself.
        settings: the configuration: its targets may name keys, and it has the environments.

    Returns:
        Which environment holds, and what is to be said. Never fails for a file that can't be used: it says so.

    Raises:
        Refused: the name's target is pinned to other keys.
    """
    if not fingerprints:
        return HostNote(environment, "which key the host has is not known, so it is known by its name alone")
    pinned = _pinned(settings, fingerprints)
    store = KnownPlaces(path, keys=("environment", "key"), what="host")
    known = store.load()
    complaint = store.complaint
    others = {
        one: place
        for one, place in known.items()
        if one != name and place["key"] in fingerprints and place["environment"] != UNLABELLED.name
    }
    key = min(fingerprints)
    now = {"environment": environment.name, "key": key}
    if known.get(name) != now:
        store.remember(name, now)
    found = [
        settings.environments[place["environment"]]
        for place in others.values()
        if place["environment"] in settings.environments
    ]
    holds = strictest(environment, *found, *((pinned.environment,) if pinned else ()))
    sentences = (*_said(others, pinned, environment, holds), store.complaint or complaint)
    return HostNote(holds, "; ".join(filter(None, sentences)))


def check_pins(pins: Sequence[str], fingerprints: frozenset[str], name: str) -> None:
    """See that a host has one of the keys that its target is pinned to.

    Raises:
        Refused: it has another one.
    """
    wanted = {pin for pin in pins if pin.startswith(_FINGERPRINT)}
    if wanted and not wanted & fingerprints:
        shown = ", ".join(sorted(fingerprints)) or "none that is known"
        raise Refused(
            f"this is not the pinned host: its key is {visible(shown)}",
            where=visible(name),
            todo="Look where you are; nothing was run there.",
        )


def _pinned(settings: Settings, fingerprints: frozenset[str]) -> Match | None:
    """The strictest of the targets that are pinned to one of these keys."""
    return strictest_match(
        Match(target, settings.environment_of(target), target.name)
        for target in settings.targets.values()
        if not fingerprints.isdisjoint(target.pins)
    )


def _said(
    others: Mapping[str, Mapping[str, str]],
    pinned: Match | None,
    environment: Environment,
    holds: Environment,
) -> list[str]:
    if holds is environment:
        return []
    names = [f"{visible(one, limit=80)} ({visible(place['environment'])})" for one, place in others.items()]
    if pinned:
        names.append(f"{visible(pinned.name)} ({visible(pinned.environment.name)}), by the configuration")
    return [
        f"this is the very host known as {', '.join(dict.fromkeys(names))}: it is treated as {holds.name}"
    ]
