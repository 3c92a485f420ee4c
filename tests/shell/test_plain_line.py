"""Lines of bare words are read without the grammar, and exactly as the grammar reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.plain_line import plain_script
from safeshell.shell.syntax import parse

PERSON = ShellContext(cwd="/srv/app", home="/home/me", variables={"X": "1"})
WORDS = st.sampled_from(
    "ls -la rm -rf / /srv/* git push --force=x a=b X=1 for in do done time ! [ ] [[ { } . source cd sudo env eval"
    " exec command coproc 2 10 %1 :x +x -- - @x x:y 50% ~ ~/x a,b $X x;y 'q' if then until case function local"
    " export FOO=bar declare alias kubectl get pods -n prod -o=json --context=prod".split()
)
TEXTS = st.lists(WORDS, max_size=6).flatmap(
    lambda words: st.lists(st.sampled_from([" ", "  ", "\t", ""]), min_size=7, max_size=7).map(
        lambda blanks: (
            "".join(blank + word for word, blank in zip(words, [blanks[6], *([" "] * 6)], strict=False))
            + blanks[0]
        )
    )
)


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        "  ls -la\t/srv ",
        "git push --force origin main",
        "sudo systemctl stop nginx",
        "kubectl -n prod delete pod web-1",
        "make -j4",
        "a.out x=y",
        "psql -h db.prod -c",
    ],
)
def test_a_line_of_bare_words_is_read_as_the_grammar_reads_it(line: str) -> None:
    assert plain_script(line, PERSON) == parse(line, PERSON)


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        "a=b",
        "a=b ls",
        "ls | wc",
        "ls > f",
        "ls $X",
        "ls 'x'",
        "ls *",
        "ls ~",
        "for",
        "time ls",
        "export A=b",
        "ls \\x",
        "{ ls",
        "ls\nls",
        "ls # x",
        "2",
        "ls é",
        "!! x",
    ],
)
def test_everything_else_is_left_to_the_grammar(line: str) -> None:
    assert plain_script(line, PERSON) is None


def test_an_alias_or_a_function_needs_the_grammar() -> None:
    assert plain_script("ll -a", ShellContext(aliases={"ll": "rm -rf"})) is None
    assert plain_script("ll -a", ShellContext(functions={"ll": "rm -rf x"})) is None
    assert plain_script("ls -a", ShellContext(shell="fish")) is None


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_the_two_never_differ(text: str) -> None:
    for context in (PERSON, NO_SESSION):
        found = plain_script(text, context)
        assert found is None or found == parse(text, context)
