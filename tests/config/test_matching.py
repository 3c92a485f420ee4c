"""Which target something means, and so which environment; the strictest wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from safeshell.config import matching
from safeshell.config.redis_place import RedisPlace, parse_place
from safeshell.config.settings import Sentinel, Settings, Target
from safeshell.errors import UsageError


def settings(*targets: Target) -> Settings:
    return Settings(targets={target.name: target for target in targets})


def redis(name: str, environment: str, *places: str) -> Target:
    return Target(name, environment, redis=tuple(parse_place(place) for place in places))


WORLD = settings(
    redis("cache", "production", "rediss://ops@cache.prod.example.com:6380/0"),
    redis("cache-1", "production", "rediss://ops@cache.prod.example.com:6380/1"),
    redis("fleet", "staging", "*.example.com"),
    redis("here", "development", "localhost:6379", "unix:///run/redis/*.sock"),
    redis("six", "production", "redis://[2001:db8::1]:6379"),
    Target("web", "production", ssh=("web-*.prod.example.com", "10.1.*", "deploy@bastion:2222")),
    Target("cluster", "production", kubernetes=("prod-*",), aws=("prod",), environ={"RAILS_ENV": "prod*"}),
    Target("aws-dev", "development", aws=("*",)),
)


@pytest.mark.parametrize(
    ("host", "port", "db", "name", "environment"),
    [
        ("cache.prod.example.com", 6380, 0, "cache", "production"),
        ("CACHE.Prod.example.com.", 6380, 0, "cache", "production"),
        ("cache.prod.example.com", 6380, 1, "cache-1", "production"),
        ("cache.prod.example.com", 6380, 7, "cache", "production"),
        ("cache.prod.example.com", 6379, 0, "fleet", "staging"),
        ("other.example.com", 1234, 0, "fleet", "staging"),
        ("example.com", 6379, 0, "example.com:6379", "unlabelled"),
        ("localhost", 6379, 0, "here", "development"),
        ("127.0.0.1", 6379, 0, "here", "development"),
        ("::1", 6379, 0, "here", "development"),
        ("127.0.0.1", 6380, 0, "127.0.0.1:6380", "unlabelled"),
        ("2001:DB8::1", 6379, 3, "six", "production"),
        ("2001:db8::2", 6379, 0, "[2001:db8::2]:6379", "unlabelled"),
    ],
)
def test_a_redis_server_is_found_by_host_and_port(
    host: str, port: int, db: int, name: str, environment: str
) -> None:
    match = matching.find_redis(WORLD, host=host, port=port, db=db)

    assert (match.name, match.environment.name) == (name, environment)


def test_a_socket_is_found_by_its_path() -> None:
    assert matching.find_redis(WORLD, unix_socket="/run/redis/a.sock").name == "here"
    assert matching.find_redis(WORLD, unix_socket="/run/other.sock").name == "/run/other.sock"


def test_the_strictest_of_several_targets_counts() -> None:
    both = settings(redis("mine", "development", "*"), redis("theirs", "production", "10.0.0.*"))

    assert matching.find_redis(both, host="10.0.0.1").name == "theirs"
    assert matching.find_redis(both, host="10.0.1.1").name == "mine"


def test_databases_of_one_server_do_not_hide_that_one_is_production() -> None:
    split = settings(redis("zero", "production", "redis://a/0"), redis("one", "development", "redis://a/1"))

    assert matching.find_redis(split, host="a", db=1).environment.name == "production"


def test_replicas_to_read_from_and_sentinels_belong_to_the_target() -> None:
    place = parse_place("redis://s1:26379")
    world = settings(Target("queue", "production", sentinel=Sentinel((place,), "queue")))

    assert matching.find_redis(world, host="s1", port=26379).name == "queue"


@pytest.mark.parametrize(
    ("host", "user", "port", "name"),
    [
        ("web-12.prod.example.com", "", 22, "web"),
        ("WEB-1.prod.example.com", "me", 2222, "web"),
        ("10.1.2.3", "", 22, "web"),
        ("10.2.2.3", "", 22, "10.2.2.3"),
        ("bastion", "deploy", 2222, "web"),
        ("bastion", "", 2222, "web"),
        ("bastion", "me", 2222, "bastion"),
        ("bastion", "deploy", 22, "bastion"),
    ],
)
def test_an_ssh_host_is_found(host: str, user: str, port: int, name: str) -> None:
    assert matching.find_ssh(WORLD, host=host, user=user, port=port).name == name


def test_contexts_and_profiles_are_found() -> None:
    assert matching.find_kubernetes(WORLD, "prod-eu").name == "cluster"
    assert matching.find_kubernetes(WORLD, "dev").environment.name == "unlabelled"
    assert matching.find_aws(WORLD, "prod").name == "cluster"
    assert matching.find_aws(WORLD, "other").name == "aws-dev"


def test_variables_mean_a_target_by_the_targets_own_list() -> None:
    match = matching.find_environ(WORLD, {"RAILS_ENV": "production", "HOME": "/"})

    assert match is not None
    assert match.name == "cluster"
    assert matching.find_environ(WORLD, {"RAILS_ENV": "development"}) is None


def test_variables_of_the_environment_point_at_targets() -> None:
    found = matching.environments_of_variables(
        WORLD,
        {
            "REDIS_URL": "rediss://:secret@cache.prod.example.com:6380/2",
            "DATABASE_URL": "postgres://app:secret@web-1.prod.example.com:5432/shop",
            "MONGO_URI": "mongodb://u:p@db.nowhere,web-2.prod.example.com:27017/x",
            "OTHER_URL": "https://nowhere.test/",
            "BROKEN_URL": "redis://[",
            "NOT_ONE": "redis://cache.prod.example.com:6380",
            "AWS_PROFILE": "prod",
            "KUBECONTEXT": "prod-eu",
            "RAILS_ENV": "production",
            "PATH": "/usr/bin",
        },
    )

    assert {name: match.name for name, match in found.items()} == {
        "REDIS_URL": "cache",
        "DATABASE_URL": "web",
        "MONGO_URI": "web",
        "AWS_PROFILE": "cluster",
        "KUBECONTEXT": "cluster",
        "RAILS_ENV": "cluster",
    }


def test_this_machine_is_development_until_a_target_says_otherwise() -> None:
    assert matching.find_local(WORLD).environment.name == "development"
    jump = settings(Target("jump", "production", local=True), Target("pc", "development", local=True))
    assert matching.find_local(jump).name == "jump"


@pytest.mark.parametrize(
    ("text", "name", "environment"),
    [
        ("cache", "cache", "production"),
        ("cluster", "cluster", "production"),
        ("redis://cache.prod.example.com:6380/5", "cache", "production"),
        ("rediss://elsewhere.test", "elsewhere.test:6379", "unlabelled"),
        ("cache.prod.example.com", "cache", "production"),
        ("web-1.prod.example.com", "web", "production"),
        ("deploy@web-1.prod.example.com", "web", "production"),
        ("localhost", "here", "development"),
        ("unknown:6379", "unknown:6379", "unlabelled"),
        ("/run/redis/x.sock", "here", "development"),
    ],
)
def test_a_target_may_be_said_by_name_host_or_url(text: str, name: str, environment: str) -> None:
    match = matching.find_target(WORLD, text)

    assert (match.name, match.environment.name) == (name, environment)


def test_a_mistyped_target_is_told_the_nearest_name() -> None:
    with pytest.raises(matching.UnknownTarget, match="there is no target 'cahce'") as raised:
        matching.find_target(WORLD, "cahce")
    assert raised.value.todo == "Did you mean cache?"
    with pytest.raises(matching.UnknownTarget) as raised:
        matching.target_named(Settings(), "x")
    assert "config init" in raised.value.todo


def test_an_unreadable_url_is_a_usage_error_without_its_password() -> None:
    with pytest.raises(UsageError) as raised:
        matching.find_target(WORLD, "redis://me:hunter2@host/db")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://cache", RedisPlace("redis://cache", "cache", 6379, url="redis://cache")),
        ("cache", RedisPlace("cache", "cache", None, url="redis://cache:6379")),
        ("cache:*", RedisPlace("cache:*", "cache", None, url="redis://cache:6379")),
        ("*.prod:6379", RedisPlace("*.prod:6379", "*.prod", 6379)),
        ("web[1-3].prod", RedisPlace("web[1-3].prod", "web[1-3].prod")),
        ("[::1]:7000", RedisPlace("[::1]:7000", "::1", 7000, url="redis://[::1]:7000")),
        ("::1", RedisPlace("::1", "::1", None, url="redis://[::1]:6379")),
        ("rediss://*.prod:6380", RedisPlace("rediss://*.prod:6380", "*.prod", 6380)),
        (
            "redis://a%40b:p%3Aw@Host:1/2?name=x",
            RedisPlace("redis://a%40b@Host:1/2?name=x", "host", 1, "", 2, "a@b", "p:w", "redis://a%40b@Host:1/2?name=x"),
        ),
        (
            "unix://me:pw@/run/r.sock?db=3",
            RedisPlace("unix://me@/run/r.sock?db=3", "", None, "/run/r.sock", 3, "me", "pw", "unix://me@/run/r.sock?db=3"),
        ),
    ],
)  # fmt: skip
def test_a_redis_place_is_read(text: str, expected: RedisPlace) -> None:
    assert parse_place(text) == expected


@pytest.mark.parametrize(
    "text", [".", ":6379", "redis://.", "redis://a/99999999999", "redis://a%20b", "[::1", "a b"]
)
def test_what_names_no_host_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_place(text)


def test_a_password_in_a_url_keeps_its_bytes() -> None:
    assert parse_place("redis://:%ff%40@a").password == "\udcff@"


@hypothesis_settings(deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="redis:/@[]*?.%#0123456789ab", max_size=30))
def test_any_text_is_a_place_or_a_value_error(text: str) -> None:
    try:
        place = parse_place(text)
    except ValueError:
        return
    assert place.host or place.unix_socket
    matching.find_redis(WORLD, host=place.host, port=place.port or 6379, unix_socket=place.unix_socket)


@hypothesis_settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_variables_are_looked_at_without_failing(name: str, value: str) -> None:
    matching.environments_of_variables(WORLD, {name: value, "X_URL": value, "Y_URL": f"a://{value}"})
