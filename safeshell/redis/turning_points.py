"""Commands that decide what the ones after them mean, and what has to hold when they are answered.

A script or a paste is judged as a whole on the belief that its SELECT selects and its MULTI begins. Where one of
these is answered with an error, that belief is wrong, and nothing after it may run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.redis.facts import ServerFacts
from safeshell.redis.reply import Error, Reply
from safeshell.redis.resolving import real_name

_TURNS: Final = frozenset({"SELECT", "MULTI", "EXEC", "DISCARD", "AUTH", "HELLO", "RESET", "WATCH"})


def went_astray(argv: Sequence[bytes], reply: Reply, facts: ServerFacts) -> str | None:
    """Why nothing after `argv` may run; None when it may.

    Args:
        argv: the command.
        reply: its answer.
        facts: of the server; a renamed command turns like the one that it is.

    Returns:
        The reason, a clause.
    """
    if not argv or not isinstance(reply, Error):
        return None
    name = real_name(argv[0].decode("utf-8", "replace").upper(), facts)
    return f"{name} failed, so what follows would mean something else" if name in _TURNS else None
