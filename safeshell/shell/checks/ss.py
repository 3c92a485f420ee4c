"""ss: whether it closes the sockets it finds.

Facts: ss(8) of iproute2 6.
"""

from __future__ import annotations

from safeshell.shell.invocation import Invocation


def kills(invocation: Invocation) -> bool:
    """Sockets are closed."""
    return invocation.has("-K", "--kill")
