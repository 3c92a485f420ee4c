"""One batch of `:unlink`: keys are dumped and unlinked in small transactions, the next SCAN rides along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.guard.text import sized, visible
from safeshell.redis.connection import Connection
from safeshell.redis.key_capture import ABSENT, Argv, KeyCapture
from safeshell.redis.line_keeping import LineKeeping
from safeshell.redis.reply import Array, Error, Reply, integer_of
from safeshell.redis.undo_record import KeptKey, KeptKeys, with_after

# So much is dumped in one transaction at most: some ten milliseconds in which the server serves nobody else.
_TRANSACTION_BYTES: Final = 4 << 20


class UnlinkFailed(SafeshellError):
    """The server refused to go on; what was done is done, and it can be continued."""


class BatchRemover:
    """Removes batches of keys, keeping them as long as the limit allows.

    Args:
        connection: in the right database.
        capture: what this server can be asked.
        keeping: the entry.
        keeps: whether to keep anything.
        clustered: keys are removed one by one, since they lie in different slots.
    """

    def __init__(
        self,
        connection: Connection,
        capture: KeyCapture,
        keeping: LineKeeping,
        *,
        keeps: bool,
        clustered: bool,
    ) -> None:
        self.kept = 0
        self._connection = connection
        self._capture = replace(capture, usage=False)
        self._keeping = keeping
        self._keeps = keeps
        self._clustered = clustered

    def remove(self, db: int, keys: Sequence[bytes], following: Argv) -> tuple[int, Reply | None]:
        """Remove `keys`, then send `following` in the same round trip.

        Args:
            db: their database, for the entry.
            keys: each once.
            following: the next command; empty for none.

        Returns:
            How many keys were removed, and the reply to `following`, None without one.

        Raises:
            UnlinkFailed: the server refused.
            GuardFailure: undo data can't be written.
        """
        groups = self._groups(keys) if self._keeps and keys else None
        if groups is None:
            return self._just_remove(keys, following)
        if self._clustered:
            return self._keep_beside(db, keys, following)
        commands: list[Argv] = []
        for group in groups:
            take = (argv for key in group for argv in self._capture.commands(key))
            commands += [(b"MULTI",), *take, (b"UNLINK", *group), (b"EXEC",)]
        replies = self._connection.pipeline([*commands, following] if following else commands)
        removed = at = 0
        for group in groups:
            length = self._capture.width * len(group) + 3
            began, *answers, done = replies[at : at + length]
            at += length
            if isinstance(done, Array):
                removed += self._took(db, group, done.items, atomic=True)
            elif isinstance(began, Error):  # no MULTI for this user: each ran by itself, in this order
                removed += self._took(db, group, answers, atomic=False)
            else:
                removed += self._keep_beside(db, group, ())[0]
        return removed, replies[at] if following else None

    def _took(self, db: int, keys: Sequence[bytes], replies: Sequence[Reply], *, atomic: bool) -> int:
        """Write down what the dumps before an UNLINK say; how many keys the UNLINK removed."""
        *dumps, unlinked = replies
        removed = _removed(unlinked)
        self._write(db, keys, dumps, atomic=atomic)
        return removed

    def _keep_beside(self, db: int, keys: Sequence[bytes], following: Argv) -> tuple[int, Reply | None]:
        """Dump, then unlink, where there are no transactions."""
        dumps = self._connection.pipeline([argv for key in keys for argv in self._capture.commands(key)])
        self._write(db, keys, dumps, atomic=False)
        return self._just_remove(keys, following)

    def _just_remove(self, keys: Sequence[bytes], following: Argv) -> tuple[int, Reply | None]:
        commands: list[Argv] = []
        if keys:
            commands = [(b"UNLINK", key) for key in keys] if self._clustered else [(b"UNLINK", *keys)]
        count = len(commands)
        replies = self._connection.pipeline([*commands, following] if following else commands)
        removed = sum(_removed(reply) for reply in replies[:count])
        return removed, replies[count] if following else None

    def _groups(self, keys: Sequence[bytes]) -> list[list[bytes]] | None:
        """The keys in portions for one transaction each; None when they may not be kept any more."""
        sizes = self._connection.pipeline([(b"MEMORY", b"USAGE", key) for key in keys])
        groups: list[list[bytes]] = [[]]
        total = portion = 0
        for key, reply in zip(keys, sizes, strict=True):
            size = integer_of(reply) or 0
            if groups[-1] and portion + size > _TRANSACTION_BYTES:
                groups.append([])
                portion = 0
            groups[-1].append(key)
            portion += size
            total += size
        if total > self._keeping.left:
            self._keeps = False
            self._keeping.note(
                f"From here on not kept for undo: {sized(self._keeping.limit)} are kept of one line, "
                f"and {visible(keys[0], limit=60)} and the keys after it would go beyond"
            )
            return None
        self._keeping.writer()
        return groups

    def _write(self, db: int, keys: Sequence[bytes], dumps: Sequence[Reply], *, atomic: bool) -> None:
        width = self._capture.width
        found: list[KeptKey] = []
        for at, key in enumerate(keys):
            kept = self._capture.kept(db, key, dumps[at * width : (at + 1) * width])
            if kept is None:
                self._keeps = False
                self._keeping.note(
                    f"From here on not kept for undo: the server would not dump {visible(key, limit=60)}"
                )
                break
            if kept.payload is not None:
                found.append(with_after(kept, ABSENT))
        if found:
            self._keeping.writer().write(KeptKeys(tuple(found), atomic=atomic))
            self.kept += len(found)


def _removed(reply: Reply) -> int:
    if isinstance(reply, Error):
        raise UnlinkFailed(f"the server would not unlink: {visible(reply.data)}", where=":unlink")
    return integer_of(reply) or 0
