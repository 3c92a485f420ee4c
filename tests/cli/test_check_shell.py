"""`safeshell check` for shell lines, as scripts and people call it: the real process, its words and its status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import Done, safeshell

CONFIG = """\
version = 1

[environments.production]
mode = "guarded"

[environments.vault]
mode = "read-only"

[targets.laptop]
environment = "development"
local = true

[targets.web]
environment = "production"
ssh = ["web-*", "db.prod"]

[targets.cluster]
environment = "production"
kubernetes = ["prod"]
aws = ["prod"]
environ = { RAILS_ENV = "production" }

[targets.cache]
environment = "production"
redis = "redis://cache.prod"

[targets.shop]
environment = "production"
named = ["heroku:shop"]

[targets.safe]
environment = "vault"
ssh = ["safe"]

[[rules]]
id = "own.deploy"
command = "ship"
options = ["-p|--production"]
without = ["--dry-run"]
operands = ["web*"]
effect = { kind = "configure", extent = "everything" }
severity = "critical"
reason = "deploys to every web server"
instead = "use the pipeline"
hits = ["ship -p web"]
misses = ["ship web"]
"""


@pytest.fixture
def configured(home: Path) -> Path:
    folder = home / ".config" / "safeshell"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    return home


def in_production(*words: str | bytes, given: bytes | None = None) -> Done:
    return safeshell("--environment", "production", "check", "--mode", "guarded", *words, given=given)


def record(done: Done) -> dict[str, Any]:
    assert done.err == ""
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize(
    ("mode", "line", "verdict", "status"),
    [
        ("guarded", "ls -l", "allow", 0),
        ("guarded", "rm -rf /srv/x", "confirm", 10),
        ("read-only", "ls -l", "allow", 0),
        ("read-only", "touch x", "deny", 12),
        ("open", "rm -rf /srv/x", "allow", 0),
        ("open", "rm -rf /etc", "confirm", 10),
    ],
)
def test_the_exit_status_says_the_verdict(
    mode: str, line: str, verdict: str, status: int, home: Path
) -> None:
    done = safeshell("--environment", "production", "check", "--mode", mode, "--", line)

    assert done.status == status
    assert done.out.decode().split()[0] == verdict
    assert done.err == ""


def test_a_verdict_has_the_promised_fields(home: Path) -> None:
    line = "ls; sudo rm -rf /etc"
    found = record(in_production("--json", "--", line))

    assert list(found) == [
        "line", "dialect", "target", "environment", "mode", "verdict", "severity", "challenge", "effects",
        "findings",
    ]  # fmt: skip
    assert (found["line"], found["dialect"], found["severity"]) == (line, "shell", "critical")
    (finding,) = found["findings"]
    assert finding["rule"] == "rm.recursive-system"
    assert finding["severity"] == "critical"
    assert line[slice(*finding["span"])] == "rm -rf /etc"
    assert finding["instead"]
    assert {effect["kind"] for effect in found["effects"]} == {"delete"}


def test_several_words_are_one_command_with_its_quotes(home: Path) -> None:
    found = record(in_production("--json", "--", "rm", "-rf", "/tmp/a b; rm -rf /etc"))

    assert found["line"] == "rm -rf '/tmp/a b; rm -rf /etc'"
    assert found["severity"] == "low"
    assert record(in_production("--json", "--", "rm", "-rf", "*"))["line"] == "rm -rf '*'"


def test_lines_from_standard_input_are_answered_in_order(home: Path) -> None:
    done = in_production("--json", "-", given=b"ls\nrm -rf /etc\r\n\nsudo ls")
    found = [json.loads(line) for line in done.out.splitlines()]

    assert [one["line"] for one in found] == ["ls", "rm -rf /etc", "", "sudo ls"]
    assert [one["verdict"] for one in found] == ["allow", "confirm", "allow", "allow"]
    assert done.status == 10


def test_lines_that_hold_line_ends_are_separated_by_nul(home: Path) -> None:
    done = in_production(
        "--json", "--null", "-", given=b"cat <<EOF\nrm -rf /etc\nEOF\0bash <<EOF\nrm -rf /etc\nEOF\0ls"
    )

    found = [json.loads(line) for line in done.out.splitlines()]
    assert [one["verdict"] for one in found] == ["allow", "confirm", "allow"]


@pytest.mark.parametrize(
    "given",
    [
        b"\xff\xfe\x00\n",
        b"rm -rf /etc \xff\xfe",
        b"\x1b[31m rm \x1b]0;x\x07",
        b"echo '\n'",
        b"\r\r\r\n",
        b"((((((((((((((((((((((",
        b"$(" * 2000,
        b"${" * 500 + b"}" * 500,
        b"<<" * 300,
        b"a" * 100_000,
        "é😀￼".encode(),
    ],
)
def test_no_bytes_end_in_a_traceback(given: bytes, home: Path) -> None:
    done = in_production("-", given=given)

    assert done.status in (0, 10, 12)
    assert done.err == ""
    assert b"\x1b" not in done.out


def test_bytes_that_are_no_text_do_not_hide_what_is_around_them(home: Path) -> None:
    done = in_production("--json", "-", given=b"echo \xff\xfe; rm -rf /etc\n")

    assert record(done)["severity"] == "critical"


def test_a_line_of_a_megabyte_is_denied_by_the_limits_name(home: Path) -> None:
    done = in_production("--json", "-", given=b"echo " + b"x" * (1 << 20))

    assert done.status == 12
    assert [finding["rule"] for finding in record(done)["findings"]] == ["shell.too-long"]


def test_a_line_that_is_nested_too_deeply_is_denied_in_every_mode(home: Path) -> None:
    line = "sudo " * 100 + "ls"
    done = safeshell("--environment", "development", "check", "--mode", "open", "--json", "--", line)

    assert done.status == 12
    assert record(done)["findings"][0]["rule"] == "shell.too-deep"


def test_the_shell_is_read_where_nothing_else_is_said(home: Path) -> None:
    assert record(safeshell("check", "--json", "--", "FLUSHALL"))["dialect"] == "shell"
    assert record(safeshell("check", "--json", "--dialect", "redis", "--", "FLUSHALL"))["dialect"] == "redis"


@pytest.mark.parametrize(
    "line",
    [
        "kubectl --context prod delete pod x",
        "ssh web-1 sudo systemctl stop nginx",
        "ssh db.prod 'rm x'",
        "AWS_PROFILE=prod aws s3 rm s3://b/k",
        "psql -h db.prod -c 'DELETE FROM x WHERE id = 1'",
        "DATABASE_URL=postgres://u@db.prod/x rails db:drop",
        "RAILS_ENV=production rails db:drop",
        "export RAILS_ENV=production; rails db:drop",
        "redis-cli -h cache.prod DEL a",
        "heroku config:set A=b -a shop",
        "heroku ps:restart -a shop",
    ],
)
def test_a_line_about_production_is_a_production_line_wherever_it_is_typed(
    line: str, configured: Path
) -> None:
    found = record(safeshell("check", "--json", "--", line))

    assert (found["environment"], found["mode"]) == ("production", "guarded")
    assert found["verdict"] == "confirm"


def test_the_targets_mode_counts_where_it_is_stricter(configured: Path) -> None:
    found = record(safeshell("check", "--json", "--", "ssh safe touch x"))

    assert (found["environment"], found["mode"], found["verdict"]) == ("vault", "read-only", "deny")
    assert record(safeshell("check", "--json", "--", "ssh safe uptime"))["verdict"] == "allow"


def test_a_host_that_nobody_labelled_is_unlabelled(configured: Path) -> None:
    found = record(safeshell("check", "--json", "--", "ssh elsewhere rm -rf /srv/x"))

    assert (found["environment"], found["verdict"]) == ("unlabelled", "confirm")


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf build",
        "ssh localhost rm x",
        "psql -h localhost -c 'DELETE FROM x WHERE id = 1'",
        "curl https://example.org",
        "ls",
    ],
)
def test_a_line_about_this_machine_stays_here(line: str, configured: Path) -> None:
    found = record(safeshell("check", "--json", "--", line))

    assert (found["environment"], found["verdict"]) == ("development", "allow")


def test_rules_of_ones_own_are_judged(configured: Path) -> None:
    done = safeshell("--environment", "production", "check", "--json", "--", "sudo ship web-1 --production")
    found = record(done)

    assert (found["verdict"], found["severity"]) == ("confirm", "critical")
    assert [(one["rule"], one["reason"]) for one in found["findings"]] == [
        ("own.deploy", "deploys to every web server")
    ]
    for line in ("ship web-1", "ship -p db", "ship -p web --dry-run", "echo ship -p web"):
        assert (
            record(safeshell("--environment", "production", "check", "--json", "--", line))["verdict"]
            == "allow"
        )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('command = "ship"', 'command = "[ship]"', "program"),
        ('"-p|--production"', '"-p|production"', "production"),
        ('"web*"', '"@nowhere"', "@nowhere"),
    ],
)
def test_a_rule_that_is_no_pattern_is_a_mistake_in_the_config(
    old: str, new: str, told: str, configured: Path
) -> None:
    file = configured / ".config" / "safeshell" / "config.toml"
    file.write_text(file.read_text().replace(old, new))
    done = safeshell("check", "--", "ls")

    assert done.status == 78
    assert done.out == b""
    assert "Traceback" not in done.err
    assert told in done.err
    assert "own.deploy" in done.err


def test_a_broken_file_denies_the_line_that_would_load_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [1\nb: 2\n")
    (tmp_path / "good.yaml").write_text("a: 1\n")
    line = "ls && kubectl apply -f bad.yaml"
    done = safeshell("--environment", "development", "check", "--mode", "open", "--json", "--", line)
    found = record(done)

    assert (done.status, found["verdict"]) == (12, "deny")
    (finding,) = [one for one in found["findings"] if one["rule"] == "preflight.broken-file"]
    assert f"{tmp_path}/bad.yaml:2:2:" in finding["reason"]
    assert line[slice(*finding["span"])] == "kubectl apply -f bad.yaml"
    assert safeshell("check", "--", "kubectl apply -f good.yaml").status != 12
    assert safeshell("check", "--", "ssh localhost kubectl apply -f bad.yaml").status != 12


def test_the_working_directory_and_the_environment_are_those_of_the_caller(home: Path) -> None:
    line = 'rm -rf "$DIR"/x'
    known = safeshell("--environment", "production", "check", "--json", "--", line, environ={"DIR": "/tmp"})
    empty = safeshell("--environment", "production", "check", "--json", "--", line, environ={"DIR": ""})

    assert record(known)["severity"] == "low"
    assert record(empty)["severity"] == "critical"


def test_secrets_are_kept_off_the_screen(home: Path) -> None:
    for words in (["--json"], []):
        done = in_production(*words, "--", "mysql -uroot -phunter2 -e 'DROP TABLE x'")
        assert b"hunter2" not in done.out


def test_escape_sequences_are_shown_harmless(home: Path) -> None:
    done = in_production("--", "rm -rf $'\x1b[31m/etc' \x1b]0;gone\x07")

    assert b"\x1b" not in done.out
    assert b"\x07" not in done.out
