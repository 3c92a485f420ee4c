"""Whether a Host or Match line is about the host at hand (ssh_config(5), Match). What is unknown is a mistake.

Decides over values; the one thing that acts is `Match exec`, through the call it is given.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.ssh.config_collected import Collected
from safeshell.ssh.config_line import LineMistake, cut
from safeshell.ssh.config_machine import Machine
from safeshell.ssh.config_tokens import connection_hash, with_tokens
from safeshell.ssh.wildcards import matches, matches_list


@frozen
class Candidate:
    """The host at hand.

    Args:
        typed: as it was typed.
        host: what it is called in this pass: as typed, and in the final pass its real name.
        collected: what was said of it so far.
        machine: where it is read.
        succeeds: whether a command of `Match exec` does.
        final: whether this is the final pass.
    """

    typed: str
    host: str
    collected: Collected
    machine: Machine
    succeeds: Callable[[str], bool]
    final: bool = False

    @property
    def hostname(self) -> str:
        """Where the connection goes, as far as it is known."""
        if self.final:
            return self.host
        named = self.collected.one("hostname")
        return with_tokens(named, {"h": self.host}) if named else self.host

    @property
    def user(self) -> str:
        """Who logs in, as far as it is known."""
        return self.collected.one("user") or self.machine.user

    def tokens(self) -> dict[str, str]:
        """What the tokens in a command stand for."""
        machine, port = self.machine, self.collected.one("port", "22")
        return {
            "C": connection_hash(machine.name, self.hostname, port, self.user),
            "L": machine.name.partition(".")[0],
            "d": machine.home,
            "h": self.hostname,
            "i": str(machine.uid),
            "j": self.collected.one("proxyjump").replace("none", ""),
            "k": self.collected.one("hostkeyalias") or self.hostname,
            "l": machine.name,
            "n": self.typed,
            "p": port,
            "r": self.user,
            "u": machine.user,
        }


def host_matches(host: str, patterns: Sequence[str]) -> bool:
    """Whether a Host line is about the host: one pattern fits, and none of those with `!`."""
    found = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(host, pattern.removeprefix("!")):
            if negated:
                return False
            found = True
    return found


@frozen
class Matched:
    """What a Match line says.

    Args:
        holds: whether it is about the host.
        wants_final: whether it asks for a final pass.
    """

    holds: bool
    wants_final: bool = False


def match_line(text: str, candidate: Candidate, *, run: bool) -> Matched:
    """Whether a Match line is about the host.

    Args:
        text: the criteria.
        candidate: the host.
        run: whether the command of `exec` may be run, if all criteria before it hold.

    Raises:
        LineMistake: a criterion that is unknown here, or has no value, or an `all` beside others.
    """
    rest: str | None = text
    holds, wants_final, count = True, False, 0
    while True:
        word, rest = cut(rest)
        if not word or word.startswith("#"):
            _consumed(word, rest)
            break
        negated = word.startswith("!")
        criterion = word.removeprefix("!").lower()
        if criterion == "all":
            following, behind = cut(rest)
            if count > 1 or (following and not following.startswith("#")):
                raise LineMistake("all stands alone, or behind canonical or final")
            _consumed(following, behind)
            return Matched(holds and not negated, wants_final)
        count += 1
        if criterion in ("canonical", "final"):
            wants_final = wants_final or criterion == "final"
            found = candidate.final
        else:
            value, rest = cut(rest)
            if not value or value.startswith("#"):
                raise LineMistake(f"{visible(word)} has no value")
            found = _criterion_holds(criterion, value, candidate, run=run and holds)
        holds = holds and found != negated
    if not count:
        raise LineMistake("Match has no criteria")
    return Matched(holds, wants_final)


def _consumed(last: str | None, behind: str | None) -> None:
    """See that nothing but a comment stands behind the last criterion."""
    if behind and not (last and last.startswith("#")):
        raise LineMistake(f"{visible(behind)} stands there too much")


def _criterion_holds(criterion: str, value: str, candidate: Candidate, *, run: bool) -> bool:
    machine = candidate.machine
    match criterion:
        case "host":
            return matches_list(candidate.hostname.lower(), value.lower()) is True
        case "originalhost":
            return matches_list(candidate.typed.lower(), value.lower()) is True
        case "user":
            return matches_list(candidate.user, value) is True
        case "localuser":
            return matches_list(machine.user, value) is True
        case "tagged":
            return matches_list(candidate.collected.one("tag"), value) is True
        case "localnetwork":
            return _on_network(value, machine)
        case "exec":
            command = with_tokens(value, candidate.tokens())
            return run and candidate.succeeds(command)
        case _:
            raise LineMistake(f"Match {visible(criterion)} is not known here")


def _on_network(value: str, machine: Machine) -> bool:
    try:
        networks = [ipaddress.ip_network(one) for one in value.split(",")]
    except ValueError as error:
        raise LineMistake(f"{visible(value)} is no list of networks: {visible(str(error))}") from error
    return any(address in network for address in machine.addresses() for network in networks)
