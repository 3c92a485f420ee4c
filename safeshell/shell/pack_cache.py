"""The packs, read once and kept: parsing all of them at every start would cost more than everything else.

The kept form lies where Python keeps its own compiled modules, or in the user's cache folder where that can't
be written. It is used as long as the packs have the same names, sizes and times; anything wrong with it means
that it is made anew. Entries are unpacked by program, when one is met.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from safeshell.version import __version__

PACKS = Path(__file__).parent / "packs"
_FORM = 6
_NAME = f"packs.{sys.implementation.cache_tag}.marshal"


class PackedPrograms:
    """All that the packs say, by program, as it lies in the cache.

    Args:
        places: for each program's name, sign patterns (`mkfs*`) among them, where its entry stands in `body`.
        body: the entries, marshalled, one behind the other; programs of which the same is known share one.
        variables: the names of all environment variables that a verdict may hang on.
    """

    def __init__(
        self, places: dict[str, tuple[int, int]], body: bytes, variables: tuple[str, ...] = ()
    ) -> None:
        self.places = places
        self.body = body
        self.variables = variables
        self.signs = tuple(name for name in places if "*" in name or "?" in name)

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def entry(self, name: str) -> dict[str, Any] | None:
        """What the packs say of the program `name`, as plain data; None when they do not name it."""
        place = self.places.get(name)
        if place is None:
            return None
        plain: dict[str, Any] = marshal.loads(self.body[place[0] : place[1]])  # noqa: S302 - our own
        return plain


def packed(programs: Mapping[str, dict[str, Any]]) -> PackedPrograms:
    """Programs' entries in the form that the cache keeps."""
    places: dict[str, tuple[int, int]] = {}
    known: dict[bytes, tuple[int, int]] = {}
    parts, at = [], 0
    for name, plain in programs.items():
        entry = marshal.dumps(plain, 2)  # without references, so that the same data has the same form
        place = known.get(entry)
        if place is None:
            place = known[entry] = (at, at + len(entry))
            parts.append(entry)
            at += len(entry)
        places[name] = place
    return PackedPrograms(places, b"".join(parts), tuple(sorted(_variables(programs.values()))))


def _variables(programs: Iterable[dict[str, Any]]) -> set[str]:
    """Those that packs name, and the one that every tool for Kubernetes takes its context from."""
    found = {"KUBECONFIG"}
    for plain in programs:
        for one in plain["addresses"]:
            found.update(one.get("variables", ()))
        for one in (*plain["rules"], *plain["reads"]):
            found.update(entry.partition("=")[0] for entry in one.get("environ", ()))
    return found


def packed_programs(folder: Path = PACKS) -> PackedPrograms:
    """What the packs of `folder` say of each program they name.

    Raises:
        PackInvalid: a pack can't be used.
    """
    key = _key(folder)
    for place in _places(folder):
        kept = _kept(place, key)
        if kept is not None:
            return kept
    from safeshell.shell.pack_source import as_plain, load_pack

    made = packed(merged_programs(as_plain(load_pack(path)) for path in sorted(folder.glob("*.toml"))))
    _keep(folder, key, made)
    return made


def merged_programs(packs: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What several packs in plain form say, by program."""
    from safeshell.shell.patterns import program_names

    programs: dict[str, dict[str, Any]] = {}

    def entry(name: str) -> dict[str, Any]:
        return programs.setdefault(
            name, {"specs": [], "rules": [], "reads": [], "addresses": [], "loads": []}
        )

    for pack in packs:
        for spec in pack["programs"]:
            for name in spec["names"]:
                entry(name)["specs"].append(_said({key: spec[key] for key in spec if key != "names"}))
        for kind in ("rules", "reads", "addresses", "loads"):
            for one in pack[kind]:
                names = program_names(one["command"])
                # The program has been looked up by then; without its many names entries are small and alike.
                rest = _said({**one, "command": one["command"].replace("|".join(names), "_", 1)})
                for name in names:
                    entry(name)[kind].append(rest)
    return programs


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without the keys that it leaves at their defaults; `feeds = false` does say something."""
    return {key: value for key, value in entry.items() if value or (key == "feeds" and value is not None)}


def _key(folder: Path) -> tuple[Any, ...]:
    files = sorted(
        (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
        for entry in os.scandir(folder)
        if entry.name.endswith(".toml")
    )
    return (_FORM, __version__, tuple(files))


def _places(folder: Path) -> list[Path]:
    beside = folder / "__pycache__" / _NAME
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - no Path.home() error
    return [beside, Path(cache) / "safeshell" / _NAME]


def _kept(place: Path, key: tuple[Any, ...]) -> PackedPrograms | None:
    try:
        if hasattr(os, "getuid") and place.stat().st_uid not in (os.getuid(), 0):
            return None
        with place.open("rb") as file:
            length = int.from_bytes(file.read(8), "big")
            found = marshal.loads(file.read(length))  # noqa: S302 - a file that only this user or root could write
            if found[0] != key:
                return None
            body = file.read()
            return PackedPrograms(found[1], body, found[3]) if len(body) == found[2] else None
    except (OSError, ValueError, EOFError, TypeError, IndexError, KeyError, OverflowError, MemoryError):
        return None


def _keep(folder: Path, key: tuple[Any, ...], made: PackedPrograms) -> None:
    head = marshal.dumps((key, made.places, len(made.body), made.variables))
    for place in _places(folder):
        with contextlib.suppress(OSError):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = place.with_name(f"{place.name}.{os.getpid()}")
            draft.write_bytes(len(head).to_bytes(8, "big") + head + made.body)
            draft.replace(place)
            return
