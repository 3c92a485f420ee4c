"""The few questions of `config init`: what this machine is, and what the things found belong to.

Asks and tells through what it is given; reads and writes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from safeshell.config.first_file import KIND_WORDS
from safeshell.config.kinds import nearest
from safeshell.config.proposals import Kind, Proposal
from safeshell.guard.text import visible

_ENVIRONMENTS = ("production", "staging", "development")
_LEAVE = "-"
_SHOWN = 6


@dataclass(slots=True)
class Interview:
    """What came of the questions.

    Args:
        local: this machine's environment.
        agreed: proposals with the environment that each belongs to.
        left: proposals without one.
    """

    local: str = "development"
    agreed: dict[Proposal, str] = field(default_factory=dict)
    left: list[Proposal] = field(default_factory=list)


def take_all(proposals: Sequence[Proposal]) -> Interview:
    """Every proposal as its name suggests, without a question."""
    taken = Interview()
    for proposal in proposals:
        _take(taken, proposal, proposal.environment)
    return taken


def interview(
    proposals: Sequence[Proposal], *, ask: Callable[[str], str], tell: Callable[[str], None]
) -> Interview:
    """Ask about this machine and about what was found.

    Args:
        proposals: what was found.
        ask: puts a question and gives the answer; raises EOFError when nobody answers any more.
        tell: shows a line.
    """
    taken = Interview(local=_environment("This machine is", "development", ask, tell))
    for proposal in (found for found in proposals if found.kind is Kind.REDIS):
        about = f"{visible(proposal.name)} (from {visible(proposal.source)}) is"
        _take(taken, proposal, _environment(about, proposal.environment or _LEAVE, ask, tell))
    for kind in (Kind.SSH, Kind.KUBERNETES, Kind.AWS):
        for environment in (*_ENVIRONMENTS, ""):
            group = [found for found in proposals if (found.kind, found.environment) == (kind, environment)]
            if group:
                _ask_about_group(taken, group, ask, tell)
    return taken


def _ask_about_group(
    taken: Interview, group: Sequence[Proposal], ask: Callable[[str], str], tell: Callable[[str], None]
) -> None:
    kind, environment = group[0].kind, group[0].environment
    names = ", ".join(visible(proposal.name, limit=60) for proposal in group[:_SHOWN])
    more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
    if not environment:
        tell(f"{len(group)} {KIND_WORDS[kind]} whose names say nothing come as comments: {names}{more}")
    agrees = bool(environment) and _agrees(
        f"{len(group)} {KIND_WORDS[kind]} look like {environment}: {names}{more}\nRight? [Y/n] ", ask
    )
    for proposal in group:
        _take(taken, proposal, environment if agrees else _LEAVE)


def _take(taken: Interview, proposal: Proposal, environment: str) -> None:
    if environment in ("", _LEAVE):
        taken.left.append(proposal)
    else:
        taken.agreed[proposal] = environment


def _environment(about: str, default: str, ask: Callable[[str], str], tell: Callable[[str], None]) -> str:
    choices = ", ".join((*_ENVIRONMENTS, f"{_LEAVE} for unlabelled"))
    while True:
        word = ask(f"{about} ({choices}) [{default}]: ").strip().lower() or default
        if word == _LEAVE:
            return "unlabelled" if about.startswith("This machine") else _LEAVE
        fitting = [name for name in _ENVIRONMENTS if name.startswith(word)]
        if len(fitting) == 1:
            return fitting[0]
        near = nearest(word, _ENVIRONMENTS)
        tell(
            f"There is no environment {visible(word, limit=40)!r}."
            + (f" Did you mean {near}?" if near else "")
        )


def _agrees(question: str, ask: Callable[[str], str]) -> bool:
    while True:
        word = ask(question).strip().lower()
        if word in ("", "y", "yes"):
            return True
        if word in ("n", "no"):
            return False
