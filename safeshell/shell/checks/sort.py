"""sort: whether it writes a file or runs a program.

Facts: the GNU coreutils 9 manual.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_only_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_SORT: Final = spec(
    "-k --key -t --field-separator -o --output -S --buffer-size -T --temporary-directory --parallel"
    " --batch-size"
    " --compress-program --random-source --files0-from --sort",
    abbreviations=True,
)


def reads(invocation: Invocation) -> bool:
    """The lines go to standard output."""
    taken = retaken(invocation, _SORT)
    return not taken.has("-o", "--o", "--output", "--compress-program") and not any(
        map(may_only_be_option, taken.operands)
    )
