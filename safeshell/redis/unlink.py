"""`:unlink`: SCAN and UNLINK in one round trip each, with undo, a rate, progress, a way to stop and go on.

Works on the second connection. What it needs of the world (progress, the wish to stop, clock and waiting) is
passed in. Where it stopped is kept on disk, so that `:unlink --continue` works after the console was closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from safeshell.errors import UsageError
from safeshell.guard.text import visible
from safeshell.redis.connection import Connection
from safeshell.redis.flush_snapshot import scanned
from safeshell.redis.key_capture import Argv
from safeshell.redis.line_keeping import LineKeeping
from safeshell.redis.reply import Error, Reply, integer_of
from safeshell.redis.undo import DEFAULT_MAX_BYTES, server_mark
from safeshell.redis.undo_record import Origin
from safeshell.redis.undo_session import Side, UndoSession
from safeshell.redis.undo_store import UndoStore
from safeshell.redis.unlink_batch import BatchRemover, UnlinkFailed
from safeshell.redis.unlink_place import UnlinkPlace, forget_place, load_place, save_place
from safeshell.redis.unlink_report import UnlinkProgress, UnlinkReport
from safeshell.redis.unlink_request import UnlinkRequest

_COUNT: Final = 1000
_SAMPLES: Final = 10
_WAIT_SECONDS: Final = 0.1


@dataclass(slots=True)
class _Walk:
    """One walk under way.

    Args:
        place: where it is.
        total: keys of the database at the start.
        started: the clock then.
        before: keys unlinked by earlier parts of it.
    """

    place: UnlinkPlace
    total: int
    started: float
    before: int
    calls: int = 0
    kept: int = 0
    stopped: bool = False


class Unlinker:
    """Removes keys by pattern.

    Args:
        session: whose server.
        store: where undo entries and the place of a stopped walk go.
        max_bytes: memory whose keys are kept for undo; what comes after it is not kept, and that is said.
        keep: whether anything is kept for undo.
        progress: called after every batch.
        should_stop: asked before every batch; set it from a ^C handler rather than raising, so that the undo
            data of the batch under way is not lost.
        told: called with a sentence when something can't be kept.
        clock, wait: seconds from any moment, and sleeping.
    """

    def __init__(
        self,
        session: UndoSession,
        store: UndoStore,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        keep: bool = True,
        progress: Callable[[UnlinkProgress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        told: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._session = session
        self._store = store
        self._max_bytes = max_bytes
        self._keep = keep
        self._progress = progress
        self._should_stop = should_stop
        self._told = told
        self._clock = clock
        self._wait = wait
        self._side = Side(session)

    def resolved(self, request: UnlinkRequest) -> UnlinkRequest:
        """The request that `--continue` stands for, to be judged and shown; any other as it is.

        Raises:
            UsageError: nothing was stopped here.
        """
        if not request.resume:
            return request
        place = self._stopped_place()
        return replace(request, pattern=place.pattern, rate=request.rate or place.rate)

    def run(self, request: UnlinkRequest) -> UnlinkReport:
        """Walk the session's database; count only, for a dry run.

        Raises:
            UsageError: `--continue`, and nothing was stopped here.
            UnlinkFailed: the server refused.
            GuardFailure: undo data can't be written; what is not kept was not removed, up to one batch.
            SafeshellError: the connection was lost. It can be continued then too.
        """
        request = self.resolved(request)
        state = self._session.state
        db = state.db
        if request.resume and not request.dry_run:
            place = self._stopped_place()
        else:
            place = UnlinkPlace(request.pattern, db, request.rate, state.run_id)
        connection = self._side.in_db(db)
        total = integer_of(connection.call(b"DBSIZE")) or 0
        walk = _Walk(place, total, self._clock(), place.unlinked)
        if request.dry_run:
            return self._count(connection, request, walk)
        return self._unlink(connection, replace(request, rate=request.rate or place.rate), walk)

    def _count(self, connection: Connection, request: UnlinkRequest, walk: _Walk) -> UnlinkReport:
        samples: list[bytes] = []
        measured = measured_bytes = 0
        cursor, keys = self._scanned(connection.call(*self._scan(walk.place)))
        while True:
            walk.calls += 1
            walk.place.matched += len(keys)
            samples += keys[: _SAMPLES - len(samples)]
            commands: list[Argv] = [(b"MEMORY", b"USAGE", key) for key in keys[:2]]
            walk.place.cursor = cursor
            self._progress(self._progressed(walk))
            walk.stopped = cursor != b"0" and self._should_stop()
            replies = connection.pipeline([*commands, self._scan(walk.place)] if cursor != b"0" else commands)
            for reply in replies[: len(commands)]:
                if (size := integer_of(reply)) is not None:
                    measured, measured_bytes = measured + 1, measured_bytes + size
            if cursor == b"0" or walk.stopped:
                break
            cursor, keys = self._scanned(replies[-1])
        memory = measured_bytes * walk.place.matched // measured if measured else None
        return self._report(request, walk, samples=tuple(samples), memory=memory)

    def _unlink(self, connection: Connection, request: UnlinkRequest, walk: _Walk) -> UnlinkReport:
        place = walk.place
        keeping = LineKeeping(
            self._store,
            server_mark(self._session),
            self._session.state.target,
            f":unlink {visible(place.pattern)}",
            self._max_bytes,
            self._told,
            Origin.UNLINK,
        )
        folder = self._folder()
        finished, undo_id = False, ""
        try:
            finished = self._walk(connection, walk, keeping)
        finally:
            undo_id = keeping.close() or ""
            if finished:
                forget_place(folder, place.db)
            else:
                save_place(folder, place)
        walk.stopped = not finished
        return self._report(request, walk, undo_id=undo_id)

    def _walk(self, connection: Connection, walk: _Walk, keeping: LineKeeping) -> bool:
        """Go on until the end (True) or until it should stop."""
        place = walk.place
        remover = BatchRemover(
            connection, self._side.capture(), keeping, keeps=self._keep, clustered=self._clustered
        )
        cursor, keys = self._scanned(connection.call(*self._scan(place)))
        while not self._should_stop():
            walk.calls += 1
            following = () if cursor == b"0" else self._scan(replace(place, cursor=cursor))
            removed, scan = remover.remove(place.db, list(dict.fromkeys(keys)), following)
            place.cursor = cursor
            place.matched += len(keys)
            place.unlinked += removed
            walk.kept = remover.kept
            self._progress(self._progressed(walk))
            if scan is None:
                return True
            cursor, keys = self._scanned(scan)
            self._slow_down(walk)
        return False

    def _slow_down(self, walk: _Walk) -> None:
        """Wait until the rate is kept, or until it should stop."""
        if walk.place.rate is None:
            return
        due = walk.started + (walk.place.unlinked - walk.before) / walk.place.rate
        while (left := due - self._clock()) > 0 and not self._should_stop():
            self._wait(min(left, _WAIT_SECONDS))

    def _scan(self, place: UnlinkPlace) -> Argv:
        return (b"SCAN", place.cursor, b"MATCH", place.pattern, b"COUNT", b"%d" % _count(place.rate))

    def _scanned(self, reply: Reply) -> tuple[bytes, list[bytes]]:
        if isinstance(reply, Error):
            raise UnlinkFailed(f"the server would not be walked: {visible(reply.data)}", where=":unlink")
        return scanned(reply)

    def _progressed(self, walk: _Walk) -> UnlinkProgress:
        looked_at = walk.calls * _count(walk.place.rate)
        share = 1.0 if walk.place.cursor == b"0" else min(0.99, looked_at / max(walk.total, 1))
        seconds = self._clock() - walk.started
        return UnlinkProgress(walk.place.matched, walk.place.unlinked, share, seconds)

    def _report(
        self,
        request: UnlinkRequest,
        walk: _Walk,
        *,
        undo_id: str = "",
        samples: tuple[bytes, ...] = (),
        memory: int | None = None,
    ) -> UnlinkReport:
        place = walk.place
        return UnlinkReport(
            request,
            place.db,
            place.matched,
            place.unlinked,
            self._clock() - walk.started,
            walk.stopped,
            undo_id,
            walk.kept,
            samples,
            memory,
        )

    def _stopped_place(self) -> UnlinkPlace:
        db, run_id = self._session.state.db, self._session.state.run_id
        place = load_place(self._folder(), db)
        if place is None:
            raise UsageError(f"no :unlink was stopped in db {db} of this server", where=":unlink --continue")
        if place.run_id != run_id:  # a cursor means nothing to another run of the server
            place.run_id, place.cursor = run_id, b"0"
        return place

    def _folder(self) -> Path:
        return self._store.server_folder(server_mark(self._session).place)

    @property
    def _clustered(self) -> bool:
        return self._session.state.cluster


def _count(rate: int | None) -> int:
    """How many keys SCAN looks at: few where a rate is to be kept evenly."""
    return _COUNT if rate is None else max(10, min(_COUNT, rate // 10))
