"""What a line names: machines, contexts, profiles, URLs, variables."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from tests.shell.readings import read


def named(line: str, context: ShellContext | None = None) -> set[tuple[str, str]]:
    reading = read(line, context) if context else read(line)
    return {(address.kind, address.name) for address in reading.addresses}


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("kubectl --context prod get pods", "kubernetes", "prod"),
        ("kubectl get pods --context=prod", "kubernetes", "prod"),
        ("helm --kube-context prod list", "kubernetes", "prod"),
        ("sudo kubectl --context prod get pods", "kubernetes", "prod"),
        ("kubectl --context prod exec p -- ls", "kubernetes", "prod"),
        ("ssh web-1 uptime", "ssh", "web-1"),
        ("ssh me@web-1 uptime", "ssh", "me@web-1"),
        ("timeout 5 ssh -p 22 web-1 uptime", "ssh", "web-1"),
        ("bash -c 'ssh web-1 uptime'", "ssh", "web-1"),
        ("scp x web-1:/tmp", "ssh", "web-1"),
        ("rsync -a x me@web-1:/tmp", "ssh", "me@web-1"),
        ("aws --profile prod s3 ls", "aws", "prod"),
        ("AWS_PROFILE=prod aws s3 ls", "aws", "prod"),
        ("env AWS_PROFILE=prod aws s3 ls", "aws", "prod"),
        ("psql -h db.prod -c 'select 1'", "host", "db.prod"),
        ("psql --host=db.prod", "host", "db.prod"),
        ("PGHOST=db.prod psql", "host", "db.prod"),
        ("psql postgres://u:p@db.prod/x", "postgresql", "postgres://u:p@db.prod/x"),
        ("mysql -hdb.prod x", "host", "db.prod"),
        ("redis-cli -h cache.prod PING", "redis", "cache.prod:6379"),
        ("redis-cli -h cache.prod -p 6380 PING", "redis", "cache.prod:6380"),
        ("heroku config:set A=b -a shop", "heroku", "shop"),
        ("HEROKU_APP=shop heroku ps", "heroku", "shop"),
        ("DATABASE_URL=postgres://db.prod/x rails db:drop", "environ", "DATABASE_URL=postgres://db.prod/x"),
        ("RAILS_ENV=production rails db:drop", "environ", "RAILS_ENV=production"),
        ("curl https://api.prod/x", "url", "https://api.prod/x"),
        ("export RAILS_ENV=production; rails db:drop", "environ", "RAILS_ENV=production"),
        ("env RAILS_ENV=production rails db:drop", "environ", "RAILS_ENV=production"),
        ("sudo RAILS_ENV=production rails db:drop", "environ", "RAILS_ENV=production"),
        ("RAILS_ENV=production; rails db:drop", "environ", "RAILS_ENV=production"),
        ("declare -x RAILS_ENV=production", "environ", "RAILS_ENV=production"),
        ("kubectl --context $C get pods", "kubernetes", "*"),
        ("ssh $H uptime", "ssh", "*"),
    ],
)  # fmt: skip
def test_a_line_names_what_it_is_about(line: str, kind: str, name: str) -> None:
    assert (kind, name) in named(line)


@pytest.mark.parametrize(
    "line", ["ls", "echo kubectl --context prod", "git commit -m 'ssh web-1'", "# ssh web", "man ssh"]
)
def test_words_that_only_look_like_it_name_nothing(line: str) -> None:
    assert named(line) == set()


def test_what_the_session_exports_counts_where_the_line_says_nothing() -> None:
    session = ShellContext(exported={"AWS_PROFILE": "prod", "PGHOST": "db.prod"})

    assert ("aws", "prod") in named("aws s3 ls", session)
    assert ("aws", "dev") in named("aws --profile dev s3 ls", session)
    assert ("aws", "prod") not in named("aws --profile dev s3 ls", session)
    assert ("aws", "dev") in named("AWS_PROFILE=dev aws s3 ls", session)
    assert ("host", "db.prod") in named("psql -c 'select 1'", session)


def test_of_several_commands_each_names_its_own() -> None:
    assert {("ssh", "a"), ("ssh", "b")} <= named("ssh a uptime; ssh b uptime")
