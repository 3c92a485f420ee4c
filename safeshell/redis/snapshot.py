"""The keys that one command changes: measured, taken, and looked at again afterwards.

Holds what was learned and says what to ask next; whoever owns the connection sends it, in a transaction with
the command or beside it. A key that came out as it went in is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from safeshell.redis.key_capture import LARGE_BYTES, Argv, KeyCapture, KeySize, length_asked, length_command
from safeshell.redis.reply import Reply
from safeshell.redis.undo_record import KeptKey, with_after


@dataclass(slots=True)
class Snapshot:
    """What is known of some keys of one database.

    Args:
        capture: what this server can be asked.
        db: the database.
        keys: to be kept, each once.
        sources: other keys that the command names; their size may end up in `keys`.
    """

    capture: KeyCapture
    db: int
    keys: tuple[bytes, ...]
    sources: tuple[bytes, ...] = ()
    sizes: dict[bytes, KeySize] = field(default_factory=dict)
    before: dict[bytes, KeptKey] = field(default_factory=dict)
    refused: list[bytes] = field(default_factory=list)
    _after: dict[bytes, bytes | None] = field(default_factory=dict)

    def measure_commands(self) -> list[Argv]:
        """Asks how large everything is."""
        return [argv for key in (*self.keys, *self.sources) for argv in self.capture.size_commands(key)]

    def measured(self, replies: Sequence[Reply]) -> None:
        """Take in the replies to `measure_commands`."""
        for at, key in enumerate((*self.keys, *self.sources)):
            self.sizes[key] = self.capture.size_of(replies[at * 2 : at * 2 + 2])

    @property
    def memory(self) -> int:
        """What keeping takes, roughly: memory used by the keys."""
        return sum(self.sizes[key].bytes for key in self.keys if key in self.sizes)

    @property
    def largest(self) -> tuple[bytes, int]:
        """The largest key to be kept and its bytes."""
        return max(
            ((key, self.sizes[key].bytes) for key in self.keys if key in self.sizes),
            key=lambda pair: pair[1],
            default=(b"", 0),
        )

    def take_commands(self) -> list[Argv]:
        """Asks for the keys themselves."""
        return [argv for key in self.keys for argv in self.capture.commands(key)]

    def taken(self, replies: Sequence[Reply]) -> None:
        """Take in the replies to `take_commands`."""
        width = self.capture.width
        for at, key in enumerate(self.keys):
            kept = self.capture.kept(self.db, key, replies[at * width : (at + 1) * width])
            if kept is None:
                self.refused.append(key)
            else:
                self.before[key] = kept

    def after_commands(self) -> list[Argv]:
        """Asks what became of the keys."""
        return [argv for key in self.keys for argv in self.capture.after_commands(key, self._length(key))]

    def looked(self, replies: Sequence[Reply]) -> None:
        """Take in the replies to `after_commands`."""
        for at, key in enumerate(self.keys):
            self._after[key] = self.capture.after(replies[at * 2 : at * 2 + 2], self._length(key))

    def kept(self) -> tuple[KeptKey, ...]:
        """The keys that changed, or may have, as they were."""
        found: list[KeptKey] = []
        for key, before in self.before.items():
            after = self._after.get(key)
            if after is None or length_asked(after) or after != self.capture.state_of(before):
                found.append(with_after(before, after))
        return tuple(found)

    def _length(self, key: bytes) -> bytes:
        """The command that asks for the length, for a key that may be too large to be dumped again.

        It may have become what a source was (*STORE, COPY), or what the other of two keys was (RENAME).
        """
        joined = (key, *self.sources) if len(self.keys) > 2 else (*self.keys, *self.sources)
        if sum(self.sizes[name].bytes for name in joined if name in self.sizes) <= LARGE_BYTES:
            return b""
        return length_command(self.sizes[key].type if key in self.sizes else b"")
