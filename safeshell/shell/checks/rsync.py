"""rsync: whether it copies at all.

Facts: rsync(1) 3.2.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import may_be_option, retaken, spec
from safeshell.shell.invocation import Invocation

_RSYNC: Final = spec(
    "-e --rsh -f --filter -T --temp-dir -B --block-size -M --remote-option --exclude --include --exclude-from"
    " --include-from --files-from --backup-dir --suffix --bwlimit --timeout --contimeout --port"
    " --rsync-path --log-file"
    " --log-file-format --out-format --password-file --partial-dir --chmod --chown --compare-dest"
    " --copy-dest --link-dest"
    " --compress-choice --compress-level --max-size --min-size --max-delete --modify-window --info --debug"
    " --sockopts"
    " --usermap --groupmap --protocol --iconv --checksum-seed --address --skip-compress --outbuf"
    " --stop-after --stop-at",
    abbreviations=False,
)


def reads(invocation: Invocation) -> bool:
    """A dry run, or a single operand, which is then listed; and no program or log file named."""
    taken = retaken(invocation, _RSYNC)
    if taken.has(
        "--log-file", "--rsync-path", "--remove-source-files", "--write-batch", "-M", "--remote-option"
    ):
        return False
    if any(map(may_be_option, taken.operands)):
        return False
    dry = taken.has("-n", "--dry-run") and not taken.has("--no-dry-run", "--no-n")
    return dry or (len(taken.operands) == 1 and taken.operands[0].known)
