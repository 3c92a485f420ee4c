"""Putting an entry back: look, refuse or go on, and keep what is overwritten by it.

Works on the second connection, so that a transaction or WATCH of the person's own is not touched. Each chunk
of keys is watched, looked at and put back in one transaction: what changes in between is not overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from safeshell.errors import SafeshellError
from safeshell.guard.text import sized, visible
from safeshell.redis.key_capture import (
    ABSENT,
    Argv,
    KeyCapture,
    length_asked,
    restore_command,
    unix_ms,
)
from safeshell.redis.line_keeping import LineKeeping
from safeshell.redis.reply import Array, Error, Nil, Reply, integer_of
from safeshell.redis.restore_plan import (
    Fate,
    InversePlan,
    KeyPlan,
    RestorePlan,
    RestoreReport,
    limits,
    objections,
    undone,
)
from safeshell.redis.saved_state import reply_digest, saved_state
from safeshell.redis.undo import DEFAULT_MAX_BYTES, server_mark
from safeshell.redis.undo_record import Inverse, KeptKey, KeptKeys, Origin, UndoEntry, with_after
from safeshell.redis.undo_session import Side, UndoSession
from safeshell.redis.undo_store import UndoStore

_CHUNK_KEYS: Final = 200
_CHUNK_BYTES: Final = 8 << 20
_ATTEMPTS: Final = 3


class UndoRefused(SafeshellError):
    """The entry can't be put back from here."""


@dataclass(slots=True)
class _Tally:
    """What has come of it so far."""

    restored: int = 0
    removed: int = 0
    failed: list[str] = field(default_factory=list)

    def count(self, kept: KeptKey, reply: Reply) -> None:
        if isinstance(reply, Error):
            self.failed.append(f"{visible(kept.key, limit=80)}: {visible(reply.data)}")
        elif kept.payload is None:
            self.removed += integer_of(reply) or 0
        else:
            self.restored += 1


class Restorer:
    """Puts entries back on the server of a session.

    Args:
        session: where.
        store: the entries.
        max_bytes: memory that is kept of what putting back overwrites.
        told: called with a sentence when something can't be kept.
    """

    def __init__(
        self,
        session: UndoSession,
        store: UndoStore,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._session = session
        self._store = store
        self._max_bytes = max_bytes
        self._told = told
        self._side = Side(session)

    def entry(self, undo_id: str = "") -> UndoEntry:
        """The entry of that name, or the session's own last one on this server that was not put back yet.

        Another session's is taken by its name only: who undoes without looking means their own last line.

        Raises:
            NoSuchUndo: there is none.
        """
        if undo_id:
            return self._store.load(undo_id)
        return self._store.last_begun_here(self._session.state.address.place)

    def plan(self, entry: UndoEntry) -> RestorePlan:
        """What putting `entry` back would do now; changes nothing.

        Raises:
            SafeshellError: the server can't be asked.
        """
        capture = self._side.capture()
        now_ms = unix_ms(self._side.ask(self._session.state.db, [(b"TIME",)])[0])
        keys = tuple(
            _key_plan(kept, state, capture, now_ms)
            for chunk in _chunks(entry.keys)
            for kept, state in zip(chunk, self._states(chunk, capture), strict=True)
        )
        inverses = tuple(InversePlan(one, self._fate(one)) for one in reversed(entry.inverses))
        here = server_mark(self._session)
        return RestorePlan(
            entry, keys, inverses, objections(entry, keys, inverses, here), limits(entry, keys, here)
        )

    def restore(self, undo_id: str = "", *, overwrite: bool = False) -> RestoreReport:
        """Put an entry back.

        Args:
            undo_id: its name; the last one by default.
            overwrite: also where the plan has objections; else the report says `refused`.

        Raises:
            NoSuchUndo: there is none.
            GuardFailure: what would be overwritten can't be kept; nothing (more) is put back.
            SafeshellError: the connection was lost.
        """
        plan = self.plan(self.entry(undo_id))
        if plan.objections and not overwrite:
            return RestoreReport(plan, refused=True)
        return self.carry_out(plan)

    def carry_out(self, plan: RestorePlan) -> RestoreReport:
        """Do what `plan` says, its objections notwithstanding.

        What changed after the plan was made is not overwritten, and said to have failed.

        Raises:
            GuardFailure, SafeshellError: as `restore`.
        """
        header = plan.entry.header
        keeping = LineKeeping(
            self._store,
            server_mark(self._session),
            self._session.state.target,
            undone(header.id, header.line),
            self._max_bytes,
            self._told,
            Origin.RESTORE,
        )
        tally = _Tally()
        try:
            for one in plan.inverses:
                self._take_back(one.inverse, keeping, tally)
            due = {(key.kept.db, key.kept.key): key for key in plan.keys if key.is_due}
            for chunk in _chunks([key.kept for key in due.values()]):
                self._put_back([due[kept.db, kept.key] for kept in chunk], keeping, tally)
        finally:
            undo_id = keeping.close() or ""
        if tally.restored or tally.removed:
            self._store.mark_restored(header.id, kept_as=undo_id)
        return RestoreReport(plan, False, tally.restored, tally.removed, tuple(tally.failed), undo_id)

    def _states(self, keys: Sequence[KeptKey], capture: KeyCapture) -> list[bytes | None]:
        """What the keys of one database are now, each asked as it was asked after the change."""
        lengths = [length_asked(kept.after) for kept in keys]
        commands = [
            argv
            for kept, length in zip(keys, lengths, strict=True)
            for argv in capture.after_commands(kept.key, length)
        ]
        replies = self._ask(keys[0].db, commands)
        return [capture.after(replies[at * 2 : at * 2 + 2], length) for at, length in enumerate(lengths)]

    def _fate(self, inverse: Inverse) -> Fate:
        if not inverse.probe:
            return Fate.READY
        now = reply_digest(self._ask(inverse.db, [inverse.probe])[0])
        return Fate.READY if now == inverse.after else Fate.CHANGED

    def _take_back(self, inverse: Inverse, keeping: LineKeeping, tally: _Tally) -> None:
        for argv in inverse.back:
            saved = saved_state(argv, inverse.db)
            again = saved.inverses(self._ask(inverse.db, saved.before())) if saved else ()
            if again:
                keeping.writer()
            reply = self._write(inverse.db, [argv])[0]
            if isinstance(reply, Error) or (saved and not saved.came_to_pass(reply)):
                reason = visible(reply.data) if isinstance(reply, Error) else "the server did nothing"
                tally.failed.append(f"{inverse.words}: {reason}")
                continue
            tally.restored += 1
            for one in again:
                after = reply_digest(self._ask(one.db, [one.probe])[0]) if one.probe else b""
                keeping.write(msgspec.structs.replace(one, after=after))

    def _put_back(self, chunk: Sequence[KeyPlan], keeping: LineKeeping, tally: _Tally) -> None:
        capture = self._side.capture()
        for _ in range(_ATTEMPTS):
            done = self._attempt(chunk, capture, keeping, tally)
            if done:
                return
        tally.failed += [f"{visible(key.kept.key, limit=80)}: it is written to all the time" for key in chunk]

    def _attempt(
        self, chunk: Sequence[KeyPlan], capture: KeyCapture, keeping: LineKeeping, tally: _Tally
    ) -> bool:
        """Put keys of one database back in one transaction; False when one was written to meanwhile."""
        db, names = chunk[0].kept.db, [key.kept.key for key in chunk]
        watch = [] if self._clustered else [(b"WATCH", *names)]
        self._write(db, watch)
        states = self._states([key.kept for key in chunk], capture)
        due = [key for key, state in zip(chunk, states, strict=True) if state == key.now]
        before = self._current(due, capture, keeping)
        put = [restore_command(key.kept) for key in due]
        if self._clustered:
            results = self._write(db, put)
        else:
            began, *queued, done = self._write(db, [(b"MULTI",), *put, (b"EXEC",)])
            if isinstance(done, Nil):
                return False
            if isinstance(done, Array):
                results = list(done.items)
            else:  # no transaction: nothing ran, or without MULTI all of it did, one by one
                results = queued if isinstance(began, Error) else _reasons(queued, done)
        for key, reply in zip(due, results, strict=True):
            tally.count(key.kept, reply)
        tally.failed += [
            f"{visible(key.kept.key, limit=80)}: it changed while being put back"
            for key, state in zip(chunk, states, strict=True)
            if state != key.now
        ]
        # What they are now is known without looking; looking would end the idle time just restored.
        overwritten = tuple(
            with_after(before[key.kept.key], capture.state_of(key.kept))
            for key, reply in zip(due, results, strict=True)
            if key.kept.key in before and not isinstance(reply, Error)
        )
        if overwritten:
            keeping.write(KeptKeys(overwritten, atomic=not self._clustered))
        return True

    def _current(
        self, keys: Sequence[KeyPlan], capture: KeyCapture, keeping: LineKeeping
    ) -> dict[bytes, KeptKey]:
        """The keys as they are now, as far as they may be kept."""
        if not keys:
            return {}
        db, width = keys[0].kept.db, capture.width
        keeping.writer()
        sizes = self._ask(db, [(b"MEMORY", b"USAGE", key.kept.key) for key in keys])
        total = sum(integer_of(size) or 0 for size in sizes)
        if total > keeping.left:
            keeping.note(f"What this overwrites is not kept: it takes {sized(total)} in memory")
            return {}
        replies = self._ask(db, [argv for key in keys for argv in capture.commands(key.kept.key)])
        found = (
            capture.kept(db, key.kept.key, replies[at * width : (at + 1) * width])
            for at, key in enumerate(keys)
        )
        return {kept.key: kept for kept in found if kept is not None}

    @property
    def _clustered(self) -> bool:
        return self._session.state.cluster

    def _ask(self, db: int, commands: Sequence[Argv]) -> list[Reply]:
        if self._clustered:
            return [self._session.execute(argv) for argv in commands]
        return self._side.ask(db, commands)

    def _write(self, db: int, commands: Sequence[Argv]) -> list[Reply]:
        if self._clustered:
            return [self._session.execute(argv) for argv in commands]
        return self._side.in_db(db).pipeline(commands)


def _key_plan(kept: KeptKey, state: bytes | None, capture: KeyCapture, now_ms: int) -> KeyPlan:
    missing = state == ABSENT
    if state is not None and state == capture.state_of(kept):
        fate = Fate.THERE
    elif kept.expires_ms is not None and kept.expires_ms <= now_ms:
        fate = Fate.EXPIRED
    elif state is None or kept.after is None:
        fate = Fate.UNKNOWN
    else:
        fate = Fate.READY if state == kept.after else Fate.CHANGED
    return KeyPlan(kept, fate, state, missing)


def _chunks(keys: Sequence[KeptKey]) -> Iterator[list[KeptKey]]:
    """Keys that are handled together: of one database, not too many, not too large."""
    chunk: list[KeptKey] = []
    size = 0
    for kept in keys:
        own = len(kept.payload or b"")
        full = len(chunk) >= _CHUNK_KEYS or size + own > _CHUNK_BYTES
        if chunk and (full or chunk[-1].db != kept.db):
            yield chunk
            chunk, size = [], 0
        chunk.append(kept)
        size += own
    if chunk:
        yield chunk


def _reasons(queued: Sequence[Reply], done: Reply) -> list[Reply]:
    """For each command of a transaction that did not happen, why."""
    why = next((reply for reply in queued if isinstance(reply, Error)), done)
    return [reply if isinstance(reply, Error) else why for reply in queued]
