"""mount: whether it lists what is mounted.

Facts: mount(8) of util-linux 2.39.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_MOUNT: Final = spec(
    "-t --types -o --options -O --test-opts -L --label -U --uuid -T --fstab -N --namespace --source --target"
)
_CHANGING: Final = (
    "-a", "--all", "-o", "--options", "-B", "--bind", "-R", "--rbind", "-M", "--move", "-L", "--label", "-U",
        "--uuid",
    "--make-shared", "--make-slave", "--make-private", "--make-unbindable", "--source", "--target",
)  # fmt: skip


def reads(invocation: Invocation) -> bool:
    """It lists: no operand, and no option that mounts."""
    taken = retaken(invocation, _MOUNT)
    return not taken.operands and not taken.has(*_CHANGING)


def remounts(invocation: Invocation) -> bool:
    """It changes the options of what is mounted."""
    options = retaken(invocation, _MOUNT).given("-o", "--options")
    return any(
        "remount" in given_text(one.value) or UNKNOWN in (one.value.text if one.value else "")
        for one in options
    )
