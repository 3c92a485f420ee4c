"""`--rdb`: the server's dataset as an RDB file, fetched as a replica would, without asking anything of its disk.

Protocol: SYNC is answered by `$LENGTH` and that many bytes, or by `$EOF:` and a mark that ends the stream
(replication.c, and redis-cli.c of Redis 7.0).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from safeshell.errors import SafeshellError
from safeshell.guard.text import sized, visible
from safeshell.redis.address import ServerAddress
from safeshell.redis.connection import Connection
from safeshell.redis.failures import ConnectionLost
from safeshell.redis.reply import Error
from safeshell.redis.transport import Transport

_MARK_BYTES: Final = 40
_MAX_HEAD: Final = 1 << 16


class TransferRefused(SafeshellError):
    """The server does not hand its dataset over."""


def fetch_rdb(address: ServerAddress, file: Path | None, *, functions_only: bool) -> None:
    """Fetch the dataset and write it down.

    Args:
        address: of the server; a connection of its own is made.
        file: where to; None for standard output. Written beside its place and renamed when complete, mode 0600.
        functions_only: only the functions, no keys (Redis 7.0 and later).

    Raises:
        TransferRefused: the server does not allow it, or sends something else.
        ConnectionLost: before the end; no file is left.
        SafeshellError: the file can't be written.
    """
    with Connection.open(address) as connection:
        connection.call(b"REPLCONF", b"capa", b"eof")
        connection.call(b"REPLCONF", b"rdb-only", b"1")
        if functions_only:
            reply = connection.call(b"REPLCONF", b"rdb-filter-only", b"functions")
            if isinstance(reply, Error):
                raise TransferRefused(f"the server can't send functions alone: {visible(reply.data)}")
        transport = connection.detached()
        _send_all(transport, b"*1\r\n$4\r\nSYNC\r\n")
        with _written_to(file) as out:
            count = sum(map(out.write, _payload(transport)))
    if file is not None:
        sys.stderr.write(f"Transfer finished with success: {sized(count)} in {file}\n")


def _payload(transport: Transport) -> Iterator[bytes]:
    head, rest = _head(transport)
    if head.startswith(b"EOF:"):
        mark = head[4:]
        while not rest.endswith(mark):
            # The mark may arrive in pieces: what could be its beginning is held back.
            yield rest[:-_MARK_BYTES]
            rest = rest[-_MARK_BYTES:] + _receive(transport)
        yield rest[:-_MARK_BYTES]
        return
    if not head.isdigit():
        raise TransferRefused(f"the server sent no dataset: {visible(head)}")
    missing = int(head)
    while missing:
        block = rest[:missing] or _receive(transport)[:missing]
        rest = b""
        missing -= len(block)
        yield block


def _head(transport: Transport) -> tuple[bytes, bytes]:
    """What stands behind the first `$`, and the first bytes of the payload."""
    data = b""
    while len(data) < _MAX_HEAD:
        data = (data + _receive(transport)).lstrip(b"\n")  # line ends keep the connection alive meanwhile
        line, end, rest = data.partition(b"\r\n")
        if end and line.startswith(b"$"):
            return line[1:], rest
        if end:
            raise TransferRefused(f"the server does not hand its dataset over: {visible(line.lstrip(b'-'))}")
    raise TransferRefused("the server answered SYNC with something that is no dataset")


def _receive(transport: Transport) -> bytes:
    while True:
        data = transport.receive()
        if data == b"":
            raise ConnectionLost("the server ended the transfer before its end", may_have_run=True)
        if data is not None:
            return data
        transport.wait(to_send=False, timeout=None)


def _send_all(transport: Transport, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[transport.send(left) :]
        if left:
            transport.wait(to_send=True, timeout=None)


@contextmanager
def _written_to(file: Path | None) -> Iterator[BinaryIO]:
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise SafeshellError(f"can't be written ({error.strerror})", where=str(file)) from None
