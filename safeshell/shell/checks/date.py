"""date: whether it shows or sets the clock.

Facts: date(1) of coreutils 9 and of BSD.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_DATE: Final = spec("-d --date -f --file -r --reference -s --set -v -z", abbreviations=True)


def reads(invocation: Invocation) -> bool:
    """It shows a time."""
    taken = retaken(invocation, _DATE)
    return not sets(invocation) and not any(may_be_option(word) for word in taken.operands)


def sets(invocation: Invocation) -> bool:
    """It sets the clock: `-s`, or an operand that is no format."""
    taken = retaken(invocation, _DATE)
    # `-Iseconds` is one option with its value; the `s` in it sets nothing.
    iso = any(word.text.startswith("-I") for word in taken.words)
    if taken.has("--set") or (taken.has("-s") and not iso):
        return True
    # BSD's `-j -f FORMAT DATE +FORMAT` only converts.
    return not taken.has("-j") and any(
        not word.text.startswith("+") and word.known for word in taken.operands
    )
