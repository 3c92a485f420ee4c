"""`safeshell check` as others embed it: the fields, the exit statuses, the order, the promptness."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).parent / "safeshell")
FIELDS = [
    "line", "dialect", "target", "environment", "mode", "verdict", "severity", "challenge", "effects", "findings",
]  # fmt: skip


def check(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([PROGRAM, *words], input=stdin, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("mode", "line", "status"),
    [
        ("guarded", "GET a", 0),
        ("guarded", "FLUSHALL", 10),
        ("read-only", "SET a 1", 12),
        ("read-only", "GET a", 0),
        ("open", "DEL a", 0),
    ],
)
def test_the_exit_status_is_the_verdict(home: Path, mode: str, line: str, status: int) -> None:
    assert (
        check(
            "--environment", "production", "check", "--dialect", "redis", "--mode", mode, "--", line
        ).returncode
        == status
    )


def test_a_second_person_is_wanted_where_the_config_says_so(home: Path) -> None:
    config = home / "own.toml"
    config.write_text('version = 1\n[environments.production]\nreview = ["critical"]\n')

    done = check(
        "--config",
        str(config),
        "--environment",
        "production",
        "check",
        "--dialect",
        "redis",
        "--mode",
        "guarded",
        "--",
        "FLUSHALL",
    )

    assert done.returncode == 11
    assert b"second person" in done.stdout


def test_the_json_object_has_exactly_the_fields_of_the_contract(home: Path) -> None:
    done = check(
        "--environment",
        "production",
        "check",
        "--dialect",
        "redis",
        "--mode",
        "guarded",
        "--json",
        "--",
        "DEL a b",
    )
    found = json.loads(done.stdout)

    assert list(found) == FIELDS
    assert found["verdict"] == "confirm"
    assert found["effects"] == [{"kind": "delete", "extent": "many", "object": "2 keys", "reversible": True}]
    assert list(found["findings"][0]) == ["rule", "severity", "reason", "instead", "span"]
    assert found["findings"][0]["span"] == [0, 7]


def test_lines_are_answered_one_by_one_as_they_come(home: Path) -> None:
    process = subprocess.Popen(
        [PROGRAM, "check", "--dialect", "redis", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    try:
        for line, verdict in (("GET a", "allow"), ("FLUSHALL", "confirm"), ("GET b", "allow")):
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert (answer["line"], answer["verdict"]) == (line, verdict)
        process.stdin.close()
        assert process.wait(30) == 10
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_lines_may_end_with_nul_and_hold_any_bytes(home: Path) -> None:
    lines = [b"GET a", b"SET k \xff\xfe\x00"[:-1], b"\x1b[2J", b"", b"'unbalanced", bytes(range(1, 256))]

    done = check("check", "--dialect", "redis", "--json", "--null", "-", stdin=b"\0".join(lines) + b"\0")

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    assert b"Traceback" not in done.stderr


def test_a_target_brings_its_environment_and_mode(home: Path) -> None:
    folder = home / ".config/safeshell"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'version = 1\n[targets.cache]\nenvironment = "production"\nredis = "redis://cache.prod:6379"\n'
    )

    for target in ("cache", "redis://cache.prod:6379/3", "cache.prod"):
        found = json.loads(
            check("check", "--dialect", "redis", "--target", target, "--json", "--", "SET a 1").stdout
        )
        assert (found["target"], found["environment"], found["mode"], found["verdict"]) == (
            "cache", "production", "read-only", "deny",
        )  # fmt: skip
    done = check("check", "--dialect", "redis", "--target", "cahce", "--", "GET a")
    assert done.returncode == 2
    assert b"Did you mean cache?" in done.stderr


def test_secrets_are_not_repeated(home: Path) -> None:
    done = check("check", "--dialect", "redis", "--json", "--", "CONFIG SET requirepass hunter2")

    assert b"hunter2" not in done.stdout + done.stderr


def test_explain_underlines_what_each_finding_is_about(home: Path) -> None:
    done = check("explain", "--dialect", "redis", "--", "EVAL \"redis.call('flushall')\" 0")

    lines = done.stdout.decode().splitlines()
    at = next(number for number, line in enumerate(lines) if "^" in line)
    marked = lines[at - 1][lines[at].index("^") : lines[at].rindex("^") + 1]
    assert "flushall" in marked
    assert done.returncode == 10


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["chekc"], 2, "Did you mean `safeshell check`?"),
        (["check"], 2, "LINE"),
        (["--mode", "loose", "check", "--dialect", "redis", "--", "GET a"], 2, "is no mode"),
        (["--config", "/nowhere.toml", "check", "--dialect", "redis", "--", "GET a"], 78, "/nowhere.toml"),
        (
            ["--environment", "prod", "check", "--dialect", "redis", "--", "GET a"],
            2,
            "there is no environment 'prod'",
        ),
    ],
)
def test_a_mistake_is_one_clear_sentence_with_its_status(
    home: Path, words: list[str], status: int, sentence: str
) -> None:
    done = check(*words)

    assert done.returncode == status
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr
