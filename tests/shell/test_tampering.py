"""Where a command's name can't be believed, or text is run later, nothing is proven to only read."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import ShellDialect
from tests.shell.readings import read, rules


@pytest.mark.parametrize(
    "line",
    [
        "PATH=/x; ls",
        "PATH=/x ls",
        "read PATH < f; ls",
        "printf -v PATH /x; ls",
        "BASH_CMDS[ls]=/bin/rm; ls",
        "BASH_ALIASES[ls]='rm -rf x'; ls",
        "LD_PRELOAD=./x.so ls",
        "PS1='$(rm -rf x)'",
        "PROMPT_COMMAND='rm -rf x'",
        "x='a[$(rm y)]'; echo $((x))",
        "x='$(touch y)'; echo ${x@P}",
        "echo ${x@P}",
        "ls !!",
        "echo !!:s/a/b/",
        "GIT_PAGER='sh -c x' git log",
    ],
)
def test_what_may_be_something_else_is_not_proven(line: str) -> None:
    assert not read(line).reads


@pytest.mark.parametrize(
    "line",
    [
        "LANG=C ls",
        "GIT_PAGER=cat git log",
        "x=$(ls); echo $x",
        "read answer",
        "printf -v line '%s' x",
        "a=1; echo $((a + 1))",
        "echo 'done!'",
        "[[ $name == web* ]] && ls",
        "PS1='> '",
    ],
)
def test_ordinary_variables_leave_a_proof_alone(line: str) -> None:
    assert read(line).reads


@pytest.mark.parametrize("line", ["test -v 'a[$(rm x)]'", "[ -v 'a[$(rm x)]' ]", "[[ 'a[`rm x`]' -eq 1 ]]"])
def test_a_command_in_a_subscript_that_a_test_would_run_is_asked_about(line: str) -> None:
    assert "shell.evaluated-code" in rules(line)


def test_a_pattern_of_zsh_with_code_for_each_file_is_not_proven() -> None:
    zsh = ShellDialect(ShellContext(shell="zsh"))

    assert not zsh.read("print -l **/*(e:'rm -rf $REPLY':)").reads
    assert zsh.read("ls -d *(.)").reads


@pytest.mark.parametrize(
    "line",
    [
        "x='$(rm y)'; echo ${(e)x}",
        "echo ${(%)x}",
        "functions[ls]='rm x'; ls",
        "hash ls=/bin/rm; ls x",
        "zstyle -e ':a' b 'rm x'",
        "READNULLCMD=rm; < f",
    ],
)
def test_what_zsh_evaluates_or_renames_is_not_proven(line: str) -> None:
    assert not ShellDialect(ShellContext(shell="zsh")).read(line).reads


@pytest.mark.parametrize(
    "line",
    [
        "set -Ux x y",
        "set -gx PATH x; ls",
        "set -x LD_PRELOAD x",
        "alias ls 'rm x'",
        "functions --copy rm ls; ls x",
        "read -p 'rm x' y",
        "for PATH in x; ls; end",
    ],
)
def test_what_fish_keeps_renames_or_runs_is_not_proven(line: str) -> None:
    assert not ShellDialect(ShellContext(shell="fish")).read(line).reads
