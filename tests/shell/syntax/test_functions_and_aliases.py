"""Functions are walked where they are called, aliases stand for their bodies; neither without end."""

from __future__ import annotations

import pytest

from safeshell.shell.script import Place
from tests.shell.syntax.lines import argv, by_name, commands, script


def test_a_call_runs_the_body_with_its_arguments() -> None:
    assert commands('f() { rm -rf "$1" $2; }; f / x') == [["rm", "-rf", "/", "x"]]
    assert commands('f() { "$@"; }; f rm -rf /') == [["rm", "-rf", "/"]]
    assert commands("f() { shift; rm $*; }; f a b c") == [["shift"], ["rm", "b", "c"]]
    assert commands("f() { rm x$1; }; f") == [["rm", "x"]]


def test_unknown_arguments_stay_unknown() -> None:
    assert commands("f() { rm $1; }; f $X") == [["rm", "¤"]]
    assert commands('f() { rm "$1"; }; f "$X"') == [["rm", "¤"]]


def test_a_body_that_is_not_called_is_listed_as_such() -> None:
    (command,) = script("f() { rm -rf /; }").commands
    assert (command.places, command.function) == ((Place.FUNCTION,), "f")


def test_a_body_that_is_called_twice_stands_twice_and_not_at_its_definition() -> None:
    assert commands("f() { a; }; b; f; c; f") == [["b"], ["a"], ["c"], ["a"]]


def test_redirections_input_and_assignments_of_a_call_reach_the_body() -> None:
    command = by_name("f() { sh; }; echo x | V=1 f > out", "sh")
    assert [one.target.text for one in command.redirects] == ["out"]
    assert [argv(one) for one in command.feeds] == [["echo", "x"]]
    assert [one.name for one in command.assignments] == ["V"]


def test_functions_call_functions() -> None:
    assert commands("f() { rm $1; }; g() { f $1; }; g x") == [["rm", "x"]]
    assert commands("g() { f $1; }; f() { rm $1; }; g x") == [["rm", "x"]]


def test_local_variables_end_with_their_function() -> None:
    assert commands("X=a; f() { local X=b; Y=c; }; f; rm $X $Y")[-1] == ["rm", "a", "c"]


def test_a_function_that_calls_itself_is_walked_once() -> None:
    assert commands("f() { rm x; f; }; f") == [["rm", "x"], ["f"]]
    assert commands("ls() { ls --color; }; ls") == [["ls", "--color"]]


@pytest.mark.parametrize(
    "line",
    [
        ":(){ :|:& };:",
        ":() { : | : & }; :",
        "bomb() { bomb | bomb & }; bomb",
        "f(){ f & f; }; f",
        "function b { b|b& }\nb",
        "f(){ g|g& }; g(){ f; }; f",
        ":(){ :&:& };:",
    ],
)
def test_a_fork_bomb_is_recognised(line: str) -> None:
    assert "shell.fork-bomb" in {problem.rule for problem in script(line).problems}
    assert not any(problem.limit for problem in script(line).problems)


@pytest.mark.parametrize("line", ["f() { a | b & }; f", "f() { f; }; f", "a() { b & }; b() { c; }; a | a"])
def test_other_functions_are_no_fork_bombs(line: str) -> None:
    assert script(line).problems == ()


def test_functions_of_the_session_are_walked_too() -> None:
    for body in ('rm -rf "$1"', 'deploy () \n{ \n    rm -rf "$1"\n}'):
        (command,) = script("deploy /x", functions={"deploy": body}).commands
        assert (argv(command), command.function, command.span) == (["rm", "-rf", "/x"], "deploy", (0, 9))


def test_a_session_function_that_cannot_be_read_stays_a_command() -> None:
    assert commands("nvm use", functions={"nvm": "if then ("}) == [["nvm", "use"]]
    assert commands("nvm use", functions={"nvm": "a;" * 20_000}) == [["nvm", "use"]]


def test_an_alias_stands_for_its_body() -> None:
    aliases = {"ll": "ls -l", "k": "kubectl", "x": "a; b", "g": "git status &&", "e": "", "sudo": "sudo "}
    facts = {"aliases": {**aliases, "rmr": "rm -r"}}

    def read(line: str) -> list[list[str]]:
        return commands(line, **facts)  # type: ignore[arg-type]

    assert read("ll /x") == [["ls", "-l", "/x"]]
    assert read("k get pods | ll") == [["kubectl", "get", "pods"], ["ls", "-l"]]
    assert read("x y") == [["a"], ["b", "y"]]
    assert read("g ll") == [["git", "status"], ["ls", "-l"]]
    assert read("e ll") == [["ls", "-l"]]
    assert read("e") == []
    assert read("sudo rmr /") == [["sudo", "rm", "-r", "/"]]
    assert read("sudo sudo rmr /") == [["sudo", "sudo", "rm", "-r", "/"]]
    assert read("V=1 ll") == [["ls", "-l"]]
    assert read("if ll; then k; fi") == [["ls", "-l"], ["kubectl"]]
    assert read("echo $(ll) `k`")[:2] == [["ls", "-l"], ["kubectl"]]


@pytest.mark.parametrize(
    "line", ["\\ll x", "'ll' x", "l''l x", "command ll x", "echo ll", "a=ll", "$ll", "ll=1"]
)
def test_what_is_quoted_or_no_command_is_no_alias(line: str) -> None:
    assert all("-l" not in words for words in commands(line, aliases={"ll": "ls -l"}))


def test_aliases_do_not_loop() -> None:
    assert commands("ls x", aliases={"ls": "ls --color"}) == [["ls", "--color", "x"]]
    assert commands("a x", aliases={"a": "b 1", "b": "a 2"}) == [["a", "2", "1", "x"]]


def test_spans_of_an_alias_are_those_of_its_name() -> None:
    line = "true; ll /x; rm y"
    found = script(line, aliases={"ll": "ls -l --all"}).commands
    assert [line[slice(*one.span)] for one in found] == ["true", "ll /x", "rm y"]
    assert [line[slice(*word.span)] for word in found[1].words] == ["ll", "ll", "ll", "/x"]
    assert [line[slice(*word.span)] for word in found[2].words] == ["rm", "y"]


def test_an_alias_may_hold_the_beginning_of_a_compound_command() -> None:
    assert commands("begin a; }", aliases={"begin": "{"}) == [["a"]]


def test_an_alias_defined_on_the_line_is_listed_and_comes_into_force_on_the_next() -> None:
    same = script("alias x='rm -rf /'; x")
    assert [argv(one) for one in same.commands] == [["rm", "-rf", "/"], ["alias", "x=rm -rf /"], ["x"]]
    assert same.commands[0].places == (Place.FUNCTION,)
    assert commands("alias x='rm -rf'\nx /")[-1] == ["rm", "-rf", "/"]
    assert commands("alias x='rm -rf'; ls\nx /")[-1] == ["rm", "-rf", "/"]


def test_zsh_has_global_and_suffix_aliases() -> None:
    aliases = {"-g G": "| grep", "-s log": "less"}
    assert commands("ls G x", "zsh", aliases=aliases) == [["ls"], ["grep", "x"]]
    assert commands("a.log", "zsh", aliases=aliases) == [["less", "a.log"]]
    assert commands("ls G x", aliases=aliases) == [["ls", "G", "x"]]
