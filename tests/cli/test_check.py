"""`safeshell check`: the verdict on a line as programs read it. Runs nothing, contacts nobody, answers at once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.guard.contract import verdict_record
from safeshell.guard.environment import PRODUCTION, UNLABELLED
from safeshell.guard.policy import Circumstances, judge
from safeshell.redis.dialect import RedisDialect
from tests.e2e.program import PROGRAM, environment, safeshell

FIELDS = [
    "line", "dialect", "target", "environment", "mode", "verdict", "severity", "challenge", "effects", "findings",
]  # fmt: skip
EFFECT_FIELDS = ["kind", "extent", "object", "reversible"]
FINDING_FIELDS = ["rule", "severity", "reason", "instead", "span"]
STATUS = {"allow": 0, "confirm": 10, "review": 11, "deny": 12}
SEVERITIES = {"none", "low", "medium", "high", "critical"}
CHALLENGES = {"none", "yes", "target", "target+impact"}
KINDS = {"read", "write", "overwrite", "delete", "configure", "stop", "grant", "execute"}

CONFIG = """\
version = 1

[targets.cache]
environment = "production"
redis = "rediss://ops@cache.prod.example.com:6380/0"

[targets.scratch]
environment = "development"
redis = "redis://scratch.example.com"

[environments.audited]
mode = "guarded"
review = ["critical"]
"""


@pytest.fixture
def configured(home: Path) -> Path:
    folder = home / ".config" / "safeshell"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    return home


def test_a_verdict_has_exactly_the_fields_that_are_promised(configured: Path) -> None:
    done = safeshell(
        "check", "--dialect", "redis", "--target", "cache", "--mode", "guarded", "--json", "--", "DEL a b"
    )

    record = json.loads(done.out)
    assert list(record) == FIELDS
    assert record["line"] == "DEL a b"
    assert (record["dialect"], record["target"], record["environment"]) == ("redis", "cache", "production")
    assert (record["mode"], record["verdict"], record["challenge"]) == ("guarded", "confirm", "target")
    assert [list(effect) for effect in record["effects"]] == [EFFECT_FIELDS] * len(record["effects"])
    assert {"kind": "delete", "extent": "many", "object": "2 keys", "reversible": True} in record["effects"]
    assert all(list(finding) == FINDING_FIELDS for finding in record["findings"])
    assert done.status == 10


def test_a_finding_points_at_the_characters_it_is_about(home: Path) -> None:
    line = "SET é 1"
    record = json.loads(safeshell("check", "--dialect", "redis", "--json", "--", f"{line}\nFLUSHALL").out)

    spans = [finding["span"] for finding in record["findings"]]
    assert record["findings"]
    assert all(0 <= start <= end <= len(record["line"]) for start, end in spans)


@pytest.mark.parametrize(
    ("options", "line", "verdict"),
    [
        (("--target", "cache"), "GET a", "allow"),
        (("--target", "cache"), "SET a 1", "deny"),
        (("--target", "cache", "--mode", "guarded"), "FLUSHALL", "confirm"),
        (("--target", "scratch"), "SET a 1", "allow"),
        ((), "GET a", "allow"),
        ((), "FLUSHALL", "confirm"),
        ((), "NO-SUCH-COMMAND", "confirm"),
    ],
)
def test_the_exit_status_is_the_verdict(
    configured: Path, options: tuple[str, ...], line: str, verdict: str
) -> None:
    done = safeshell("check", "--dialect", "redis", *options, "--json", "--", line)

    assert json.loads(done.out)["verdict"] == verdict
    assert done.status == STATUS[verdict]


def test_what_needs_a_second_person_says_review(configured: Path) -> None:
    done = safeshell("--environment", "audited", "check", "--dialect", "redis", "--json", "--", "FLUSHALL")

    assert json.loads(done.out)["verdict"] == "review"
    assert done.status == 11


def test_a_target_is_found_by_its_name_its_url_and_its_host(configured: Path) -> None:
    for place in ("cache", "rediss://ops@cache.prod.example.com:6380/0", "cache.prod.example.com:6380"):
        record = json.loads(
            safeshell("check", "--dialect", "redis", "--target", place, "--json", "--", "FLUSHALL").out
        )
        assert (record["target"], record["environment"], record["verdict"]) == (
            "cache",
            "production",
            "deny",
        ), place
    elsewhere = json.loads(
        safeshell(
            "check", "--dialect", "redis", "--target", "other.example.com", "--json", "--", "FLUSHALL"
        ).out
    )
    assert elsewhere["environment"] == "unlabelled"


def test_naming_an_environment_does_not_make_production_milder(configured: Path) -> None:
    done = safeshell(
        "--environment",
        "development",
        "check",
        "--dialect",
        "redis",
        "--target",
        "cache",
        "--json",
        "--",
        "SET a 1",
    )

    assert json.loads(done.out)["environment"] == "production"
    assert done.status == 12


def test_another_program_gets_each_answer_before_it_sends_the_next_line(configured: Path) -> None:
    lines = ["GET a", "SET a 1", "FLUSHALL", "", "DEL \xe9", '"unclosed', "GET a"]
    with subprocess.Popen(
        [PROGRAM, "check", "--dialect", "redis", "--target", "cache", "--mode", "guarded", "--json", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as talk:
        assert talk.stdin and talk.stdout
        answers = []
        for line in lines:
            talk.stdin.write(line.encode() + b"\n")
            talk.stdin.flush()
            answers.append(json.loads(talk.stdout.readline()))
        talk.stdin.close()
        assert talk.stdout.read() == b""

    assert [answer["line"] for answer in answers] == lines
    assert [answer["verdict"] for answer in answers] == [
        "allow", "allow", "confirm", "allow", "confirm", "confirm", "allow",
    ]  # fmt: skip
    assert talk.returncode == 10, "the strictest of them"


def test_nul_separated_lines_may_hold_line_ends(configured: Path) -> None:
    done = safeshell(
        "check",
        "--dialect",
        "redis",
        "--target",
        "cache",
        "--json",
        "--null",
        "-",
        given=b"GET a\0GET b\nFLUSHALL\0PING",
    )

    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["line"] for record in records] == ["GET a", "GET b\nFLUSHALL", "PING"]
    assert [record["verdict"] for record in records] == ["allow", "deny", "allow"]
    assert done.status == 12


def test_words_are_put_together_as_the_shell_took_them_apart(home: Path) -> None:
    record = json.loads(
        safeshell("check", "--dialect", "redis", "--json", "--", "SET", "two words", 'say "x"', "").out
    )

    assert record["line"] == r'SET "two words" "say \"x\"" ""'


def test_a_secret_is_not_repeated(home: Path) -> None:
    for words in (("--json",), ()):
        done = safeshell("check", "--dialect", "redis", *words, "--", "AUTH joe hunter2")
        assert b"hunter2" not in done.out
        assert "hunter2" not in done.err


def test_people_read_why_and_what_instead(configured: Path) -> None:
    shown = safeshell("check", "--dialect", "redis", "--target", "cache", "--", "KEYS \x1b[31m*").out

    assert b"\x1b" not in shown
    assert b"SCAN" in shown


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--dialect", "cobol", "--", "x"),
        ("--mode", "lax", "--", "x"),
        ("--bogus", "--", "x"),
        ("--null", "--", "x"),
    ],
)
def test_words_that_do_not_fit_are_a_usage_error(home: Path, words: tuple[str, ...]) -> None:
    done = safeshell("check", *words)

    assert done.status == 2
    assert done.told()


def test_any_bytes_get_a_verdict_and_never_a_traceback(configured: Path) -> None:
    lines = [bytes([n]) for n in range(1, 256) if n != 10]
    lines += [
        b"\xff" * 100_000,
        b"GET " * 50_000,
        b"(" * 9999,
        b'"' * 9999,
        b"SET a " + b"\x1b]0;x\x07",
        b"EVAL \xf0\x9f 0",
    ]
    lines += ["\ud7ff \u2028 \U0010ffff FLUSHALL".encode(), b"\xed\xa0\x80", b"\r", b"\0"]

    done = safeshell(
        "check", "--dialect", "redis", "--target", "cache", "--json", "-", given=b"\n".join(lines) + b"\n"
    )

    records = [json.loads(line) for line in done.out.decode("ascii").splitlines()]
    assert len(records) == len(lines)
    assert done.err == ""
    assert all(list(record) == FIELDS for record in records)


@settings(max_examples=300, deadline=None)
@given(
    line=st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
    | st.text(max_size=100)
)
def test_any_line_gets_a_complete_verdict(line: str) -> None:
    from datetime import UTC, datetime

    for place in (PRODUCTION, UNLABELLED):
        where = Circumstances(place, place.mode, "t", datetime(2026, 1, 5, 12, tzinfo=UTC))
        record = json.loads(json.dumps(verdict_record(judge(RedisDialect(now_ms=0).read(line), where))))

        assert list(record) == FIELDS
        assert record["verdict"] in STATUS
        assert record["severity"] in SEVERITIES
        assert record["challenge"] in CHALLENGES
        assert all(effect["kind"] in KINDS for effect in record["effects"])
        assert all(0 <= f["span"][0] <= f["span"][1] <= len(line) for f in record["findings"])
