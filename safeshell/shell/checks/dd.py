"""dd: where its output goes.

Facts: the GNU coreutils 9 manual.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation
from safeshell.shell.paths import belongs_to
from safeshell.shell.word import UNKNOWN, Word

_EMITTING = ("/dev/zero", "/dev/urandom", "/dev/random", "/dev/null")


def _operand(invocation: Invocation, name: str) -> Word | None:
    """The value of the last `name=`."""
    for word in reversed(invocation.words):
        if word.text.startswith(name + "="):
            text = word.text[len(name) + 1 :]
            return Word(text, word.span, word.source, word.glob, word.splits, word.empties, word.unknowns)
    return None


def reads(invocation: Invocation) -> bool:
    """The output goes to standard output, or nowhere."""
    if any(word.text.startswith(UNKNOWN) for word in invocation.words):
        return False
    target = _operand(invocation, "of")
    return target is None or target.text in ("/dev/null", "/dev/stdout", "/dev/stderr")


def to_device(invocation: Invocation) -> bool:
    """The output goes to a disk or partition."""
    target = _operand(invocation, "of")
    return target is not None and belongs_to(target, "@device", invocation.context)


def to_system(invocation: Invocation) -> bool:
    """The output goes to a file of the system, or to one that only the shell knows."""
    target = _operand(invocation, "of")
    if target is None or to_device(invocation) or belongs_to(target, "@null", invocation.context):
        return False
    return target.text.startswith(UNKNOWN) or belongs_to(target, "@in-system", invocation.context)


def to_file(invocation: Invocation) -> bool:
    """The output goes to any other file."""
    target = _operand(invocation, "of")
    if target is None or to_device(invocation) or to_system(invocation):
        return False
    return not belongs_to(target, "@null", invocation.context)


def from_zero(invocation: Invocation) -> bool:
    """The input is a device that emits zeros or noise."""
    source = _operand(invocation, "if")
    return source is not None and source.text in _EMITTING
