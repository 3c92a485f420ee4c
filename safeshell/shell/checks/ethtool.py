"""ethtool: its small letters mostly show, its capitals mostly set.

Facts: ethtool(8) 6.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation

_SHOWING: Final = words(
    "-i --driver -S --statistics -k --show-features --show-offload -a --show-pause -c --show-coalesce -g"
    " --show-ring"
    " -l --show-channels -m --module-info --dump-module-eeprom -n -u --show-nfc --show-ntuple -T"
    " --show-time-stamping -P"
    " --show-permaddr -x --show-rxfh-indir --show-rxfh -d --register-dump -e --eeprom-dump"
    " --show-priv-flags --show-eee"
    " --show-fec -j --json -I --include-statistics --phy-statistics -w --get-dump --show-tunnels"
    " --show-module --get-phy-tunable"
    " --version -h --help --show-mm --get-plca-cfg --get-plca-status"
)


def reads(invocation: Invocation) -> bool:
    """An interface alone, or with options that show."""
    words = [word.text for word in invocation.words]
    options = [text for text in words if text.startswith("-")]
    operands = [text for text in words if not text.startswith("-")]
    if len(operands) > 1 and not {
        "-n",
        "-u",
        "--show-nfc",
        "--show-ntuple",
        "-m",
        "--module-info",
        "-d",
        "-e",
    } & set(options):
        return False
    return all(option in _SHOWING for option in options)
