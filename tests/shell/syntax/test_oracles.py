"""The grammar against others': `bash -n`, `zsh -n` and `fish -n` on right and wrong, shfmt on commands and words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_bash

import safeshell.shell
from safeshell.shell.context import ShellContext
from safeshell.shell.conventions import Conventions
from safeshell.shell.grammar import Grammar
from safeshell.shell.positions import Positions
from safeshell.shell.source_text import Fault, Limits
from safeshell.shell.syntax import parse
from safeshell.shell.tree import HereText, Simple
from tests.servers import needed
from tests.shell.syntax import test_errors, test_fish, test_structure, test_variables, test_words, test_zsh

TRICKY = [
    *(line for line, _ in test_structure.ORDER),
    *(line for line, _ in test_structure.REDIRECTS),
    *(line for line, _ in test_words.FOLDED),
    *(line for line, _ in test_variables.SET_BY_THE_LINE),
    *test_variables.NOT_KNOWN,
]
# bash 5.2 does not know `${ …; }` yet.
NEWER_THAN_BASH = {"${ a; }; ${| b; }"}
REFUSED_WHEN_RUN = {"for 1 in a; do rm x; done"}


def _words(line: str) -> Counter[tuple[str, ...]]:
    """The words of every simple command of the line, as typed."""
    faults: list[Fault] = []
    grammar = Grammar(line, Positions(), Limits(), faults, Conventions(ShellContext(), inner=True))
    found: list[tuple[str, ...]] = []
    _collect(grammar.whole(), found)
    return Counter(found)


def _collect(value: object, found: list[tuple[str, ...]]) -> None:
    if isinstance(value, Simple) and value.words:
        found.append(tuple(word.source.replace("\\\n", "") for word in value.words))
    if isinstance(value, HereText):
        _collect(value.word, found)
    elif isinstance(value, tuple):
        for one in value:
            _collect(one, found)
    elif is_dataclass(value):
        for field in fields(value):
            _collect(getattr(value, field.name), found)


def _shfmt() -> str:
    beside = Path(sys.executable).with_name("shfmt")
    found = str(beside) if beside.exists() else shutil.which("shfmt")
    assert found, "shfmt is not installed: pip install shfmt-py (script/test does it)"
    return found


def _words_of_shfmt(line: str) -> Counter[tuple[str, ...]] | None:
    """The same by shfmt; None when it does not accept the line."""
    data = line.encode()
    done = subprocess.run(
        [_shfmt(), "--to-json", "-ln", "bash"], input=data, capture_output=True, check=False
    )
    if done.returncode:
        return None
    found: list[tuple[str, ...]] = []

    def source(node: dict[str, dict[str, int]]) -> str:
        return data[node["Pos"]["Offset"] : node["End"]["Offset"]].decode().replace("\\\n", "")

    def visit(node: object) -> None:
        if isinstance(node, list):
            for one in node:
                visit(one)
        elif isinstance(node, dict):
            kind = node.get("Type")
            if kind == "CallExpr" and node.get("Args"):
                found.append(tuple(source(word) for word in node["Args"]))
            elif kind == "DeclClause":
                found.append((node["Variant"]["Value"], *(source(word) for word in node.get("Args", []))))
            elif kind == "LetClause":
                found.append(("let", *(source(word) for word in node["Exprs"])))
            for one in node.values():
                visit(one)

    visit(json.loads(done.stdout))
    return Counter(found)


@pytest.mark.parametrize("line", TRICKY)
def test_commands_and_words_are_those_of_shfmt(line: str) -> None:
    theirs = _words_of_shfmt(line)
    # shfmt refuses two of the lines, and unescapes backticks in what it gives back.
    assert theirs is None or "\\`" in line or _words(line) == theirs


def _accepts(program: list[str], line: str) -> bool:
    done = subprocess.run(
        program, input=line.encode("utf-8", "surrogateescape"), capture_output=True, check=False
    )
    return done.returncode == 0 and not done.stderr


def test_bash_takes_what_is_taken_and_refuses_what_is_refused() -> None:
    bash = ["bash", "-O", "extglob", "-n"]
    for line in TRICKY:
        if line not in NEWER_THAN_BASH:
            assert _accepts(bash, line), line
    for line, _ in test_errors.BROKEN:
        if line in REFUSED_WHEN_RUN:
            continue
        if "`" not in line and "\0" not in line and not line.endswith("\\"):
            assert not _accepts(bash, line), line


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_what_is_taken(shell: str) -> None:
    needed(shell, shell)
    lines = test_zsh.LINES if shell == "zsh" else test_fish.LINES
    wrong = [line for line, _ in lines if not _accepts([shell, "-n"], line)]
    assert wrong == []


SCRIPTS = [
    path
    for name in ("/etc/profile", "/usr/bin/ldd", "/usr/bin/zgrep", "/usr/bin/xzgrep")
    if (path := Path(name)).exists()
]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_whole_scripts_are_read_as_shfmt_reads_them(path: Path) -> None:
    text = path.read_text()
    assert parse(text, depth=1).problems == ()
    theirs = _words_of_shfmt(text)
    if theirs is not None and "\\`" not in text:
        assert _words(text) == theirs


# Where tree-sitter's grammar reads a line differently without calling it an error: it is the one that is wrong.
MISREAD_BY_TREE_SITTER = {
    "time a; time -p b; time",
    "! { a; }",
    "coproc a; coproc N { b; }",
    "f\\\nor x in 1; d\\\no a; do\\\nne",
    "rm$IFS-rf$IFS/",
    "r\\\nm -r\\\nf /",
}


def _names_of_tree_sitter(line: str) -> Counter[str] | None:
    """The names of all commands by tree-sitter's grammar; None when it sees an error."""
    root = (
        tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language())).parse(line.encode()).root_node
    )
    if root.has_error:
        return None
    found: Counter[str] = Counter()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.type == "command_name":
            found[node.text.decode()] += 1
    return found


def test_no_command_is_missed_that_tree_sitter_sees() -> None:
    missed = {}
    for line in TRICKY:
        theirs = _names_of_tree_sitter(line)
        ours = Counter(words[0] for words in _words(line).elements())
        if theirs is not None and theirs - ours:
            missed[line] = theirs - ours
    assert set(missed) == MISREAD_BY_TREE_SITTER, missed


def _bulk() -> list[str]:
    """Every line that a pack gives as an example."""
    folder = Path(safeshell.shell.__file__).with_name("packs")
    lines: dict[str, None] = {}
    for file in sorted(folder.glob("*.toml")):
        pack = tomllib.loads(file.read_text())
        for table in (*pack.get("rules", []), *pack.get("reads", [])):
            lines.update(dict.fromkeys((*table.get("hits", []), *table.get("misses", []))))
    return list(lines)


def test_bash_and_the_grammar_agree_on_every_example_of_the_packs() -> None:
    # An alias would hold for the lines behind it, which are read as one text below.
    lines = [line for line in _bulk() if "\n" not in line and not line.startswith("alias ")]
    broken = [line for line in lines if parse(line, depth=1).problems]
    wrong = [line for line in broken if _accepts(["bash", "-O", "extglob", "-n"], line)]
    assert wrong == []
    taken = [line for line in lines if line not in set(broken)]
    for start in range(0, len(taken), 500):
        part = "\n".join(taken[start : start + 500])
        assert _accepts(["bash", "-O", "extglob", "-n"], part)
        theirs = _words_of_shfmt(part)
        if theirs is not None and "\\`" not in part:
            assert _words(part) == theirs
