"""What this person seems to work with: hosts, contexts, profiles and servers that their own files name.

Reads other programs' files and guesses an environment by name; writes nothing and asks nobody. A file that
can't be read or makes no sense proposes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from safeshell.config.layers import home_of
from safeshell.config.redis_place import parse_place
from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern

MAX_BYTES = 4 << 20
_INCLUDE_DEPTH = 4
_KEY_TYPES = ("ssh-", "ecdsa-", "sk-")

# By words of the name; the strictest wins. `preprod` is where things are tried before production.
_PRODUCTION = lazy_pattern(r"prod(?!uct(?!ion))|(?<![a-z])prd|prd(?![a-z])|(?<![a-z])live(?![a-z])")
_STAGING = lazy_pattern(r"(?<![a-z])(stag|stg|uat(?![a-z]))|pre[-_.]?prod")
_DEVELOPMENT = lazy_pattern(
    r"(?<![a-z])(dev|devel|develop|development|local|localhost|test|testing|tests)(?![a-z])"
)
_NOT_PRODUCTION = lazy_pattern(r"(?<![a-z])(non|no|not|pre)[-_.]?(prod|prd|live)")


class Kind(StrEnum):
    """What was found, by the target's key that names it."""

    REDIS = "redis"
    SSH = "ssh"
    KUBERNETES = "kubernetes"
    AWS = "aws"


@frozen
class Proposal:
    """One thing that may be a target.

    Args:
        kind: what it is.
        name: as the config would write it; never with a password.
        environment: the environment that its name suggests; "" when it suggests none.
        source: where it was found, for a person.
    """

    kind: Kind
    name: str
    environment: str
    source: str


def guess_environment(name: str) -> str:
    """The environment that a name suggests; "" for none."""
    plain = name.lower()
    if _NOT_PRODUCTION.search(plain):
        return "staging" if _STAGING.search(plain) else ""
    for pattern, environment in (
        (_PRODUCTION, "production"),
        (_STAGING, "staging"),
        (_DEVELOPMENT, "development"),
    ):
        if pattern.search(plain):
            return environment
    return "development" if plain.startswith("127.") or plain == "::1" else ""


def find_proposals(environ: Mapping[str, str]) -> tuple[Proposal, ...]:
    """Everything found, each thing once, in a steady order.

    Args:
        environ: the process's environment variables; `HOME` says where to look.
    """
    home = home_of(environ)
    found = [
        *((Kind.REDIS, name, source) for name, source in _redis_urls(environ)),
        *((Kind.SSH, name, "known hosts") for name in _known_hosts(home / ".ssh" / "known_hosts")),
        *((Kind.SSH, name, "ssh config") for name in _ssh_hosts(home / ".ssh" / "config", home)),
        *((Kind.KUBERNETES, name, "kube contexts") for name in _kube_contexts(environ, home)),
        *((Kind.AWS, name, "AWS profiles") for name in _aws_profiles(environ, home)),
    ]
    first: dict[tuple[Kind, str], Proposal] = {}
    for kind, name, source in found:
        if name.isprintable() and not any(sign in name for sign in " *?["):
            place = parse_place(name).host if kind is Kind.REDIS else name
            environment = guess_environment(place) or guess_environment(source)
            first.setdefault((kind, name), Proposal(kind, name, environment, source))
    return tuple(sorted(first.values(), key=lambda found: (found.kind, found.environment, found.name)))


def _redis_urls(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable, value in environ.items():
        try:
            place = parse_place(value) if "://" in value else None
        except ValueError:
            continue
        if place and place.url:
            # In variables, `redis://word@host` often has a password there: as redis-cli takes it.
            scheme, _, rest = place.url.partition("://")
            userinfo, at, after = rest.rpartition("@")
            keep = place.username and place.password is not None
            user = userinfo.partition(":")[0] + at if keep else ""
            yield f"{scheme}://{user}{after.partition('?')[0]}", f"${variable}"


def _known_hosts(path: Path) -> Iterator[str]:
    """Host names; hashed ones can't be read, addresses say nothing. Source: sshd(8), SSH_KNOWN_HOSTS."""
    for line in _lines(path):
        words = line.split()
        if words and words[0] in ("@cert-authority", "@revoked"):
            words = words[1:]
        if len(words) < 3 or words[0].startswith(("#", "|")) or not words[1].startswith(_KEY_TYPES):
            continue
        for entry in words[0].split(","):
            host = entry.removeprefix("[").partition("]")[0]
            if host and not host.startswith("!") and _is_name(host):
                yield host


def _ssh_hosts(path: Path, home: Path, depth: int = 0) -> Iterator[str]:
    """The names that `ssh NAME` knows by `Host`, included files too. Source: ssh_config(5)."""
    for line in _lines(path):
        words = line.replace("=", " ", 1).replace('"', "").split()
        keyword = words[0].lower() if words else ""
        if keyword == "host":
            yield from (word for word in words[1:] if not word.startswith("!") and _is_name(word))
        elif keyword == "include" and depth < _INCLUDE_DEPTH:
            for pattern in words[1:]:
                for included in _globbed(pattern, home):
                    yield from _ssh_hosts(included, home, depth + 1)


def _globbed(pattern: str, home: Path) -> list[Path]:
    relative = pattern.removeprefix("~/")
    start = home if pattern.startswith("~/") else home / ".ssh"
    if Path(pattern).is_absolute():
        start, relative = Path("/"), pattern.lstrip("/")
    try:
        return sorted(path for path in start.glob(relative) if path.is_file())
    except (OSError, ValueError, NotImplementedError, IndexError):
        return []


def _kube_contexts(environ: Mapping[str, str], home: Path) -> Iterator[str]:
    named = [Path(part) for part in environ.get("KUBECONFIG", "").split(":") if part]
    for path in named or [home / ".kube" / "config"]:
        text = _text(path)
        yield from _contexts_of_json(text) if text.lstrip().startswith("{") else _contexts_of_yaml(text)


def _contexts_of_json(text: str) -> Iterator[str]:
    try:
        contexts = json.loads(text).get("contexts", [])
        names = [context["name"] for context in contexts]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return
    yield from (name for name in names if isinstance(name, str))


def _contexts_of_yaml(text: str) -> Iterator[str]:
    """The `name` of each entry of the top-level list `contexts`, as kubectl writes it.

    Not a YAML reader: block style only, which is what every tool that writes kube configs uses.
    """
    inside, indent = False, -1
    for line in text.splitlines():
        if line[:1] not in (" ", "-", "#", ""):
            inside, indent = line.rstrip() == "contexts:", -1
            continue
        found = re.match(r"( *)(- +)?([A-Za-z-]+):(?: +(.*))?$", line)
        if not inside or not found:
            continue
        spaces, dash, key, value = found[1], found[2] or "", found[3], (found[4] or "").strip()
        if dash and indent in (-1, len(spaces) + len(dash)):
            indent = len(spaces) + len(dash)
        if key == "name" and len(spaces) + len(dash) == indent and value:
            yield value[1:-1] if value[0] in "\"'" and value[-1:] == value[0] else value


def _aws_profiles(environ: Mapping[str, str], home: Path) -> Iterator[str]:
    """Profiles of config and credentials files. Source: the AWS CLI's documentation of both."""
    config = Path(environ.get("AWS_CONFIG_FILE") or home / ".aws" / "config")
    shared = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials")
    for path, prefix in ((config, "profile "), (shared, "")):
        for line in _lines(path):
            section = line.strip()
            if section.startswith("[") and section.endswith("]"):
                name = section[1:-1].strip()
                if name == "default" or name.startswith(prefix):
                    yield name.removeprefix(prefix).strip()


def _is_name(host: str) -> bool:
    """Whether it is a host's name: neither a pattern nor an address."""
    return not any(sign in host for sign in "*?:") and bool(re.search("[A-Za-z]", host))


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
