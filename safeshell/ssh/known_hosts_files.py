"""The known_hosts files on this machine: read whole, and added to at the end. Never rewritten."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from safeshell.errors import SafeshellError
from safeshell.frozen import replace
from safeshell.guard.text import visible
from safeshell.ssh.known_hosts import KnownHosts, UnreadableLine, read_known_hosts


class NotRemembered(SafeshellError):
    """A host's key could not be written down."""


def read_files(paths: Sequence[Path]) -> KnownHosts:
    """What stands in the files, in their order. One that isn't there is empty; one that can't be read is told of."""
    texts: dict[str, str] = {}
    closed: list[UnreadableLine] = []
    for path in paths:
        try:
            texts[str(path)] = path.read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            continue
        except OSError as error:
            closed.append(UnreadableLine(str(path), 0, error.strerror or "it can't be read"))
    known = read_known_hosts(texts)
    return replace(known, unreadable=(*closed, *known.unreadable))


def add(path: Path, line: str) -> None:
    """Add a line at the end of a known_hosts file, which is made, for its owner alone, if it isn't there.

    Args:
        path: the file; its folder is made, too.
        line: as `line_to_add` makes it.

    Raises:
        NotRemembered: the file can't be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _append(target, line.encode("utf-8", "surrogateescape"))
        finally:
            os.close(target)
    except OSError as error:
        raise NotRemembered(
            f"the host's key could not be written down: {error.strerror}",
            where=visible(str(path)),
            todo="The next connection will ask about it again.",
        ) from error


def _append(target: int, line: bytes) -> None:
    size = os.fstat(target).st_size
    # A last line without an end would swallow ours.
    ended = not size or os.pread(target, 1, size - 1) == b"\n"
    # One write: another program that adds a line at the same moment comes before it or after it.
    os.write(target, (b"" if ended else b"\n") + line + b"\n")
