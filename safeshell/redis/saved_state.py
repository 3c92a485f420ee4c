"""Undo for what is no key: settings, functions, users, and commands that are their own inverse.

A `SavedState` knows what to ask before the command, and how to build from the answers the commands that put
it back. It sends nothing. Facts: notes/redis.md §3 (saved state, own inverse).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.text import visible
from safeshell.redis.reply import Error, Integer, Reply, items_of, pairs_of, string_of
from safeshell.redis.undo_record import Inverse

Argv = tuple[bytes, ...]

_SECRET_SETTINGS: Final = frozenset(
    {b"requirepass", b"masterauth", b"masteruser", b"primaryauth", b"primaryuser", b"tls-key-file-pass",
     b"tls-client-key-file-pass"}
)  # fmt: skip


def is_secret_setting(name: bytes) -> bool:
    """Whether the setting's value is a secret (or half of one)."""
    return name.lower() in _SECRET_SETTINGS


def reply_digest(reply: Reply) -> bytes:
    """16 bytes that are equal for equal replies."""
    return blake2b(repr(reply).encode(), digest_size=16).digest()


@frozen
class SavedState(ABC):
    """What to ask before a command that changes something other than keys, and how to take it back.

    Args:
        argv: the command.
        db: the database it runs in.
    """

    argv: Argv
    db: int

    @abstractmethod
    def before(self) -> tuple[Argv, ...]:
        """What to ask beforehand."""

    @abstractmethod
    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        """What takes it back, by the replies to `before`, without `after`; empty when nothing can."""

    def came_to_pass(self, reply: Reply) -> bool:
        """Whether a command with this reply changed anything."""
        return not isinstance(reply, Error)


class _Settings(SavedState):
    """CONFIG SET name value [name value …]."""

    def before(self) -> tuple[Argv, ...]:
        return tuple((b"CONFIG", b"GET", name) for name in self.argv[2::2])

    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        found: list[Inverse] = []
        for got in asked:
            for name, value in pairs_of(got) or ():
                setting, old = string_of(name), string_of(value)
                if setting is not None and old is not None:
                    back = (b"CONFIG", b"SET", setting, old)
                    words = f"setting {visible(setting)}"
                    probe = (b"CONFIG", b"GET", setting)
                    found.append(Inverse(words, self.db, probe, b"", (back,), is_secret_setting(setting)))
        return tuple(found)


class _Functions(SavedState):
    """FUNCTION LOAD, DELETE, FLUSH, RESTORE: all libraries as they were."""

    def before(self) -> tuple[Argv, ...]:
        return ((b"FUNCTION", b"DUMP"),)

    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        payload = string_of(asked[0])
        if payload is None:
            return ()
        back = (b"FUNCTION", b"RESTORE", payload, b"FLUSH")
        return (Inverse("the function libraries", self.db, (b"FUNCTION", b"DUMP"), b"", (back,)),)


class _Users(SavedState):
    """ACL SETUSER name …, ACL DELUSER name …."""

    def before(self) -> tuple[Argv, ...]:
        return ((b"ACL", b"LIST"),)

    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        lines = items_of(asked[0])
        if lines is None:
            return ()
        rules = {
            words[1]: words[2:] for words in (line.split() for line in _strings(lines)) if len(words) > 1
        }
        names = self.argv[2:3] if self.argv[1].upper() == b"SETUSER" else self.argv[2:]
        found: list[Inverse] = []
        for name in names:
            back: Argv = (b"ACL", b"DELUSER", name)
            if name in rules:
                back = (b"ACL", b"SETUSER", name, b"reset", *rules[name])
            words = f"user {visible(name)}"
            found.append(Inverse(words, self.db, (b"ACL", b"GETUSER", name), b"", (back,), secret=True))
        return tuple(found)


class _Swapped(SavedState):
    """SWAPDB a b."""

    def before(self) -> tuple[Argv, ...]:
        return ()

    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        del asked
        words = f"the swap of databases {visible(self.argv[1])} and {visible(self.argv[2])}"
        return (Inverse(words, self.db, (), b"", (self.argv,)),)


class _Moved(SavedState):
    """MOVE key db."""

    def before(self) -> tuple[Argv, ...]:
        return ()

    def inverses(self, asked: Sequence[Reply]) -> tuple[Inverse, ...]:
        del asked
        if not self.argv[2].isdigit():
            return ()
        key, there = self.argv[1], int(self.argv[2])
        back = (b"MOVE", key, b"%d" % self.db)
        return (Inverse(f"the move of {visible(key)}", there, (b"EXISTS", key), b"", (back,)),)

    def came_to_pass(self, reply: Reply) -> bool:
        return reply == Integer(1)


_FUNCTION_CHANGES: Final = frozenset({b"LOAD", b"DELETE", b"FLUSH", b"RESTORE"})


def saved_state(argv: Sequence[bytes], db: int) -> SavedState | None:
    """How to undo `argv`, when it changes something other than the value of keys; None when it does not.

    Args:
        argv: the command under its real name.
        db: the database it runs in.
    """
    words = tuple(argv)
    name = words[0].upper() if words else b""
    second = words[1].upper() if len(words) > 1 else b""
    match name:
        case b"CONFIG" if second == b"SET" and len(words) >= 4:
            return _Settings(words, db)
        case b"FUNCTION" if second in _FUNCTION_CHANGES:
            return _Functions(words, db)
        case b"ACL" if second in (b"SETUSER", b"DELUSER") and len(words) >= 3:
            return _Users(words, db)
        case b"SWAPDB" if len(words) == 3:
            return _Swapped(words, db)
        case b"MOVE" if len(words) == 3:
            return _Moved(words, db)
    return None


def _strings(replies: Sequence[Reply]) -> list[bytes]:
    return [text for text in map(string_of, replies) if text is not None]
