"""Every command of a line, wherever it stands, in the order in which it would run."""

from __future__ import annotations

import pytest

from safeshell.shell.script import Place
from tests.shell.syntax.lines import argv, by_name, commands, script, split

# line → its commands, in order.
ORDER = [
    ("a; b & c\nd", "a | b | c | d"),
    ("a && b || c", "a | b | c"),
    ("a | b |& c", "a | b | c"),
    ("! a | b", "a | b"),
    ("time a; time -p b; time", "a | b"),
    ("! { a; }", "a"),
    ("{ a; b; }", "a | b"),
    ("(a; b)", "a | b"),
    ("((x=1)); a", "a"),
    ("(a); ( (b) )", "a | b"),
    ("if a; then b; elif c; then d; else e; fi", "a | b | c | d | e"),
    ("while a; do b; done; until c; do d; done", "a | b | c | d"),
    ("for x in $(a); do b; done", "a | b"),
    ("for x; do b; done; for x\ndo c; done", "b | c"),
    ("for ((i=$(a); i<3; i++)); do b; done", "a | b"),
    ("for ((;;)) { b; }", "b"),
    ("for x in 1; { b; }", "b"),
    ("select x in 1 2; do b; done", "b | b"),
    ("case $(a) in x|y) b;; (*) c;& z) d;;& esac", "a | b | c | d"),
    ("case x in $(a)) b;; esac", "a | b"),
    ("case x in esac; b", "b"),
    ("[[ -f $(a) && x == @(y|z) ]] && b", "a | b"),
    ("[ -f $(a) ] || b; test $(c)", "a | b | c"),
    ("(( x = $(a) )); b $((1 + $(c)))", "a | c | b ¤"),
    ('b "$(a)"', "a | b ¤"),
    ("b `a`", "a | b ¤"),
    ("b `a \\`c\\``", "c | a ¤ | b ¤"),
    ("b ${x:-$(a)}", "a | b ¤"),
    ("b ${x[$(a)]}", "a | b ¤"),
    ("x[$(a)]=1", "a"),
    ("x=$(a) b", "a | b"),
    ("x=(1 $(a)); declare -a y=($(b))", "a | b | declare -a y=($(b))"),
    ("b > $(a)", "a | b"),
    ("b <(a) >(c)", "a | b ¤ ¤ | c"),
    ("b <<< $(a)", "a | b"),
    ("b <<E\n$(a) `c`\nE\nd", "a | c | b | d"),
    ("b <<'E'\n$(a)\nE\nd", "b | d"),
    ("b <<\\E\n$(a)\nE\nd", "b | d"),
    ("b <<-E && c\n\t$(a)\n\tE\nd", "a | b | c | d"),
    ("b <<A <<B\n$(a)\nA\n$(c)\nB\nd", "a | c | b | d"),
    ("b $(c <<E\n$(a)\nE\n)", "a | c | b ¤"),
    ("if b <<E; then c; fi\n$(a)\nE\nd", "a | b | c | d"),
    ("coproc a; coproc N { b; }", "a | b"),
    ("f() { a; }; g", "a | g"),
    ("f() { a; }; f", "a"),
    ("f() (a); function g { b; }; function h() { c; }", "a | b | c"),
    (">f a", "a"),
    ("a >f -rf /", "a -rf /"),
    ("true && a >f -rf /", "true | a -rf /"),
    ("a 2>&1 >/dev/null | b", "a | b"),
    ("{fd}>f a; a {b} {c}", "a | a {b} {c}"),
    ("a 2 >f; a 2>f; a2>f", "a 2 | a | a2"),
    ("${ a; }; ${| b; }", "a | ¤ | b | ¤"),
    ("b $(case x in x) a;; esac)", "a | b ¤"),
    ("a # ; b\nc", "a | c"),
    ("#!/bin/sh\na", "a"),
    ("a\n\n\nb", "a | b"),
    ("a \\\n&& b", "a | b"),
    ("if true; then { a; } > f; fi", "true | a"),
    ("$x", "¤"),
    ("if [[ ! -t 0 && $x == y ]]; then a; fi", "a"),
    ("arr=(); a", "a"),
    ("a ;b;c", "a | b | c"),
    ("eval a; b", "eval a | b"),
    ("a(){ b;};a", "b"),
    ("while a; do b; done < <(c)", "c | a | b"),
    ("a || { b; exit 1; }", "a | b | exit 1"),
    ("f\\\nor x in 1; d\\\no a; do\\\nne", "a"),
]


@pytest.mark.parametrize(("line", "expected"), ORDER, ids=[line for line, _ in ORDER])
def test_all_commands_are_found_in_order(line: str, expected: str) -> None:
    assert commands(line) == split(expected)


def test_a_pipe_feeds_the_command_to_its_right() -> None:
    assert [argv(one) for one in by_name("a x | b | c", "c").feeds] == [["b"]]
    assert [argv(one) for one in by_name("a x | b | c", "c").feeds[0].feeds] == [["a", "x"]]
    assert by_name("a; b", "b").feeds == ()


def test_a_group_feeds_with_all_its_commands_and_is_fed_as_one() -> None:
    assert [argv(one)[0] for one in by_name("{ a; b $(c); } | sh", "sh").feeds] == ["a", "b"]
    line = "echo x | { read y; sh; }"
    assert [argv(one) for one in by_name(line, "sh").feeds] == [["echo", "x"]]
    assert [argv(one) for one in by_name("echo x | while read y; do sh; done", "sh").feeds] == [["echo", "x"]]


def test_what_reads_a_process_substitution_is_fed_by_its_command() -> None:
    assert [argv(one)[0] for one in by_name("tee >(sh) < f", "sh").feeds] == ["tee"]


def test_redirections_of_a_group_are_carried_to_its_commands() -> None:
    for line in (
        "{ a; } > f",
        "(a) > f",
        "if a; then b; fi > f",
        "while a; do b; done > f",
        "g() { a; } > f; g",
    ):
        redirects = by_name(line, "a").redirects
        assert [(one.operator, one.target.text) for one in redirects] == [(">", "f")], line
    inner = by_name("{ a > g; } > f", "a").redirects
    assert [one.target.text for one in inner] == ["g", "f"]


def test_redirections_and_assignments_alone_are_commands_without_words() -> None:
    alone = script("> f; X=1; [ x ] > g; [[ x ]] > h").commands
    assert [len(one.words) for one in alone] == [0, 0, 0, 0]
    assert [one.redirects[0].target.text for one in alone if one.redirects] == ["f", "g", "h"]
    assert alone[1].assignments[0].name == "X"


REDIRECTS = [
    ("a > f", (None, ">", "f")),
    ("a 2>> f", (2, ">>", "f")),
    ("a >| f", (None, ">|", "f")),
    ("a &> f", (None, "&>", "f")),
    ("a &>> f", (None, "&>>", "f")),
    ("a >& f", (None, "&>", "f")),
    ("a 2>&1", (2, ">&", "1")),
    ("a >&-", (None, ">&", "-")),
    ("a < f", (None, "<", "f")),
    ("a <> f", (None, "<>", "f")),
    ("a 0<&3", (0, "<&", "3")),
    ("a <<< 'x y'", (None, "<<<", "x y")),
    ("a <<E\nx $y\nE\n", (None, "<<", "x ¤\n")),
    ("a <<-E\n\tx\n\tE\n", (None, "<<-", "x\n")),
    ("a <<'E F'\n$x\nE F\n", (None, "<<", "$x\n")),
    ("a <<E\n\\$x \\a \\\\ \\\ny\nE\n", (None, "<<", "$x \\a \\ y\n")),
    ("a > 'x y'", (None, ">", "x y")),
    ("a > $x", (None, ">", "¤")),
    ("a >f", (None, ">", "f")),
]


@pytest.mark.parametrize(("line", "expected"), REDIRECTS, ids=[line for line, _ in REDIRECTS])
def test_redirections_are_read(line: str, expected: tuple[int | None, str, str]) -> None:
    (redirect,) = by_name(line, "a").redirects
    text = redirect.target.text.replace("\ufffc", "¤")
    assert (redirect.descriptor, redirect.operator, text) == expected


def test_commands_know_what_they_stand_in() -> None:
    def places(line: str, name: str) -> list[str]:
        return [place.value for place in by_name(line, name).places]

    assert places("for x in $y; do a; done", "a") == ["loop"]
    assert places("while b; do a; done", "b") == ["loop", "condition"]
    assert places("if a; then b; fi", "a") == ["condition"]
    assert places("if a; then b; fi", "b") == []
    assert places("b $(a)", "a") == ["substitution"]
    assert places("a &", "a") == ["background"]
    assert places("f() { a; }", "a") == ["function"]
    assert places("f() { a; }; f", "a") == []
    assert places("while b; do (c $(a)) & done", "a") == ["loop", "background", "substitution"]
    assert by_name("f() { a; }", "a").places == (Place.FUNCTION,)
    assert by_name("f() { a; }; f", "a").function == "f"


def test_shells_of_their_own_have_numbers_of_their_own() -> None:
    def numbers(line: str) -> list[int]:
        return [one.shell for one in script(line).commands]

    first, second = numbers("a; b")
    assert first == second
    outer, inner, after = numbers("a; (b); c")
    assert outer == after != inner
    assert len(set(numbers("a | b | c"))) == 3
    assert len(set(numbers("a & b"))) == 2
    inner, outer = numbers("b $(a)")
    assert inner != outer
    assert len(set(numbers("{ a; b; }; if c; then d; fi"))) == 1


def test_names_and_variables_that_the_session_is_asked_for() -> None:
    found = script('X=1; ll $X $Y; sudo rm ${Z:-1}; /bin/ls "$HOME"; for i in 1 2; do gs $i; done')
    assert found.names == ("ll", "sudo", "/bin/ls", "gs")
    assert found.variables == ("Y", "Z", "HOME")
