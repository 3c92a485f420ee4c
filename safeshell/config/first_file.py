"""The text of a first config file, from proposals that a person has agreed to.

Pure: what is proposed and agreed comes in, commented TOML goes out. It validates as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from safeshell.config.kinds import quoted
from safeshell.config.proposals import Kind, Proposal

_HEAD = """\
# safeshell's configuration: what is production, and what is not.
# `safeshell config check` checks it, `config show` shows what is in force, `config schema --text` lists all keys.
# No passwords in here: password_command, password_env and password_file say where they are to be had.

version = 1

# Built in are production (red, read-only), staging, development and unlabelled. What you say here changes
# single keys of them, or adds environments of your own.

#[environments.production]
#mode = "read-only"
#unlock = { max = "30m", reason = true }
#challenge = { low = "none", medium = "yes", high = "target", critical = "target+impact" }
#window = { days = "mon-thu", hours = "09:00-15:30", timezone = "Europe/Berlin" }

# This machine itself.

[targets.this-machine]
environment = "%s"
local = true
"""

_EXAMPLES = """
# Nothing was found that looks like a target. They look like this:

#[targets.cache]
#environment = "production"
#redis = "rediss://ops@cache.prod.example.com:6380/0"
#password_command = ["pass", "show", "cache"]
"""

KIND_WORDS = {
    Kind.REDIS: "Redis servers",
    Kind.SSH: "SSH hosts",
    Kind.KUBERNETES: "Kubernetes contexts",
    Kind.AWS: "AWS profiles",
}


def first_file(*, local: str, agreed: Mapping[Proposal, str], left: Sequence[Proposal]) -> str:
    """A config file.

    Args:
        local: this machine's environment.
        agreed: proposals with the environment that each belongs to.
        left: proposals that nobody could say an environment for; they come as comments.
    """
    parts = [_HEAD % local]
    names = {"this-machine"}
    for kind in Kind:
        mine = [proposal for proposal in agreed if proposal.kind is kind]
        if mine:
            parts.append(f"\n# {KIND_WORDS[kind]}.\n")
        if kind is Kind.REDIS:
            # Each has a name of its own: it is what a question asks for before something is destroyed.
            parts += [_redis(proposal, agreed[proposal], names) for proposal in mine]
        else:
            for environment in sorted({agreed[proposal] for proposal in mine}):
                of_it = [proposal for proposal in mine if agreed[proposal] == environment]
                parts.append(_group(kind, environment, of_it, names))
    if left:
        parts.append("\n# Nobody could tell what these are: give them an environment and remove the #.\n")
        for kind in Kind:
            unknown = [proposal for proposal in left if proposal.kind is kind]
            if unknown:
                group = _group(kind, "…", unknown, names)
                parts.append("".join(_comment(line) for line in group.splitlines()))
    return "".join(parts) + ("" if agreed or left else _EXAMPLES)


def _comment(line: str) -> str:
    return f"#{line}\n" if line else "\n"


def _redis(proposal: Proposal, environment: str, names: set[str]) -> str:
    name = _free(_short(proposal.name), names)
    return (
        f"\n[targets.{name}]  # from {proposal.source}\n"
        f"environment = {quoted(environment)}\n"
        f"redis = {quoted(proposal.name)}\n"
    )


def _group(kind: Kind, environment: str, proposals: Iterable[Proposal], names: set[str]) -> str:
    listed = list(proposals)
    name = _free(f"{kind}-{environment}" if environment != "…" else f"{kind}-others", names)
    sources = " and ".join(sorted({proposal.source for proposal in listed}))
    items = "".join(f"    {quoted(proposal.name)},\n" for proposal in listed)
    return (
        f"\n[targets.{name}]  # from {sources}\nenvironment = {quoted(environment)}\n{kind} = [\n{items}]\n"
    )


def _short(url: str) -> str:
    """A name for a Redis server: the part of its host that says most."""
    rest = url.partition("://")[2].rpartition("@")[2]
    place = (
        rest.partition("/")[0] if rest.partition("/")[0] else rest.rpartition("/")[2].removesuffix(".sock")
    )
    host = place.strip("[]") if place.count(":") > 1 else place.partition(":")[0]
    labels = host.split(".")
    is_address = all(label.isdigit() for label in labels) or ":" in host
    name = "-".join(labels if is_address else labels[:2])
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "redis"


def _free(name: str, names: set[str]) -> str:
    free, count = name, 1
    while free in names:
        count += 1
        free = f"{name}-{count}"
    names.add(free)
    return free
