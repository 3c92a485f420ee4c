"""`safeshell targets`: what the configuration says of every target, without connecting anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.program import safeshell

CONFIG = """\
version = 1

[targets.cache]
environment = "production"
redis = "rediss://ops@cache.prod.example.com:6380/0"
readonly = { username = "reader", password_env = "NO_SUCH_PASSWORD" }

[targets.sessions]
environment = "production"
redis = "redis://sessions.prod.example.com"

[targets.laptop]
environment = "development"
local = true
"""


@pytest.fixture
def configured(home: Path) -> Path:
    folder = home / ".config" / "safeshell"
    folder.mkdir(parents=True)
    path = folder / "config.toml"
    path.write_text(CONFIG)
    return path


def test_every_target_is_shown_with_its_environment_its_mode_and_what_holds_it(configured: Path) -> None:
    done = safeshell("targets")

    lines = done.out.decode().splitlines()
    assert done.status == 0
    assert [line.split()[0] for line in lines] == ["cache", "sessions", "laptop"]
    cache, sessions, laptop = lines
    assert "PRODUCTION" in cache
    assert "read-only" in cache
    assert "the server, user reader" in cache
    assert "the client's proof of each line" in sessions
    assert "DEVELOPMENT" in laptop.upper()
    assert "open" in laptop
    assert "this machine" in laptop


def test_programs_get_one_object_a_line(configured: Path) -> None:
    rows = [json.loads(line) for line in safeshell("targets", "--json").out.splitlines()]

    assert rows[0] == {
        "target": "cache",
        "environment": "production",
        "mode": "read-only",
        "enforced_by": "the server, user reader",
        "what": rows[0]["what"],
    }
    assert "cache.prod.example.com" in rows[0]["what"]
    assert len(rows) == 3


def test_without_a_terminal_there_are_no_colours(configured: Path) -> None:
    assert b"\x1b" not in safeshell("targets").out


def test_with_no_targets_it_says_how_to_begin(home: Path) -> None:
    done = safeshell("targets")

    assert done.status == 0
    assert b"safeshell config init" in done.out


def test_a_broken_configuration_is_told_and_not_guessed_around(configured: Path) -> None:
    configured.write_text("version = 1\n[targets.x]\nenvironment = 'prodction'\nredis = 'a'\n")

    done = safeshell("targets")

    assert (done.status, done.out) == (78, b"")
    assert "production" in done.err
    assert "config.toml:3" in done.err
