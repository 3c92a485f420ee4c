"""What may be imported on the way to an answer: names, which are steadier than a clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"redis", "paramiko", "prompt_toolkit", "asyncio", "importlib.metadata", "hiredis", "ssl", "sqlite3"}

LIGHT_LINES = [
    ["--version"],
    ["--help"],
    ["redis", "--help"],
    ["check", "--dialect", "redis", "--", "FLUSHALL"],
    ["check", "--dialect", "redis", "--json", "--", "GET a"],
    ["explain", "--dialect", "redis", "--", "FLUSHALL"],
    ["config", "path"],
    ["check", "--", "git push --force"],
    ["check", "--", "sudo sh -c 'rm -rf /srv'"],
    ["explain", "--", "ls -la | wc -l"],
    ["replay", "--list"],
    ["shell", "--help"],
    ["unlock", "--help"],
]

NOT_FOR_BARE_WORDS = {"dataclasses", "inspect", "tomllib", "yaml", "msgspec", "safeshell.shell.syntax"}
"""What a line of bare words does without: it costs more than all the rest."""


def imported_by(words: list[str]) -> set[str]:
    """The modules that one run of the program imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "safeshell", *words],
        capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode in (0, 10, 11, 12), done.stderr[-2000:]
    return {
        line.rpartition("|")[2].strip()
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }


@pytest.mark.parametrize("words", LIGHT_LINES, ids=" ".join)
def test_a_light_line_imports_nothing_heavy(words: list[str], home: Path) -> None:
    names = imported_by(words)

    assert "safeshell.cli.main" in names
    assert not {
        name for name in names if name in HEAVY or name.partition(".")[0] in HEAVY - {"importlib.metadata"}
    }


def test_a_line_of_bare_words_needs_no_grammar_and_no_packs_in_toml(home: Path) -> None:
    imported_by(["check", "--", "ls"])  # makes the cache of the packs where there is none yet

    names = imported_by(["check", "--", "kubectl -n shop delete pod web-1"])

    assert "safeshell.shell.reader" in names
    assert not names & NOT_FOR_BARE_WORDS
