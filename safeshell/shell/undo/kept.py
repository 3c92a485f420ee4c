"""What one undo entry says: a head, an item for each file, and how the line left them. Values, and their JSON form.

A manifest is lines of JSON: the head, the items, and an end that says how many there are, so that one that was
cut short is recognised. Paths are written with what is no UTF-8 escaped, so that any name comes back as it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, Final

from safeshell.frozen import frozen
from safeshell.shell.impact.resolving import Fate
from safeshell.shell.impact.tree import is_inside
from safeshell.shell.undo.file_state import FileState, as_plain, from_plain

_FORM: Final = 1


class Way(StrEnum):
    """How a file's contents are kept."""

    NOTHING = "nothing"
    LINK = "link"
    CLONE = "clone"
    COPY = "copy"


@frozen
class Item:
    """One file as it was before the line ran.

    Args:
        path: absolute.
        fate: what the line does to it.
        state: how it was.
        way: how its contents are kept; `NOTHING` for what has none of its own, or where only attributes change.
        data: the number of the file in the entry's folder that holds them.
        twin: the index of an earlier item that is the same file by another name; -1 for none.
        other: for what is moved, where to.
        turn: when the line comes to it.
    """

    path: bytes
    fate: Fate
    state: FileState
    way: Way = Way.NOTHING
    data: int = -1
    twin: int = -1
    other: bytes = b""
    turn: int = 0


class Moves:
    """Where the files of an entry have come to be, by what the line moved.

    Args:
        items: the entry's.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        moved = sorted((item for item in items if item.other), key=lambda item: item.turn)
        self._moved = [(item.path, item.other) for item in moved]

    def place_of(self, path: bytes) -> bytes:
        """Where the line has left what was at `path`."""
        for before, after in self._moved:
            if is_inside(path, before):
                path = after + path[len(before) :]
        return path


@frozen
class Head:
    """What an entry is about.

    Args:
        id: its name.
        made: when, in seconds since 1970.
        session: whose line it was.
        target: the target's name.
        line: as typed, secrets redacted.
        held: bytes of disk that it takes or keeps from being freed.
        left_out: what could not be kept, in sentences.
        of: the entry that was put back when this was kept; "" for a line's own.
        count: how many files and folders it is about.
    """

    id: str
    made: float
    session: str
    target: str
    line: str
    held: int = 0
    left_out: tuple[str, ...] = ()
    of: str = ""
    count: int = 0


@frozen
class KeptFiles:
    """An entry as it was read.

    Args:
        head: what it is about.
        items: the files, folders before what they held.
        after: how the line left each item; None while nobody has looked.
        restored: when it was put back, in seconds since 1970; None when it was not.
    """

    head: Head
    items: tuple[Item, ...]
    after: tuple[FileState | None, ...] | None = None
    restored: float | None = None


class BadManifest(ValueError):
    """A manifest that was cut short or is none."""


def manifest_lines(head: Head, items: Sequence[Item]) -> Iterator[bytes]:
    """The manifest, line by line."""
    yield _line(
        {
            "form": _FORM, "id": head.id, "made": head.made, "session": head.session, "target": head.target,
            "line": head.line, "held": head.held, "left_out": list(head.left_out), "of": head.of,
            "count": head.count,
        }
    )  # fmt: skip
    for item in items:
        yield _line(
            [
                os.fsdecode(item.path), item.fate.value, item.way.value, item.data, item.twin,
                os.fsdecode(item.other), as_plain(item.state), item.turn,
            ]
        )  # fmt: skip
    yield _line({"end": len(items)})


def head_from(line: bytes) -> Head:
    """The head of a manifest.

    Raises:
        BadManifest: it is none.
    """
    import json

    try:
        plain = json.loads(line)
        if plain["form"] != _FORM:
            raise BadManifest("it was written by another version")
        return Head(
            str(plain["id"]), float(plain["made"]), str(plain["session"]), str(plain["target"]), str(plain["line"]),
            int(plain["held"]), tuple(map(str, plain["left_out"])), str(plain["of"]), int(plain["count"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError) as error:
        raise BadManifest("its beginning is damaged") from error


def manifest_from(lines: Iterable[bytes]) -> tuple[Head, tuple[Item, ...]]:
    """A whole manifest.

    Raises:
        BadManifest: it is none, or was cut short.
    """
    import json

    reader = iter(lines)
    head = head_from(next(reader, b""))
    items: list[Item] = []
    for line in reader:
        try:
            plain = json.loads(line)
            if isinstance(plain, dict):
                if plain["end"] != len(items):
                    raise BadManifest("it was cut short")
                return head, tuple(items)
            path, fate, way, data, twin, other, state, turn = plain
            items.append(
                Item(
                    os.fsencode(path), Fate(fate), from_plain(state), Way(way), int(data), int(twin),
                    os.fsencode(other), int(turn),
                )
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise BadManifest("it was cut short or is damaged") from error
    raise BadManifest("it was cut short")


def after_lines(states: Sequence[FileState | None]) -> Iterator[bytes]:
    """How a line left the items: a line of JSON for each that is still there, and the end."""
    for index, state in enumerate(states):
        if state is not None:
            yield _line([index, as_plain(state)])
    yield _line({"end": len(states)})


def after_from(lines: Iterable[bytes]) -> tuple[FileState | None, ...] | None:
    """How a line left the items; None when that was not written to its end."""
    import json

    found: dict[int, FileState] = {}
    try:
        for line in lines:
            plain = json.loads(line)
            if isinstance(plain, dict):
                return tuple(found.get(index) for index in range(int(plain["end"])))
            found[int(plain[0])] = from_plain(plain[1])
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    return None


def _line(plain: Any) -> bytes:
    import json

    return json.dumps(plain, separators=(",", ":")).encode("ascii") + b"\n"
