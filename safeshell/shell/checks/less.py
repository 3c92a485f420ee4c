"""less: whether it keeps a log or runs a command at its start.

Facts: less(1) 608. What is typed inside of it (`!`, `|`, `v`) is not seen here.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.names_of_things import stands_for_names
from safeshell.shell.word import UNKNOWN

_LESS: Final = spec(
    "-b --buffers -h --max-back-scroll -j --jump-target -k --lesskey-file -o --log-file -O --LOG-FILE -p"
    " --pattern -P"
    " --prompt --lesskey-src --lesskey-content --cmd"
    " -t --tag -T --tag-file -x --tabs -y --max-forw-scroll -z --window -# --shift"
)

_RUNNING: Final = (
    "-o", "--log-file", "-O", "--LOG-FILE", "-k", "--lesskey-file", "--lesskey-src", "--lesskey-content",
    "--cmd",
)  # fmt: skip
_CUT_SHORT: Final = tuple(
    name[:length] for name in ("--log-file", "--LOG-FILE", "--lesskey-file") for length in range(5, len(name))
)


def reads(invocation: Invocation) -> bool:
    """It shows files."""
    taken = retaken(invocation, _LESS)
    return not taken.has(*_RUNNING, *_CUT_SHORT) and not any(
        word.text.startswith(("+!", "++!", "+|", "+s", "++s", UNKNOWN))
        and (word.splits or word.text[0] == "+")
        for word in taken.words
        if not stands_for_names(word)
    )
