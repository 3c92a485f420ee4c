"""at, batch and crontab: commands that run later, read from standard input.

That something is scheduled, and what is replaced by it, is for the packs.
Sources: at(1), crontab(1), crontab(5).
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, InnerText, Language, Unwrapped
from safeshell.shell.word import UNKNOWN, Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, hides_all, judged_too
from safeshell.shell.wrappers.front import front, walk
from safeshell.shell.wrappers.shells import script_in, unread_script
from safeshell.shell.wrappers.standard_input import Origin, StandardInput, standard_input

_AT: Final = front("-m -M -v -l -d -r -b -k -V -c", "-f -t -q -o", permuted=True)
_CRONTAB: Final = front("-l -r -e -i -s -n -T", "-u -c", permuted=True)
_CRON_LINE: Final = lazy_pattern(
    r"[ \t]*(?:@\w+|[-\d*/,]+(?:[ \t]+[-\w*/,?#]+){4})[ \t]+(?P<command>\S[^\n]*)", re.ASCII
)


def _at(call: Call) -> Unwrapped | None:
    """`at TIME` reads a script; `-l`, `-d`, `-r`, `-c` only look at or remove jobs."""
    taken = walk(call.words, _AT)
    if taken.has("-l", "-d", "-r", "-c", "-V", "-f"):
        return PACKS_JUDGE
    inner = script_in(standard_input(call.command))
    return judged_too(inner) if inner is not None else PACKS_JUDGE


def _crontab(call: Call) -> Unwrapped | None:
    """`crontab -` and `crontab` with something piped into it: the command of every line."""
    taken = walk(call.words, _CRONTAB)
    if taken.has("-l", "-r", "-e") or any(one.text not in ("-", "/dev/stdin") for one in taken.operands):
        return PACKS_JUDGE
    came = standard_input(call.command)
    if came.origin is Origin.PROGRAM or hides_all(came.text):
        return judged_too(unread_script(came.name, came.span, severity=Severity.MEDIUM))
    return judged_too(*_jobs(came)) if came.origin is Origin.TEXT else PACKS_JUDGE


def _jobs(came: StandardInput) -> list[Inner]:
    """The commands of a crontab; `%` is the end of the command where it is not escaped."""
    found: list[Inner] = []
    at = 0
    for line in came.text.split("\n"):
        match = _CRON_LINE.match(line)
        if match is not None and not line.lstrip().startswith(("#", UNKNOWN)):
            start = came.span[0] + at + match.start("command")
            command = re.split(r"(?<!\\)%", match["command"])[0].replace("\\%", "%")
            span = (start, start + len(match["command"])) if came.exact else came.span
            found.append(
                InnerText(command, Language.SHELL, span, came.exact and "\\%" not in match["command"])
            )
        at += len(line) + 1
    return found


def _daemonize(call: Call) -> Unwrapped | None:
    """`daemonize [options] COMMAND…`."""
    words: tuple[Word, ...] = walk(call.words, front(values="-c -e -o -p -l -u -E -a", known=True)).operands
    return judged_too(call.runs(words)) if words else PACKS_JUDGE


WRAPPERS: Final[dict[str, Handler]] = {
    "at": _at,
    "batch": _at,
    "crontab": _crontab,
    "daemonize": _daemonize,
}
