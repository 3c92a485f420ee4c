"""Other servers that a command writes to: MIGRATE moves keys to wherever it is told, and that place counts too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from safeshell.guard.reading import Address
from safeshell.guard.text import visible


def addresses_of(commands: Iterable[Sequence[bytes]]) -> tuple[Address, ...]:
    """The servers that `commands` write to besides the one they are sent to, each once.

    Source: MIGRATE host port key|"" destination-db timeout …, the Redis command reference.
    """
    found = {
        Address("redis", f"{visible(argv[1])}:{visible(argv[2], limit=5)}"): None
        for argv in commands
        if len(argv) > 2 and argv[0].upper() == b"MIGRATE"
    }
    return tuple(found)
