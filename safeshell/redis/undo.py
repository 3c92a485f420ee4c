"""Keeping what a line destroys: the keeper that the guard calls around a line, and the line's way out.

How a console uses it: the guard's `keeper` is a `RedisUndo`, and what the guard runs sends *every* command by
`RedisUndo.execute(argv)` instead of `session.execute(argv)`. Around a line the guard calls `run_kept`; in
between, `execute` reads the keys that a command writes, runs it, and looks at what they became, all in one
MULTI/EXEC in one send where that gives the same reply as sending it alone. Outside `run_kept` it just sends.
A script that pipelines calls `snapshot_chunk(argvs)` inside `run_kept`, before it sends each chunk itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.guard.interfaces import Outcome, Run
from safeshell.guard.reading import Reading
from safeshell.guard.text import sized, visible
from safeshell.redis.bulk_snapshot import BulkSnapshot
from safeshell.redis.flush_snapshot import flushed_database, keep_databases
from safeshell.redis.key_capture import Argv
from safeshell.redis.line_keeping import LineKeeping
from safeshell.redis.reply import Array, Error, Reply, Status
from safeshell.redis.saved_state import SavedState, reply_digest, saved_state
from safeshell.redis.snapshot import Snapshot
from safeshell.redis.undo_record import Inverse, Origin, ServerMark, UndoId
from safeshell.redis.undo_session import Side, UndoSession
from safeshell.redis.undo_store import UndoStore
from safeshell.redis.written_keys import WrittenKeys, WrittenNames, real_name, written_keys

DEFAULT_MAX_BYTES: Final = 32 << 20
"""Bytes of memory whose keys are kept of one line."""
_MAX_FOR_A_PART: Final = 4 << 20
"""Of keys that a command only changes in part (HSET, LPUSH): DUMP blocks the server, some ten ms for this."""
_MAX_IN_TRANSACTION: Final = 1000


def server_mark(session: UndoSession) -> ServerMark:
    """Which server `session` is on, as entries name it."""
    state = session.state
    address = replace(state.address, db=state.db)
    return ServerMark(
        address.place, address.describe(), state.kind, state.version, state.run_id, state.replid
    )


class RedisUndo:
    """Keeps what lines change; see the module's own words for how it is called.

    Args:
        session: the person's.
        store: where entries go.
        max_bytes: memory whose keys are kept of one line; above it nothing is, and that is said.
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
        self.last_id: UndoId | None = None
        self._session = session
        self._store = store
        self._max_bytes = max_bytes
        self._told = told
        self._side = Side(session)
        self._keeping: LineKeeping | None = None
        self._bulk: BulkSnapshot | None = None
        self._names: WrittenNames | None = None
        self._watching = False

    def run_kept(self, reading: Reading, run: Run) -> Outcome:
        """Run the line; what `execute` and `snapshot_chunk` see meanwhile becomes one entry.

        The outcome carries the entry's name. `last_id` has it also when `run` raised.

        Raises:
            GuardFailure: undo data can't be written; the command at hand was not sent.
        """
        self._keeping = self._keep_line(reading.redacted)
        self._bulk = self._names = None
        self.last_id = None
        try:
            outcome = run()
        finally:
            self._finish()
        return replace(outcome, undo_id=self.last_id) if self.last_id else outcome

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Send one command of the person's, keeping what it changes while a line is being kept.

        Returns:
            What the server answered to the command, exactly as if it had been sent alone.

        Raises:
            GuardFailure: undo data can't be written; the command was not sent.
            SafeshellError: as the session's `execute`.
        """
        keeping = self._keeping
        reply = self._session.execute(argv) if keeping is None else self._execute_kept(tuple(argv), keeping)
        self._note_watch(argv, reply)
        return reply

    def snapshot_chunk(self, argvs: Sequence[Sequence[bytes]], *, db: int | None = None) -> UndoId | None:
        """Keep all keys that some commands write, before they are sent; fast, and not atomic with them.

        Args:
            argvs: a chunk of a script, up to some thousand commands, all in one database.
            db: that database; the session's by default.

        Returns:
            The name of the line's entry; None when nothing is kept.

        Raises:
            GuardFailure: undo data can't be written; nothing of the chunk should be sent.
        """
        keeping = self._keeping
        if keeping is None:
            return None
        if self._names is None:
            self._names = WrittenNames(self._session.facts())
        keys = [key for argv in argvs if argv for key in self._names.of(argv)]
        if not keys:
            return None
        keeping.origin = Origin.SCRIPT
        if self._bulk is None:
            self._bulk = BulkSnapshot(self._side, self._side.capture(), keeping.limit)
        was_full = self._bulk.full
        writer = keeping.writer()
        self._bulk.take(writer, self._session.state.db if db is None else db, keys)
        if self._bulk.full and not was_full:
            keeping.note(f"From here on not kept for undo: more than {sized(keeping.limit)} would have to be")
        return writer.id

    def _execute_kept(self, argv: Argv, keeping: LineKeeping) -> Reply:
        state = self._session.state
        name = argv[0].upper() if argv else b""
        if state.in_multi:
            return self._exec(argv, keeping) if name == b"EXEC" else self._session.execute(argv)
        if (flushed := flushed_database(real_name(argv, self._session.facts()), state.db)) is not None:
            return self._flush(argv, keeping, flushed)
        if (saved := saved_state(argv, state.db)) is not None:
            return self._save(argv, keeping, saved)
        named = self._written(argv)
        if not named.written:
            return self._session.execute(argv)
        snapshot = Snapshot(
            self._side.capture(), state.db if named.db is None else named.db, named.written, named.sources
        )
        ask = self._asker(snapshot.db)
        snapshot.measured(ask(snapshot.measure_commands()))
        if not keeping.allows(snapshot, self._worth(named)):
            return self._session.execute(argv)
        keeping.writer()
        if self._fits_transaction(named):
            reply = self._run_in_transaction(argv, keeping, snapshot)
            if reply is not None:
                return reply
        return self._run_beside(argv, keeping, snapshot, ask)

    def _run_in_transaction(self, argv: Argv, keeping: LineKeeping, snapshot: Snapshot) -> Reply | None:
        """Take, run and look in one MULTI/EXEC; None when the server would not, and nothing has run."""
        take, after = snapshot.take_commands(), snapshot.after_commands()
        began, *answers, done = self._session.pipeline([(b"MULTI",), *take, argv, *after, (b"EXEC",)])
        at = len(take)
        if isinstance(began, Error):  # no MULTI for this user: each ran by itself, still in this order
            results, atomic = answers, False
        elif isinstance(done, Array) and len(done.items) == len(answers):
            results, atomic = list(done.items), True
        else:
            return self._discarded(answers, at, done)
        snapshot.taken(results[:at])
        snapshot.looked(results[at + 1 :])
        keeping.keep(snapshot, atomic=atomic)
        return results[at]

    def _discarded(self, queued: list[Reply], at: int, done: Reply) -> Reply | None:
        """What a transaction that did not happen means: the command's own error, or None to send it alone.

        Above maxmemory a transaction takes no command at all, though DEL alone would run.
        """
        if not isinstance(done, Error) or done.code != b"EXECABORT":
            self._session.pipeline([(b"DISCARD",)])
        own = queued[at]
        others_fine = all(isinstance(reply, Status) for reply in queued[:at])
        return own if isinstance(own, Error) and others_fine and own.code != b"OOM" else None

    def _run_beside(
        self, argv: Argv, keeping: LineKeeping, snapshot: Snapshot, ask: Callable[[list[Argv]], list[Reply]]
    ) -> Reply:
        """Take, then run, then look: something may change in between, which the entry says."""
        snapshot.taken(ask(snapshot.take_commands()))
        try:
            reply = self._session.execute(argv)
            if not self._session.state.in_multi:
                snapshot.looked(ask(snapshot.after_commands()))
        finally:
            keeping.keep(snapshot, atomic=False)
        return reply

    def _exec(self, argv: Argv, keeping: LineKeeping) -> Reply:
        """EXEC of the person's own transaction: read beside it, so that their WATCH keeps its meaning."""
        capture = self._side.capture()
        snapshots: dict[int, list[bytes]] = {}
        sources: dict[int, list[bytes]] = {}
        saved: list[SavedState] = []
        db = self._session.state.db
        for queued in self._session.state.queued:
            command = tuple(queued)
            if command[0].upper() == b"SELECT" and len(command) == 2 and command[1].isdigit():
                db = int(command[1])
                continue
            if (state := saved_state(command, db)) is not None:
                saved.append(state)
                continue
            if flushed_database(real_name(command, self._session.facts()), db) is not None:
                keeping.note(f"Not kept for undo: {visible(command[0].upper())} inside a transaction")
                continue
            named = self._written(command)
            place = db if named.db is None else named.db
            snapshots.setdefault(place, []).extend(named.written)
            sources.setdefault(place, []).extend(named.sources)
        taken: list[Snapshot] = []
        for place, keys in snapshots.items():
            others = tuple(key for key in dict.fromkeys(sources[place]) if key not in keys)
            snapshot = Snapshot(capture, place, tuple(dict.fromkeys(keys)), others)
            snapshot.measured(self._side.ask(place, snapshot.measure_commands()))
            if keeping.allows(snapshot, self._max_bytes):
                snapshot.taken(self._side.ask(place, snapshot.take_commands()))
                taken.append(snapshot)
        inverses = [
            inverse for state in saved for inverse in state.inverses(self._side.ask(state.db, state.before()))
        ]
        if taken or inverses:
            keeping.writer()
        reply = self._session.execute(argv)
        if isinstance(reply, Array):
            for snapshot in taken:
                snapshot.looked(self._side.ask(snapshot.db, snapshot.after_commands()))
                keeping.keep(snapshot, atomic=False)
            self._keep_inverses(keeping, inverses)
        return reply

    def _save(self, argv: Argv, keeping: LineKeeping, saved: SavedState) -> Reply:
        asked = self._side.ask(saved.db, saved.before())
        inverses = saved.inverses(asked)
        if inverses:
            keeping.writer()
        else:
            keeping.note(f"Not kept for undo: the server did not say what {visible(argv[0])} would change")
        reply = self._session.execute(argv)
        if saved.came_to_pass(reply):
            self._keep_inverses(keeping, inverses)
        return reply

    def _keep_inverses(self, keeping: LineKeeping, inverses: Sequence[Inverse]) -> None:
        for inverse in inverses:
            after = b""
            if inverse.probe:
                after = reply_digest(self._side.ask(inverse.db, [inverse.probe])[0])
            keeping.write(msgspec.structs.replace(inverse, after=after))

    def _flush(self, argv: Argv, keeping: LineKeeping, flushed: int) -> Reply:
        """FLUSHDB or FLUSHALL: kept whole when it is little; a dump file is for more."""
        bulk = BulkSnapshot(self._side, self._side.capture(), keeping.left)
        why = keep_databases(self._side, flushed, bulk, keeping.writer())
        if why:
            keeping.note(f"Not kept for undo: {why}")
        reply = self._session.execute(argv)
        if not isinstance(reply, Error):
            for frame in bulk.all_gone():
                keeping.write(frame)
        return reply

    def _fits_transaction(self, named: WrittenKeys) -> bool:
        state = self._session.state
        return not (
            named.waits
            or named.db is not None
            or self._watching
            or state.cluster
            or len(named.written) > _MAX_IN_TRANSACTION
        )

    def _worth(self, named: WrittenKeys) -> int:
        """Bytes that may be dumped for such a command. Changing a part is quick, and so must its undo be."""
        return self._max_bytes if named.whole else min(self._max_bytes, _MAX_FOR_A_PART)

    def _asker(self, db: int) -> Callable[[list[Argv]], list[Reply]]:
        """Asks on the person's own connection if it is in `db`; in a cluster one by one, to be redirected."""
        state = self._session.state
        if state.db != db:
            return lambda commands: self._side.ask(db, commands)
        if state.cluster:
            return lambda commands: [self._session.execute(command) for command in commands]
        return self._session.pipeline

    def _written(self, argv: Argv) -> WrittenKeys:
        return written_keys(argv, self._session.facts())

    def _note_watch(self, argv: Sequence[bytes], reply: Reply) -> None:
        if isinstance(reply, Error) or not argv:
            return
        match argv[0].upper():
            case b"WATCH":
                self._watching = True
            case b"EXEC" | b"DISCARD" | b"UNWATCH" | b"RESET":
                self._watching = False

    def _keep_line(self, line: str) -> LineKeeping:
        return LineKeeping(
            self._store,
            server_mark(self._session),
            self._session.state.target,
            line,
            self._max_bytes,
            self._told,
        )

    def _finish(self) -> None:
        keeping, bulk = self._keeping, self._bulk
        self._keeping = self._bulk = None
        if keeping is None:
            return
        if bulk is not None:
            self._look_after(keeping, bulk)
        self.last_id = keeping.close()

    def _look_after(self, keeping: LineKeeping, bulk: BulkSnapshot) -> None:
        for key in bulk.refused[:1]:
            keeping.note(f"Not kept for undo: the server would not dump {visible(key, limit=60)}")
        try:
            looked = bulk.look_after(keeping.writer())
        except SafeshellError as error:
            keeping.note(f"What became of the keys is unknown: {error.message}")
            return
        if not looked:
            keeping.note("What became of the keys was not looked up; there are too many")
