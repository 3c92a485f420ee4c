"""Words sent to the director of Bacula or Bareos: `echo 'delete jobid=1' | bconsole`.

Only what stands in the line is looked at. Facts: the Bacula console manual.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN
from safeshell.shell.wrappers.standard_input import Origin, standard_input

_DELETES: Final = frozenset("delete purge prune truncate cancel stop relabel restore disable umount".split())
_ASKS: Final = frozenset(
    "list llist show status messages version help time estimate whoami quit exit query".split()
)


def deletes(invocation: Invocation) -> bool:
    """What is sent deletes jobs, volumes or files, or stops something."""
    return any(verb in _DELETES for verb in _verbs(invocation))


def asks(invocation: Invocation) -> bool:
    """All that is sent is known, and only asks."""
    verbs = _verbs(invocation)
    return bool(verbs) and all(verb in _ASKS for verb in verbs)


def _verbs(invocation: Invocation) -> list[str]:
    """The first word of each line that is sent; an unknown part of a line makes its verb unknown."""
    came = standard_input(invocation.command)
    if came.origin is not Origin.TEXT:
        return []
    lines = (line.split() for line in came.text.replace(";", "\n").splitlines())
    return [UNKNOWN if UNKNOWN in " ".join(words) else words[0].lower() for words in lines if words]
