"""However a line is written, wrapped or broken: it is never judged milder, and reading never fails."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safeshell.guard.mode import Mode
from safeshell.guard.verdict import VerdictKind
from tests.shell.corpus.cases import all_lines
from tests.shell.everyday.test_everyday import DIALECT, verdict

STRICTNESS = [VerdictKind.ALLOW, VerdictKind.CONFIRM, VerdictKind.REVIEW, VerdictKind.DENY]

BOUNDED = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+% ")

KEYWORDS = {"coproc", "time"}
"""Words of the shell itself: only first in a command."""

EVERY = all_lines("destructive", "bypass_attempts", "harmless", "false_alarms", "changing", "diagnosis")

BARE = [
    line
    for line in EVERY
    if set(line) <= LETTERS and line.split()[0] not in KEYWORDS and "=" not in line.split()[0]
]
"""Lines of bare words, each of which can be written otherwise and mean the same."""


def guarded(line: str) -> int:
    """How strictly a line is judged in a guarded production session."""
    return STRICTNESS.index(verdict(line, Mode.GUARDED))


PLAIN = [line for line in BARE if guarded(line) > 0]
"""Those of them that are asked about as they stand."""

RE_QUOTED: tuple[Callable[[str], str], ...] = (
    lambda word: f"'{word}'",
    lambda word: f'"{word}"',
    lambda word: f"$'{word}'",
    lambda word: "".join("\\" + char for char in word),
    lambda word: "".join(f"'{char}'" for char in word),
    lambda word: f"{word[:1]}''{word[1:]}",
    lambda word: f'{word[:-1]}"{word[-1:]}"',
    lambda word: f"{word[:1]}\\\n{word[1:]}",
    lambda word: "$'" + "".join(f"\\x{ord(char):02x}" for char in word) + "'",
    lambda word: "$'" + "".join(f"\\{ord(char):03o}" for char in word) + "'",
)

BLANKS = (" ", "  ", "\t", " \t ", " \\\n", "\\\n ", " \\\n\t")

AROUND: dict[str, Callable[[str], str]] = {
    "sudo": lambda line: f"sudo {line}",
    "sudo with options": lambda line: f"sudo -n -u root A=1 {line}",
    "doas": lambda line: f"doas {line}",
    "env": lambda line: f"env A=b {line}",
    "env -S": lambda line: f"env -S {shlex.quote(line)}",
    "assignment": lambda line: f"A=b C=d {line}",
    "nice": lambda line: f"nice -n 5 {line}",
    "nohup": lambda line: f"nohup {line} &",
    "timeout": lambda line: f"timeout 5 {line}",
    "command": lambda line: f"command {line}",
    "exec": lambda line: f"exec {line}",
    "time": lambda line: f"time {line}",
    "not": lambda line: f"! {line}",
    "eval": lambda line: f"eval {shlex.quote(line)}",
    "eval of bare words": lambda line: f"eval {line}",
    "bash -c": lambda line: f"bash -c {shlex.quote(line)}",
    "bash -lc": lambda line: f"bash -lc {shlex.quote(line)}",
    "here-string": lambda line: f"bash <<< {shlex.quote(line)}",
    "here-document": lambda line: f"sh <<'END'\n{line}\nEND",
    "pipe to sh": lambda line: f"echo {shlex.quote(line)} | sh",
    "and": lambda line: f"true && {line}",
    "or": lambda line: f"false || {line}",
    "after": lambda line: f"ls; {line}",
    "before": lambda line: f"{line}; ls",
    "background": lambda line: f"{line} &",
    "subshell": lambda line: f"( {line} )",
    "group": lambda line: f"{{ {line}; }}",
    "if": lambda line: f"if true; then {line}; fi",
    "else": lambda line: f"if true; then :; else {line}; fi",
    "while": lambda line: f"while true; do {line}; done",
    "for": lambda line: f"for i in 1 2; do {line}; done",
    "case": lambda line: f"case x in x) {line};; esac",
    "function": lambda line: f"f() {{ {line}; }}; f",
    "pipe into cat": lambda line: f"{line} | cat",
    "pipe from cat": lambda line: f"cat /dev/null | {line}",
    "silenced": lambda line: f"{line} >/dev/null 2>&1",
    "redirected first": lambda line: f"</dev/null {line}",
    "substitution": lambda line: f"echo $({line})",
    "quoted substitution": lambda line: f'echo "a $({line}) b"',
    "backquotes": lambda line: f"echo `{line}`",
    "process substitution": lambda line: f"cat <({line})",
    "assigned substitution": lambda line: f"x=$({line})",
    "comment behind": lambda line: f"{line} # really",
    "comment before": lambda line: f"# harmless\n{line}",
    "trap": lambda line: f"trap {shlex.quote(line)} EXIT",
    "watch": lambda line: f"watch -n 1 {shlex.quote(line)}",
    "ssh": lambda line: f"ssh web-1 {shlex.quote(line)}",
    "ssh, bare words": lambda line: f"ssh web-1 {line}",
    "docker exec": lambda line: f"docker exec web sh -c {shlex.quote(line)}",
    "kubectl exec": lambda line: f"kubectl exec web-0 -- bash -c {shlex.quote(line)}",
    "su": lambda line: f"su - root -c {shlex.quote(line)}",
    "xargs": lambda line: f"xargs -I@ sh -c {shlex.quote(line)} < list",
    "find": lambda line: f"find . -exec sh -c {shlex.quote(line)} ';'",
    "variable": lambda line: f"x={shlex.quote(line)}; $x",
}

NESTING = [*"sudo env nice timeout eval if and subshell function ssh su".split(), "bash -c", "here-string"]
"""Those that may stand around one another in any order."""


@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_a_line_never_makes_its_verdict_milder(name: str) -> None:
    some = PLAIN[sum(map(ord, name)) % 11 :: 11]

    assert [AROUND[name](line) for line in some if guarded(AROUND[name](line)) < guarded(line)] == []


@given(st.data())
@BOUNDED
def test_wrappers_in_wrappers_never_make_a_verdict_milder(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(PLAIN))

    wrapped = line
    for name in data.draw(st.lists(st.sampled_from(NESTING), min_size=2, max_size=4)):
        wrapped = AROUND[name](wrapped)
    assert guarded(wrapped) >= guarded(line)


@given(st.data())
@BOUNDED
def test_a_word_in_other_quotes_is_the_same_word(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(PLAIN))
    first, *others = (data.draw(st.sampled_from((str, *RE_QUOTED)))(word) for word in line.split())

    written = first + "".join(data.draw(st.sampled_from(BLANKS)) + word for word in others)
    assert guarded(written) >= guarded(line)


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
@BOUNDED
def test_any_text_gets_a_verdict(text: str) -> None:
    guarded(text)


@given(
    st.text(alphabet="\x00\x01\x1b\x7f\x85\u2028\ufffc\ufeff\ud800\udcff'\"\\$`(){}[]<>|&;\n\t #=~*?!-rm/")
)
@BOUNDED
def test_any_heap_of_signs_gets_a_verdict(text: str) -> None:
    guarded(text)


@given(st.data())
@BOUNDED
def test_a_broken_line_gets_a_verdict(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(EVERY))
    at = data.draw(st.integers(0, len(line)))
    cut = data.draw(st.integers(0, 5))
    put = data.draw(st.text(alphabet="'\"\\$`(){}<>|&;\n\x00\ud800\ufffc #*", max_size=4))

    guarded(line[:at] + put + line[at + cut :])


@given(st.data())
@BOUNDED
def test_two_lines_in_one_are_judged_by_the_stricter(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(PLAIN))
    other = data.draw(st.sampled_from(BARE))

    assert guarded(f"{line} ; {other}") >= guarded(line)
    assert guarded(f"{other}\n{line}") >= guarded(line)


def test_a_line_that_is_asked_about_is_never_proven_to_read() -> None:
    assert [line for line in EVERY if guarded(line) > 0 and DIALECT.read(line).reads] == []


LARGE: dict[str, Callable[[int], str]] = {
    "one long word": lambda size: "echo " + "x" * size,
    "many words": lambda size: "echo " + "word " * (size // 5),
    "many operands of rm": lambda size: "rm -rf " + "/srv/x " * (size // 7),
    "many commands": lambda size: "ls -l; " * (size // 7),
    "a long pipe": lambda size: "ls" + " | cat" * (size // 6),
    "a long here-document": lambda size: "cat <<END\n" + "some text $x\n" * (size // 13) + "END",
    "many quotes": lambda size: "echo " + "'a'\"b\"" * (size // 6),
    "many variables": lambda size: "echo " + "$a$b " * (size // 5),
    "many substitutions": lambda size: "echo " + "$(ls) " * (size // 6),
    "many braces": lambda size: "echo " + "{a,b} " * (size // 6),
    "open brackets": lambda size: "(" * size,
    "open quotes": lambda size: "'\"" * (size // 2),
    "open substitutions": lambda size: "$(" * (size // 2),
    "backslashes": lambda size: "\\" * size,
}


@pytest.mark.parametrize("name", LARGE)
def test_cost_grows_with_the_length_and_not_faster(name: str) -> None:
    """Ten times the text may take forty times as long; what grew with the square would take a hundred times."""
    small, large = (min(seconds(LARGE[name](size)) for _ in range(2)) for size in (10_000, 100_000))

    assert large < 40 * max(small, 0.002)


def seconds(line: str) -> float:
    start = time.perf_counter()
    guarded(line)
    return time.perf_counter() - start


@pytest.mark.parametrize("depth", [8, 64, 200])
def test_a_deeply_nested_deletion_is_asked_about_or_denied(depth: int) -> None:
    for before, after in (
        ("( ", " )"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("if true; then ", "; fi"),
        ("sudo ", ""),
    ):
        assert guarded(before * depth + "rm -rf /srv/data" + after * depth) > 0


def test_text_in_text_in_text_is_asked_about_or_denied() -> None:
    line = "rm -rf /srv/data"
    for _ in range(6):
        line = f"bash -c {shlex.quote(line)}"
        assert guarded(line) > 0
