"""However a destructive line is written or wrapped, its severity is never lower than that of the plain line."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeshell.guard.effects import Severity
from tests.shell.everyday.test_everyday import DIALECT, lines

PLAIN = [line for line in lines("destructive") if line.replace("-", "").replace(" ", "").isalnum()]
"""Lines of bare words: any of their words may be written otherwise without meaning anything else."""

WRAPPERS: dict[str, Callable[[str], str]] = {
    "sudo": lambda line: f"sudo {line}",
    "sudo -u": lambda line: f"sudo -u root -E -- {line}",
    "env": lambda line: f"env -i A=b {line}",
    "nice": lambda line: f"nohup nice -n 5 timeout -k 5 10 {line}",
    "command": lambda line: f"command {line}",
    "bash -c": lambda line: f"bash -c {shlex.quote(line)}",
    "sh -xec": lambda line: f"sh -xec {shlex.quote(line)}",
    "eval": lambda line: f"eval {shlex.quote(line)}",
    "twice": lambda line: f"sudo sh -c {shlex.quote(f'bash -c {shlex.quote(line)}')}",
    "here-string": lambda line: f"bash <<< {shlex.quote(line)}",
    "here-document": lambda line: f"bash <<'EOF'\n{line}\nEOF",
    "pipe": lambda line: f"echo {shlex.quote(line)} | sh",
    "and": lambda line: f"true && {line}",
    "or": lambda line: f"false || {line}",
    "group": lambda line: f"{{ {line}; }}",
    "subshell": lambda line: f"( {line} )",
    "if": lambda line: f"if true; then {line}; fi",
    "loop": lambda line: f"while :; do {line}; done",
    "case": lambda line: f"case x in x) {line};; esac",
    "not": lambda line: f"! {line}",
    "time": lambda line: f"time {line}",
    "background": lambda line: f"{line} &",
    "to cat": lambda line: f"{line} | cat",
    "substitution": lambda line: f"echo $({line})",
    "function": lambda line: f"f() {{ {line}; }}; f",
    "comment": lambda line: f"{line} # harmless",
    "ssh": lambda line: f"ssh host {shlex.quote(line)}",
    "blanks": lambda line: "  " + line.replace(" ", " \t ") + "  ",
    "continued": lambda line: line.replace(" ", " \\\n"),
}

SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda word: f"'{word}'",
    lambda word: f'"{word}"',
    lambda word: f"$'{word}'",
    lambda word: f"{word[0]}''{word[1:]}",
    lambda word: f'"{word[0]}"{word[1:]}',
    lambda word: "\\" + word,
    lambda word: f"{word[:1]}\\\n{word[1:]}",
    lambda word: "$'" + "".join(f"\\x{ord(char):02x}" for char in word) + "'",
)


def severity(line: str) -> Severity:
    return DIALECT.read(line).severity


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_never_lowers_a_verdict(name: str) -> None:
    lower = []
    for line in PLAIN:
        wrapped = WRAPPERS[name](line)
        if severity(wrapped) < severity(line):
            lower.append(wrapped)
    assert lower == []


@given(st.data())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_another_spelling_of_the_words_is_the_same_line(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(PLAIN))
    words = [data.draw(st.sampled_from((str, *SPELLINGS)))(word) for word in line.split()]

    assert severity(" ".join(words)) == severity(line)
