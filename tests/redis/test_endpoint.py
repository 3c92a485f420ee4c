"""Where a command line leads: never to another server, as another user, or into a laxer environment than meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from safeshell.config.matching import UnknownTarget
from safeshell.config.redis_place import parse_place
from safeshell.config.secrets import NoPassword
from safeshell.config.settings import (
    PasswordSource,
    ReadOnlyAccess,
    Sentinel,
    Settings,
    Target,
    TlsSettings,
)
from safeshell.errors import SafeshellError, UsageError
from safeshell.redis.address import DEFAULT_HOST, Family, Protocol, ServerAddress
from safeshell.redis.endpoint import Endpoint, endpoint_at, endpoint_of
from safeshell.redis.options import parse_options

CACHE = Target("cache", "production", redis=(parse_place("redis://ops@cache.prod:6380/2"),))
LOCAL = Target("here", "development", redis=(parse_place("localhost:6379"),))
FLEET = Target("fleet", "staging", redis=(parse_place("*.prod"),))
SECURE = Target(
    "secure",
    "production",
    redis=(parse_place("rediss://secure.prod:6390"),),
    username="ops",
    password=PasswordSource(variable="SECURE_PASSWORD"),
    tls=TlsSettings(cacert=Path("ca.pem"), sni="secure", check_hostname=False),
)
QUEUE = Target(
    "queue",
    "production",
    sentinel=Sentinel(
        (parse_place("redis://s1:26379"), parse_place("redis://s2:26380")),
        "main",
        username="watcher",
        password=PasswordSource(variable="SENTINEL_PASSWORD"),
    ),
)
GET = Target("get", "production", redis=(parse_place("redis://get.prod"),))
WEB = Target("web", "production", ssh=("web-*",))


def at(
    typed: str | list[str],
    *targets: Target,
    environ: Mapping[str, str] = {},  # only read
    typed_password: str | None = None,
) -> Endpoint:
    """Where `typed` leads with these targets configured."""

    def ask() -> str:
        assert typed_password is not None, "nobody was to be asked"
        return typed_password

    options = parse_options(typed.split() if isinstance(typed, str) else typed)
    settings = Settings(targets={target.name: target for target in targets})
    return endpoint_of(options.connection, options.words, settings, environ=environ, ask_password=ask)


# --- where


def test_without_a_word_it_is_this_machines_redis_and_unlabelled() -> None:
    found = at("")

    assert (found.address.host, found.address.port, found.address.db) == (DEFAULT_HOST, 6379, 0)
    assert (found.name, found.environment.name, found.target) == ("127.0.0.1:6379", "unlabelled", None)


@pytest.mark.parametrize(
    ("typed", "place", "db", "words"),
    [
        ("cache GET a", "cache.prod:6380", 2, ("GET", "a")),
        ("--target cache GET a", "cache.prod:6380", 2, ("GET", "a")),
        ("--target cache cache", "cache.prod:6380", 2, ("cache",)),
        ("-n 0 cache", "cache.prod:6380", 0, ()),
        ("redis://other:7000/3 PING", "other:7000", 3, ("PING",)),
        ("rediss://other", "other:6379", 0, ()),
        ("valkey://other:7000", "other:7000", 0, ()),
        ("redis://[::1]:7000", "[::1]:7000", 0, ()),
        ("unix:///run/s?db=4 PING", "/run/s", 4, ("PING",)),
        ("-u redis://other:7000/3 cache", "other:7000", 3, ("cache",)),
        ("-h other cache", "other:6379", 0, ("cache",)),
        ("-p 7000 GET a", "127.0.0.1:7000", 0, ("GET", "a")),
        ("-s /run/s GET a", "/run/s", 0, ("GET", "a")),
        ("GET cache", "127.0.0.1:6379", 0, ("GET", "cache")),
        ("get a", "127.0.0.1:6379", 0, ("get", "a")),
        ("-u redis://other:7000/3 -p 7001 -n 5", "other:7001", 5, ()),
        ("-u unix:///run/s -h other", "other:6379", 0, ()),
    ],
)
def test_a_target_a_url_or_options_say_where(typed: str, place: str, db: int, words: tuple[str, ...]) -> None:
    found = at(typed, CACHE)

    assert (found.address.place, found.address.db, found.words) == (place, db, words)


@pytest.mark.parametrize("typed", ["cahce FLUSHALL", "cahce", "CACHE FLUSHALL", "--target cahce"])
def test_a_mistyped_target_never_becomes_a_command_on_localhost(typed: str) -> None:
    with pytest.raises(UnknownTarget, match="no target"):
        at(typed, CACHE, LOCAL)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(UnknownTarget) as raised:
        at("cahce", CACHE)

    assert "cache" in raised.value.todo


def test_where_no_target_is_configured_any_word_is_a_command() -> None:
    assert at("MODULE.COMMAND x").words == ("MODULE.COMMAND", "x")


def test_a_target_that_is_called_like_a_command_is_never_guessed() -> None:
    with pytest.raises(UsageError, match="a target and a command"):
        at("get", GET)

    assert at("--target get", GET).name == "get"
    assert at("get GET a", GET).words == ("GET", "a")


@pytest.mark.parametrize("target", [WEB, FLEET])
def test_a_target_that_names_no_single_server_says_so(target: Target) -> None:
    with pytest.raises(UsageError, match="names no single Redis server"):
        at(f"--target {target.name}", target)

    assert at(f"--target {target.name} -h a.prod", target).address.host == "a.prod"


@pytest.mark.parametrize("typed", ["redis://other/x", "http://other", "redis://other:99999", "-u nonsense"])
def test_a_url_that_can_not_be_read_leads_nowhere(typed: str) -> None:
    with pytest.raises(SafeshellError):
        at(typed, CACHE)


# --- environment


@pytest.mark.parametrize(
    ("typed", "name", "environment"),
    [
        ("cache", "cache", "production"),
        ("-h cache.prod -p 6380", "cache", "production"),
        ("redis://CACHE.prod:6380/9", "cache", "production"),
        ("-h cache.prod", "fleet", "staging"),
        ("-h localhost", "here", "development"),
        ("", "here", "development"),
        ("-p 7000", "127.0.0.1:7000", "unlabelled"),
        # A harmless name does not make a production server harmless.
        ("--target here -h cache.prod -p 6380", "here", "production"),
        # A strict name stays strict, wherever it is pointed.
        ("--target cache -h localhost -p 6379", "cache", "production"),
        ("--target cache -h elsewhere", "cache", "production"),
    ],
)
def test_the_strictest_environment_of_name_and_place_counts(typed: str, name: str, environment: str) -> None:
    found = at(typed, CACHE, LOCAL, FLEET)

    assert (found.name, found.environment.name) == (name, environment)


# --- as whom


def test_a_lone_word_before_the_at_is_redis_clis_password_behind_u_and_else_a_user() -> None:
    by_option, by_word = at("-u redis://word@other"), at("redis://word@other")

    assert (by_option.address.username, by_option.address.password) == ("", "word")
    assert (by_word.address.username, by_word.address.password) == ("word", None)


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("-h other", "env"),
        ("cache", "env"),
        ("redis://u@other", "env"),
        ("-h other -a given", "given"),
        ("redis://u:inside@other", "inside"),
        ("-u redis://inside@other", "inside"),
        ("-u redis://inside@other -a given", "given"),
        ("redis://u:@other", ""),
        ("secure", "configured"),
        ("-a given secure", "given"),
        ("written", "inside"),
    ],
)
def test_the_nearest_password_counts_and_the_environments_comes_last(typed: str, password: str) -> None:
    written = Target("written", "production", redis=(parse_place("redis://u:inside@written.prod"),))
    environ = {"REDISCLI_AUTH": "env", "SECURE_PASSWORD": "configured"}

    assert at(typed, CACHE, SECURE, written, environ=environ).address.password == password


def test_a_password_can_be_asked_for_unseen() -> None:
    assert at("--askpass -h other", typed_password="typed").address.password == "typed"


def test_no_password_is_ever_shown_with_an_address() -> None:
    found = at("-h other -a hunter2")

    assert "hunter2" not in repr(found)


def test_a_configured_password_that_can_not_be_had_stops_everything() -> None:
    with pytest.raises(NoPassword):
        at("secure", SECURE)


@pytest.mark.parametrize(
    ("typed", "user"), [("secure", "ops"), ("--user me -a x secure", "me"), ("cache", "ops")]
)
def test_the_user_is_the_targets_unless_another_is_given(typed: str, user: str) -> None:
    found = at(typed, SECURE, CACHE, environ={"SECURE_PASSWORD": "x"})

    assert found.address.username == user


def test_variables_about_a_place_do_not_move_a_place_that_is_said() -> None:
    environ = {"VALKEYCLI_HOST": "elsewhere", "VALKEYCLI_PORT": "7000", "VALKEYCLI_USER": "stranger"}

    assert at("GET a", environ=environ).address.place == "elsewhere:7000"
    for typed in ("cache", "redis://other", "-h other", "-p 6379"):
        assert "elsewhere" not in at(typed, CACHE, environ=environ).address.place
    assert at("cache", CACHE, environ=environ).address.username == "ops"
    assert at("redis://me@other", environ=environ).address.username == "me"


# --- how


@pytest.mark.parametrize(
    "option", ["--sni h", "--cacert f", "--cert f", "--key f", "--insecure", "--tls-ciphers x"]
)
def test_options_about_tls_without_tls_are_no_plain_connection(option: str) -> None:
    with pytest.raises(UsageError, match="TLS without TLS"):
        at(f"-h other {option}")

    assert at(f"-h other --tls {option}").address.tls
    assert at(f"{option} rediss://other").address.tls


def test_tls_of_the_target_is_used_and_options_go_over_it() -> None:
    environ = {"SECURE_PASSWORD": "x"}
    found = at("secure", SECURE, environ=environ).address.tls
    over = at("--sni other secure", SECURE, environ=environ).address.tls

    assert found
    assert (found.sni, found.cacert, found.check_hostname) == ("secure", Path("ca.pem"), False)
    assert over
    assert (over.sni, over.cacert) == ("other", Path("ca.pem"))


def test_how_to_speak_is_taken_from_the_options() -> None:
    address = at("-h other -3 -6 -t 2 --name me").address

    assert (address.protocol, address.family) == (Protocol.RESP3, Family.IPV6)
    assert (address.connect_timeout, address.client_name) == (2.0, "me")


def test_a_cluster_is_followed_where_an_option_or_the_target_says_so() -> None:
    assert at("-c -h other").cluster
    assert at("cache", replace(CACHE, cluster=True)).cluster
    assert not at("cache", CACHE).cluster


# --- reading


def reading(**parts: object) -> Target:
    return replace(CACHE, readonly=ReadOnlyAccess(**parts))  # type: ignore[arg-type] # fields by name


def test_a_reader_of_its_own_reads_from_the_same_server() -> None:
    target = reading(username="reader", password=PasswordSource(variable="READER"))
    found = at("cache", target, environ={"REDISCLI_AUTH": "own", "READER": "r"})

    assert found.reader
    assert (found.reader.place, found.reader.db) == ("cache.prod:6380", 2)
    assert (found.reader.username, found.reader.password) == ("reader", "r")
    assert (found.address.username, found.address.password) == ("ops", "own")


def test_a_replica_to_read_from_is_another_place_with_the_same_database() -> None:
    found = at(
        "cache", reading(redis=parse_place("redis://replica.prod:6381")), environ={"REDISCLI_AUTH": "own"}
    )

    assert found.reader
    assert (found.reader.place, found.reader.db) == ("replica.prod:6381", 2)
    assert (found.reader.username, found.reader.password) == ("ops", "own")


@pytest.mark.parametrize("by_hand", ["--user me", "-a x"])
def test_who_says_by_hand_as_whom_to_connect_is_not_made_the_reader(by_hand: str) -> None:
    assert at(f"{by_hand} cache", reading(username="reader")).reader is None
    assert at("cache", CACHE).reader is None


# --- Sentinel


def test_a_target_behind_sentinels_asks_them_as_their_own_user() -> None:
    found = at("queue GET a", QUEUE, environ={"SENTINEL_PASSWORD": "s", "REDISCLI_AUTH": "own"})

    assert found.sentinels
    assert found.sentinels.master == "main"
    assert [place.place for place in found.sentinels.addresses] == ["s1:26379", "s2:26380"]
    assert {(place.username, place.password) for place in found.sentinels.addresses} == {("watcher", "s")}
    assert (found.environment.name, found.address.password, found.words) == (
        "production",
        "own",
        ("GET", "a"),
    )


def test_a_target_behind_sentinels_keeps_its_environment_whatever_is_labelled_at_the_default_place() -> None:
    found = at("queue", replace(QUEUE, environment="staging"), LOCAL, environ={"SENTINEL_PASSWORD": "s"})

    assert found.environment.name == "staging"


def test_sentinels_by_option_are_asked_at_their_own_port() -> None:
    found = at("--sentinel s1 --sentinel s2:5000 --sentinel [::1] --master main GET a", LOCAL)

    assert found.sentinels
    assert [place.place for place in found.sentinels.addresses] == ["s1:26379", "s2:5000", "[::1]:26379"]
    assert (found.name, found.environment.name, found.target) == ("main", "unlabelled", None)
    assert found.words == ("GET", "a")


def test_a_host_that_is_said_needs_no_sentinel() -> None:
    assert at("--target queue -h other", QUEUE).sentinels is None


# --- CONNECT


def connected(place: str, *targets: Target, environ: Mapping[str, str] = {}, **login: str) -> Endpoint:
    """Where CONNECT leads with these targets configured."""
    host, _, port = place.rpartition(":")
    settings = Settings(targets={target.name: target for target in targets})
    address = replace(ServerAddress(host=host, port=int(port)), **login)  # type: ignore[arg-type] # fields by name
    return endpoint_at(address, settings, environ=environ)


def test_connect_to_a_configured_place_is_that_target_with_its_own_login_and_tls() -> None:
    found = connected("secure.prod:6390", SECURE, environ={"SECURE_PASSWORD": "s3cret"})

    assert (found.name, found.environment.name) == ("secure", "production")
    assert (found.address.username, found.address.password, found.address.db) == ("ops", "s3cret", 0)
    assert found.address.tls
    assert (found.address.tls.cacert, found.address.tls.sni) == (Path("ca.pem"), "secure")


def test_connect_takes_the_user_of_the_target_s_url_and_its_reader() -> None:
    access = ReadOnlyAccess(username="reader", password=PasswordSource(variable="READER"))

    found = connected("cache.prod:6380", replace(CACHE, readonly=access), environ={"READER": "r"})

    assert found.address.username == "ops"
    assert found.reader
    assert (found.reader.username, found.reader.password) == ("reader", "r")


def test_a_login_that_is_said_for_connect_wins_and_no_password_is_fetched() -> None:
    found = connected("secure.prod:6390", SECURE, username="me", password="mine")

    assert (found.address.username, found.address.password) == ("me", "mine")
    assert found.address.tls
    assert found.reader is None


def test_connect_where_the_target_s_password_is_not_to_be_had_says_so() -> None:
    with pytest.raises(NoPassword):
        connected("secure.prod:6390", SECURE)


def test_connect_to_a_place_without_a_label_takes_no_login_along() -> None:
    found = connected("elsewhere:6390", SECURE, environ={"SECURE_PASSWORD": "s3cret", "REDISCLI_AUTH": "x"})

    assert (found.name, found.target, found.environment.name) == ("elsewhere:6390", None, "unlabelled")
    assert (found.address.username, found.address.password, found.address.tls) == ("", None, None)
