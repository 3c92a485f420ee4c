"""Limits have names, and nothing hangs: the cost of a line grows with its length."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from safeshell.shell.syntax import is_incomplete, parse

DOUBLING = "f0() { a; }; " + "".join(f"f{n}() {{ f{n - 1}; f{n - 1}; }}; " for n in range(1, 40)) + "f39"

MET = [
    ("a" * 131_073, "shell.too-long"),
    ("a" * 1_000_000, "shell.too-long"),
    ("a " * 40_000, "shell.too-many-words"),
    ("( " * 65 + "a" + ")" * 65, "shell.too-deep"),
    ("{ " * 65 + "a;" + " }" * 65, "shell.too-deep"),
    ("$(" * 65 + "a" + ")" * 65, "shell.too-deep"),
    ('"$(' * 65 + "a" + ')"' * 65, "shell.too-deep"),
    ("${x:-" * 65 + "}" * 65, "shell.too-deep"),
    ("if " * 65, "shell.too-deep"),
    ("$((" * 65, "shell.too-deep"),
    ("(" * 100_000, "shell.too-deep"),
    ("{a,b}" * 30, "shell.too-many-expansions"),
    ("a | " * 100 + "b", "shell.too-long-pipe"),
    (DOUBLING, "shell.too-many-expansions"),
    ("X=aaaaaaaaaaaaaaaa;" + "X=$X$X;" * 9 + "rm $X;" * 500, "shell.too-many-expansions"),
]


@pytest.mark.parametrize(("line", "rule"), MET, ids=[f"{rule}:{line[:12]}" for line, rule in MET])
def test_a_limit_denies_with_its_name(line: str, rule: str) -> None:
    (problem,) = parse(line).problems
    assert (problem.rule, problem.limit) == (rule, True)
    assert is_incomplete(line) in (True, False)


WITHIN = [
    "echo " + "a " * 10_000,
    "echo " + "a" * 100_000,
    "( " * 60 + "rm x" + ")" * 60,
    "$(echo " * 60 + "rm" + ")" * 60,
    'echo "$(' * 60 + "rm x" + ')"' * 60,
    "{ " * 60 + "rm x;" + " }" * 60,
    "a;" * 10_000,
    "a && " * 10_000 + "b",
    "X=a;" * 10_000,
    "echo {a,b}{a,b}{a,b}{a,b}",
    "a | " * 60 + "b",
]


@pytest.mark.parametrize("line", WITHIN, ids=[line[:12] for line in WITHIN])
def test_a_long_or_deep_line_within_the_limits_is_read(line: str) -> None:
    found = parse(line)
    assert found.problems == ()
    assert found.commands


SHAPES = [
    *(
        "(",
        "{ ",
        "$(",
        "'",
        '"',
        "`",
        "<",
        ">",
        "<<E\n",
        "<(",
        ";;",
        "a[",
        "a[$((",
        "case x in ",
        "if ",
        "$((",
        "((",
    ),
    *(
        "{",
        "{a,",
        "${x:-",
        "a=(",
        "@(",
        "!a ",
        "\\",
        "\\\n",
        "[[ ",
        "f(){ ",
        "X=$X$X;",
        "for x in 1 2 3;do ",
        "&",
        "|",
    ),
    *(
        "r\\\n",
        "echo $X/*;",
        "a() { a; }; a;",
        "\ufffc",
        "alias x=y\n",
        "do ",
        "function f ",
        "coproc ",
        "x=(\r",
    ),
]


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_no_repeated_shape_hangs(shape: str, shell: str) -> None:
    parse(shape * (100_000 // len(shape)), ShellContext(shell=shell))


def test_depth_counts_from_the_outermost_line() -> None:
    assert parse("( " * 10 + "a" + ")" * 10, depth=50).problems == ()
    assert [one.rule for one in parse("( " * 10 + "a" + ")" * 10, depth=60).problems] == ["shell.too-deep"]
