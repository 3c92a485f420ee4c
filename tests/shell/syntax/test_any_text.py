"""Whatever is typed: never an error, and rewriting a line without changing it changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.context import ShellContext
from safeshell.shell.script import Script
from safeshell.shell.syntax import is_incomplete, parse
from tests.shell.syntax.lines import argv

LINES = [
    "sudo rm -rf /var/log/*.log && systemctl restart nginx",
    'for f in a b; do rm "$f" > out 2>&1; done',
    "cat <<E | sh\nrm $x `id`\nE\nls",
    "if [ -f x ]; then f() { rm ${x:-y}; }; f; else case $x in a|b) ls;; esac; fi",
    "X='a b'; echo $((1+2)) {a,b}{1..3} $'\\x41' ~/x ${X%b} | while read l; do echo $l; done &",
    'a=(1 2); echo "${a[@]}" <(ls) >(cat) [[ -f x ]] (( x++ )) ; coproc ls; time ! ls |& cat',
    "begin; set x (ls)[1]; and rm $x; or not ls; end | string join '\\'' &| cat",
    "repeat 3 { rm **/*(.) } always { ls } ; () { rm $1 } x",
]
PIECES = st.sampled_from(
    [
        *"'\"`$(){}[]<>|&;\\\n \t#!*?~=,.@%^:/-0aé\ufffc\ud800\0\r\x1b",
        *(
            "$(",
            "${",
            "$((",
            "((",
            "[[",
            "]]",
            "<<",
            "<<E\n",
            "\nE\n",
            "<(",
            "&&",
            "||",
            ";;",
            "{a,b}",
            "\\\n",
            "$'",
        ),
        *(
            "if ",
            "fi",
            "do ",
            "done",
            "case ",
            "esac",
            "f()",
            "x=",
            "x=(",
            "a[",
            "end",
            "begin ",
            "function f ",
            "end\n",
        ),
    ]
)
SHELLS = st.sampled_from(["bash", "sh", "zsh", "fish"])


def _sound(text: str, found: Script) -> None:
    end = len(text)
    for command in found.commands:
        assert 0 <= command.span[0] <= command.span[1] <= end
        for word in command.words:
            assert 0 <= word.span[0] <= word.span[1] <= end
            assert word.text.count("\ufffc") == len(word.unknowns)
    for problem in found.problems:
        assert 0 <= problem.span[0] <= problem.span[1] <= end


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60), SHELLS)
def test_any_text_is_read(text: str, shell: str) -> None:
    context = ShellContext(shell=shell)
    _sound(text, parse(text, context))
    assert is_incomplete(text, context) in (True, False)


@settings(max_examples=800, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), SHELLS)
def test_any_heap_of_shell_signs_is_read(text: str, shell: str) -> None:
    _sound(text, parse(text, ShellContext(shell=shell, aliases={"a": "b c; ", "b": "a '", "0": "{ "})))


@settings(max_examples=800, deadline=None)
@given(st.data())
def test_any_mutation_of_a_real_line_is_read(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(LINES))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(line)))
        end = data.draw(st.integers(start, min(len(line), start + 6)))
        line = line[:start] + data.draw(PIECES | st.just("")) + line[end:]
    _sound(line, parse(line, ShellContext(shell=data.draw(SHELLS))))


def _read(line: str) -> list[list[str]]:
    found = parse(line)
    assert not found.problems
    return [argv(command) for command in found.commands]


WORDS = [
    "rm",
    "-rf",
    "/",
    "a b",
    "it's",
    'say "x"',
    "$x",
    "*",
    "a\\b",
    "~",
    "{a,b}",
    "#",
    "é",
    "a=b",
    "-x=1",
    "\ufffd",
]


def _escaped(text: str) -> str:
    return "".join("\\" + char for char in text)


def _double(text: str) -> str:
    return '"' + "".join("\\" + char if char in '$`"\\' else char for char in text) + '"'


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _ansi(text: str) -> str:
    return "$'" + "".join(f"\\x{ord(char):02x}" if char < "\x80" else char for char in text) + "'"


QUOTINGS = [_escaped, _double, _single, _ansi]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_quoting_a_word_in_another_way_changes_nothing(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
    line = " ".join(
        "".join(data.draw(st.sampled_from(QUOTINGS))(piece) for piece in _pieces(data, word))
        for word in words
    )
    assert _read(line) == [words]


def _pieces(data: st.DataObject, word: str) -> list[str]:
    cut = data.draw(st.integers(0, len(word)))
    return [piece for piece in (word[:cut], word[cut:]) if piece]


JOINABLE = [
    "sudo rm -rf /var/log && systemctl restart nginx",
    "if true; then rm -rf $DIR/x; elif false; then ls; fi; for i in a b; do rm $i; done",
    'f() { rm "$1" "a b"; }; f $X; case x in a) ls;; esac | while read l; do echo ${l}; done',
    "{ ls; } > out; (rm x); ! time ls; declare -a a=(1 2); export X=1; rm $(ls) `ls` $HOME",
]


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_backslash_and_a_line_end_may_stand_anywhere(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(JOINABLE))
    whole = _read(line)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([at for at in range(1, len(line)) if _joinable(line, at)]))
        line = line[:place] + "\\\n" + line[place:]
    assert _read(line) == whole, line


def _joinable(line: str, at: int) -> bool:
    """Not inside an operator of two characters, where the line may be told to be broken instead."""
    pair = line[at - 1 : at + 1]
    return pair not in ("&&", ";;", "()", "=(", "${", "$(", "\\\n", "`l") and line[at - 1] not in "\\"


@pytest.mark.parametrize("blank", [" ", "\t", "  ", " \\\n "])
def test_blanks_between_words_do_not_matter(blank: str) -> None:
    line = "sudo rm -rf / ; if true ; then ls ; fi"
    assert _read(line.replace(" ", blank)) == _read(line)
