"""The environment of what a line names: typed anywhere, a line about production is a production line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.config.addressed import environment_addressed
from safeshell.config.redis_place import parse_place
from safeshell.config.settings import Settings, Target
from safeshell.guard.reading import Address

TARGETS = (
    Target("web", "production", ssh=("web-*", "*.web.example.com", "deploy@bastion:2222")),
    Target("db", "production", ssh=("db.prod",)),
    Target("cache", "production", redis=(parse_place("redis://cache.prod:6379"),)),
    Target("cluster", "production", kubernetes=("prod-*",), aws=("prod",), environ={"RAILS_ENV": "prod*"}),
    Target("shop", "production", named=("heroku:shop", "gcloud:acme-prod*")),
    Target("shop-try", "development", named=("heroku:shop-try",)),
    Target("scratch", "development", ssh=("scratch",), kubernetes=("minikube",), aws=("dev",)),
)
WORLD = Settings(targets={target.name: target for target in TARGETS})


def environment(*addresses: tuple[str, str]) -> str:
    match = environment_addressed(WORLD, [Address(kind, name) for kind, name in addresses])
    return match.environment.name if match else "here"


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        # targets of the config, however they are named
        ("ssh", "web-1", "production"),
        ("ssh", "me@web-1", "production"),
        ("ssh", "WEB-1", "production"),
        ("ssh", "web-1:22", "production"),
        ("ssh", "ssh://me@web-1:22", "production"),
        ("ssh", "deploy@bastion:2222", "production"),
        ("ssh", "scratch", "development"),
        ("host", "db.prod", "production"),
        ("host", "db.prod:5432", "production"),
        ("url", "db.prod", "production"),
        ("url", "postgres://u:p@db.prod/x", "production"),
        ("url", "postgres://u:p@db.prod:5432/x?a=b", "production"),
        ("url", "mongodb://other,db.prod:27017/x", "production"),
        ("url", "https://a.web.example.com/x", "production"),
        ("postgresql", "postgres://u:p@db.prod/x", "production"),
        ("postgresql", "host=db.prod dbname=shop", "production"),
        ("redis", "cache.prod:6379", "production"),
        ("redis", "redis://u:p@cache.prod/0", "production"),
        ("redis", "rediss://cache.prod:6379", "production"),
        ("kubernetes", "prod-eu", "production"),
        ("kubernetes", "minikube", "development"),
        ("aws", "prod", "production"),
        ("aws", "dev", "development"),
        ("heroku", "shop", "production"),
        ("heroku", "shop-try", "development"),
        ("gcloud", "acme-prod-1", "production"),
        ("environ", "RAILS_ENV=production", "production"),
        ("environ", "RAILS_ENV=test", "here"),
        ("environ", "DATABASE_URL=postgres://u@db.prod/x", "production"),
        ("environ", "REDIS_URL=redis://cache.prod:6379", "production"),
        ("environ", "AWS_PROFILE=prod", "production"),
        # what nobody labelled
        ("ssh", "unheard-of", "unlabelled"),
        ("host", "unheard-of", "unlabelled"),
        ("redis", "unheard-of:6379", "unlabelled"),
        ("kubernetes", "unheard-of", "unlabelled"),
        ("aws", "unheard-of", "unlabelled"),
        ("heroku", "unheard-of", "unlabelled"),
        ("url", "postgres://unheard-of/x", "unlabelled"),
        ("ssh", "*", "unlabelled"),
        ("kubernetes", "*", "unlabelled"),
        # this machine, and strangers' pages
        ("ssh", "localhost", "here"),
        ("ssh", "me@127.0.0.1", "here"),
        ("host", "localhost", "here"),
        ("host", "[::1]:5432", "here"),
        ("host", "/var/run/postgresql", "here"),
        ("redis", "127.0.0.1:6379", "here"),
        ("redis", "redis://localhost/0", "here"),
        ("url", "postgres://localhost/x", "here"),
        ("url", "postgres:///x", "here"),
        ("url", "mongodb://localhost,127.0.0.1/x", "here"),
        ("url", "https://example.org/x", "here"),
        ("url", "http://localhost:8080", "here"),
        ("url", "ftp://example.org", "here"),
        ("environ", "X=1", "here"),
        ("environ", "DATABASE_URL=postgres://unheard-of/x", "here"),
    ],
)
def test_an_address_belongs_to_an_environment(kind: str, name: str, expected: str) -> None:
    assert environment((kind, name)) == expected


def test_of_several_addresses_the_strictest_counts() -> None:
    assert environment(("ssh", "scratch"), ("ssh", "web-1")) == "production"
    assert environment(("ssh", "scratch"), ("ssh", "unheard-of")) == "unlabelled"
    assert environment(("ssh", "localhost"), ("ssh", "scratch")) == "development"
    assert environment() == "here"


def test_the_target_is_named() -> None:
    match = environment_addressed(WORLD, [Address("heroku", "shop")])

    assert match is not None
    assert match.name == "shop"


@given(
    st.sampled_from(["ssh", "host", "url", "redis", "kubernetes", "environ", "postgresql", "heroku", ""]),
    st.text(max_size=30) | st.from_regex(r"[a-z]{0,5}(://)?[\[\]:@/,?a-z0-9.*=]{0,20}", fullmatch=True),
)
def test_any_text_can_be_an_address(kind: str, name: str) -> None:
    environment((kind, name))
