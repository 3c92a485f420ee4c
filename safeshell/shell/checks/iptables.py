"""iptables, ip6tables, arptables, ebtables: whether they list rules, or flush them.

Facts: iptables(8) 1.8.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import given_text, retaken, spec
from safeshell.shell.invocation import Invocation

_IPTABLES: Final = spec(
    "-t --table -A --append -C --check -D --delete -I --insert -R --replace -N --new-chain -E"
    " --rename-chain -p --protocol -s"
    " --source -d --destination -i --in-interface -o --out-interface -j --jump -g --goto -m --match"
    " --dport --sport -M"
)
_CHANGING: Final = (
    "-A", "--append", "-D", "--delete", "-I", "--insert", "-R", "--replace", "-F", "--flush", "-Z", "--zero",
        "-N", "-M", "--modprobe",
    "--new-chain", "-X", "--delete-chain", "-P", "--policy", "-E", "--rename-chain",
)  # fmt: skip


def reads(invocation: Invocation) -> bool:
    """It lists or checks rules."""
    taken = retaken(invocation, _IPTABLES)
    shows = taken.has("-L", "--list", "-S", "--list-rules", "-C", "--check", "-V", "--version")
    return shows and not taken.has(*_CHANGING)


def flushes(invocation: Invocation) -> bool:
    """All rules of a chain or table go, or everything is dropped from now on."""
    taken = retaken(invocation, _IPTABLES)
    if taken.has("-F", "--flush", "-X", "--delete-chain"):
        return True
    drops = any(given_text(word).upper() in ("DROP", "REJECT") for word in taken.operands)
    return taken.has("-P", "--policy") and drops
