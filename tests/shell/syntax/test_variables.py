"""What is known of variables: set by the line, then by the session, and unknown wherever it may be otherwise."""

from __future__ import annotations

import pytest

from tests.shell.syntax.lines import by_name, commands, script, shown

# line → what the last command gets.
SET_BY_THE_LINE = [
    ("X=rm; $X -rf /", "rm -rf /"),
    ("X='rm -rf'; $X /", "rm -rf /"),
    ("X=r; X+=m; $X /", "rm /"),
    ("X=rm Y=-rf; $X $Y /", "rm -rf /"),
    ("X=r Y=${X}m; $Y /", "rm /"),
    ("X=$(echo rm); $X /", "rm /"),
    ("export X=rm; $X /", "rm /"),
    ("declare -x X=rm; $X /", "rm /"),
    ("a=(rm -rf /); ${a[@]}", "rm -rf /"),
    ('a=(rm -rf /); "${a[@]}"', "rm -rf /"),
    ('a=(rm -rf); a+=(/); "${a[@]}"', "rm -rf /"),
    ("a=(x y z); rm ${a[1]} $a ${#a[@]}", "rm y x 3"),
    ("declare -a a=(rm /); ${a[*]}", "rm /"),
    ('set -- rm -rf /; "$@"', "rm -rf /"),
    ("set -- rm -rf /; $*", "rm -rf /"),
    ("set -- x rm /; shift; $1 $2 $#", "rm / 2"),
    ("X=/a/b.txt; rm ${X%.txt} ${X##*/} ${X%/*} ${X#/a} ${X%%.*}", "rm /a/b b.txt /a /b.txt /a/b"),
    ("X=abc; rm ${X:1} ${X:0:1} ${X: -1} ${#X} ${X^^} ${X/b/x} ${X^}", "rm bc a c 3 ABC axc Abc"),
    ("X=; rm ${X:-a} ${X:+b}x ${Y:=c} $Y", "rm a x ¤ ¤"),
    ("X=a; rm ${X:-b} ${X:+c} ${X:=d} ${X:?e}", "rm a c a a"),
    ("Y=X; X=/; rm ${!Y}", "rm /"),
    ("X=/data/$Z; rm $X", "rm /data/¤"),
    ("X=rm; (X=ls); $X /", "rm /"),
    ("X=rm; { X=ls; }; $X /", "ls /"),
    ("for x in rm; do $x /; done", "rm /"),
    ('for x in /etc/*; do rm -r "$x"; done', "rm -r /etc/*"),
    ("IFS=,; X=a,b; rm $X", "rm a b"),
    ("X='*'; rm $X \"$X\"", "rm * *"),
    ("X=rm && $X /", "rm /"),
    ("true && X=rm && $X /", "rm /"),
    ("if true; then X=rm; $X /; fi", "rm /"),
    ("unset X; rm a$X", "rm a"),
    ('X="a b"; rm "$X"', "rm a·b"),
    ("X=~; rm $X/y", "rm ~/y"),
]


@pytest.mark.parametrize(("line", "expected"), SET_BY_THE_LINE, ids=[line for line, _ in SET_BY_THE_LINE])
def test_what_the_line_sets_is_known(line: str, expected: str) -> None:
    assert commands(line)[-1] == [word.replace("·", " ") for word in expected.split()]


# line → what the last command gets: nothing may be taken for known.
NOT_KNOWN = [
    "X=a; read X; rm $X",
    "X=a; if b; then X=c; fi; rm $X",
    "X=a; b && X=c; rm $X",
    "X=a; b || X=c; rm $X",
    "X=a; while b; do X=c; done; rm $X",
    "X=a; for X in b c; do d; done; rm $X",
    "X=a; case $y in z) X=c;; esac; rm $X",
    "X=a; source f; rm $X",
    'X=a; eval "$y"; rm $X',
    "X=a; . f; rm $X",
    "X=a; ((X=1)); rm $X",
    "X=a; ((X++)); rm $X",
    "X=a; echo $((X=1)); rm $X",
    "X=a; printf -v X %s b; rm $X",
    "X=a; mapfile X; rm $X",
    "X=a; f() { X=b; g; }; while f; do h; done; rm $X",
    "X=$(date); rm $X",
    "echo a | read X; rm $X",
    "X=a; let X=2; rm $X",
    "X=a; getopts ab X; rm $X",
    'X=a; $cmd; unset Y; read "$Z"; rm $X',
]


@pytest.mark.parametrize("line", NOT_KNOWN)
def test_what_may_have_changed_is_unknown(line: str) -> None:
    assert commands(line)[-1] == ["rm", "¤"]


def test_a_loop_sees_what_its_own_end_sets() -> None:
    assert by_name("for i in $n; do rm $X; X=a; done", "rm").words[1].unknowns == ("$X",)


def test_an_assignment_in_front_of_a_command_does_not_count_for_its_words() -> None:
    assert commands("X=a; X=b rm $X; ls $X") == [["rm", "a"], ["ls", "a"]]


def test_a_loop_over_a_few_known_values_is_followed_turn_by_turn() -> None:
    assert commands("for x in start stop; do systemctl $x nginx; done") == [
        ["systemctl", "start", "nginx"],
        ["systemctl", "stop", "nginx"],
    ]


def test_a_loop_over_many_or_unknown_values_has_an_unknown_variable() -> None:
    for values in ("{1..20}", "$(seq 3)", "$names"):
        assert commands(f"for x in {values}; do rm $x; done")[-1] == ["rm", "¤"]


def test_a_loop_over_file_names_keeps_the_pattern() -> None:
    word = by_name('for f in *.log; do gzip "$f"; done', "gzip").words[1]
    assert (word.text, word.glob) == ("*.log", True)


def test_the_session_fills_in_what_it_knows() -> None:
    assert commands("rm -rf $DIR/x", variables={"DIR": "/srv"}) == [["rm", "-rf", "/srv/x"]]
    assert commands("rm $DIR", variables={"DIR": "a b"}) == [["rm", "a", "b"]]
    assert commands('rm "$DIR"', variables={"DIR": "a b"}) == [["rm", "a b"]]
    assert commands("rm $1", variables={"1": "x"}) == [["rm", "x"]]


@pytest.mark.parametrize("facts", [{"unset": frozenset({"DIR"})}, {"variables": {"DIR": ""}}])
def test_an_empty_variable_leaves_its_trace(facts: dict[str, object]) -> None:
    word = by_name('rm -rf "$DIR"/*', "rm", **facts).words[2]  # type: ignore[arg-type]
    assert (shown(word), word.glob, word.empties) == ("/*", True, ("$DIR",))
    assert commands("rm $DIR x", **facts) == [["rm", "x"]]  # type: ignore[arg-type]
    assert commands("rm ${DIR:-/tmp/y}", **facts) == [["rm", "/tmp/y"]]  # type: ignore[arg-type]
    assert commands("rm ${DIR:?}/x", **facts) == [["rm", "¤/x"]]  # type: ignore[arg-type]


def test_an_emptiness_is_handed_on_by_assignments() -> None:
    word = by_name("P=$DIR/; rm -rf ${P}x", "rm", unset=frozenset({"DIR"})).words[2]
    assert (word.text, word.empties) == ("/x", ("$DIR",))
    word = by_name("P=; rm -rf $P/", "rm").words[2]
    assert (word.text, word.empties) == ("/", ("$P",))


def test_an_unknown_part_is_handed_on_by_assignments() -> None:
    word = by_name("P=/data/$X; rm -rf $P", "rm").words[2]
    assert (shown(word), word.unknowns) == ("/data/¤", ("$X",))
    word = by_name("P=$(date); rm -rf $P", "rm").words[2]
    assert (shown(word), word.unknowns) == ("¤", ("$P",))


def test_after_source_the_session_is_not_believed_any_more() -> None:
    facts = {"variables": {"DIR": "/srv"}}
    assert commands("source .env; rm $DIR", **facts)[-1] == ["rm", "¤"]  # type: ignore[arg-type]
    assert script("DIR=/a; source .env; DIR=/b; rm $DIR").commands[-1].words[1].text == "/b"
