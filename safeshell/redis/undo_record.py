"""What an undo entry holds: the values, and the frames in which they lie in a file.

Values and bytes only; no files, no server. An entry is a header and then frames in the order in which things
were kept; a frame cut off by a crash is dropped, those before it stay good.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from struct import Struct as Packed
from typing import BinaryIO, Final, NewType, TypeAlias

import msgspec

from safeshell.frozen import field, frozen

UndoId = NewType("UndoId", str)
"""An entry's name: six letters and digits, unique among all servers."""

MAGIC: Final = b"safeshell undo 1\n"
_FRAME: Final = Packed(">II")
_MAX_FRAME: Final = 1 << 31


class Origin(StrEnum):
    """What kept an entry."""

    LINE = "line"
    SCRIPT = "script"
    UNLINK = "unlink"
    RESTORE = "restore"


class ServerMark(msgspec.Struct, frozen=True, array_like=True):
    """Which server an entry belongs to, without secrets.

    Args:
        place: `host:port` or a socket's path.
        url: the same as a URL with user and database.
        kind: `redis`, `valkey`, ….
        version: its version at that time.
        run_id: changes with every start.
        replid: goes on through restarts from its own data, and through failovers.
    """

    place: str
    url: str = ""
    kind: str = ""
    version: str = ""
    run_id: str = ""
    replid: str = ""


class UndoHeader(msgspec.Struct, frozen=True, tag="header"):
    """What is known before anything is kept.

    Args:
        id: the entry's name.
        made_ms: when, in Unix milliseconds of this machine.
        server: where.
        target: the target's name in the config, or the place.
        line: what was typed, secrets redacted.
        origin: what kept it.
    """

    id: UndoId
    made_ms: int
    server: ServerMark
    target: str
    line: str
    origin: Origin

    @property
    def made(self) -> datetime:
        """When, as an aware moment."""
        return datetime.fromtimestamp(self.made_ms / 1000, UTC)


class KeptKey(msgspec.Struct, frozen=True, array_like=True):
    """One key as it was.

    Args:
        db: its database.
        key: its name.
        payload: by DUMP; None when it did not exist, so that undoing means removing it.
        expires_ms: when it would have expired, in Unix milliseconds; None for never.
        idle: seconds since its last use, under an LRU policy.
        freq: its counter, under an LFU policy.
        after: what it was right after (see `after_state`); None when that was not looked at.
    """

    db: int
    key: bytes
    payload: bytes | None
    expires_ms: int | None = None
    idle: int | None = None
    freq: int | None = None
    after: bytes | None = None


class KeptKeys(msgspec.Struct, frozen=True, tag="keys"):
    """Keys kept together.

    Args:
        keys: each as it was.
        atomic: whether they were read in one transaction with what changed them.
    """

    keys: tuple[KeptKey, ...]
    atomic: bool


class AfterStates(msgspec.Struct, frozen=True, tag="after"):
    """What keys of earlier frames had become at the end: db, key, state."""

    states: tuple[tuple[int, bytes, bytes], ...]


class Inverse(msgspec.Struct, frozen=True, tag="inverse"):
    """Something that is no key, and the commands that put it back.

    Args:
        words: what it is, for a person: `CONFIG maxmemory`.
        db: the database that the commands run in.
        probe: a reading command whose reply says whether it changed since; empty when there is none.
        after: digest of the probe's reply right after the change.
        back: the commands, in order.
        secret: whether the commands hold secrets and must not be shown.
    """

    words: str
    db: int
    probe: tuple[bytes, ...]
    after: bytes
    back: tuple[tuple[bytes, ...], ...]
    secret: bool = False


class Note(msgspec.Struct, frozen=True, tag="note"):
    """A sentence about what could not be kept."""

    text: str


class Restored(msgspec.Struct, frozen=True, tag="restored"):
    """The entry was put back.

    Args:
        at_ms: when, in Unix milliseconds.
        kept_as: the entry that can take this back again; may be empty.
    """

    at_ms: int
    kept_as: str


Frame: TypeAlias = UndoHeader | KeptKeys | AfterStates | Inverse | Note | Restored

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(
    UndoHeader | KeptKeys | AfterStates | Inverse | Note | Restored
)


@frozen
class UndoEntry:
    """An entry as read back.

    Args:
        header: what, where, when.
        keys: every key as it was before the whole entry, once; `after` is the last known.
        inverses: what is no key, in the order in which it was changed.
        notes: what could not be kept.
        atomic: whether all of it was read in the same instant as it was changed.
        restored: when and how it was put back, the last time.
        whole: false when the file ends in the middle of a frame.
        size: bytes on disk.
    """

    header: UndoHeader
    keys: tuple[KeptKey, ...] = ()
    inverses: tuple[Inverse, ...] = ()
    notes: tuple[str, ...] = ()
    atomic: bool = True
    restored: Restored | None = None
    whole: bool = True
    size: int = field(default=0)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to put back."""
        return not self.keys and not self.inverses


def frame_bytes(frame: Frame) -> bytes:
    """One frame as it lies in the file: length, checksum, value."""
    body = _encoder.encode(frame)
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


def read_frames(file: BinaryIO) -> Iterator[Frame | None]:
    """The frames of an open file, after `MAGIC` was read; a last None where it is cut off or damaged."""
    while head := file.read(_FRAME.size):
        if len(head) < _FRAME.size:
            yield None
            return
        length, checksum = _FRAME.unpack(head)
        body = file.read(length) if length < _MAX_FRAME else b""
        if len(body) < length or zlib.crc32(body) != checksum:
            yield None
            return
        try:
            yield _decoder.decode(body)
        except msgspec.MsgspecError:
            yield None
            return


def entry_of(frames: Iterator[Frame | None], *, size: int = 0) -> UndoEntry | None:
    """The entry that some frames make; None when they do not begin with a header."""
    header = next(frames, None)
    if not isinstance(header, UndoHeader):
        return None
    keys: dict[tuple[int, bytes], KeptKey] = {}
    inverses: list[Inverse] = []
    notes: list[str] = []
    restored: Restored | None = None
    atomic = whole = True
    for frame in frames:
        match frame:
            case KeptKeys():
                atomic = atomic and frame.atomic
                for kept in frame.keys:
                    first = keys.get((kept.db, kept.key))
                    keys[kept.db, kept.key] = with_after(first, kept.after) if first else kept
            case AfterStates():
                for db, key, state in frame.states:
                    if (db, key) in keys:
                        keys[db, key] = with_after(keys[db, key], state)
            case Inverse():
                inverses.append(frame)
            case Note():
                notes.append(frame.text)
            case Restored():
                restored = frame
            case _:
                whole = False
    return UndoEntry(
        header, tuple(keys.values()), tuple(inverses), tuple(notes), atomic, restored, whole, size
    )


def with_after(kept: KeptKey, after: bytes | None) -> KeptKey:
    """`kept` with another state after."""
    return KeptKey(kept.db, kept.key, kept.payload, kept.expires_ms, kept.idle, kept.freq, after)
