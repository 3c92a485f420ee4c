"""Checks of salt lines: whether the execution function named only reads.

Source: the list of Salt's execution and runner modules; what is not known to read changes.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.invocation import Invocation

_FUNCTION: Final = lazy_pattern(r"[a-z_0-9]+\.[a-z_0-9]+")
_READING_MODULES: Final = frozenset(
    {"test", "status", "sys", "ps", "pillar", "match", "grains", "network", "disk", "config", "locate", "tls"}
)
_READING_NAMES: Final = lazy_pattern(
    r"get\w*|list\w*|show\w*|status|version|versions|info|items|item|ls|ping|usage|available|exists|file_exists|directory_exists"
    r"|read|stats|find|search|is_\w+|has_\w+|check\w*|blkid|uptime|loadavg|raw|fetch|keys|lookup_jid|active|last_run"
    r"|print_job|up|down|alived|not_alived|present|not_present|contains|grep|hostname|latest_version|upgrade_available"
    r"|list_upgrades|doc|top|pid|pidof|cpuinfo|meminfo|diskusage|interfaces|ip_addrs|netstat|dig|traceroute|orchestrate_show_sls"
    r"|running|enabled|disabled|file_list|envs|event|grains|pillar|mine|ps|inspect\w*|images|logs|facts"
)
_CHANGING: Final = frozenset(
    (
        *(
            "grains.setval",
            "grains.setvals",
            "grains.append",
            "grains.remove",
            "grains.delval",
            "grains.delkey",
            "grains.set",
        ),
        *(
            "network.mod_hostname",
            "network.mod_bufsize",
            "status.kill",
            "ps.kill_pid",
            "ps.pkill",
            "disk.format",
        ),
        *("disk.wipe", "disk.resize2fs", "disk.tune", "config.set", "test.exception"),
        *("cmd.run", "cmd.shell", "jobs.exit_success"),
    )
)


def reads(invocation: Invocation) -> bool:
    """Whether the function that is called only reads, or a state is only tested."""
    function = _function(invocation)
    if not function or function in _CHANGING:
        return False
    module, _, name = function.partition(".")
    if module == "cp":
        return name.startswith(("list", "hash", "is_"))
    if any(word.text.lower().startswith("removekeys=") for word in invocation.operands):
        return False
    if module in _READING_MODULES:
        return True
    if module == "state":
        return "show" in name or any(
            word.text.lower() in ("test=true", "test=1") for word in invocation.operands
        )
    return _READING_NAMES.fullmatch(name) is not None


def changes(invocation: Invocation) -> bool:
    """Whether the function that is called is not known to read."""
    return not reads(invocation)


def _function(invocation: Invocation) -> str:
    """`pkg.install` of `salt TARGET pkg.install` or `salt-call pkg.install`; "" when unknown."""
    at = 1 if invocation.program in ("salt", "salt-ssh") else 0
    if len(invocation.operands) <= at:
        return ""
    text = invocation.operands[at].text
    return text if _FUNCTION.fullmatch(text) else ""
