"""The environment of what a line addresses: an SSH host, a URL, a Kubernetes context, a cloud profile.

Pure, like `matching`, which knows the patterns. What addresses something that no target fits is `unlabelled`,
unless it plainly is this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from safeshell.config.matching import (
    Match,
    find_aws,
    find_environ,
    find_host,
    find_kubernetes,
    find_named,
    find_redis,
    find_ssh,
    is_this_machine,
    strictest_match,
)
from safeshell.config.redis_place import DEFAULT_PORT, parse_place
from safeshell.config.settings import Settings
from safeshell.guard.environment import UNLABELLED, Environment
from safeshell.guard.reading import Address

ANYWHERE: Final = "*"
"""What an address is called that only the running line knows."""

_STAGES: Final = {"prod": "production", "prd": "production", "live": "production", "dev": "development"}
_REDIS_SCHEMES: Final = ("redis", "rediss", "valkey", "valkeys", "unix")
_WEB_SCHEMES: Final = ("http", "https", "ftp", "ws", "wss", "git", "file")


def environment_addressed(
    settings: Settings,
    addresses: Iterable[Address],
    *,
    kube_context: Callable[[str], str] = lambda _: "",
) -> Match | None:
    """The strictest of what the addresses mean; None when they mean nothing beyond this machine.

    Args:
        settings: the configuration.
        addresses: what a reading found.
        kube_context: the current context of the kubeconfig files that a text names, "" for the default ones.
    """

    def meant(address: Address) -> Match | None:
        if address.kind != "kubeconfig":
            return _meant(settings, address)
        context = kube_context(address.name) if address.name != ANYWHERE else ""
        found = find_kubernetes(settings, context) if context else None
        # Which context is current is nobody's choice on this line: one that no entry fits changes nothing.
        return found if found and found.target else None

    return strictest_match(match for address in addresses if (match := meant(address)) is not None)


def _meant(settings: Settings, address: Address) -> Match | None:
    kind, name = address.kind, address.name
    if kind == "environ":
        return _of_variable(settings, name)
    if kind == "stage":
        return _of_stage(settings, name)
    if name == ANYWHERE:
        return Match(None, _unlabelled(settings), "")
    if kind == "ssh":
        user, _, place = name.removeprefix("ssh://").rpartition("@")
        host, port = _host_and_port(place)
        return _unless_here(find_ssh(settings, host=host, user=user, port=port or 22), host)
    if kind == "kubernetes":
        return find_kubernetes(settings, name)
    if kind == "aws":
        return find_aws(settings, name)
    if kind == "redis" and "://" not in name:
        host, port = _host_and_port(name)
        return _unless_here(find_redis(settings, host=host, port=port or DEFAULT_PORT), host)
    if "://" in name:
        return _of_url(settings, name)
    if kind == "postgresql":
        # libpq's conninfo: `host=db.prod dbname=shop`.
        said = [part.partition("=")[2] for part in name.split() if part.startswith(("host=", "hostaddr="))]
        return strictest_match(match for host in said if (match := _meant(settings, Address("host", host))))
    if kind in ("host", "url"):
        host, _ = _host_and_port(name.rpartition("@")[2])
        return _unless_here(find_host(settings, host), host)
    return find_named(settings, kind, name)


def _of_stage(settings: Settings, name: str) -> Match | None:
    """What a tool's own `--stage` or `--environment` means: the environment called so, if there is one."""
    plain = name.lower()
    wanted = _STAGES.get(plain, plain)
    environment = settings.environments.get(wanted)
    named = find_named(settings, "stage", name)
    if named.target is not None:
        return named
    return Match(None, environment, "") if environment and wanted != UNLABELLED.name else None


def _of_variable(settings: Settings, text: str) -> Match | None:
    """What `NAME=value` in front of a command means, by the targets' `environ` and by URLs in it."""
    from safeshell.config.matching import environments_of_variables

    name, _, value = text.partition("=")
    found = find_environ(settings, {name: value})
    return found or strictest_match(environments_of_variables(settings, {name: value}).values())


def _of_url(settings: Settings, url: str) -> Match | None:
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    # Some drivers take several hosts, `mongodb://a,b`: each counts.
    hosts = [_host_and_port(part)[0] for part in authority.split(",") if part]
    found = [find_host(settings, host) for host in hosts]
    if scheme.lower() in _REDIS_SCHEMES:
        found += _of_redis_url(settings, url)
    known = strictest_match(match for match in found if match.target)
    if known or scheme.lower() in _WEB_SCHEMES or all(is_this_machine(host) for host in hosts):
        return known
    return Match(None, _unlabelled(settings), hosts[0])


def _of_redis_url(settings: Settings, url: str) -> list[Match]:
    try:
        place = parse_place(url)
    except ValueError:
        return []
    port = place.port or DEFAULT_PORT
    return [find_redis(settings, host=place.host, port=port, unix_socket=place.unix_socket)]


def _unless_here(match: Match, host: str) -> Match | None:
    return None if match.target is None and is_this_machine(host) else match


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, _, after = text[1:].partition("]")
        return host, int(after[1:]) if after[1:].isdigit() else None
    host, colon, port = text.rpartition(":")
    if colon and ":" not in host and port.isascii() and port.isdigit():
        return host, int(port)
    return text, None


def _unlabelled(settings: Settings) -> Environment:
    return settings.environments[UNLABELLED.name]
