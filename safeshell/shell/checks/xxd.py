"""xxd, hexdump, od: xxd's second operand is a file that it writes, and -r turns a dump into bytes.

Facts: the manuals of xxd 2023, hexdump of util-linux, od of coreutils.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_XXD: Final = spec("-c -cols -g -groupsize -l -len -n -name -o -s -seek -R", single_dash=True)


def reads(invocation: Invocation) -> bool:
    """It prints to standard output."""
    if invocation.program in ("hexdump", "hd", "od"):
        return True
    taken = retaken(invocation, _XXD)
    return len(taken.operands) < 2 and not any(word.splits and not word.known for word in taken.operands)
