"""The real name of a host, where the configuration wants it looked up (ssh_config(5), CanonicalizeHostname)."""

from __future__ import annotations

from safeshell.guard.text import visible
from safeshell.ssh.config_collected import Collected
from safeshell.ssh.config_line import LineMistake
from safeshell.ssh.config_machine import Machine
from safeshell.ssh.wildcards import matches_list


def canonical_name(host: str, collected: Collected, machine: Machine) -> str:
    """The name that a connection goes to.

    Args:
        host: the name so far.
        collected: what was said in the first pass.
        machine: has the resolver.

    Returns:
        An address in its usual spelling; a name in lower case, or what the resolver makes of it.

    Raises:
        LineMistake: it has to be found in one of the domains, and isn't.
    """
    numeric = machine.numeric(host)
    if numeric is not None:
        return numeric
    # What looks like an address, and is none that can be read, stays as it is.
    name = host if "%" in host or ":" in host else host.lower()
    wanted = collected.one("canonicalizehostname", "false")
    if wanted == "false":
        return name
    if not _direct(collected) and wanted != "always":
        return name
    found = _in_domains(name, collected, machine)
    if found is not None:
        return found
    if collected.all("canonicalizepermittedcnames"):
        return _followed(name, collected, machine) or name
    return name


def _direct(collected: Collected) -> bool:
    proxy, jump = collected.one("proxycommand"), collected.one("proxyjump")
    return proxy.lower() in ("", "none") and jump in ("", "none")


def _in_domains(name: str, collected: Collected, machine: Machine) -> str | None:
    domains = [one.value for one in collected.all("canonicaldomains") if one.value != "none"]
    if name.endswith("."):
        # It is said to be whole.
        candidates = [name]
    elif name.count(".") > int(collected.one("canonicalizemaxdots", "1")):
        return None
    else:
        candidates = [f"{name}.{domain}" for domain in domains]
    for candidate in candidates:
        found = _followed(candidate, collected, machine)
        if found is not None:
            return found.removesuffix(".")
    if collected.one("canonicalizefallbacklocal", "yes") == "no":
        raise LineMistake(
            f"{visible(name)} is in none of the domains {', '.join(domains) or '(there are none)'}"
        )
    return None


def _followed(name: str, collected: Collected, machine: Machine) -> str | None:
    """The name, or another one that it stands for where that is allowed; None for a name that nobody knows."""
    other = machine.canonical(name, collected.one("addressfamily", "any"))
    if other is None:
        return None
    for rule in collected.all("canonicalizepermittedcnames"):
        source, _, target = rule.value.partition(":")
        if matches_list(name, source) and matches_list(other, target):
            return other
    return name
