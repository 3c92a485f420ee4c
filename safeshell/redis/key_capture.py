"""How a key is read so that it can be put back, and how it is recognised again afterwards.

Commands out, replies in: a `KeyCapture` says what to ask and what the answers mean, and sends nothing, so
that the same questions fit into a transaction, a pipeline or single calls. Facts: notes/redis.md §5 (DUMP
carries the value alone; time to live and idle time are asked for beside it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from safeshell.frozen import frozen
from safeshell.redis.payload import value_digest
from safeshell.redis.reply import Error, Reply, integer_of, items_of, string_of
from safeshell.redis.undo_record import KeptKey

Argv = tuple[bytes, ...]

LARGE_BYTES: Final = 1 << 20
"""Keys above this are not dumped a second time to see what became of them; their length has to do."""

ABSENT: Final = b"absent"
"""The state of a key that does not exist."""

_LENGTH_STATE: Final = b"length:"
_LENGTH_COMMANDS: Final = {
    b"string": b"STRLEN",
    b"list": b"LLEN",
    b"hash": b"HLEN",
    b"set": b"SCARD",
    b"zset": b"ZCARD",
    b"stream": b"XLEN",
}


@frozen
class KeySize:
    """What is known of a key before it is dumped.

    Args:
        type: as TYPE says; b"none" for an absent key.
        bytes: in the server's memory; 0 when the server does not say.
    """

    type: bytes
    bytes: int

    @property
    def exists(self) -> bool:
        """Whether there is such a key."""
        return self.type != b"none"


@frozen
class KeyCapture:
    """The questions that one server understands.

    Args:
        absolute_expiry: it has PEXPIRETIME (Redis 7.0 on), so that expiry is exact.
        least_frequent: its eviction policy counts uses (LFU) rather than idle time.
        usage: whether idle time or uses are asked for; they cost a third of a bulk snapshot.
    """

    absolute_expiry: bool
    least_frequent: bool = False
    usage: bool = True

    @classmethod
    def of_server(cls, version: str, policy: str = "") -> KeyCapture:
        """The questions for a server of `version` (`7.0.15`) with that `maxmemory-policy`."""
        major = re.match(r"\d+", version)
        return cls(major is not None and int(major[0]) >= 7, "lfu" in policy)

    def size_commands(self, key: bytes) -> tuple[Argv, ...]:
        """Asks how large `key` is; two replies for `size_of`."""
        return ((b"TYPE", key), (b"MEMORY", b"USAGE", key))

    def size_of(self, replies: Sequence[Reply]) -> KeySize:
        """What the replies to `size_commands` say."""
        return KeySize(string_of(replies[0]) or b"unknown", integer_of(replies[1]) or 0)

    @property
    def width(self) -> int:
        """How many replies `commands` have."""
        return self.usage + (2 if self.absolute_expiry else 3)

    def commands(self, key: bytes) -> tuple[Argv, ...]:
        """Asks for all of `key`; `width` replies for `kept`. Idle time comes first: DUMP would reset it."""
        use = b"FREQ" if self.least_frequent else b"IDLETIME"
        value = ((b"DUMP", key), *self._expiry_commands(key))
        return ((b"OBJECT", use, key), *value) if self.usage else value

    def kept(self, db: int, key: bytes, replies: Sequence[Reply]) -> KeptKey | None:
        """The key as the replies to `commands` say; None when the server refused to dump it."""
        use = replies[0] if self.usage else None
        dumped, *expiry = replies[1:] if self.usage else replies
        if isinstance(dumped, Error):
            return None
        payload = string_of(dumped)
        if payload is None:
            return KeptKey(db, key, None)
        used = None if use is None else integer_of(use)
        idle, freq = (None, used) if self.least_frequent else (used, None)
        return KeptKey(db, key, payload, self._expires_ms(expiry), idle, freq)

    def after_commands(self, key: bytes, length: bytes = b"") -> tuple[Argv, ...]:
        """Asks what became of `key`; two replies for `after`.

        Args:
            key: its name.
            length: the command that tells its length, for keys too large to be dumped just to look at them.
        """
        return ((length or b"DUMP", key), self._expiry_commands(key)[0])

    def after(self, replies: Sequence[Reply], length: bytes = b"") -> bytes | None:
        """The state that the replies to `after_commands` tell; None when they tell none."""
        value, expiry = replies
        left = integer_of(expiry)
        if left == -2:
            return ABSENT
        if left is None:
            return None
        if length:  # an error is an answer here: the key is of another type now
            number = integer_of(value)
            return _LENGTH_STATE + length + b":%d" % (-1 if number is None else number) + self._mark(left)
        if isinstance(value, Error):
            return None
        payload = string_of(value)
        return ABSENT if payload is None else _value_state(payload) + self._mark(left)

    def state_of(self, kept: KeptKey) -> bytes:
        """The state of a key as it was kept, comparable with `after` of a key that is not large."""
        if kept.payload is None:
            return ABSENT
        return _value_state(kept.payload) + self._mark(kept.expires_ms or -1)

    def _expiry_commands(self, key: bytes) -> tuple[Argv, ...]:
        return ((b"PEXPIRETIME", key),) if self.absolute_expiry else ((b"PTTL", key), (b"TIME",))

    def _expires_ms(self, replies: Sequence[Reply]) -> int | None:
        value = integer_of(replies[0])
        if value is None or value < 0:
            return None
        return value if self.absolute_expiry else unix_ms(replies[1]) + value

    def _mark(self, expires: int) -> bytes:
        """The part of a state that stands for its expiry; a relative one wanders, so it says only whether."""
        if expires < 0:
            return b""
        return b" expires:%d" % expires if self.absolute_expiry else b" expires"


def length_command(type_of_key: bytes) -> bytes:
    """The command that tells the length of a key of that type; EXISTS where there is none."""
    return _LENGTH_COMMANDS.get(type_of_key, b"EXISTS")


def length_asked(state: bytes | None) -> bytes:
    """The command whose reply a state is made of; empty when it is made of the value."""
    if state is None or not state.startswith(_LENGTH_STATE):
        return b""
    return state.split(b":")[1]


def unix_ms(reply: Reply) -> int:
    """The Unix milliseconds that a reply to TIME says; 0 for anything else."""
    parts = [integer_of(part) or 0 for part in items_of(reply) or ()]
    return parts[0] * 1000 + parts[1] // 1000 if len(parts) == 2 else 0


def _value_state(payload: bytes) -> bytes:
    return b"value:" + value_digest(payload).hex().encode()


def restore_command(kept: KeptKey, *, replace: bool = True) -> Argv:
    """The command that puts a key back: RESTORE with absolute expiry, or UNLINK of one that was absent."""
    if kept.payload is None:
        return (b"UNLINK", kept.key)
    expires = b"%d" % kept.expires_ms if kept.expires_ms else b"0"
    words = [b"RESTORE", kept.key, expires, kept.payload]
    if replace:
        words.append(b"REPLACE")
    if kept.expires_ms:
        words.append(b"ABSTTL")
    if kept.freq is not None:
        words += [b"FREQ", b"%d" % min(255, max(0, kept.freq))]
    elif kept.idle is not None:
        words += [b"IDLETIME", b"%d" % max(0, kept.idle)]
    return tuple(words)
