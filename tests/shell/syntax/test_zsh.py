"""Zsh, as far as daily use differs from bash."""

from __future__ import annotations

import pytest

from tests.shell.syntax.lines import argv, by_name, commands, script, split

LINES = [
    ("=rm -rf /", "rm -rf /"),
    ("rm **/*(.)", "rm **/*(.)"),
    ("rm foo(a|b) (x|y)z *(/om[1,3])", "rm foo(a|b) (x|y)z *(/om[1,3])"),
    ("rm file<1-3>", "rm file<1-3>"),
    ("noglob rm *", "rm *"),
    ("nocorrect rm x", "rm x"),
    ("- rm x", "rm x"),
    ("repeat 3 rm x", "rm x"),
    ("repeat 3 { rm x }", "rm x"),
    ("repeat $(a) do rm x; done", "a | rm x"),
    ("for x (a b) rm $x", "rm a | rm b"),
    ("for x (a b) { rm $x }", "rm a | rm b"),
    ("for x in a b; rm $x", "rm a | rm b"),
    ("for x y in a b; do rm $x; done", "rm ¤"),
    ("foreach x (a b); rm $x; end", "rm a | rm b"),
    ("for ((i=0; i<3; i++)) rm x", "rm x"),
    ("if [[ -f x ]] { rm x } else { ls }", "rm x | ls"),
    ("if [[ -f x ]] { rm x } elif [[ y ]] { a } else { ls }; b", "rm x | a | ls | b"),
    ("if [[ -f x ]] rm x", "rm x"),
    ("if (( x )) rm y", "rm y"),
    ("if (a) b", "a | b"),
    ("if a; then b; fi", "a | b"),
    ("while (true) rm x", "true | rm x"),
    ("while [[ x ]] { rm x }", "rm x"),
    ("until a; do b; done", "a | b"),
    ("{ rm x }", "rm x"),
    ("{rm x}", "rm x"),
    ("{ rm x}", "rm x"),
    ("f() {rm {a,b}$1}; f c", "rm ac bc"),
    ("{ rm x } always { ls }", "rm x | ls"),
    ("{ rm {a,b} }; ls", "rm a b | ls"),
    ("f() { rm $1 }; f x", "rm x"),
    ("f() rm x; f", "rm x"),
    ("function f g { rm x }; g", "rm x"),
    ("function f { rm x }; f", "rm x"),
    ("() { rm x } y", "rm x"),
    ("() { rm x } $(a)", "a | rm x"),
    ("function { rm x }", "rm x"),
    ("select x (a) { rm $x }", "rm a"),
    ("case x in a) b;| c) d;& esac", "b | d"),
    ("a |& b", "a | b"),
    ("a &| ; b &! ; c", "a | b | c"),
    ("diff =(a) <(b)", "a | b | diff ¤ ¤"),
    ("echo ${(f)x} $=x $~x $x[1] ${x:h} ${${x}#y} $#x", "echo ¤ ¤ ¤ ¤ ¤ ¤ ¤"),
    ("echo ${(f)$(a)}", "a | echo ¤"),
    ("x='rm -rf'; $x /", "rm·-rf /"),
    ("x='rm -rf'; ${=x} /", "¤ /"),
    ("a=(rm -rf /); $a", "rm -rf /"),
    ("a=(x y); echo $a[1]", "echo x"),
    ("a ; ; b", "a | b"),
    ("echo $'\\x41'", "echo A"),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_zsh_is_read_as_zsh(line: str, expected: str) -> None:
    assert commands(line, "zsh") == split(expected)


def test_forced_redirections_are_those_of_bash() -> None:
    def operators(line: str) -> list[str]:
        return [one.operator for one in by_name(line, "a", "zsh").redirects]

    assert operators("a >! f >>! g >>| h &>! i &>| j >>& k >| l") == [
        ">|",
        ">>",
        ">>",
        "&>",
        "&>",
        "&>>",
        ">|",
    ]


def test_a_comment_at_a_zsh_prompt_is_none_unless_the_session_says_so() -> None:
    assert [argv(one) for one in script("echo # ; rm x", "zsh").commands] == [["echo", "#"], ["rm", "x"]]
    options = frozenset({"interactivecomments"})
    assert [argv(one) for one in script("echo # ; rm x", "zsh", options=options).commands] == [["echo"]]


def test_patterns_of_zsh_are_active() -> None:
    words = by_name("rm **/*(.) a(b|c) (d|e) f<1-9> 'x*'", "rm", "zsh").words
    assert [word.glob for word in words[1:]] == [True, True, True, True, False]
    assert not by_name("noglob rm *", "rm", "zsh").words[1].glob


def test_the_last_part_of_a_pipe_runs_in_the_shell_itself() -> None:
    first, last = script("a | b", "zsh").commands
    assert first.shell != last.shell == script("c", "zsh").commands[0].shell
