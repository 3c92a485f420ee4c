"""`safeshell explain` for shell lines: from the line over its commands and rules to the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_explain import underlined
from tests.e2e.program import Done, safeshell


def explained(line: str) -> Done:
    return safeshell("--environment", "production", "explain", "--mode", "guarded", "--", line)


def lines(line: str) -> list[str]:
    done = explained(line)
    assert done.err == ""
    return done.out.decode().splitlines()


def test_the_steps_are_told_in_order(home: Path) -> None:
    done = explained("sudo rm -rf /etc")
    text = done.out.decode()

    at = [
        text.index(word)
        for word in (
            "line ",
            "command ",
            "effect ",
            "rule ",
            "proof ",
            "severity ",
            "where ",
            "verdict ",
            "instead ",
        )
    ]
    assert at == sorted(at)
    assert "rm.recursive-system (critical)" in text
    assert "delete" in text
    assert "production · guarded" in text
    assert done.status == 10


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("ls; rm -rf /etc", "rm -rf /etc"),
        ("sudo nice rm -rf /etc", "rm -rf /etc"),
        ("bash -c 'ls; rm -rf /etc'", "rm -rf /etc"),
        ("sudo bash -c \"bash -c 'rm -rf /etc'\"", "rm -rf /etc"),
        ("redis-cli -h cache FLUSHALL", "FLUSHALL"),
        ("psql -c 'select 1; DROP TABLE users'", "DROP TABLE users"),
        ("bash <<EOF\nls\nrm -rf /etc\nEOF", "rm -rf /etc"),
        ("echo x > /etc/passwd", "> /etc/passwd"),
        ("é; rm -rf /etc", "rm -rf /etc"),
        ("echo 'x", "'"),
    ],
)
def test_the_part_that_matters_is_underlined(line: str, part: str, home: Path) -> None:
    assert any(part in piece for piece in underlined(lines(line))), lines(line)


def test_every_command_is_told_with_what_it_stands_inside_of(home: Path) -> None:
    text = "\n".join(lines("ssh web 'sudo systemctl stop nginx'; ls"))

    assert "command      systemctl stop" in text
    assert "ssh" in text.partition("systemctl stop")[2].partition("proof")[0] or "sudo" in text
    assert "command      ls" in text
    assert "only reads" in text


def test_a_line_that_only_reads_is_proven(home: Path) -> None:
    done = explained("sudo ls | wc -l")

    assert b"proven to only read" in done.out
    assert b"not proven" not in done.out
    assert done.status == 0


def test_what_can_not_be_read_is_told(home: Path) -> None:
    text = explained("(").out.decode()

    assert "not readable" in text
    assert "shell.syntax" in text


def test_a_limit_is_told_by_its_name(home: Path) -> None:
    done = explained("sudo " * 100 + "ls")

    assert b"shell.too-deep" in done.out
    assert done.status == 12


def test_a_broken_file_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [1\n")
    done = explained("kubectl apply -f bad.yaml")

    assert f"{tmp_path}/bad.yaml:2:1".encode() in done.out
    assert done.status == 12


@pytest.mark.parametrize(
    "line", ["", " ", "\x1b[31m", "é" * 5000, "\udcff rm -rf /etc", "a\nb\n\n", "'", "$("]
)
def test_any_line_is_explained(line: str, home: Path) -> None:
    done = safeshell("explain", "--", line.encode("utf-8", "surrogateescape"))

    assert "Traceback" not in done.err
    assert done.status in (0, 10, 12)
    assert b"\x1b" not in done.out


def test_a_secret_is_not_shown(home: Path) -> None:
    assert b"hunter2" not in explained("mysql -phunter2 -e 'DROP TABLE x'").out
