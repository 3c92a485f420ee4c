"""A program that nobody knows is asked about when it is told in plain words to destroy something."""

from __future__ import annotations

import pytest

from safeshell.guard.effects import Severity
from tests.shell.readings import read, rules


@pytest.mark.parametrize(
    "line",
    [
        "datadog-agent stop",
        "shopctl db drop orders",
        "shopctl delete-user 7",
        "./manage.sh reset",
        "sudo shopctl db:drop",
        "ssh web-1 shopctl purge all",
        "buildkite-agent stop",
        "promtool tsdb delete",
        "nats server drain",
        "./drop_tables.sh",
        "kubectl-delete-evicted",
        "scripts/wipe-all-sessions.py --yes",
    ],
)
def test_a_plain_word_is_understood(line: str) -> None:
    assert read(line).severity is Severity.MEDIUM
    assert "shell.plain-word" in rules(line)


@pytest.mark.parametrize(
    "line",
    [
        "shopctl status",
        "shopctl delete x --dry-run",
        "shopctl delete --help",
        "shopctl show orders delete",
        "shopctl --stop-on-error run",
        "./stop.sh",
        "echo delete",
        "grep drop schema.sql",
        "man shutdown",
        "git reset --soft HEAD~1",
        "git branch drop-table-users",
        "vim reset",
        "nano delete",
        "gem install reset-db",
        "mocha --grep delete",
        "./dropbox-sync.sh",
        "delete",
        "./wipe-all.sh --help",
    ],
)
def test_other_words_are_not(line: str) -> None:
    assert "shell.plain-word" not in rules(line)
