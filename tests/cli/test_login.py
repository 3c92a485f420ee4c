"""What a login shell is started with, as our own words; and which shell runs lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from safeshell.cli.login import is_own_shell, login_words, shell_for_lines


@pytest.mark.parametrize(
    "name, words, expected",
    [
        ("-safeshell", [], ["shell", "--login"]),
        ("safeshell", ["-l"], ["shell", "--login"]),
        ("safeshell", ["-c", "ls -l"], ["shell", "-c", "ls -l"]),
        ("-safeshell", ["-c", "ls -l"], ["shell", "--login", "-c", "ls -l"]),
        ("safeshell", ["-lc", "ls -l"], ["shell", "--login", "-c", "ls -l"]),
        ("safeshell", ["-l", "-c", "ls -l"], ["shell", "--login", "-c", "ls -l"]),
        ("safeshell", ["-c"], ["shell", "-c"]),
        ("safeshell", [], None),
        ("safeshell", ["--version"], None),
        ("safeshell", ["check", "--", "ls"], None),
    ],
)
def test_words_of_a_login_are_understood(name: str, words: list[str], expected: list[str] | None) -> None:
    assert login_words(name, words) == expected


def test_lines_are_run_by_the_shell_of_the_account() -> None:
    assert shell_for_lines({"SHELL": "/usr/bin/zsh"}) == "/usr/bin/zsh"


def test_lines_are_never_run_by_safeshell_itself(tmp_path: Path) -> None:
    link = tmp_path / "guard"
    link.symlink_to("/usr/local/bin/safeshell")

    for shell in ("/usr/local/bin/safeshell", str(link), ""):
        assert shell_for_lines({"SHELL": shell}).rpartition("/")[2] in ("bash", "sh")
    assert is_own_shell({"SHELL": str(link)})
