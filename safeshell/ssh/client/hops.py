"""The jump hosts of a ProxyJump, each as a call of its own with its own configuration. Pure."""

from __future__ import annotations

import re
from typing import Final

from safeshell.guard.text import visible
from safeshell.ssh.client.failures import SshFailed
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved

_HOP: Final = re.compile(r"(?:ssh://)?(?:(?P<user>.+)@)?(?P<host>\[[^\]]+\]|[^:]+)(?::(?P<port>\d+))?/?")


def hops(resolved: Resolved) -> tuple[str, ...]:
    """The jump hosts on the way, first the nearest; () for none."""
    jump = resolved.one("proxyjump", "none")
    return () if jump in ("none", "") else tuple(hop.strip() for hop in jump.split(","))


def hop_call(hop: str, call: SshCall) -> SshCall:
    """The call that leads to a jump host.

    Args:
        hop: `[user@]host[:port]`, or a URL of ssh.
        call: the one on whose way it is; its file of configuration and its -v hold for the hop, as in ssh.

    Raises:
        SshFailed: that is no host.
    """
    found = _HOP.fullmatch(hop)
    if found is None:
        raise SshFailed(
            "this is no host", where=f"ProxyJump {visible(hop)}", todo="[user@]host[:port], with commas."
        )
    options = [("F", file) for file in call.values("F")]
    options += [("v", "")] * call.count("v")
    if found["user"]:
        options.append(("l", found["user"]))
    if found["port"]:
        options.append(("p", found["port"]))
    return SshCall(tuple(options), found["host"].strip("[]"))
