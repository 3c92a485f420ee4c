"""ifconfig: whether it shows or changes interfaces.

Facts: ifconfig(8) of net-tools and of BSD.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_DOWN = frozenset({"down", "delete", "-alias", "destroy", "0.0.0.0", "0", "del", "unplumb"})  # noqa: S104 - recognised only


def reads(invocation: Invocation) -> bool:
    """At most an interface is named."""
    words = [word.text for word in invocation.words if not word.text.startswith("-")]
    options = [word.text for word in invocation.words if word.text.startswith("-")]
    if any(word.splits and UNKNOWN in word.text for word in invocation.words):
        return False
    return len(words) < 2 and set(options) <= {"-a", "-s", "-v", "-l", "-m", "-L", "-u", "-d"}


def takes_down(invocation: Invocation) -> bool:
    """The interface goes down or loses its address."""
    return any(word.text in _DOWN for word in invocation.words[1:])
