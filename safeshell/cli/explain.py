"""`safeshell explain`: how the verdict on a line comes about, step by step, for people."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from safeshell.cli.judging import EXIT_OF, add_place_options, line_judge, line_of
from safeshell.guard.effects import severity_of
from safeshell.guard.reading import Command, Finding, Reading, Span
from safeshell.guard.text import visible
from safeshell.guard.verdict import Verdict

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  safeshell explain -- "ssh web-1 'sudo sh -c \"rm -rf /srv/*\"'"
  safeshell explain --dialect redis -- 'SORT list STORE other'
  safeshell explain --target cache -- FLUSHALL
  safeshell --environment production explain --mode guarded -- "EVAL \\"redis.call('flushall')\\" 0"

exit status: as check
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `explain` to the program's commands."""
    parser = subparsers.add_parser(
        "explain",
        help="the same, step by step, for people",
        description="Show how the verdict on a line comes about. Runs nothing.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_place_options(parser)
    parser.add_argument("line", nargs="+", metavar="LINE", help="the line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Explain one line; the exit status is that of `check`."""
    judge = line_judge(arguments)
    verdict = judge.judge(line_of(arguments.line, judge.dialect.name))
    sys.stdout.write("\n".join(explained(verdict)) + "\n")
    return int(EXIT_OF[verdict.kind])


_VARIABLES = ("environ", "kubeconfig")
"""Addresses that name no place by themselves: the `where` line tells what they came to."""


def explained(verdict: Verdict) -> list[str]:
    """The steps from the line to the verdict, as lines of text."""
    reading = verdict.reading
    lines = [f"line         {visible(reading.redacted, limit=2000)}"]
    # A loop's turns are commands of their own; what looks the same is told once.
    for block in dict.fromkeys(tuple(_command_lines(reading, command)) for command in reading.commands):
        lines += block
    for finding in reading.unreadable:
        lines += ["", *_finding_lines(reading, finding, label="not readable")]
    for finding in reading.refused:
        lines += ["", *_finding_lines(reading, finding, label="denied")]
    named = [
        f"{address.kind} {visible(address.name)}"
        for address in reading.addresses
        if address.kind not in _VARIABLES
    ]
    if named:
        lines += ["", f"addresses    {', '.join(named)}"]
    proof = "proven to only read" if reading.reads else "not proven to only read"
    place = f"{verdict.target or 'no target named'} · {verdict.environment.name} · {verdict.mode.value}"
    lines += [
        "",
        f"read as      {len(reading.commands)} command{'s' * (len(reading.commands) != 1)}, {proof}",
        f"severity     {verdict.severity.word}",
        f"where        {place}",
    ]
    of_policy = [finding for finding in verdict.findings if finding not in reading.findings]
    lines += [f"because      {finding.reason} ({finding.rule})" for finding in of_policy]
    asks = f", question: {verdict.challenge.value}" if verdict.challenge.strictness else ""
    wants = " with a reason" if verdict.reason_required else ""
    lines.append(f"verdict      {verdict.kind.value}{asks}{wants}")
    lines += [f"instead      {advice}" for advice in verdict.instead]
    return lines


def _command_lines(reading: Reading, command: Command) -> list[str]:
    inside = f"   inside of {' › '.join(map(visible, command.within))}" if command.within else ""
    lines = ["", *_underlined(reading, command.span), f"command      {visible(command.name)}{inside}"]
    for effect in command.effects:
        back = "can be put back" if effect.reversible else "can't be put back"
        about = "" if effect.kind.value == "read" else f" ({severity_of(effect).word}; {back})"
        what = f" · {effect.object}" if effect.object else ""
        lines.append(f"  effect     {effect.kind.value} · {effect.extent.value}{what}{about}")
    for finding in command.findings:
        lines += _finding_lines(reading, finding, label="rule")
    lines.append(f"  proof      {'only reads' if command.reads else 'none that it only reads'}")
    return lines


def _finding_lines(reading: Reading, finding: Finding, *, label: str) -> list[str]:
    return [
        f"  {label:<10} {finding.rule} ({finding.severity.word}): {finding.reason}",
        *(f"             {part}" for part in _underlined(reading, finding.span)),
    ]


def _underlined(reading: Reading, span: Span) -> list[str]:
    """The line with the span underlined; nothing where the span says nothing.

    Spans count characters of the line as typed; a line with secrets is shown without them, so none fits.
    """
    start, end = span
    if start >= end or reading.redacted != reading.line:
        return []
    # Several lines in one are shown by the one that is meant.
    first = reading.line.rfind("\n", 0, start) + 1
    shown = reading.line[first:].split("\n", 1)[0]
    marked = (start - first, min(end - first, len(shown)))
    if not shown.isprintable() or (marked == (0, len(reading.line)) and len(reading.commands) == 1):
        return []
    return [shown, " " * marked[0] + "^" * (marked[1] - marked[0])]
