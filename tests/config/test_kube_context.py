"""Which Kubernetes context is current, as kubectl would find it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safeshell.config.kube_context import current_context


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("apiVersion: v1\ncurrent-context: prod-eu\nkind: Config\n", "prod-eu"),
        ('current-context: "prod eu"\n', "prod eu"),
        ("current-context: 'staging' # mine\n", "staging"),
        ('{"apiVersion": "v1", "current-context": "prod"}', "prod"),
        ("contexts:\n- name: x\n  current-context: no\n", ""),
        ("current-context:\n", ""),
        ("", ""),
        ("\0\xff", ""),
    ],
)
def test_the_key_at_the_margin_counts(tmp_path: Path, text: str, context: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)

    assert current_context(str(file)) == context


def test_of_several_files_the_first_that_sets_one_counts(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("missing", "plain", "one", "two")]
    names[1].write_text("apiVersion: v1\n")
    names[2].write_text("current-context: one\n")
    names[3].write_text("current-context: two\n")

    assert current_context(os.pathsep.join(map(str, names))) == "one"


def test_the_default_file_is_the_persons_own(home: Path) -> None:
    assert current_context("") == ""
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text("current-context: mine\n")

    assert current_context("") == "mine"


def test_what_is_no_file_is_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert current_context(str(tmp_path)) == ""
    assert current_context(str(tmp_path / "fifo")) == ""
