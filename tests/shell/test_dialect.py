"""The shell as a language of lines: whatever is typed, there is a reading."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.guard.reading import Reading, Span
from safeshell.shell.context import ShellContext
from safeshell.shell.dialect import NAME, ShellDialect
from tests.shell.readings import dialect, read

PIECES = st.sampled_from(
    "rm -rf / \\ ' \" $ ` ( ) { } ; & | < > << <<< EOF \n # ! * ? [ ] ~ = $( ${ $' X= sudo bash -c eval xargs"
    " find -exec ssh web if then fi for do done while case esac in function cd /etc && || redis-cli FLUSHALL psql"
    " -c DROP kubectl delete \x00 \x1b[31m é 😀 \ud800 \ufffc -- -- {a,b} 2>&1 >".split(" ")
)


def test_a_reading_says_its_dialect_and_line() -> None:
    reading = read("ls  -l")

    assert (reading.dialect, reading.line, reading.redacted) == (NAME, "ls  -l", "ls  -l")
    assert dialect().name == NAME


def test_the_same_dialect_reads_in_another_state_of_its_session() -> None:
    first = ShellDialect()
    second = first.with_context(ShellContext(aliases={"nuke": "rm -rf /"}))

    assert first.read("nuke").severity.word == "none"
    assert second.read("nuke").severity.word == "critical"
    assert second.context.aliases == {"nuke": "rm -rf /"}


def test_one_reading_leaves_nothing_behind_for_the_next() -> None:
    ShellDialect().read("cd /etc; alias ls='rm -rf /'; f() { rm -rf /; }; X=/")

    assert read("ls; rm -rf x; f; rm -rf $X").severity.word == "high"


@pytest.mark.parametrize("line", ["php -r '", "python -c '", "mongosh --eval '", 'bash -c "', "psql -c '"])
def test_a_quote_that_is_never_closed_leaves_no_place_outside_of_the_line(line: str) -> None:
    reading = read(line)

    spans = [command.span for command in reading.commands]
    spans += [finding.span for finding in reading.findings]
    assert all(0 <= start <= end <= len(line) for start, end in spans)


@given(st.lists(PIECES, max_size=14), st.sampled_from([" ", "", "\n"]))
def test_any_pieces_of_shell_have_a_reading(pieces: list[str], glue: str) -> None:
    line = glue.join(pieces)
    reading = read(line)

    spans = [finding.span for finding in reading.findings]
    spans += [command.span for command in reading.commands]
    assert all(0 <= start <= end <= len(line) for start, end in spans)


@given(st.text(max_size=60))
def test_any_text_has_a_reading(text: str) -> None:
    reading = read(text)

    assert reading.line == text
    assert isinstance(reading.reads, bool)


@given(st.binary(max_size=60))
def test_any_bytes_have_a_reading(data: bytes) -> None:
    read(data.decode("utf-8", "surrogateescape"))


@given(
    st.text(max_size=30),
    st.sampled_from(["bash -c {}", "ssh web {}", "eval {}", "redis-cli {}", "psql -c {}"]),
)
def test_any_text_in_a_wrapper_has_a_reading(text: str, wrapper: str) -> None:
    line = wrapper.format(shlex.quote(text))
    reading = read(line)

    spans = [command.span for command in reading.commands]
    assert all(0 <= start <= end <= len(line) for start, end in spans)


@given(
    st.text(max_size=30),
    st.sampled_from(["bash", "redis-cli", "psql", "python3 -", "mongosh", "mysql", "cat", "crontab -"]),
)
def test_any_text_in_a_here_document_has_a_reading(text: str, program: str) -> None:
    read(f"{program} <<'EOF'\n{text}\nEOF")


class _Broken:
    """A dialect with a bug."""

    def read(self, line: str) -> Reading:
        raise ZeroDivisionError

    def read_argv(self, argv: Sequence[bytes], *, line: str = "", span: Span | None = None) -> Reading:
        raise ZeroDivisionError


def test_a_line_that_the_reading_itself_fails_on_is_denied() -> None:
    reading = ShellDialect(dialects={"redis": _Broken()}).read("redis-cli GET x")

    assert [finding.rule for finding in reading.refused] == ["shell.reading-failed"]
    assert not reading.reads
    assert reading.redacted == "***"
