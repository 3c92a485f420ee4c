"""A paste of several lines: which lines it has, whether it may be run as one, and how it is shown before.

Pure. It is judged as a whole before its first line runs, asked about once, and each line once more when its
turn comes: what was agreed to may not turn out to be worse. What the lines do together is read by `batch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Finding
from safeshell.guard.text import counted, visible
from safeshell.guard.verdict import Verdict
from safeshell.redis.pipe import split_pipe
from safeshell.terminal.theme import Style, Theme, style_of

_MAX_SHOWN = 15
_MAX_LINE = 100
_ALONE = ("CONNECT", "QUIT", "EXIT")


@frozen
class Paste:
    """The lines of one paste, in order, at least two.

    Args:
        lines: as typed, without blank ones.
        pipes: whether ` | ` cuts a line in a redis and a local part.
    """

    lines: tuple[str, ...]
    pipes: bool

    @property
    def redis_lines(self) -> tuple[str, ...]:
        """The part of each line that goes to the server."""
        return tuple(split_pipe(line).redis if self.pipes else line for line in self.lines)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of what was entered that are not blank; only line breaks end one, as in the editor."""
    return tuple(line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip())


def check_paste(lines: Sequence[str]) -> None:
    """See that every line may be part of a paste.

    Raises:
        UsageError: a line is for the console itself: it would change what the lines after it are judged by.
    """
    for line in lines:
        word = line.split()[0]
        if word.startswith(":") or word.upper() in _ALONE:
            raise UsageError(
                f"{visible(word, limit=40)} can't be pasted among other lines; nothing has run",
                todo="Enter it by itself: what follows it is judged differently.",
            )


def goes_beyond(agreed: Verdict, now: Verdict) -> bool:
    """Whether a line's verdict, when its turn has come, is worse than what was said of the whole paste."""
    return now.kind.strictness > agreed.kind.strictness or (
        now.severity > agreed.severity and now.challenge.strictness > agreed.challenge.strictness
    )


def paste_lines(paste: Paste, verdict: Verdict, shown: Sequence[str], theme: Theme, width: int) -> list[str]:
    """The paste with what is to be said of its lines, for the screen, before the question.

    Args:
        paste: the lines.
        verdict: what was said of the whole.
        shown: the lines with their secrets replaced.
        theme: the looks.
        width: cells of the screen.
    """
    gravest = _findings_by_line(paste, verdict)
    lines = [theme.text(f"{counted(len(shown), 'line')} to run in order; nothing has run yet.")]
    skipped = 0
    for at, text in enumerate(shown):
        if at not in gravest and len(lines) > _MAX_SHOWN:
            skipped += 1
            continue
        label = f"{at + 1:>4}  "
        room = max(20, min(_MAX_LINE, width - len(label)))
        lines.append(theme.paint(label, Style.QUIET) + theme.text(visible(text.strip(), limit=room)))
        if finding := gravest.get(at):
            said = visible(f"      {finding.severity.word}: {finding.reason}", limit=max(20, width))
            lines.append(theme.paint(said, style_of(finding.severity)))
    if skipped:
        lines.append(theme.paint(f"      … and {counted(skipped, 'line')} more", Style.QUIET))
    return lines


def _findings_by_line(paste: Paste, verdict: Verdict) -> dict[int, Finding]:
    """The gravest finding of each line that has one worth a word."""
    ends = list(accumulate(len(line) + 1 for line in paste.redis_lines))
    found: dict[int, Finding] = {}
    for finding in verdict.reading.findings:
        at = next((number for number, end in enumerate(ends) if finding.span[0] < end), len(ends) - 1)
        if finding.severity >= Severity.MEDIUM and (at not in found or finding.severity > found[at].severity):
            found[at] = finding
    return found
