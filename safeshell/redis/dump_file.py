"""Streaming whole databases into a dump file before they are flushed, and back out of it.

Works on the second connection, walks by SCAN, holds one batch at a time. A dump is no snapshot of one
instant: what is written meanwhile may or may not be in it. Progress and the wish to stop are passed in.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen, replace
from safeshell.guard.effects import Effect, EffectKind, Extent
from safeshell.guard.reading import Command, Reading
from safeshell.guard.text import counted, sized, visible
from safeshell.redis.dump_form import DumpedKey, DumpHeader, DumpSummary, DumpWriter, read_dump, verify_dump
from safeshell.redis.flush_snapshot import scanned
from safeshell.redis.key_capture import Argv, restore_command, unix_ms
from safeshell.redis.reply import Error, Reply
from safeshell.redis.server_info import info_fields, keyspace
from safeshell.redis.undo import server_mark
from safeshell.redis.undo_record import KeptKey
from safeshell.redis.undo_session import Side, UndoSession

DEFAULT_MAX_BYTES: Final = 16 << 30
_COUNT: Final = b"500"
_CHUNK_KEYS: Final = 500
_CHUNK_BYTES: Final = 4 << 20
_SHOWN: Final = 5


class DumpFailed(SafeshellError):
    """The dump did not come to its end; there is no file."""


@frozen
class DumpProgress:
    """How far it is.

    Args:
        keys: written or restored so far.
        total: keys at the start.
        size: bytes of the file so far.
        seconds: since the start.
    """

    keys: int
    total: int
    size: int
    seconds: float

    @property
    def words(self) -> str:
        """For one line of a screen: `41% · 48,211 keys · 12.0 MiB`."""
        share = min(1.0, self.keys / self.total) if self.total else 1.0
        return f"{share:.0%} · {counted(self.keys, 'key')} · {sized(self.size)}"


@frozen
class DumpReport:
    """A finished file.

    Args:
        path: where.
        keys: in it; a key that moved while the database was walked may be in it twice.
        size: bytes.
        seconds: how long it took.
    """

    path: Path
    keys: int
    size: int
    seconds: float

    def lines(self) -> list[str]:
        """The report for a person, safe to show."""
        path = visible(str(self.path), limit=400)
        return [
            f"{counted(self.keys, 'key')}, {sized(self.size)}, in {path} ({self.seconds:.1f} s).",
            f"Put back with :undo {path}, or safeshell undo --from {path}.",
        ]


@frozen
class FileRestoreReport:
    """How putting a file back ended.

    Args:
        restored: keys put back.
        left_alone: keys that exist now and were not overwritten.
        expired: keys that would have expired by now.
        failed: others, with the server's reason.
        stopped: whether it was stopped before the end.
    """

    restored: int
    left_alone: int
    expired: int
    failed: tuple[str, ...]
    stopped: bool

    def lines(self) -> list[str]:
        """The report for a person, safe to show."""
        lines = [f"Put back {counted(self.restored, 'key')}."]
        if self.left_alone:
            lines.append(
                f"{counted(self.left_alone, 'key')} exist now and were left alone; --overwrite replaces them."
            )
        if self.expired:
            lines.append(f"{counted(self.expired, 'key')} would have expired by now and stay away.")
        lines += [f"Failed: {reason}" for reason in self.failed[:_SHOWN]]
        if len(self.failed) > _SHOWN:
            lines.append(f"… and {len(self.failed) - _SHOWN:,} more failures")
        if self.stopped:
            lines.append(
                "Stopped before the end; run it again to go on, what is there already is left alone."
            )
        return lines


class DumpFile:
    """Writes and reads dump files of a session's server.

    Args:
        session: whose server.
        progress: called after every batch.
        should_stop: asked before every batch.
        max_bytes: the largest file to write.
        clock: seconds from any moment.
    """

    def __init__(
        self,
        session: UndoSession,
        *,
        progress: Callable[[DumpProgress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._side = Side(session)
        self._progress = progress
        self._should_stop = should_stop
        self._max_bytes = max_bytes
        self._clock = clock

    def write(self, path: Path, *, db: int | None = None) -> DumpReport:
        """Stream one database, or all, into a new file; it is there under its name only when it is whole.

        Args:
            path: the file; its folder is made when needed. It must not exist.
            db: the database; None for all.

        Raises:
            DumpFailed: stopped, too large, refused by the server or the disk; nothing is left behind.
            SafeshellError: the connection was lost; nothing is left behind.
        """
        started = self._clock()
        databases = self._databases(db)
        mark = server_mark(self._session)
        header = DumpHeader(
            mark.place, mark.kind, mark.version, mark.run_id, mark.replid, int(time.time() * 1000),
            tuple(databases),
        )  # fmt: skip
        scratch = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            if path.exists():
                raise DumpFailed("the file exists already", where=str(path), todo="Name another one.")
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
                writer = DumpWriter(file, header)
                total = sum(databases.values())
                for number in databases:
                    for batch in self._dumped(number):
                        self._add(writer, batch, path)
                        seconds = self._clock() - started
                        self._progress(DumpProgress(writer.keys, total, writer.size, seconds))
                writer.finish()
                file.flush()
                os.fsync(file.fileno())
            scratch.rename(path)
        except OSError as error:
            raise DumpFailed(
                f"the dump file can't be written ({error.strerror or type(error).__name__})", where=str(path)
            ) from error
        finally:
            with contextlib.suppress(OSError):
                scratch.unlink()
        return DumpReport(path, writer.keys, writer.size, self._clock() - started)

    def restore(self, path: Path, *, overwrite: bool = False) -> FileRestoreReport:
        """Put the keys of a file back, after checking all of it.

        Args:
            path: the file.
            overwrite: also keys that exist now; otherwise they are left alone.

        Raises:
            DumpFileInvalid: it is no dump file, or damaged; nothing was changed.
            SafeshellError: the connection was lost on the way.
        """
        summary = self.check(path)
        started = self._clock()
        now_ms = unix_ms(self._side.ask(self._session.state.db, [(b"TIME",)])[0])
        restored = left_alone = expired = done = size = 0
        failed: list[str] = []
        stopped = False
        for batch in _batches(read_dump(path)):
            if self._should_stop():
                stopped = True
                break
            alive = [one for one in batch if one.expires_ms is None or one.expires_ms > now_ms]
            expired += len(batch) - len(alive)
            replies = self._send(batch[0].db, [_restored(one, overwrite=overwrite) for one in alive])
            for one, reply in zip(alive, replies, strict=True):
                if not isinstance(reply, Error):
                    restored += 1
                elif reply.code == b"BUSYKEY":
                    left_alone += 1
                else:
                    failed.append(f"{visible(one.key, limit=80)}: {visible(reply.data)}")
            done += len(batch)
            size += sum(len(one.payload) for one in batch)
            self._progress(DumpProgress(done, summary.keys, size, self._clock() - started))
        return FileRestoreReport(restored, left_alone, expired, tuple(failed), stopped)

    def check(self, path: Path) -> DumpSummary:
        """What a file holds, all of it verified.

        Raises:
            DumpFileInvalid: it is no dump file, or damaged.
        """
        return verify_dump(path)

    def _databases(self, db: int | None) -> dict[int, int]:
        state = self._session.state
        found = keyspace(info_fields(self._side.ask(state.db, [(b"INFO", b"keyspace")])[0]))
        return {number: keys for number, (keys, _) in sorted(found.items()) if db is None or db == number}

    def _dumped(self, db: int) -> Iterator[list[DumpedKey]]:
        """The keys of a database, batch by batch; the next SCAN rides along with a batch's dumps."""
        capture = replace(self._side.capture(), usage=False)
        cursor, keys = _scan(self._side.ask(db, [(b"SCAN", b"0", b"COUNT", _COUNT)])[0])
        while True:
            if self._should_stop():
                raise DumpFailed("the dump was stopped; no file was made", where=f"db {db}")
            commands: list[Argv] = [argv for key in keys for argv in capture.commands(key)]
            following: list[Argv] = [] if cursor == b"0" else [(b"SCAN", cursor, b"COUNT", _COUNT)]
            replies = self._side.ask(db, commands + following)
            batch: list[DumpedKey] = []
            for at, key in enumerate(keys):
                kept = capture.kept(db, key, replies[at * capture.width : (at + 1) * capture.width])
                if kept is None:
                    raise DumpFailed(f"the server would not dump {visible(key, limit=80)}", where=f"db {db}")
                if kept.payload is not None:
                    batch.append(DumpedKey(db, key, kept.payload, kept.expires_ms))
            yield batch
            if cursor == b"0":
                return
            cursor, keys = _scan(replies[-1])

    def _add(self, writer: DumpWriter, batch: Sequence[DumpedKey], path: Path) -> None:
        for one in batch:
            if writer.size + len(one.payload) > self._max_bytes:
                raise DumpFailed(
                    f"the dump would be larger than {sized(self._max_bytes)}; no file was made",
                    where=str(path),
                    todo="BGSAVE and copy the server's own file instead.",
                )
            writer.add(one)

    def _send(self, db: int, commands: Sequence[Argv]) -> list[Reply]:
        if self._session.state.cluster:
            return [self._session.execute(argv) for argv in commands]
        return self._side.in_db(db).pipeline(commands)


def file_reading(path: Path, keys: int, *, overwrite: bool) -> Reading:
    """What putting a file back does, for the guard to judge.

    Args:
        path: the file.
        keys: how many are in it.
        overwrite: whether keys that exist now are replaced.
    """
    line = f":undo {visible(str(path), limit=200)}{' --overwrite' if overwrite else ''}"
    kind = EffectKind.OVERWRITE if overwrite else EffectKind.WRITE
    command = Command(":undo", (Effect(kind, Extent.MANY, counted(keys, "key")),), span=(0, len(line)))
    return Reading("redis", line, line, (command,))


def dump_path(folder: Path, place: str, *, now: float) -> Path:
    """A name for a new dump file: the server and the time.

    Args:
        folder: where dump files go.
        place: the server's.
        now: Unix seconds.
    """
    server = re.sub(r"[^A-Za-z0-9.-]+", "_", place).strip("._") or "server"
    return folder / f"{server}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}.safedump"


def _batches(keys: Iterator[DumpedKey]) -> Iterator[list[DumpedKey]]:
    """Keys of one database, not too many, not too large."""
    batch: list[DumpedKey] = []
    size = 0
    for one in keys:
        own = len(one.payload)
        if batch and (one.db != batch[0].db or len(batch) >= _CHUNK_KEYS or size + own > _CHUNK_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += own
    if batch:
        yield batch


def _restored(one: DumpedKey, *, overwrite: bool) -> Argv:
    return restore_command(KeptKey(one.db, one.key, one.payload, one.expires_ms), replace=overwrite)


def _scan(reply: Reply) -> tuple[bytes, list[bytes]]:
    if isinstance(reply, Error):
        raise DumpFailed(f"the server would not be walked: {visible(reply.data)}")
    cursor, keys = scanned(reply)
    return cursor, list(dict.fromkeys(keys))
