"""Only what surely goes on is let through unjudged."""

from __future__ import annotations

import pytest

from safeshell.terminal.tracking.programs import program_named, program_of
from safeshell.terminal.tracking.statements import Statements

_GOES_ON = [
    ("psql", "select 1"),
    ("psql", "delete from t\nwhere id = 1"),
    ("psql", "select 'a;\nb"),
    ("psql", "select $$ begin; end"),
    ("psql", "select 1 -- ; drop table t;"),
    ("psql", "/* drop table t; */ select 1"),
    ("sqlite3", "create table t("),
    ("mysql", "select `a;"),
    ("python", "for i in range(3):"),
    ("python", "for i in range(3):\n    print(i)"),
    ("python", "x = ["),
    ("python", "def f():\n    '''"),
    ("node", "[1, 2].map((x) => {"),
    ("mongosh", "db.users.find({ $where: ["),
    ("irb", "puts(1,"),
    ("sh", "for i in 1 2; do"),
    ("sh", "echo 'a"),
    ("sh", "cat <<END\nhello"),
]
_RUNS = [
    ("psql", "select 1;"),
    ("psql", "drop table t; select 1"),
    ("psql", "drop table t; select 'a"),
    ("psql", r"select 1 \g"),
    ("psql", r"\! rm -rf /srv"),
    ("psql", "select 1\n\\gexec"),
    ("mysql", r"select 1\G"),
    ("mysql", "system rm -rf /srv"),
    ("sqlite3", ".shell rm -rf /srv"),
    ("sqlite3", "drop table t\ngo"),
    ("sqlite3", "drop table t\n/"),
    ("python", "import os"),
    ("python", "for i in range(3):\n    print(i)\n"),
    ("python", "for i in range(3):\n    print(i)\n    "),
    ("python", "import os\nfor i in x:"),
    ("ipython", "!rm -rf /srv ("),
    ("ipython", "%rm ["),
    ("node", "rm('/srv')\n["),
    ("node", "a / (b"),
    ("irb", "files.each do |f|"),
    ("irb", "x = ?("),
    ("php", "unlink('/srv');"),
    ("perl", "unlink("),
    ("redis-cli", "FLUSHALL"),
    ("sh", "rm -rf /srv"),
    ("sh", "rm -rf /srv\nfor i in 1; do"),
    ("sh", "echo a; # for i in 1; do"),
]


@pytest.mark.parametrize(("program", "text"), _GOES_ON)
def test_an_unfinished_statement_goes_on(program: str, text: str) -> None:
    named = program_named(program)
    assert named is not None
    assert Statements(named).unfinished(text)


@pytest.mark.parametrize(("program", "text"), _RUNS)
def test_what_may_run_does_not_go_on(program: str, text: str) -> None:
    named = program_named(program)
    assert named is not None
    assert not Statements(named).unfinished(text)


def test_another_delimiter_ends_statements_until_it_is_taken_back() -> None:
    named = program_named("mysql")
    assert named is not None
    statements = Statements(named)
    statements.ran("delimiter //")

    assert statements.unfinished("create procedure p() begin delete from t;")
    assert not statements.unfinished("create procedure p() begin delete from t; end//")
    statements.ran("DELIMITER ;")
    assert not statements.unfinished("delete from t;")


def test_psql_in_single_line_mode_runs_every_line() -> None:
    single = program_of(["psql", "-S", "shop"])
    assert single is not None

    assert not Statements(single).unfinished("drop table t")


def test_nothing_goes_on_once_something_slipped() -> None:
    named = program_named("psql")
    assert named is not None
    statements = Statements(named)
    statements.distrusted = True

    assert not statements.unfinished("select 1")
