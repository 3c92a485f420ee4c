"""ip: whether it shows or changes addresses, links, routes and rules.

Facts: ip(8) of iproute2 6.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_IP: Final = spec("-f -family -l -loops -b -batch -rc -rcvbuf -n -netns -N", single_dash=True)
_SHOWING: Final = frozenset(
    {
        "show",
        "list",
        "ls",
        "lst",
        "get",
        "monitor",
        "showdump",
        "identify",
        "pids",
        "help",
        "count",
        "counters",
        "save",
        "export",
    }
)
_OBJECTS: Final = (
    "address", "link", "route", "rule", "neighbour", "neighbor", "ntable", "tunnel", "tuntap", "maddress",
        "mroute", "mrule", "monitor",
    "xfrm", "netns", "l2tp", "tcp_metrics", "token", "macsec", "vrf", "netconf", "ila", "fou", "sr",
        "nexthop", "mptcp", "ioam",
    "addrlabel", "stats",
)  # fmt: skip
_DOWN: Final = frozenset({"delete", "del", "flush"})


def _said(invocation: Invocation) -> tuple[str, str, list[str]]:
    """The object, the verb ("" for none), and the words behind it."""
    words = [word.text for word in retaken(invocation, _IP).operands]
    if not words:
        return "", "", []
    kind = next((name for name in _OBJECTS if name.startswith(words[0])), "?")
    rest = words[1:]
    if kind in ("xfrm", "mptcp", "l2tp") and rest and kind != "?":
        rest = rest[1:]
    return kind, rest[0] if rest else "", rest[1:]


def reads(invocation: Invocation) -> bool:
    """An object alone, or with a verb that shows."""
    taken = retaken(invocation, _IP)
    if taken.has("-b", "-batch", "-force"):
        return False
    kind, verb, _ = _said(invocation)
    if kind in ("", "monitor"):
        return kind == "monitor" or taken.has("-V", "-Version", "-h", "-help") or not taken.words
    if kind in ("link", "macsec") and verb in ("s", "se"):
        # The first verb that begins so is `set`.
        return False
    return kind != "?" and UNKNOWN not in verb and (not verb or _shows(verb))


def _shows(verb: str) -> bool:
    """Verbs may be cut short; `s`, `sh`, `l`, `g` are read as the showing ones."""
    return verb in _SHOWING or any(name.startswith(verb) for name in ("show", "list", "get"))


def changes(invocation: Invocation) -> bool:
    """Any other verb, or a batch."""
    return not reads(invocation)


def takes_down(invocation: Invocation) -> bool:
    """Something is deleted, flushed, or set down."""
    _, verb, rest = _said(invocation)
    if verb and any(name.startswith(verb) for name in _DOWN) and verb != "f":
        return True
    return bool(verb) and "set".startswith(verb) and "down" in rest
