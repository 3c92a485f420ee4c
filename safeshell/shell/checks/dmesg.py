"""dmesg: whether it shows the kernel's messages, or clears or silences them.

Facts: dmesg(1) of util-linux 2.39.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation

_DMESG: Final = spec(
    "-f --facility -l --level -n --console-level -s --buffer-size -F --file -K --kmsg-file --since --until"
    " --time-format -N",
    abbreviations=True,
)


def reads(invocation: Invocation) -> bool:
    """It shows."""
    return not retaken(invocation, _DMESG).has(
        "-c",
        "--read-clear",
        "-C",
        "--clear",
        "-D",
        "--console-off",
        "-E",
        "--console-on",
        "-n",
        "--console-level",
    )
