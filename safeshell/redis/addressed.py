"""Other servers that a command writes to: MIGRATE moves keys to wherever it is told, and that place counts too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from safeshell.guard.reading import Address
from safeshell.guard.text import visible
from safeshell.redis.lua import scan

ANYWHERE: Final = Address("redis", "*")
"""Some server that nobody can tell before the command runs."""


def addresses_of(commands: Iterable[Sequence[bytes]]) -> tuple[Address, ...]:
    """The servers that `commands` write to besides the one they are sent to, each once.

    Calls in a script's text are looked at as well; a place that the script works out is `ANYWHERE`.
    Source: MIGRATE host port key|"" destination-db timeout …, the Redis command reference.
    """
    found: dict[Address, None] = {}
    for argv in commands:
        name = argv[0].upper() if argv else b""
        if name == b"MIGRATE":
            found[_place(argv[1:3])] = None
        elif name == b"EVAL" and len(argv) > 1 and b"migrate" in argv[1].lower():
            found.update(dict.fromkeys(_of_script(argv[1])))
    return tuple(found)


def _of_script(body: bytes) -> Iterable[Address]:
    script = scan(body)
    calls = [
        call.words for call in script.calls if call.words and (call.words[0] or b"").upper() == b"MIGRATE"
    ]
    if script.opaque or not calls:
        return (ANYWHERE,)
    return [_place(words[1:3]) for words in calls]


def _place(words: Sequence[bytes | None]) -> Address:
    host, port = (*words, None, None)[:2]
    if host is None or port is None:
        return ANYWHERE
    return Address("redis", f"{visible(host)}:{visible(port, limit=5)}")
