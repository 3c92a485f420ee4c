"""Which keys a command changes, as far as undo has to know: names, database, and how it may be run.

A view on `keys.named_keys` with the exceptions that matter when a command is put into a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.redis.facts import ServerFacts
from safeshell.redis.keys import Access, keys_of
from safeshell.redis.resolving import resolve

# In a transaction a command of the first kind would not wait but answer nil, one of the second is refused.
_NOT_IN_TRANSACTIONS: Final = frozenset({"blocking", "no_multi"})

# Whether or where these write depends on their other words, though the server does not call their keys movable.
_BY_ARGUMENTS: Final = frozenset(
    {"BITFIELD", "COPY", "GEORADIUS", "GEORADIUSBYMEMBER", "GETEX", "HGETEX", "MIGRATE", "SORT", "XREADGROUP"}
)


@frozen
class WrittenKeys:
    """What a command names.

    Args:
        written: the keys whose value or expiry it may change, each once.
        sources: the keys it only reads.
        db: the database of `written` when the command names one (COPY … DB n), else None.
        whole: whether it replaces or deletes whole keys; else it changes a part.
        waits: in a transaction it would not do what it does alone.
    """

    written: tuple[bytes, ...]
    sources: tuple[bytes, ...] = ()
    db: int | None = None
    waits: bool = False
    whole: bool = True


NOTHING: Final = WrittenKeys(())
"""Of commands that change no key by name."""


def written_keys(argv: Sequence[bytes], facts: ServerFacts) -> WrittenKeys:
    """What undo has to know of `argv`.

    Args:
        argv: the command as it is sent.
        facts: what the server told of its commands.
    """
    info = resolve(argv, facts)
    named = keys_of(info, argv) if info else ()
    changed = [key for key in named if key.access is not Access.READ]
    if not changed or info is None:
        return NOTHING
    written = tuple(dict.fromkeys(key.key for key in changed))
    return WrittenKeys(
        written,
        tuple(
            dict.fromkeys(key.key for key in named if key.access is Access.READ and key.key not in written)
        ),
        next((key.db for key in changed if key.db is not None), None),
        bool(info.flags & _NOT_IN_TRANSACTIONS),
        any(key.access in (Access.OVERWRITE, Access.DELETE) for key in changed),
    )


class WrittenNames:
    """The names of written keys of many commands, fast: for a script's pipeline.

    Where a command's keys stand by their places alone is worked out once for each name and number of words.

    Args:
        facts: what the server told of its commands.
    """

    def __init__(self, facts: ServerFacts) -> None:
        self._facts = facts
        self._places: dict[tuple[bytes, int], tuple[int, ...] | None] = {}

    def of(self, argv: Sequence[bytes]) -> Sequence[bytes]:
        """The keys that `argv` may change; one may come twice."""
        shape = (argv[0], len(argv))
        if shape not in self._places:
            self._places[shape] = _fixed_places(argv, self._facts)
        places = self._places[shape]
        if places is None:
            return written_keys(argv, self._facts).written
        return [argv[at] for at in places]


def _fixed_places(argv: Sequence[bytes], facts: ServerFacts) -> tuple[int, ...] | None:
    """Where the written keys of every such command stand; None when its other words decide."""
    info = resolve(argv, facts)
    if info is None or " " in info.name or info.name in _BY_ARGUMENTS or "movablekeys" in info.flags:
        return None
    if any(spec.keyword or spec.numkeys or spec.limit for spec in info.keys):
        return None
    return tuple(key.at for key in keys_of(info, argv) if key.access is not Access.READ)


def real_name(argv: Sequence[bytes], facts: ServerFacts) -> str:
    """The command's own name, whatever it was renamed to; empty for an unknown one."""
    info = resolve(argv, facts)
    return info.name if info else ""
