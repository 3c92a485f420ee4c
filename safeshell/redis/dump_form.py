"""The form of a dump file: a JSON line, framed keys, a checksum over all of it. Bytes and files, no server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from safeshell.errors import SafeshellError
from safeshell.frozen import frozen

_FORM: Final = "safeshell-dump"
_VERSION: Final = 1
_KEY: Final = Struct(">BIqIQ")  # mark, db, expires, key's length, payload's length
_END: Final = Struct(">BQ")  # mark, number of keys
_KEY_MARK: Final = 1
_END_MARK: Final = 0
_DIGEST_BYTES: Final = 32
_MAX_HEADER: Final = 1 << 16
_MAX_PAYLOAD: Final = 4 << 30


class DumpFileInvalid(SafeshellError):
    """The file is no dump file, incomplete, or damaged; nothing of it was restored."""


class DumpHeader(msgspec.Struct, frozen=True):
    """Where a dump file comes from.

    Args:
        place, kind, version, run_id, replid: the server.
        made_ms: when it was begun, in Unix milliseconds.
        databases: which are in it.
        form, form_version: what the file is.
    """

    place: str
    kind: str
    version: str
    run_id: str
    replid: str
    made_ms: int
    databases: tuple[int, ...]
    form: str = _FORM
    form_version: int = _VERSION

    @property
    def made(self) -> datetime:
        """When it was begun, as an aware moment."""
        return datetime.fromtimestamp(self.made_ms / 1000, UTC)


@frozen
class DumpedKey:
    """One key: its database, name, payload by DUMP, and when it expires (Unix ms, None for never)."""

    db: int
    key: bytes
    payload: bytes
    expires_ms: int | None


@frozen
class DumpSummary:
    """What a verified file holds."""

    header: DumpHeader
    keys: int
    size: int


class DumpWriter:
    """Writes keys to an open file. The checksum comes last: a file without it is known to be incomplete."""

    def __init__(self, file: BinaryIO, header: DumpHeader) -> None:
        self.keys = 0
        self.size = 0
        self._file = file
        self._digest = blake2b(digest_size=_DIGEST_BYTES)
        self._write(msgspec.json.encode(header) + b"\n")

    def add(self, one: DumpedKey) -> None:
        """Write a key.

        Raises:
            OSError: the disk would not take it.
        """
        expires = -1 if one.expires_ms is None else one.expires_ms
        self._write(_KEY.pack(_KEY_MARK, one.db, expires, len(one.key), len(one.payload)) + one.key)
        self._write(one.payload)
        self.keys += 1

    def finish(self) -> None:
        """Write the end.

        Raises:
            OSError: the disk would not take it.
        """
        self._write(_END.pack(_END_MARK, self.keys))
        self._file.write(self._digest.digest())
        self.size += _DIGEST_BYTES

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)
        self.size += len(data)


def verify_dump(path: Path) -> DumpSummary:
    """Read a whole file and check it.

    Raises:
        DumpFileInvalid: it is none, or not whole.
    """
    keys = sum(1 for _ in read_dump(path))
    with path.open("rb") as file:
        header = _header(file, path)[0]
    return DumpSummary(header, keys, path.stat().st_size)


def read_dump(path: Path) -> Iterator[DumpedKey]:
    """The keys of a file; its checksum is only known after the last one.

    Raises:
        DumpFileInvalid: it is none, or not whole.
    """
    try:
        with path.open("rb") as file:
            yield from _keys(file, path)
    except OSError as error:
        raise DumpFileInvalid(
            f"the file can't be read ({error.strerror or type(error).__name__})", where=str(path)
        ) from error


def _keys(file: BinaryIO, path: Path) -> Iterator[DumpedKey]:
    digest = blake2b(digest_size=_DIGEST_BYTES)
    _, line = _header(file, path)
    digest.update(line)
    count = 0
    while True:
        mark = file.read(1)
        if mark == bytes([_END_MARK]):
            break
        head = mark + file.read(_KEY.size - 1)
        if len(head) < _KEY.size or head[0] != _KEY_MARK:
            raise _damaged(path)
        _, db, expires, key_length, payload_length = _KEY.unpack(head)
        if payload_length > _MAX_PAYLOAD:
            raise _damaged(path)
        key, payload = file.read(key_length), file.read(payload_length)
        if len(key) < key_length or len(payload) < payload_length:
            raise _damaged(path)
        for part in (head, key, payload):
            digest.update(part)
        count += 1
        yield DumpedKey(db, key, payload, None if expires < 0 else expires)
    end = mark + file.read(_END.size - 1)
    digest.update(end)
    whole = len(end) == _END.size and _END.unpack(end)[1] == count
    if not whole or file.read(_DIGEST_BYTES + 1) != digest.digest():
        raise _damaged(path)


def _header(file: BinaryIO, path: Path) -> tuple[DumpHeader, bytes]:
    line = file.readline(_MAX_HEADER)
    try:
        header = msgspec.json.decode(line, type=DumpHeader)
    except msgspec.MsgspecError:
        header = None
    if header is None or header.form != _FORM:
        raise DumpFileInvalid("this is no dump file of safeshell", where=str(path))
    if header.form_version != _VERSION:
        raise DumpFileInvalid(
            f"the file has form {header.form_version}, and only form {_VERSION} is known here",
            where=str(path),
            todo="Use a newer safeshell.",
        )
    return header, line


def _damaged(path: Path) -> DumpFileInvalid:
    return DumpFileInvalid(
        "the dump file is cut off or damaged", where=str(path), todo="Nothing of it was restored."
    )
