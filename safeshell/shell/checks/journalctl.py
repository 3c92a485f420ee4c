"""journalctl: whether it shows the journal or changes its files.

Facts: journalctl(1) of systemd 255.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_JOURNALCTL: Final = spec(
    "-u --unit --user-unit -n --lines -o --output -p --priority -t --identifier -S --since -U --until -c"
    " --cursor -M --machine -D"
    " --directory --file --root --image --facility -g --grep --output-fields --namespace --after-cursor"
    " --cursor-file"
    " --vacuum-size --vacuum-files --vacuum-time --verify-key --interval -F --field -b"
)
_CHANGING: Final = (
    "--vacuum-size", "--vacuum-files", "--vacuum-time", "--rotate", "--flush", "--sync", "--relinquish-var",
    "--smart-relinquish-var", "--setup-keys", "--update-catalog", "--cursor-file",
)  # fmt: skip


def reads(invocation: Invocation) -> bool:
    """It shows."""
    taken = retaken(invocation, _JOURNALCTL)
    changing = any(_is_changing(option.name) for option in taken.options)
    return not changing and not any(map(may_be_option, taken.operands))


def _is_changing(name: str) -> bool:
    """Long options may be cut short: `--vac`, `--rot`."""
    if name in _CHANGING:
        return True
    return (
        len(name) > 4
        and name.startswith("--")
        and any(full.startswith(name) for full in _CHANGING)
        and name not in ("--cursor", "--system")
    )
