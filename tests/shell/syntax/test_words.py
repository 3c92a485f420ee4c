"""What a word becomes: quotes taken off, expansions replaced where they are known."""

from __future__ import annotations

import pytest

from tests.shell.syntax.lines import by_name, commands, script, shown, split

# line → the words of its commands; ¤ is an unknown part, · a blank inside of a word, _ an empty word.
FOLDED = [
    ("rm -rf /", "rm -rf /"),
    ("r''m -rf /", "rm -rf /"),
    ('r""m -r"f" "/"', "rm -rf /"),
    ("\\rm -rf \\/", "rm -rf /"),
    ("'rm' '-rf' '/'", "rm -rf /"),
    ("$'\\x72\\x6d' -rf /", "rm -rf /"),
    ("$'\\162\\u006d' -rf /", "rm -rf /"),
    ("$'\\x72'm -rf $'/'", "rm -rf /"),
    ('$"rm" -rf /', "rm -rf /"),
    ("r\\\nm -r\\\nf /", "rm -rf /"),
    ("rm \\\n  -rf \\\n  /", "rm -rf /"),
    ('echo "a\\"b" "a\\$b" "a\\`b" "a\\\\b" "a\\nb"', 'echo a"b a$b a`b a\\b a\\nb'),
    ("echo 'a\\b' a\\ b", "echo a\\b a·b"),
    ("echo '' \"\"", "echo _ _"),
    ("echo $'\\xc3\\xa4' $'a\\0b'", "echo ä a"),
    ("echo a#b '#' #c", "echo a#b #"),
    ("echo $ a$ $'' \"$\"", "echo $ a$ _ $"),
    ("{rm,-rf,/}", "rm -rf /"),
    ("echo {a,b}{1..3}", "echo a1 a2 a3 b1 b2 b3"),
    ("echo x{a,{b,c}}y", "echo xay xby xcy"),
    ("echo {01..03} {a..c} {3..1} {0..10..5}", "echo 01 02 03 a b c 3 2 1 0 5 10"),
    ("echo {a} {} {a,} ${x}{", "echo {a} {} a ¤{"),
    ("echo '{a,b}' \"{a,b}\" \\{a,b}", "echo {a,b} {a,b} {a,b}"),
    ("echo {'a b',c}", "echo a·b c"),
    ("echo f{1..500}", "echo f¤"),
    ("rm$IFS-rf$IFS/", "rm -rf /"),
    ("rm${IFS}-rf${IFS}/", "rm -rf /"),
    ("echo $x $y", "echo ¤ ¤"),
    ('echo "$x"/* a$y', "echo ¤/* a¤"),
    ("echo $1 $? $$ $! $# $- $@", "echo ¤ ¤ ¤ ¤ ¤ ¤ ¤"),
    ("echo ${x%/} ${#x} ${!x} ${x@Q}", "echo ¤ ¤ ¤ ¤"),
    ("echo $((1+2)) $(( 7 )) $[1+1]", "echo ¤ 7 ¤"),
    ("echo ~ ~/x ~root/x a~ '~'", "echo ~ ~/x ~root/x a~ ~"),
    ("echo a{b c}d", "echo a{b c}d"),
]


@pytest.mark.parametrize(("line", "words"), FOLDED, ids=[line for line, _ in FOLDED])
def test_a_word_is_what_the_command_gets(line: str, words: str) -> None:
    assert commands(line) == split(words)


def test_blanks_in_quotes_are_kept() -> None:
    assert commands("echo $'a\\tb' $'\\e[0m' $'it\\'s' \"$IFS\"") == [
        ["echo", "a\tb", "\x1b[0m", "it's", " \t\n"]
    ]


def test_constant_substitutions_are_seen_through() -> None:
    for line in (
        "$(echo rm) -rf /",
        "`echo rm` -rf /",
        "$(printf '%s' rm) -rf /",
        "$(printf rm) -rf /",
        '"$(echo rm)" -rf /',
        "$(which rm) -rf /",
        "$(command -v rm) -rf /",
        "$(cat <<E\nrm\nE\n) -rf /",
        "$(cat <<< rm) -rf /",
        "r$(echo m) -rf /",
        "$(echo rm -rf) /",
    ):
        assert commands(line)[-1] == ["rm", "-rf", "/"], line


def test_what_only_the_shell_knows_is_one_unknown_part_each() -> None:
    word = by_name('rm -rf "$A/$(date)"x`id`', "rm").words[2]
    assert shown(word) == "¤/¤x¤"
    assert word.unknowns == ("$A", "$(date)", "`id`")
    assert word.splits


def test_a_quoted_unknown_part_stays_one_word() -> None:
    assert not by_name('rm "$A"', "rm").words[1].splits
    assert by_name("rm $A", "rm").words[1].splits
    assert not by_name("rm $((x))", "rm").words[1].splits


def test_an_unknown_part_in_the_text_itself_stays_one() -> None:
    found = by_name("rm \ufffc \"a\ufffcb\" 'c\ufffc'", "rm").words
    assert [word.splits for word in found[1:]] == [True, False, False]
    assert [word.known for word in found[1:]] == [False, False, False]


def test_only_unquoted_pattern_characters_are_active() -> None:
    found = by_name("ls *.log a? [ab] '*' \"?\" \\* a'*'b x*'?' @(a|b)", "ls").words
    assert [word.glob for word in found[1:]] == [True, True, True, False, False, False, False, True, True]


def test_home_and_working_directory_are_put_in() -> None:
    line = 'rm ~/x $HOME/y "$HOME" --d=~/z X=~/z $PWD/a $(pwd)/b ~+/c'
    assert commands(line, home="/home/me", cwd="/srv")[-1] == (
        [
            "rm",
            "/home/me/x",
            "/home/me/y",
            "/home/me",
            "--d=~/z",
            "X=/home/me/z",
            "/srv/a",
            "/srv/b",
            "/srv/c",
        ]
    )


def test_without_a_session_home_and_working_directory_stay_recognisable() -> None:
    assert commands('rm -rf "$HOME"/* $PWD/* --at=$HOME x$HOME') == (
        [["rm", "-rf", "~/*", "./*", "--at=~", "x¤"]]
    )
    assert commands("rm ${HOME:0:1} ${HOME:?}/x ${HOME%/}") == [["rm", "¤", "~/x", "¤"]]


def test_the_working_directory_follows_cd() -> None:
    assert commands("cd /var/log; rm $PWD/x; cd nginx; rm $PWD/y", cwd="/")[1] == ["rm", "/var/log/x"]
    assert commands("cd /var/log; cd nginx; rm $PWD/y", cwd="/")[-1] == ["rm", "/var/log/nginx/y"]
    assert commands("cd $X; rm $PWD/y", cwd="/etc")[-1] == ["rm", "./y"]


def test_spans_are_those_of_the_line() -> None:
    line = "true && rm -rf 'a b' > out"
    command = by_name(line, "rm")
    assert line[slice(*command.span)] == "rm -rf 'a b' > out"
    assert [line[slice(*word.span)] for word in command.words] == ["rm", "-rf", "'a b'"]
    assert line[slice(*command.redirects[0].span)] == "> out"
    assert command.words[2].source == "'a b'"


def test_spans_in_backticks_and_here_documents_are_exact_when_nothing_is_escaped() -> None:
    line = "echo `rm x` <<E\n$(rm y)\nE\n"
    found = [one for one in script(line).commands if one.words[0].text == "rm"]
    assert sorted(line[slice(*one.span)] for one in found) == ["rm x", "rm y"]
