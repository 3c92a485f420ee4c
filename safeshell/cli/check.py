"""`safeshell check`: what would this line do, and what would be said of it? Runs nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from safeshell.cli.judging import EXIT_OF, LineJudge, add_place_options, line_judge, line_of
from safeshell.errors import UsageError
from safeshell.guard.contract import verdict_record
from safeshell.guard.text import visible
from safeshell.guard.verdict import Verdict, VerdictKind

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  safeshell check -- 'rm -rf "$DIR"/*'
  safeshell --environment production check --mode guarded -- 'sudo systemctl stop postgresql'
  safeshell check --target cache --json -- 'DEL cart:7'      a Redis target: a Redis line
  safeshell check --dialect redis -- FLUSHALL
  safeshell check --json - < lines.txt           one verdict a line, in order
  find . -print0 | safeshell check --null -      NUL-separated

exit status: 0 allow, 10 confirm, 11 review, 12 deny; of several lines, the strictest
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `check` to the program's commands."""
    parser = subparsers.add_parser(
        "check",
        help="what would a line do? runs nothing",
        description="Say what would be said of a line. Nothing is run, nobody asked, no server contacted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_place_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--null", action="store_true", help="lines on standard input end with NUL")
    parser.add_argument("line", nargs="+", metavar="LINE", help="the line, or - for standard input")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge one line, or each line of standard input.

    Raises:
        UsageError: the options do not fit.
        ConfigInvalid: the configuration does not validate.
    """
    judge = line_judge(arguments)
    if arguments.line == ["-"]:
        return _check_stream(judge, sys.stdin.buffer, null=arguments.null, as_json=arguments.json)
    if arguments.null:
        raise UsageError(
            "--null is about standard input", where="safeshell check", todo="Give - as the line."
        )
    verdict = judge.judge(line_of(arguments.line, judge.dialect.name))
    sys.stdout.write(_shown(verdict, as_json=arguments.json))
    return int(EXIT_OF[verdict.kind])


def _check_stream(judge: LineJudge, source: BinaryIO, *, null: bool, as_json: bool) -> int:
    """Answer in order, each line at once: another program may be waiting for it before it sends the next."""
    strictest = VerdictKind.ALLOW
    for line in _null_separated(source) if null else _lines(source):
        verdict = judge.judge(line.decode("utf-8", "surrogateescape"))
        strictest = max(strictest, verdict.kind, key=lambda kind: kind.strictness)
        sys.stdout.write(_shown(verdict, as_json=as_json))
        sys.stdout.flush()
    return int(EXIT_OF[strictest])


def _lines(source: BinaryIO) -> Iterator[bytes]:
    for line in source:
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _null_separated(source: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := getattr(source, "read1", source.read)(1 << 16):
        *complete, rest = (rest + block).split(b"\0")
        yield from complete
    if rest:
        yield rest


def _shown(verdict: Verdict, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(verdict_record(verdict)) + "\n"
    words = [verdict.kind.value, verdict.severity.word, visible(verdict.reading.redacted)]
    reasons = [f"{finding.rule}: {finding.reason}" for finding in verdict.findings]
    advice = [f"instead: {text}" for text in verdict.instead]
    return "\n    ".join(["  ".join(words), *reasons, *advice]) + "\n"
