"""Secrets never leave a line for journal, history or screen; what only looks like one stays readable."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.redact import redact_line

HIDDEN = (
    "PGPASSWORD=s3cr3t psql -h db",
    "export DB_PASSWORD='s3cr3t x'",
    "MYSQL_PWD=s3cr3t mysql",
    "mysql -u root -ps3cr3t db",
    "mysqldump -uroot -p's3cr3t' db",
    "mysql --password=s3cr3t",
    "curl -H 'Authorization: Bearer s3cr3t' http://x",
    'curl -H "X-Api-Key: s3cr3t" http://x',
    "curl -u user:s3cr3t http://x",
    "curl -suuser:s3cr3t http://x",
    "redis-cli -a s3cr3t ping",
    "redis-cli -u redis://u:s3cr3t@h:6379",
    "sshpass -p s3cr3t ssh h",
    "sshpass -ps3cr3t ssh h",
    "psql postgres://u:s3cr3t@h/db",
    "git clone https://user:s3cr3t@github.com/a/b",
    "aws configure set aws_secret_access_key s3cr3t",
    "AWS_SECRET_ACCESS_KEY=s3cr3t aws s3 ls",
    "export GITHUB_TOKEN=s3cr3t",
    "docker login -u u -p s3cr3t",
    "docker run -e MYSQL_ROOT_PASSWORD=s3cr3t mysql",
    "heroku config:set API_KEY=s3cr3t",
    "kubectl create secret generic x --from-literal=password=s3cr3t",
    "vault login token=s3cr3t",
    "helm install x --set db.password=s3cr3t",
    "echo s3cr3t | sudo -S ls",
    "echo 's3cr3t' | docker login --password-stdin",
    "gh auth login --with-token <<< ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "psql -c \"ALTER USER x WITH PASSWORD 's3cr3t'\"",
    "mysql -e \"CREATE USER x IDENTIFIED BY 's3cr3t'\"",
    "openssl enc -pass pass:s3cr3t",
    "curl 'http://x/?api_key=s3cr3t&a=b'",
    "curl --token s3cr3t",
    "glab auth login --token glpat-s3cr3ts3cr3ts3cr3t",
    "TOKEN=$(cat f) SECRET=s3cr3t x",
    "ldapsearch -D cn=x -w s3cr3t",
    "mongosh -u x -p s3cr3t",
    "sqlcmd -U sa -P s3cr3t",
    "REDISCLI_AUTH=s3cr3t redis-cli",
    "rails runner 'User.find(1).update(password: \"x\")' SECRET_KEY_BASE=s3cr3t",
    "--master-user-password s3cr3t",
    "htpasswd -bc f user s3cr3t",
    "curl -H 'Cookie: session=s3cr3t'",
    "http -a user:s3cr3t x",
    "env AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SESSION_TOKEN=s3cr3t",
    "zip -P s3cr3t a b",
    'PASSWORD="s3cr3t"',
    "DATABASE_URL=postgres://u:s3cr3t@h/d rails db:migrate",
)
"""Lines whose secret is `s3cr3t`, or a token of a known shape."""

KEPT = (
    "docker run -p 8080:80 nginx",
    "ssh -p 2222 host",
    "nc -p 80 h",
    "ps -p 1",
    "mkdir -p x/y",
    "curl --token-file f",
    "git rev-parse HEAD",
    "cat --show-all f",
    "docker login --password-stdin",
    "mysql -p db",
    "mysql -u root -p",
    "psql -h db -U postgres -p 5432",
    "kubectl get secret x -o yaml",
    "kubectl get secrets",
    "TOKEN=$(cat f)",
    "PASSWORD=$PW cmd",
    "grep -r password .",
    "man passwd",
    "cp -p a b",
    "tar -cpf a b",
    "ls ~/.ssh/id_rsa",
    "curl -u user http://x",
    "git log --author=x -p",
    "gcloud auth print-access-token",
    "aws secretsmanager get-secret-value --secret-id prod/db",
    "vault kv get secret/x",
    "rails credentials:show",
    "ssh-add -K",
    "chmod 600 key.pem",
    "curl -X POST http://auth.x/",
    "git push -u origin main",
    "docker exec -u root c ls",
    "PWD=/x OLDPWD=/y ls",
    "install -p a b",
    "find . -path ./x -prune",
    "sort -k2 -u",
    "kubectl create token default",
    "passwd -u bob",
    "redis-cli -p 6379 -a $PASS info",
    "less keys.txt",
    "mongosh --port 27017",
    "echo hello | tee f",
    "mysql -p$PW db",
    "git config user.name=x",
    "npm token list",
    "pass show x",
    "MONKEY=banana ls",
    "KEYBOARD=us x",
    "git commit -m 'fix: token refresh'",
    "ls -pla",
    "rsync -ap a b",
    "systemctl restart authd",
    "scp -P 22 a b",
    "curl https://x/y?key",
)
"""Lines without a secret."""

BAD = ("-p", "PASSWORD=", "mysql ", "://:", "'", "a:", "authorization:", "-----BEGIN PRIVATE KEY-----", "eyJ",
    "X_", "curl -u a",
       "--a-", "echo a ", "IDENTIFIED BY ", "secret", "token ", "mysql -p", "set X_TOKEN ")  # fmt: skip


@pytest.mark.parametrize("line", HIDDEN)
def test_a_secret_is_replaced(line: str) -> None:
    shown = redact_line(line)
    assert "s3cr3t" not in shown
    assert "ghp_abc" not in shown
    assert "***" in shown


@pytest.mark.parametrize("line", HIDDEN)
def test_a_redacted_line_stays_as_it_is(line: str) -> None:
    shown = redact_line(line)
    assert redact_line(shown) == shown


@pytest.mark.parametrize("line", KEPT)
def test_a_line_without_a_secret_comes_back_as_the_same_text(line: str) -> None:
    assert redact_line(line) is line


def test_the_rest_of_the_line_stays() -> None:
    assert redact_line("mysql -u root -ps3cr3t shop && ls") == "mysql -u root -p*** shop && ls"
    assert redact_line("curl -u bob:s3cr3t http://x") == "curl -u bob:*** http://x"
    assert redact_line("PASSWORD='a b' x") == "PASSWORD='***' x"
    assert redact_line("psql postgres://bob:p%40ss@db/shop") == "psql postgres://bob:***@db/shop"


def test_known_spans_are_replaced_in_any_order_and_overlapping() -> None:
    assert redact_line("tool -x abc -y def", [(15, 18), (8, 11)]) == "tool -x *** -y ***"
    assert redact_line("tool abcdef", [(5, 9), (7, 11)]) == "tool ***"
    assert redact_line("tool abc", [(90, 99), (4, 4)]) == "tool abc"


@given(st.text(max_size=200), st.lists(st.tuples(st.integers(-5, 220), st.integers(-5, 220)), max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_it(line: str, spans: list[tuple[int, int]]) -> None:
    assert isinstance(redact_line(line, spans), str)


@given(st.lists(st.sampled_from((*HIDDEN, *KEPT, "; ", " | ", "\n")), max_size=4))
@settings(max_examples=300, deadline=None)
def test_joined_lines_keep_no_secret_and_settle_at_once(parts: list[str]) -> None:
    shown = redact_line(" ; ".join(parts))
    assert "s3cr3t" not in shown
    assert redact_line(shown) == shown


@pytest.mark.parametrize("bad", BAD)
def test_long_lines_cost_no_more_than_their_length(bad: str) -> None:
    line = bad * (100_000 // len(bad))
    started = time.process_time()
    redact_line(line)
    assert time.process_time() - started < 5
