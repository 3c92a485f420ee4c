"""A line typed into a program gets the verdict that it gets in that program's command line."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import pytest

from safeshell.guard.environment import PRODUCTION
from safeshell.guard.mode import Mode
from safeshell.guard.policy import Circumstances, judge
from safeshell.guard.reading import Reading
from safeshell.guard.verdict import Verdict
from safeshell.redis.dialect import RedisDialect
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from safeshell.terminal.tracking.programs import Program, program_of
from safeshell.terminal.tracking.repl_reading import repl_reading

_DIALECTS = {"redis": RedisDialect()}
_SHELL = ShellDialect(dialects=_DIALECTS)

_TWINS = [
    ("psql -h db.prod", "DROP TABLE x;", "psql -h db.prod -c 'DROP TABLE x;'"),
    ("psql", "DELETE FROM users;", "psql -c 'DELETE FROM users;'"),
    ("psql", "select 1;", "psql -c 'select 1;'"),
    ("psql", r"\! rm -rf /srv", r"psql -c '\! rm -rf /srv'"),
    ("psql", r"\d users", r"psql -c '\d users'"),
    ("mysql", "drop database shop", "mysql -e 'drop database shop'"),
    ("sqlite3 x.db", "delete from t;", "sqlite3 x.db 'delete from t;'"),
    ("mongosh", "db.dropDatabase()", "mongosh --eval 'db.dropDatabase()'"),
    ("mongosh", "db.users.find()", "mongosh --eval 'db.users.find()'"),
    ("redis-cli -h cache.prod", "FLUSHALL", "redis-cli -h cache.prod FLUSHALL"),
    ("redis-cli", "GET key", "redis-cli GET key"),
    (
        "python3",
        "import shutil; shutil.rmtree('/srv')",
        "python3 -c \"import shutil; shutil.rmtree('/srv')\"",
    ),
    ("python3", "1 + 1", "python3 -c '1 + 1'"),
    ("irb", "File.delete('/etc/x')", "ruby -e \"File.delete('/etc/x')\""),
    ("node", "require('fs').rmSync('/srv')", "node -e \"require('fs').rmSync('/srv')\""),
    ("php -a", "unlink('/etc/x');", "php -r \"unlink('/etc/x');\""),
    ("dash", "rm -rf /srv", "rm -rf /srv"),
    ("dash", "ls /srv", "ls /srv"),
    ("kubectl exec -it web -- sh", "rm -rf /srv", "kubectl exec -it web -- sh -c 'rm -rf /srv'"),
    ("docker exec -it db mysql", "drop database shop", "docker exec -it db mysql -e 'drop database shop'"),
]


def _program(line: str) -> Program:
    found = program_of(shlex.split(line))
    assert found is not None
    return found


def _read(line: str, text: str) -> Reading:
    return repl_reading(_program(line), text, dialects=_DIALECTS)


def _verdict(reading: Reading, mode: Mode) -> Verdict:
    return judge(reading, Circumstances(PRODUCTION, mode, "db", datetime(2024, 5, 6, 12, tzinfo=UTC)))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("line", "text", "twin"), _TWINS)
def test_the_same_verdict_as_in_the_command_line(line: str, text: str, twin: str, mode: Mode) -> None:
    typed, given = _read(line, text), _SHELL.read(twin)

    assert {finding.rule for finding in typed.findings} == {finding.rule for finding in given.findings}
    assert typed.severity == given.severity
    assert _verdict(typed, mode).kind == _verdict(given, mode).kind


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("psql", r"\! rm -rf /srv"),
        ("psql", "select 1;\n\\! rm -rf /srv"),
        ("mysql", "system rm -rf /srv"),
        ("mysql", r"\! rm -rf /srv"),
        ("sqlite3", ".shell rm -rf /srv"),
        ("sqlite3", ".system rm -rf /srv"),
        ("ipython", "!rm -rf /srv"),
        ("ipython", "%rm -rf /srv"),
        ("ipython", "rm -rf /srv"),
        ("ipython", "files = !rm -rf /srv"),
        ("ipython", "%%bash\nrm -rf /srv"),
        ("ipython", "%%script bash\nrm -rf /srv"),
        ("ipython", "import os\n!rm -rf /srv"),
        ("ipython", "%sx rm -rf /srv"),
        ("irb", "`rm -rf /srv`"),
        ("irb", "system('rm -rf /srv')"),
        ("perl -de0", "!!rm -rf /srv"),
        ("lua", "os.execute('rm -rf /srv')"),
    ],
)
def test_a_programs_own_way_to_the_shell_leads_to_the_shells_reading(line: str, text: str) -> None:
    assert "rm.recursive-system" in {finding.rule for finding in _read(line, text).findings}


def test_prys_dot_is_a_shell_line() -> None:
    from safeshell.terminal.tracking.programs import program_named

    pry = program_named("pry")
    assert pry is not None
    reading = repl_reading(pry, ".rm -rf /srv")

    assert "rm.recursive-system" in {finding.rule for finding in reading.findings}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("redis-cli", ":set hints"), ("redis-cli", "help set"), ("node", ".help"), ("ipython", "dict?"),
        ("ipython", "rm = 3"), ("perl -de0", "s"), ("mongosh", "show dbs"), ("psql", r"\timing"),
    ],
)  # fmt: skip
def test_a_programs_own_harmless_commands_are_harmless(line: str, text: str) -> None:
    assert _read(line, text).reads


@pytest.mark.parametrize(
    ("line", "text"), [("node", ".load x.js"), ("ipython", "%run x.py"), ("psql", r"\i x.sql")]
)
def test_a_file_that_a_program_runs_is_no_proof(line: str, text: str) -> None:
    assert not _read(line, text).reads


def test_a_line_addresses_what_its_programs_command_line_does() -> None:
    assert [address.name for address in _read("psql -h db.prod", "select 1;").addresses] == ["db.prod"]
    assert [address.name for address in _read("redis-cli -h cache.prod", "PING").addresses] == ["cache.prod"]


def test_this_machines_session_means_nothing_to_a_shell_elsewhere() -> None:
    context = ShellContext(aliases={"ls": "rm -rf /srv"})

    here = repl_reading(_program("dash"), "ls", context=context)
    pod = repl_reading(_program("kubectl exec -it web -- sh"), "ls", context=context)

    assert not here.reads
    assert pod.reads


def test_a_password_in_a_statement_is_taken_out() -> None:
    assert "hunter2" not in _read("psql", "ALTER USER x PASSWORD 'hunter2';").redacted


def test_where_it_stands_is_where_it_was_typed() -> None:
    text = "select 1;\nDROP TABLE x;"
    (finding,) = _read("psql", text).findings

    assert text[slice(*finding.span)].strip(" ;") == "DROP TABLE x"
