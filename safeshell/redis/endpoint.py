"""Where a `safeshell redis` command line leads: which server, as whom, which target, which environment.

Options, configuration and environment variables come in as values; passwords are fetched last, when all the rest
fits. Nothing is connected here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from safeshell.config.kinds import SENTINEL_PORT
from safeshell.config.matching import Match, find_redis, target_named
from safeshell.config.secrets import fetch_password
from safeshell.config.settings import PasswordSource, Sentinel, Settings, Target
from safeshell.errors import UsageError
from safeshell.frozen import frozen, replace
from safeshell.guard.environment import UNLABELLED, Environment, strictest
from safeshell.guard.text import visible
from safeshell.redis.address import (
    BareUserInfo,
    Family,
    Protocol,
    ServerAddress,
    TlsOptions,
    from_environment,
    parse_url,
)
from safeshell.redis.chosen_options import ConnectionOptions


@frozen
class SentinelPlace:
    """Sentinels to ask for a server's address.

    Args:
        addresses: theirs.
        master: the name under which they watch the primary.
    """

    addresses: tuple[ServerAddress, ...]
    master: str


@frozen
class Endpoint:
    """Where a command line leads.

    Args:
        address: of the server, with its password.
        reader: how to connect for reading instead; None where the client's proof is all there is.
        name: what questions ask for: the target's name, or the server's place.
        target: of the configuration; None where none matches.
        environment: the strictest that the server belongs to.
        sentinels: whom to ask for the address; None when it is known.
        cluster: whether redirections are followed.
        words: the command, without the target.
    """

    address: ServerAddress
    reader: ServerAddress | None
    name: str
    target: Target | None
    environment: Environment
    sentinels: SentinelPlace | None
    cluster: bool
    words: tuple[str, ...]


AskPassword = Callable[[], str]
"""Asks a person for a password, unseen."""


def endpoint_of(
    options: ConnectionOptions,
    words: tuple[str, ...],
    settings: Settings,
    *,
    environ: Mapping[str, str],
    ask_password: AskPassword,
) -> Endpoint:
    """Resolve a command line.

    Args:
        options: the connection options.
        words: what follows them: a target or URL perhaps, then the command.
        settings: the configuration.
        environ: the process's environment.
        ask_password: for --askpass.

    Raises:
        UsageError: a target that does not exist, or options that do not fit.
        SecretUnavailable: a password can't be fetched.
    """
    named, url, command = _named(options, words, settings)
    base = _base_address(options, named, url)
    left = _without_location(environ, named, url, options, base)
    address = _with_options(from_environment(left, base), options)
    match = find_redis(
        settings,
        host=address.host,
        port=address.port,
        db=address.db,
        unix_socket=str(address.unix_socket or ""),
    )
    if options.sentinels:
        # Where it is, only the Sentinels know: what is labelled at the default place says nothing of it.
        match = Match(None, settings.environments[UNLABELLED.name], visible(options.sentinel_master or ""))
    target = named or match.target
    environment = match.environment
    if named:
        own = settings.environment_of(named)
        environment = strictest(own, environment) if match.target and not named.sentinel else own
    if target:
        address = _of_target(address, target, user=options.user)
    by_hand = bool(options.user or options.password is not None or options.ask_password) or (
        url is not None and base.password is not None
    )
    password = _password(options, None if by_hand else target, address, environ, ask_password)
    address = replace(address, password=password)
    return Endpoint(
        address=address,
        # Who says by hand as whom to connect means that, and not the reader of the configuration.
        reader=None if by_hand else _reader(address, target, environ),
        name=target.name if target else (match.name if options.sentinels else address.place),
        target=target,
        environment=environment,
        sentinels=_sentinels(options, target, address, environ),
        cluster=options.cluster or bool(target and target.cluster),
        words=command,
    )


def endpoint_at(address: ServerAddress, settings: Settings, *, environ: Mapping[str, str]) -> Endpoint:
    """Where CONNECT leads: the target that is configured for a host and a port, with its own login and TLS.

    Args:
        address: host and port; also a user and a password where a person has said them, which win.
        settings: the configuration.
        environ: the process's environment.

    Raises:
        SecretUnavailable: the target's password can't be fetched.
    """
    match = find_redis(
        settings, host=address.host, port=address.port, unix_socket=str(address.unix_socket or "")
    )
    target, by_hand = match.target, bool(address.username) or address.password is not None
    reader = None
    if target is not None:
        place = target.redis_place
        there = parse_url(place.url) if place else None
        if place and there and there.port == address.port:
            # Also by another name of the host: a login must not go unencrypted where the entry wants TLS.
            address = replace(address, tls=there.tls)
            if not by_hand:
                address = replace(address, username=there.username, password=place.password)
        if by_hand:
            address = _with_tls_of(address, target)
        else:
            address = _of_target(address, target)
            if target.password.given:
                password = fetch_password(target.password, environ=environ, where=target.name)
                address = replace(address, password=password)
            reader = _reader(address, target, environ)
    return Endpoint(
        address=address,
        reader=reader,
        name=match.name,
        target=target,
        environment=match.environment,
        sentinels=None,
        cluster=bool(target and target.cluster),
        words=(),
    )


def _named(
    options: ConnectionOptions, words: tuple[str, ...], settings: Settings
) -> tuple[Target | None, str | None, tuple[str, ...]]:
    """The target that is named, the URL that is given, and the command that is left."""
    if options.target:
        return target_named(settings, options.target), options.url, words
    if options.says_where or not words:
        return None, options.url, words
    first = words[0]
    if "://" in first:
        return None, first, words[1:]
    if first in settings.targets:
        if _is_command(first) and len(words) == 1:
            raise UsageError(
                f"{first!r} is a target and a command",
                todo=f"Write --target {first}, or {first.upper()} for the command.",
            )
        return settings.targets[first], None, words[1:]
    if settings.targets and not _is_command(first):
        # A mistyped target must not become a command on whatever server happens to listen here.
        target_named(settings, first)
    return None, None, words


def _is_command(word: str) -> bool:
    from safeshell.redis.table import command_info

    return command_info(word.upper()) is not None


def _base_address(options: ConnectionOptions, named: Target | None, url: str | None) -> ServerAddress:
    if url is not None:
        bare = BareUserInfo.PASSWORD if url == options.url else BareUserInfo.USERNAME
        return parse_url(url, bare_userinfo=bare)
    if named is not None:
        place = named.redis_place
        if place is not None:
            return replace(parse_url(place.url), password=place.password)
        if named.sentinel is None and not (options.host or options.socket):
            raise UsageError(
                f"target {named.name} names no single Redis server",
                todo=f"Say which: safeshell redis --target {named.name} -h HOST",
            )
    return ServerAddress()


def _without_location(
    environ: Mapping[str, str],
    named: Target | None,
    url: str | None,
    options: ConnectionOptions,
    base: ServerAddress,
) -> Mapping[str, str]:
    """The environment without variables about what is said already: a place, its user, its password.

    As in redis-cli, a password in a URL counts for more than REDISCLI_AUTH, which is for other servers too.
    """
    said = named is not None or url is not None or options.says_where
    dropped = {"VALKEYCLI_HOST", "VALKEYCLI_PORT"} if said else set()
    if base.username or (named is not None and named.username):
        dropped.add("VALKEYCLI_USER")
    if base.password is not None:
        dropped |= {"VALKEYCLI_AUTH", "REDISCLI_AUTH"}
    return {key: value for key, value in environ.items() if key not in dropped}


def _with_options(address: ServerAddress, options: ConnectionOptions) -> ServerAddress:
    """`address` with what the options say over it; "not said" changes nothing."""
    said = {
        "host": options.host,
        "port": options.port,
        "unix_socket": Path(options.socket).absolute() if options.socket else None,
        "db": options.db,
        "username": options.user,
        "client_name": options.name,
        "connect_timeout": options.timeout,
        "protocol": Protocol(options.protocol) if options.protocol else None,
        "family": {4: Family.IPV4, 6: Family.IPV6}.get(options.family or 0),
    }
    address = replace(address, **{key: value for key, value in said.items() if value is not None})
    if options.host and address.unix_socket and not options.socket:
        address = replace(address, unix_socket=None)
    tls = {
        "sni": options.sni,
        "cacert": options.cacert,
        "cacertdir": options.cacertdir,
        "cert": options.cert,
        "key": options.key,
        "insecure": options.insecure or None,
        "ciphers": options.tls_ciphers,
        "ciphersuites": options.tls_ciphersuites,
    }
    given = {key: value for key, value in tls.items() if value is not None}
    if options.tls or (address.tls and given):
        return replace(address, tls=replace(address.tls or TlsOptions(), **given))
    if given:
        raise UsageError("options about TLS without TLS", todo="Add --tls, or use a rediss:// URL.")
    return address


def _of_target(address: ServerAddress, target: Target, *, user: str | None = None) -> ServerAddress:
    """`address` with the certificates of the target's entry, and with its user unless `user` is said."""
    if target.username and not user:
        address = replace(address, username=target.username)
    return _with_tls_of(address, target)


def _with_tls_of(address: ServerAddress, target: Target) -> ServerAddress:
    """`address` with what the target's entry says of TLS, where nothing else has been said."""
    if target.tls is None:
        return address
    said = target.tls
    tls = address.tls or TlsOptions()
    return replace(
        address,
        tls=replace(
            tls,
            sni=tls.sni or said.sni,
            cacert=tls.cacert or said.cacert,
            cacertdir=tls.cacertdir or said.cacertdir,
            cert=tls.cert or said.cert,
            key=tls.key or said.key,
            insecure=tls.insecure or said.insecure,
            check_hostname=tls.check_hostname and said.check_hostname,
        ),
    )


def _password(
    options: ConnectionOptions,
    target: Target | None,
    address: ServerAddress,
    environ: Mapping[str, str],
    ask_password: AskPassword,
) -> str | None:
    if options.password is not None:
        return options.password
    if options.ask_password:
        return ask_password()
    if target and target.password.given:
        return fetch_password(target.password, environ=environ, where=target.name)
    return address.password


def _reader(
    address: ServerAddress, target: Target | None, environ: Mapping[str, str]
) -> ServerAddress | None:
    if target is None or target.readonly is None:
        return None
    access = target.readonly
    reader = address
    if access.redis is not None:
        place = parse_url(access.redis.url)
        reader = replace(
            address,
            host=place.host,
            port=place.port,
            unix_socket=place.unix_socket,
            tls=place.tls and (address.tls or place.tls),
            username=place.username or address.username,
            password=access.redis.password or address.password,
        )
    if access.username:
        reader = replace(reader, username=access.username)
    if access.password.given:
        reader = replace(reader, password=fetch_password(access.password, environ=environ, where=target.name))
    return reader


def _sentinels(
    options: ConnectionOptions, target: Target | None, address: ServerAddress, environ: Mapping[str, str]
) -> SentinelPlace | None:
    if options.sentinels and options.sentinel_master:
        places = [_sentinel_address(text) for text in options.sentinels]
        return SentinelPlace(
            tuple(replace(place, tls=address.tls, family=address.family) for place in places),
            options.sentinel_master,
        )
    known: Sentinel | None = target.sentinel if target else None
    if known is None or options.host or options.socket or options.url:
        return None
    secret: PasswordSource = known.password
    password = fetch_password(secret, environ=environ, where=target.name) if target and secret.given else None
    places = [parse_url(place.url) for place in known.hosts]
    return SentinelPlace(
        tuple(
            replace(place, username=known.username, password=password, tls=address.tls, family=address.family)
            for place in places
        ),
        known.master,
    )


def _sentinel_address(text: str) -> ServerAddress:
    address = parse_url(f"redis://{text}")
    behind_host = text.rpartition("@")[2].rpartition("]")[2]
    return address if ":" in behind_host else replace(address, port=SENTINEL_PORT)
