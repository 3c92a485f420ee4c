"""awk and sed: the commands that their own little programs start, `system("rm x")`, `1e rm x`.

What they read and write is for the packs; their programs are taken apart by the checks of the same names.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import Severity
from safeshell.shell.inner import Inner, InnerText, Unwrapped
from safeshell.shell.invocation import invoke
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too
from safeshell.shell.wrappers.shells import SHELLS, unread_script


def _awk(call: Call) -> Unwrapped | None:
    if not any("system" in one.text or "|" in one.text for one in call.words):
        return PACKS_JUDGE
    from safeshell.shell.checks import awk

    inner = awk.inner(invoke(call.command, context=call.context))
    return judged_too(*(_fed_shell(one) if _is_shell(one.text) else one for one in inner))


def _is_shell(text: str) -> bool:
    """Whether it is a shell and nothing else: what is printed into it are commands."""
    words = text.split()
    return (
        bool(words) and words[0].rpartition("/")[2] in SHELLS and all(word[:1] == "-" for word in words[1:])
    )


def _fed_shell(shell: InnerText) -> Inner:
    return unread_script("awk", shell.span, severity=Severity.MEDIUM)


def _sed(call: Call) -> Unwrapped | None:
    if not any("e" in one.text for one in call.words):
        return PACKS_JUDGE
    from safeshell.shell.checks import sed

    return judged_too(*sed.inner(invoke(call.command, context=call.context)))


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("sed", "gsed"), _sed),
}
