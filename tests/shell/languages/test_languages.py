"""Every language reads what its table says, hands on what runs elsewhere, and never fails or hangs."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.guard.effects import Severity
from safeshell.shell.inner import InnerCommand, InnerText, Language
from safeshell.shell.languages import read_in
from safeshell.shell.languages.found import Found
from safeshell.shell.word import UNKNOWN

HERE = Path(__file__).parent
SCRIPTS = {
    "ruby": Language.RUBY, "perl": Language.PERL, "php": Language.PHP, "lua": Language.LUA,
        "node": Language.NODE,
    "mongo": Language.MONGO, "python_code": Language.PYTHON,
}  # fmt: skip
ALL = (Language.SQL, *SCRIPTS.values())


def rows() -> list[tuple[Language, str, str, str]]:
    found = []
    for path in sorted(HERE.glob("*.toml")):
        for section, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            language = SCRIPTS.get(section, Language.SQL)
            dialect = section if language is Language.SQL and section != "any" else ""
            found += [(language, dialect, text, answer) for answer, texts in table.items() for text in texts]
    return found


def answer_of(found: Found) -> str:
    told = max((command.severity for command in found.commands), default=Severity.NONE)
    asked = max((finding.severity for finding in found.unreadable), default=Severity.NONE)
    if found.unreadable and asked > told:
        return "unreadable"
    if found.reads and not found.inner:
        return "reads"
    return told.word if told else "unknown"


@pytest.mark.parametrize(
    ("language", "dialect", "text", "expected"), rows(), ids=lambda value: str(value)[:60]
)
def test_a_text_is_read_as_its_table_says(language: Language, dialect: str, text: str, expected: str) -> None:
    found = read_in(language, text.replace("$UNKNOWN", UNKNOWN), dialect=dialect)
    assert answer_of(found) == expected


@pytest.mark.parametrize(
    ("language", "dialect", "text", "expected"), rows(), ids=lambda value: str(value)[:60]
)
def test_spans_lie_in_the_text_and_every_alarm_has_its_words(
    language: Language, dialect: str, text: str, expected: str
) -> None:
    text = text.replace("$UNKNOWN", UNKNOWN)
    found = read_in(language, text, dialect=dialect)
    for command in found.commands:
        assert 0 <= command.span[0] <= command.span[1] <= len(text)
        for finding in command.findings:
            assert finding.reason
            assert "{}" not in finding.reason
            assert not finding.reason.endswith(".")
            assert UNKNOWN not in finding.reason


def test_everything_that_is_medium_or_worse_has_a_finding_that_says_why() -> None:
    for language, dialect, text, expected in rows():
        if expected in ("medium", "high", "critical"):
            found = read_in(language, text.replace("$UNKNOWN", UNKNOWN), dialect=dialect)
            worst = max(found.commands, key=lambda command: command.severity)
            assert worst.findings, text


RUNS = (
    (Language.SQL, "postgresql", "COPY t TO PROGRAM 'rm -rf /x'", ["rm -rf /x"]),
    (Language.SQL, "postgresql", "\\! rm -rf /x", ["rm -rf /x"]),
    (Language.SQL, "postgresql", "\\copy t from program 'cat x'", ["cat x"]),
    (Language.SQL, "postgresql", "\\o |sh", ["sh"]),
    (Language.SQL, "postgresql", "\\set x `rm y`", ["rm y"]),
    (Language.SQL, "mysql", "system rm x", ["rm x"]),
    (Language.SQL, "mysql", "\\! rm x", ["rm x"]),
    (Language.SQL, "sqlite", ".shell rm x", ["rm x"]),
    (Language.SQL, "sqlite", ".once |sh", ["sh"]),
    (Language.SQL, "mssql", "EXEC xp_cmdshell 'del x'", ["del x"]),
    (Language.SQL, "mssql", ":!! rm x", ["rm x"]),
    (Language.SQL, "oracle", "host rm x", ["rm x"]),
    (Language.PYTHON, "", "import os; os.system('rm -rf ' + d)", [f"rm -rf {UNKNOWN}"]),
    (Language.PYTHON, "", "__import__('os').system('rm x')", ["rm x"]),
    (Language.PYTHON, "", "from subprocess import run as r; r('rm x', shell=True)", ["rm x"]),
    (Language.PYTHON, "", "import subprocess; subprocess.run(['rm', '-rf', d])", [["rm", "-rf", UNKNOWN]]),
    (Language.PYTHON, "", "import os; os.execvp('rm', ['rm', '-rf', '/'])", [["rm", "-rf", "/"]]),
    (Language.PYTHON, "", "import os; os.popen(f'rm {x}')", [f"rm {UNKNOWN}"]),
    (Language.RUBY, "", "system('rm -rf /')", ["rm -rf /"]),
    (Language.RUBY, "", 'system "rm", "-rf", dir', [["rm", "-rf", UNKNOWN]]),
    (Language.RUBY, "", "puts `ls #{x}`", [f"ls {UNKNOWN}"]),
    (Language.RUBY, "", "%x{rm x}", ["rm x"]),
    (Language.RUBY, "", "\"#{system('rm x')}\"", ["rm x"]),
    (Language.RUBY, "", "exec 'rm x'", ["rm x"]),
    (Language.PERL, "", 'system("rm x")', ["rm x"]),
    (Language.PERL, "", "print qx(rm x)", ["rm x"]),
    (Language.PERL, "", "print `rm x`", ["rm x"]),
    (Language.PERL, "", "s/a/system('rm x')/e", ["rm x"]),
    (Language.PERL, "", 'exec "rm", "x"', [["rm", "x"]]),
    (Language.PHP, "", "shell_exec('rm x');", ["rm x"]),
    (Language.PHP, "", "echo `rm x`;", ["rm x"]),
    (Language.NODE, "", "require('child_process').execSync('rm x')", ["rm x"]),
    (Language.NODE, "", "require('child_process').spawn('rm', ['-rf', 'x'])", [["rm", "-rf", "x"]]),
    (Language.LUA, "", "os.execute('rm x')", ["rm x"]),
    (Language.LUA, "", "io.popen [[rm x]]", ["rm x"]),
)


@pytest.mark.parametrize(("language", "dialect", "text", "expected"), RUNS)
def test_what_a_text_runs_is_handed_on(
    language: Language, dialect: str, text: str, expected: list[object]
) -> None:
    found = read_in(language, text, dialect=dialect)
    assert [_said(inner) for inner in found.inner] == expected


def test_an_exact_inner_text_stands_where_its_span_says() -> None:
    text = "SELECT 1;\n\\! rm -rf /x"
    (inner,) = read_in(Language.SQL, text, dialect="postgresql").inner
    assert isinstance(inner, InnerText)
    assert inner.exact
    assert text[inner.span[0] : inner.span[1]] == "rm -rf /x"


def _said(inner: object) -> object:
    if isinstance(inner, InnerText):
        return inner.text
    assert isinstance(inner, InnerCommand)
    return [word.text for word in inner.command.words]


def test_a_statement_names_what_it_is_about() -> None:
    (command,) = read_in(Language.SQL, "DROP TABLE IF EXISTS shop.users, carts").commands
    assert command.objects == ("shop.users, carts",)
    assert command.findings[0].reason == "drops the table shop.users, carts with all its rows"
    assert command.span == (0, 38)


def test_a_name_with_escapes_is_made_safe_to_show() -> None:
    (command,) = read_in(Language.SQL, 'DROP TABLE "a\x1b[31mb"').commands
    assert "\x1b" not in command.objects[0] + command.findings[0].reason


@given(
    st.sampled_from(ALL),
    st.text(max_size=120),
    st.sampled_from(("", "postgresql", "mysql", "sqlite", "mssql", "oracle", "cql")),
)
@settings(max_examples=500, deadline=None)
def test_no_text_breaks_a_language(language: Language, text: str, dialect: str) -> None:
    assert isinstance(read_in(language, text, dialect=dialect), Found)


PIECES = sorted({piece for _, _, text, _ in rows() for piece in text.replace("$UNKNOWN", UNKNOWN).split(" ")})


@given(
    st.sampled_from(ALL),
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(["'", '"', "`", "(", ")", "{", "}", "\n", ";",
        "#{", "/* ", "--[[ ", "=begin\n", "<!-- ", "${", "/*", "\\"])),
             max_size=14),
    st.sampled_from((" ", "")),
)  # fmt: skip
@settings(max_examples=1000, deadline=None)
def test_no_mixture_of_pieces_breaks_a_language(language: Language, pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)
    found = read_in(language, text, dialect="postgresql")
    for command in found.commands:
        assert 0 <= command.span[0] <= command.span[1] <= len(text)


BAD = (
    "(", ")", "[", "{", "'", '"', "`", "/", "\\", "/*", "--", "#{", "/* ", "--[[ ", "=begin\n", "<!-- ", "${",
        '"#{', "<<A\n", "s{", "q(", "%w[", "f(", "a.", "a(b).", "a,", "$a$", "((",
    "(DELETE ", "(SELECT ", "WHERE (", " OR 1=1", ";", "BEGIN ", "CASE ", "x=", "|a|", "(a,", "function(",
        "[[", "a;", "1+", "not ", "x if y else ",
    "lambda:", "f'{", UNKNOWN, "\n", "DROP TABLE a;", "EXPLAIN ", "WITH a AS (", ",(", "system(", "`ls`",
        "db.", "x(y)(",
)  # fmt: skip


@pytest.mark.parametrize("language", ALL)
def test_long_texts_cost_no_more_than_their_length(language: Language) -> None:
    slow = []
    for piece in BAD:
        text = piece * (30_000 // len(piece))
        started = time.process_time()
        read_in(language, text)
        if time.process_time() - started > 2:
            slow.append(piece)
    assert slow == []


def test_a_text_beyond_the_limit_says_so() -> None:
    for language in ALL:
        found = read_in(language, "x" * 300_000)
        assert any("too-long" in finding.rule for finding in found.unreadable)
