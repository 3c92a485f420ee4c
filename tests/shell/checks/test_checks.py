"""Every check says what its table of cases says; no check fails on any words."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.checks.retaken import words as words_of
from safeshell.shell.invocation import Invocation, invoke
from safeshell.shell.rules import check_named
from safeshell.shell.script import SimpleCommand
from safeshell.shell.word import UNKNOWN, Word

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
ROWS = [
    (name, line, answer == "true")
    for name, table in CASES.items()
    for answer, lines in table.items()
    for line in lines
]
ASKED = sorted({(name, line.removeprefix("| ").split(" ")[0]) for name, line, expected in ROWS if expected})
PIECES = (
    "-e", "-i", "-n", "s/a/b/", "w f", "-exec", ";", "{}", "-delete", "-X", "DELETE", "http://x", "-o",
        "of=/dev/sda", "a", "-1",
    "--", "-", "", "xf", "--list", "{print > \"x\"}", "-c", "select 1", "0777", "+x", "show", "-l", UNKNOWN,
        f"-{UNKNOWN}", "'", "/[",
)  # fmt: skip


def invocation_of(line: str) -> Invocation:
    """One command; `| ` in front feeds it."""
    feeds = (SimpleCommand((Word("cat"),)),) if line.startswith("| ") else ()
    texts = [text.replace("$UNKNOWN", UNKNOWN) for text in shlex.split(line.removeprefix("| "))]
    words = tuple(Word(text, splits=text == UNKNOWN) for text in texts)
    return invoke(SimpleCommand(words, feeds=feeds))


@pytest.mark.parametrize(
    ("name", "line", "expected"), ROWS, ids=[f"{name}: {line}" for name, line, _ in ROWS]
)
def test_a_check_says_what_its_table_says(name: str, line: str, expected: bool) -> None:
    assert check_named(name)(invocation_of(line)) is expected


@given(
    st.sampled_from(ASKED),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8),
)
@settings(max_examples=600, deadline=None)
def test_no_check_fails_on_any_words(asked: tuple[str, str], texts: list[str]) -> None:
    name, program = asked
    command = SimpleCommand((Word(program), *(Word(text, splits=UNKNOWN in text) for text in texts)))
    assert check_named(name)(invoke(command)) in (True, False)


def test_a_long_script_is_read_in_a_line_of_time() -> None:
    for line in ("sed", "awk"):
        command = SimpleCommand((Word(line), Word("s/a/b/;" * 20_000)))
        check_named(f"{line}.reads")(invoke(command))


def test_what_sed_and_awk_run_is_handed_on() -> None:
    from safeshell.shell.checks import awk, sed

    assert [one.text for one in awk.inner(invocation_of("""awk '{system("rm -rf " $1)}' f"""))] == [
        f"rm -rf {UNKNOWN}"
    ]
    assert [one.text for one in awk.inner(invocation_of("""awk 'BEGIN{"date" | getline d}'"""))] == ["date"]
    assert [one.text for one in sed.inner(invocation_of("sed '1e reboot' f"))] == ["reboot"]


def test_words_of_a_table() -> None:
    assert words_of("a b\n c") == {"a", "b", "c"}
