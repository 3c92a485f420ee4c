"""The checks of git, containers, clusters and infrastructure say what their table of cases says, and never fail."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.catalog import built_in
from safeshell.shell.invocation import Invocation, invoke, program_of
from safeshell.shell.rules import check_named
from safeshell.shell.script import Assignment, SimpleCommand
from safeshell.shell.word import UNKNOWN, Word

CASES = tomllib.loads(Path(__file__).with_name("deploy_cases.toml").read_text(encoding="utf-8"))
ROWS = [
    (name, line, answer == "true")
    for name, table in CASES.items()
    for answer, lines in table.items()
    for line in lines
]
MODULES = sorted({name.partition(".")[0] for name in CASES})
PIECES = (
    "-f", "--all", "-n", "--dry-run", "--dry-run=none", "--", "-X", "DELETE", "graphql", "-v", "/:/h", "--mount",
    "src=/",
    "delete", "run", "list", "stack", "ns/x", "a,b", "-c", "core.pager=x", "--force", "-m", "state.apply", "-", "",
    UNKNOWN, f"-{UNKNOWN}", f"--x={UNKNOWN}",
)  # fmt: skip


def invocation_of(line: str) -> Invocation:
    """One command with the assignments in front of it, read with what its pack says of its options."""
    words = [Word(text.replace("$UNKNOWN", UNKNOWN)) for text in shlex.split(line)]
    assignments = []
    while "=" in words[0].text:
        name, _, value = words.pop(0).text.partition("=")
        assignments.append(Assignment(name, Word(value)))
    command = SimpleCommand(tuple(words), tuple(assignments))
    return invoke(command, built_in().program(program_of(words[0])).spec)


def functions(module: str) -> list[str]:
    """The checks of one module, by the names that packs use."""
    from importlib import import_module

    found = import_module(f"safeshell.shell.checks.{module}")
    return [
        f"{module}.{name}"
        for name, one in vars(found).items()
        if callable(one) and not name.startswith("_") and getattr(one, "__module__", "") == found.__name__
    ]


@pytest.mark.parametrize(
    ("name", "line", "expected"), ROWS, ids=[f"{name}: {line}" for name, line, _ in ROWS]
)
def test_a_check_says_what_its_table_says(name: str, line: str, expected: bool) -> None:
    assert check_named(name)(invocation_of(line)) is expected


@given(
    st.sampled_from([name for module in MODULES for name in functions(module)]),
    st.sampled_from(("git", "docker", "kubectl", "terraform", "gh", "ansible", "salt", "nomad", "helm")),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8),
)
@settings(max_examples=600, deadline=None)
def test_no_check_fails_on_any_words(name: str, program: str, texts: list[str]) -> None:
    command = SimpleCommand((Word(program), *(Word(text, splits=UNKNOWN in text) for text in texts)))
    assert check_named(name)(invoke(command, built_in().program(program).spec)) in (True, False)
