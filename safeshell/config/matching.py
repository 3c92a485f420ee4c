"""Which target a name, host, URL, context or variable means, and so which environment.

Pure: the settings and what is asked about come in. Where several targets fit, the strictest environment
counts; where none does, the answer is `unlabelled`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from safeshell.config.redis_place import DEFAULT_PORT, RedisPlace, parse_place
from safeshell.config.settings import Settings, Target
from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.environment import DEVELOPMENT, UNLABELLED, Environment, strictest
from safeshell.guard.text import visible

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - connecting to them reaches this machine

_URL_VARIABLES = ("_URL", "_URI", "_DSN")
_AWS_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_VAULT")
_NO_TARGETS = "The configuration names none; `safeshell config init` helps."
_REDIS_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")


_Patterns = Callable[[Target], tuple[str, ...]]
_Fits = Callable[[str], bool]


class UnknownTarget(UsageError):
    """No target has that name."""


@frozen
class Match:
    """What something turned out to mean.

    Args:
        target: the configured target; None when none fits.
        environment: the strictest of all targets that fit; `unlabelled` when none does.
        name: what a question asks a person to type: the target's name, else the place itself.
    """

    target: Target | None
    environment: Environment
    name: str


def find_redis(
    settings: Settings,
    *,
    host: str = "",
    port: int = DEFAULT_PORT,
    db: int = 0,
    unix_socket: Path | str | None = None,
) -> Match:
    """The target that a Redis server belongs to.

    Args:
        settings: the configuration.
        host: of the server, as typed.
        port: of the server.
        db: the database; it only chooses the name where several targets of one environment fit, because a
            server's databases can't be told apart by what FLUSHALL or SHUTDOWN hits.
        unix_socket: the socket's path, instead of host and port.
    """
    socket = str(unix_socket or "")
    fitting = [
        (place.db == db, bool(place.url), target)
        for target in settings.targets.values()
        for place in _places(target)
        if _is_at(place, host, port, socket)
    ]
    # The one that names this database, or at least this server, speaks for its environment.
    fitting.sort(key=lambda found: found[:2], reverse=True)
    shown = socket or (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return _strictest_of(settings, [target for *_, target in fitting], shown)


def find_ssh(settings: Settings, *, host: str, user: str = "", port: int = 22) -> Match:
    """The target that an SSH host belongs to; the host as typed."""

    def fits(pattern: str) -> bool:
        who, _, where = pattern.rpartition("@")
        if who and user and not fnmatchcase(user, who):
            return False
        name, number = _split_port(where)
        return (number is None or number == port) and _is_host(name, host)

    return _strictest_of(settings, _with_any(settings, lambda target: target.ssh, fits), host)


def find_kubernetes(settings: Settings, context: str) -> Match:
    """The target that a Kubernetes context belongs to."""
    fitting = _with_any(settings, lambda target: target.kubernetes, lambda p: _is_named(p, context))
    return _strictest_of(settings, fitting, context)


def find_aws(settings: Settings, profile: str) -> Match:
    """The target that an AWS profile belongs to."""
    fitting = _with_any(settings, lambda target: target.aws, lambda p: _is_named(p, profile))
    return _strictest_of(settings, fitting, profile)


def find_named(settings: Settings, kind: str, name: str) -> Match:
    """The target that a tool of its own kind calls `name`: a Heroku app, a gcloud project (`named` there)."""

    def fits(pattern: str) -> bool:
        what, colon, which = pattern.partition(":")
        return bool(colon) and what == kind and _is_named(which, name)

    return _strictest_of(settings, _with_any(settings, lambda target: target.named, fits), name)


def find_environ(settings: Settings, environ: Mapping[str, str]) -> Match | None:
    """The target that environment variables mean by a target's `environ`; None when they mean none.

    One variable is enough: a half-switched environment is the one to be careful in.
    """
    fitting = [
        target
        for target in settings.targets.values()
        if any(
            name in environ and fnmatchcase(environ[name], value) for name, value in target.environ.items()
        )
    ]
    return _strictest_of(settings, fitting, "") if fitting else None


def find_host(settings: Settings, host: str) -> Match:
    """The target that a machine belongs to, whatever is spoken with it: Redis, SSH, or another protocol."""

    def fits(target: Target) -> bool:
        names = [place.host for place in _places(target) if place.host]
        names += [_split_port(pattern.rpartition("@")[2])[0] for pattern in target.ssh]
        return any(_is_host(name, host) for name in names)

    return _strictest_of(settings, [target for target in settings.targets.values() if fits(target)], host)


def find_local(settings: Settings) -> Match:
    """What this machine is: the strictest target with `local`; development when none says so."""
    local = [target for target in settings.targets.values() if target.local]
    if local:
        return _strictest_of(settings, local, "")
    return Match(None, settings.environments[DEVELOPMENT.name], "this machine")


def target_named(settings: Settings, name: str) -> Target:
    """The target called `name`.

    Raises:
        UnknownTarget: there is none; the message names the nearest.
    """
    if name in settings.targets:
        return settings.targets[name]
    from safeshell.config.kinds import nearest

    near = nearest(name, settings.targets)
    known = ", ".join(visible(target) for target in settings.targets)
    raise UnknownTarget(
        f"there is no target {visible(name)!r}",
        todo=f"Did you mean {visible(near)}?" if near else f"There are {known}." if known else _NO_TARGETS,
    )


def find_target(settings: Settings, text: str) -> Match:
    """What a person means by TARGET: a target's name, a Redis URL, a host.

    Raises:
        UnknownTarget: a single word that is no target's name and that no pattern fits.
        UsageError: a URL that can't be read.
    """
    target = settings.targets.get(text)
    if target:
        return Match(target, settings.environment_of(target), target.name)
    if "@" in text and "://" not in text:
        user, _, host = text.rpartition("@")
        return find_ssh(settings, host=host, user=user)
    try:
        place = parse_place(text)
    except ValueError as error:
        raise UsageError(str(error), where=visible(text.partition("://")[0])) from None
    if place.unix_socket:
        return find_redis(settings, unix_socket=place.unix_socket, db=place.db or 0)
    port = place.port or DEFAULT_PORT
    matches = [find_redis(settings, host=place.host, port=port, db=place.db or 0)]
    if "://" not in text:
        matches.append(find_host(settings, place.host))
    found = max(matches, key=lambda match: (match.target is not None, match.environment.strictness))
    is_word = not any(sign in text for sign in ".:/") and not _is_local(place.host)
    if found.target is None and is_word:
        target_named(settings, text)
    return found


def environments_of_variables(settings: Settings, environ: Mapping[str, str]) -> Mapping[str, Match]:
    """What the environment variables point a command at: by variable, those that fit a target.

    Looks at URLs (`DATABASE_URL`, `REDIS_URL`, `*_URI`, `*_DSN`), `AWS_PROFILE`, `KUBECONTEXT`, and the
    targets' own `environ`. What fits no target is left out: most URLs in an environment are nobody's target.
    """
    found: dict[str, Match] = {}
    for name, value in environ.items():
        match = _of_variable(settings, name, value)
        if match is not None and match.target is not None:
            found[name] = match
    return found


def strictest_match(matches: Iterable[Match]) -> Match | None:
    """The match whose environment is the strictest; None of none."""
    matches = list(matches)
    if not matches:
        return None
    environment = strictest(*(match.environment for match in matches))
    return next(match for match in matches if match.environment is environment)


def _of_variable(settings: Settings, name: str, value: str) -> Match | None:
    of_environ = find_environ(settings, {name: value})
    if of_environ:
        return of_environ
    if name in _AWS_VARIABLES:
        return find_aws(settings, value)
    if name == "KUBECONTEXT":
        return find_kubernetes(settings, value)
    scheme, separator, rest = value.partition("://")
    if not separator or not (name.endswith(_URL_VARIABLES) or name in ("URL", "URI", "DSN")):
        return None
    if scheme.lower() in _REDIS_SCHEMES:
        try:
            place = parse_place(value)
        except ValueError:
            return None
        if place.unix_socket:
            return find_redis(settings, unix_socket=place.unix_socket)
        match = find_redis(settings, host=place.host, port=place.port or DEFAULT_PORT)
        return match if match.target else find_host(settings, place.host)
    authority = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    # Some drivers take several hosts, `mongodb://a,b`: each is looked at.
    hosts = [_split_port(part)[0] for part in authority.split(",") if part]
    return strictest_match(match for host in hosts if (match := find_host(settings, host)).target)


def _strictest_of(settings: Settings, fitting: list[Target], place: str) -> Match:
    if not fitting:
        return Match(None, settings.environments[UNLABELLED.name], visible(place))
    environment = strictest(*(settings.environment_of(target) for target in fitting))
    target = next(target for target in fitting if settings.environment_of(target) is environment)
    return Match(target, environment, target.name)


def _with_any(settings: Settings, patterns: _Patterns, fits: _Fits) -> list[Target]:
    return [target for target in settings.targets.values() if any(map(fits, patterns(target)))]


def _places(target: Target) -> tuple[RedisPlace, ...]:
    """Every Redis server of a target: its own, the replica it reads from, its Sentinels."""
    replica = (target.readonly.redis,) if target.readonly and target.readonly.redis else ()
    return (*target.redis, *replica, *(target.sentinel.hosts if target.sentinel else ()))


def _is_at(place: RedisPlace, host: str, port: int, unix_socket: str) -> bool:
    if unix_socket or place.unix_socket:
        return bool(unix_socket) and fnmatchcase(unix_socket, place.unix_socket)
    return (place.port is None or place.port == port) and _is_host(place.host, host)


def _is_host(pattern: str, host: str) -> bool:
    """Whether a pattern fits a host as typed; names and addresses of this machine itself are one."""
    plain = host.lower().rstrip(".")
    if plain.startswith("[") and plain.endswith("]"):
        plain = plain[1:-1]
    names = {plain, *_LOOPBACK} if _is_local(plain) else {plain}
    wanted = pattern.lower().rstrip(".")
    if _is_local(wanted) and _is_local(plain):
        return True
    return any(fnmatchcase(name, wanted) for name in names)


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address plainly is this machine; a socket's path and no host at all are too."""
    return not host or host.startswith("/") or _is_local(host.lower().strip("[]"))


def _is_local(host: str) -> bool:
    return host in _LOOPBACK or host in _ANY_ADDRESS or host.startswith("127.")


def _is_named(pattern: str, name: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower())


def _split_port(text: str) -> tuple[str, int | None]:
    if text.startswith("[") and ":" in text.partition("]")[0]:
        host, _, after = text[1:].partition("]")
        return host, int(after[1:]) if after[1:].isdigit() else None
    host, colon, port = text.partition(":")
    if colon and port.isascii() and port.isdigit():
        return host, int(port)
    return (text, None) if ":" in port else (host, None)
