"""awk and sed: the commands that their own little programs start, `system("rm x")`, `1e rm x`.

What they read and write is for the packs; their programs are taken apart by the checks of the same names.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.inner import Unwrapped
from safeshell.shell.invocation import invoke
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too


def _awk(call: Call) -> Unwrapped | None:
    if not any("system" in one.text or "|" in one.text for one in call.words):
        return PACKS_JUDGE
    from safeshell.shell.checks import awk

    return judged_too(*awk.inner(invoke(call.command, context=call.context)))


def _sed(call: Call) -> Unwrapped | None:
    if not any("e" in one.text for one in call.words):
        return PACKS_JUDGE
    from safeshell.shell.checks import sed

    return judged_too(*sed.inner(invoke(call.command, context=call.context)))


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("sed", "gsed"), _sed),
}
