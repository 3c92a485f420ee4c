"""Fish: another grammar, the same commands."""

from __future__ import annotations

import pytest

from tests.shell.syntax.lines import argv, by_name, commands, script, split

LINES = [
    ("rm -rf /", "rm -rf /"),
    ("r''m \"-rf\" \\/", "rm -rf /"),
    ("echo 'it\\'s' 'a\\\\b' 'a\\nb'", "echo it's a\\b a\\nb"),
    ('echo "a\\"b" "a\\$b" "$x" "(a)"', 'echo a"b a$b ¤ (a)'),
    ("echo \\x72m a\\ b \\u0041", "echo rm a·b A"),
    ("echo (rm x)", "rm x | echo ¤"),
    ('echo $(rm x) "a$(rm y)b"', "rm x | rm y | echo ¤ a¤b"),
    ("echo (rm (a))[1..2]", "a | rm ¤ | echo ¤"),
    ("echo $x $x[1] $$x $x[(a)]", "a | echo ¤ ¤ ¤ ¤"),
    ("echo {a,b}c {a}", "echo ac bc {a}"),
    ("a; and b; or c", "a | b | c"),
    ("a && b || c", "a | b | c"),
    ("a\nand b\nor c", "a | b | c"),
    ("not a; ! b; time c", "a | b | c"),
    ("begin; a; b; end", "a | b"),
    ("begin a; end", "a"),
    ("if a; b; else if c; d; else; e; end", "a | b | c | d | e"),
    ("if a; and b; c; end", "a | b | c"),
    ("if not a; b; end", "a | b"),
    ("while a; b; end", "a | b"),
    ("for x in a b; rm $x; end", "rm a | rm b"),
    ("for x in (a); rm $x; end", "a | rm ¤"),
    ("switch (a); case b 'c*'; rm d; case '*'; ls; end", "a | rm d | ls"),
    ("function f; rm $argv; end; f a b", "rm a b"),
    ("function f --description 'x y'; rm $argv[1]; end; f a b", "rm a"),
    ("function f -a n; rm $n; end", "rm ¤"),
    ("set x rm; $x -rf /", "set x rm | rm -rf /"),
    ("set -gx x rm; $x /", "set -gx x rm | rm /"),
    ("set x a b; rm $x", "set x a b | rm a b"),
    ("set x a b; rm $x[2]", "set x a b | rm b"),
    ("set -e x; rm a$x", "set -e x | rm a"),
    ("set x 'a b'; rm $x", "set x a·b | rm a·b"),
    ("X=1 a", "a"),
    ("a | b; a 2>| b; a &| b", "a | b | a | b | a | b"),
    ("a & b", "a | b"),
    ("echo a&b", "echo a&b"),
    ("a # ; b", "a"),
    ("echo a#b", "echo a#b"),
    ("test -f x; and a", "a"),
    ("[ -f x ]; or a", "a"),
    ("string match -r '^a' $x", "string match -r ^a ¤"),
    ("a ^f", "a ^f"),
    ("a \\\n b", "a b"),
    ("command rm x; builtin cd", "command rm x | builtin cd"),
    ("eval (a)", "a | eval ¤"),
    ("source (a | psub)", "a | psub | source ¤"),
]


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line for line, _ in LINES])
def test_fish_is_read_as_fish(line: str, expected: str) -> None:
    assert commands(line, "fish") == split(expected)


REDIRECTS = [
    ("a > f", (None, ">", "f")),
    ("a 2>> f", (2, ">>", "f")),
    ("a &> f", (None, "&>", "f")),
    ("a >? f", (None, ">", "f")),
    ("a 2>&1", (2, ">&", "1")),
    ("a < f", (None, "<", "f")),
    ("begin; a; end > f", (None, ">", "f")),
]


@pytest.mark.parametrize(("line", "expected"), REDIRECTS, ids=[line for line, _ in REDIRECTS])
def test_redirections_of_fish(line: str, expected: tuple[int | None, str, str]) -> None:
    (redirect,) = by_name(line, "a", "fish").redirects
    assert (redirect.descriptor, redirect.operator, redirect.target.text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("end; rm x", "rm x"),
        ("if a; rm x", "a | rm x"),
        ("rm 'x", "rm x"),
        ("rm (a", "a | rm ¤"),
        ("rm x)", "rm x"),
        ("a | ", "a"),
        ("a && ", "a"),
        ("rm x >", "rm x"),
        ("for x; rm y; end", "rm y"),
        ("case; rm y", "rm y"),
    ],
)
def test_commands_of_a_broken_line_are_found(line: str, expected: str) -> None:
    found = script(line, "fish")
    assert "shell.syntax" in {problem.rule for problem in found.problems}
    assert [argv(one) for one in found.commands if one.words] == split(expected)


def test_what_a_pipe_feeds_and_where_commands_stand() -> None:
    assert [argv(one) for one in by_name("begin; a; b; end | sh", "sh", "fish").feeds] == [["a"], ["b"]]
    assert [place.value for place in by_name("while a; b (c); end &", "c", "fish").places] == [
        "background",
        "loop",
        "substitution",
    ]
    assert by_name("function f; a; end", "a", "fish").function == "f"


def test_an_alias_of_fish_stands_for_its_body() -> None:
    assert commands("ll x", "fish", aliases={"ll": "ls -l"}) == [["ls", "-l", "x"]]
    assert commands("ls x", "fish", aliases={"ls": "ls -l"}) == [["ls", "-l", "x"]]
    assert commands("d /x", "fish", functions={"d": "function d\n rm $argv\nend"}) == [["rm", "/x"]]


def test_spans_are_those_of_the_line() -> None:
    line = "echo (rm x); and rm 'y z' > f"
    found = script(line, "fish").commands
    assert [line[slice(*one.span)] for one in found] == ["rm x", "echo (rm x)", "rm 'y z' > f"]
