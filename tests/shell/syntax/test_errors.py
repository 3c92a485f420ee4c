"""A line with errors: they are told, and the commands around them are still there."""

from __future__ import annotations

import pytest

from safeshell.shell.context import ShellContext
from safeshell.shell.syntax import is_incomplete, parse
from tests.shell.syntax.lines import argv, script, split

# line → the commands that are found all the same.
BROKEN = [
    ("rm -rf 'abc", "rm -rf abc"),
    ('rm -rf "abc', "rm -rf abc"),
    ("rm -rf x &&", "rm -rf x"),
    ("rm -rf x |", "rm -rf x"),
    ("&& rm -rf x", "rm -rf x"),
    ("| rm -rf x", "rm -rf x"),
    ("; rm -rf x", "rm -rf x"),
    ("a && && rm x", "a | rm x"),
    ("a ;; rm x", "a | rm x"),
    ("fi; rm x", "rm x"),
    ("then rm x", "rm x"),
    ("done && rm x", "rm x"),
    ("rm x)", "rm x"),
    (") rm x", "rm x"),
    ("(rm x", "rm x"),
    ("{ rm x", "rm x"),
    ("{ rm x )", "rm x"),
    ("rm x; }", "rm x"),
    ("if a; then rm x", "a | rm x"),
    ("if a; rm x; fi", "a | rm x"),
    ("for x in a b; rm y; done", "rm y | rm y"),
    ("while a; do rm x; fi", "a | rm x"),
    ("case x in a) rm x", "rm x"),
    ("case x a) rm x;; esac", "rm x"),
    ("$(rm x", "rm x | ¤"),
    ("echo $(rm x", "rm x | echo ¤"),
    ("echo `rm x", "rm x | echo ¤"),
    ("echo ${x:-$(rm x)", "rm x | echo ¤"),
    ("echo $((1+$(rm x)", "rm x | 1+¤ | echo ¤"),
    ("rm x <<E\nfoo", "rm x"),
    ("rm x <<E", "rm x"),
    ("rm x >", "rm x"),
    ("rm x > ; ls", "rm x | ls"),
    ("rm x > && ls", "rm x | ls"),
    ("a=(1 2; rm x", "rm x"),
    ("f( rm x", "f | rm x"),
    ("f() ; rm x", "rm x"),
    ("[[ a; rm x", "rm x"),
    ("if [[ a; then rm x; fi", "rm x"),
    ("rm x \\", "rm x"),
    ("rm 'a\nrm b", "rm a\nrm·b"),
    ("for 1 in a; do rm x; done", "1 in a | rm x"),
    ("rm\0 x", "rm\0 x"),
]


@pytest.mark.parametrize(("line", "expected"), BROKEN, ids=[repr(line) for line, _ in BROKEN])
def test_commands_of_a_broken_line_are_found(line: str, expected: str) -> None:
    found = script(line)
    assert "shell.syntax" in {problem.rule for problem in found.problems}
    assert not any(problem.limit for problem in found.problems)
    wanted = [["rm", "a\nrm b"]] if "\n" in expected else split(expected)
    assert [argv(one) for one in found.commands if one.words] == wanted


def test_a_problem_says_where() -> None:
    (problem,) = script("ls -l; rm 'abc").problems
    assert (problem.span, problem.reason) == ((10, 14), "a single quote is never closed")


INCOMPLETE = [
    "ls 'a",
    'ls "a',
    "ls $'a",
    "ls $(a",
    "ls `a",
    "ls ${x",
    "ls $((1",
    "ls <(a",
    "ls &&",
    "ls ||",
    "ls |",
    "ls |&",
    "ls && # comment",
    "ls \\",
    "{ ls",
    "( ls",
    "if",
    "if a",
    "if a; then",
    "if a; then b; else",
    "while a; do b",
    "for x in a b",
    "for x in a; do b",
    "until a",
    "case x in",
    "case x in a) b",
    "case x in a) b;;",
    "select x in a; do",
    "f() {",
    "f()",
    "function f",
    "[[ a &&",
    "((1+",
    "a=(1 2",
    "cat <<E",
    "cat <<E\nfoo",
    "cat <<E\nfoo\nF",
    "cat <<-'E'\nfoo",
    "cat <<A <<B\nx\nA\ny",
    "echo @(a|b",
    "ls 'a\nb",
    "for x in a; do\nif b; then",
]

COMPLETE = [
    "",
    "  ",
    "# a 'b",
    "ls",
    "ls;",
    "ls &",
    "ls 'a'",
    "{ ls; }",
    "if a; then b; fi",
    "cat <<E\nfoo\nE",
    "cat <<E\nfoo\nE\n",
    "ls )",
    ") 'a",
    "fi",
    "ls ;; 'a",
    "a > ; {",
    "case x in a) b;; esac",
    "echo \\\\",
    "f() { a; }",
]


@pytest.mark.parametrize("line", INCOMPLETE)
def test_a_shell_would_ask_for_another_line(line: str) -> None:
    assert is_incomplete(line)


@pytest.mark.parametrize("line", COMPLETE)
def test_a_shell_would_run_or_refuse_the_line_at_once(line: str) -> None:
    assert not is_incomplete(line)


def test_an_alias_may_leave_a_line_incomplete() -> None:
    assert is_incomplete("x", ShellContext(aliases={"x": "{ ls"}))
    assert not is_incomplete("x }", ShellContext(aliases={"x": "{ ls;"}))


def test_fish_waits_for_end() -> None:
    fish = ShellContext(shell="fish")
    for line in (
        "begin",
        "if a",
        "for x in a",
        "ls |",
        "ls 'a",
        "ls (a",
        "function f",
        "switch a",
        "ls \\",
        "a &&",
    ):
        assert is_incomplete(line, fish), line
    for line in ("ls", "begin; ls; end", "end", "ls (a)", "if a; b; end"):
        assert not is_incomplete(line, fish), line


def test_a_text_within_a_line_has_the_spans_of_the_line() -> None:
    outer = "bash -c 'ls; rm x'"
    begin = outer.index("ls")
    exact = parse("ls; rm x", span=(begin, len(outer) - 1), exact=True)
    assert [outer[slice(*one.span)] for one in exact.commands] == ["ls", "rm x"]
    whole = parse("ls; rm x", span=(8, len(outer)))
    assert {one.span for one in whole.commands} == {(8, len(outer))}
    assert {word.span for one in whole.commands for word in one.words} == {(8, len(outer))}


def test_history_expansion_is_unknown_at_a_prompt_and_text_in_a_script() -> None:
    for line in ("sudo !!", "!!", "!rm", "rm !$", "!-2", "!?foo?", "^ls^rm"):
        assert any(not word.known for one in script(line).commands for word in one.words), line
    for line in (
        "echo hi!",
        "[ a != b ]; ls",
        "find . ! -name x",
        "echo 'a!b'",
        'echo "a!"',
        "ls \\!x",
        "ls [!a]*",
    ):
        assert all(word.known for one in script(line).commands for word in one.words), line
    assert [argv(one) for one in parse("echo !x", depth=1).commands] == [["echo", "!x"]]
