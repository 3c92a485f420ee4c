"""Holding one layer against the schema: its values read, every mistake told with its place.

Looks at one file alone; what only the whole configuration can say (does the environment exist?) is not here.
"""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.config import kinds
from safeshell.config.diagnostics import Diagnostic, diagnostic
from safeshell.config.kinds import Kind, Place, Unfit
from safeshell.config.layer_text import Layer
from safeshell.config.positions import Path
from safeshell.config.schema import SCHEMA, ListOf, MapOf, Node, TableOf
from safeshell.frozen import field, frozen, replace
from safeshell.guard.text import visible

_MISTAKE = object()
"""Stands for a value that could not be read."""

_SHOWN = 60


@frozen
class Checked:
    """A layer held against the schema.

    Args:
        layer: which.
        values: what it says, read; what could not be read is left out.
        mistakes: all that is wrong.
        unread: the places of values that could not be read.
    """

    layer: Layer
    values: Mapping[str, object] = field(default_factory=dict)
    mistakes: list[Diagnostic] = field(default_factory=list)
    unread: set[Path] = field(default_factory=set)

    def mistake_at_key(self, path: Path, message: str, help_text: str = "") -> None:
        """Tell a mistake about the key at `path`."""
        self._mistake(self.layer.positions.key(path), message, help_text)

    def mistake_at_value(self, path: Path, message: str, help_text: str = "") -> None:
        """Tell a mistake about the value at `path`."""
        self.unread.add(path)
        self._mistake(self.layer.positions.value(path), message, help_text)

    def _mistake(self, span: tuple[int, int], message: str, help_text: str) -> None:
        told = diagnostic(
            self.layer.name,
            self.layer.source,
            span,
            visible(message, limit=400),
            visible(help_text, limit=600),
        )
        self.mistakes.append(told)


def check_layer(layer: Layer, place: Place) -> Checked:
    """Read a layer's values by the schema.

    Args:
        layer: the file.
        place: where its relative paths start.
    """
    checked = Checked(layer)
    values = _Reader(checked, place).table(SCHEMA, layer.data, ())
    return replace(checked, values=values if isinstance(values, dict) else {})


class _Reader:
    def __init__(self, checked: Checked, place: Place) -> None:
        self._checked = checked
        self._place = place

    def read(self, node: Node, raw: object, path: Path) -> object:
        match node:
            case TableOf():
                return self.table(node, raw, path)
            case MapOf():
                return self._map(node, raw, path)
            case ListOf():
                return self._list(node, raw, path)
            case Kind():
                return self._single(node, raw, path)

    def table(self, node: TableOf, raw: object, path: Path) -> object:
        if not isinstance(raw, dict):
            return self._wrong(raw, path, f"a table with {_names(node)}")
        values: dict[str, object] = {}
        for name, value in raw.items():
            known = node.field(name)
            if known is None:
                self._unknown(node, name, (*path, name))
            elif (read := self.read(known.node, value, (*path, name))) is not _MISTAKE:
                values[name] = read
        for known in node.fields:
            # A target may be completed in several files, so what it must have is asked of all of them together.
            if known.required and known.name not in raw and not (len(path) == 2 and path[0] == "targets"):
                self._checked.mistake_at_key(path, f"{_dotted(path)} has no `{known.name}`", known.about)
        self._check_company(node, raw, path)
        return values

    def _map(self, node: MapOf, raw: object, path: Path) -> object:
        if not isinstance(raw, dict):
            return self._wrong(raw, path, f"a table with a key for each name of {node.key}")
        read = {name: self.read(node.value, value, (*path, name)) for name, value in raw.items()}
        for name in raw:
            if not name.strip() or not name.isprintable():
                self._checked.mistake_at_key((*path, name), f"this can't be the name of {node.key}")
        return {name: value for name, value in read.items() if value is not _MISTAKE}

    def _list(self, node: ListOf, raw: object, path: Path) -> object:
        if node.or_one and not isinstance(raw, list):
            item = self.read(node.item, raw, path)
            return _MISTAKE if item is _MISTAKE else (item,)
        if not isinstance(raw, list):
            what = node.item.expected if isinstance(node.item, Kind) else "tables"
            return self._wrong(raw, path, f"an array of {what}")
        items = [self.read(node.item, item, (*path, index)) for index, item in enumerate(raw)]
        return tuple(item for item in items if item is not _MISTAKE)

    def _single(self, node: Kind, raw: object, path: Path) -> object:
        try:
            return node.read(raw, self._place)
        except Unfit as unfit:
            meant = f"; did you mean {unfit.nearest}?" if unfit.nearest else ""
            if unfit.why:
                self._checked.mistake_at_value(
                    path, f"{_label(path)}: {unfit.why}", f"expected {node.expected}{meant}"
                )
                return _MISTAKE
            return self._wrong(raw, path, node.expected + meant, secret=node.secret)

    def _wrong(self, raw: object, path: Path, expected: str, *, secret: bool = False) -> object:
        found = _kind_of(raw) if secret else _shown(raw)
        self._checked.mistake_at_value(path, f"{_label(path)} can't be {found}", f"expected {expected}")
        return _MISTAKE

    def _unknown(self, node: TableOf, name: str, path: Path) -> None:
        near = kinds.nearest(name, (known.name for known in node.fields))
        where = f" in {_dotted(path[:-1])}" if len(path) > 1 else ""
        hint = f"did you mean `{near}`?" if near else f"there are {_names(node)}"
        self._checked.mistake_at_key(path, f"there is no key `{visible(name)}`{where}", hint)

    def _check_company(self, node: TableOf, raw: Mapping[str, object], path: Path) -> None:
        """Keys that exclude or need each other."""
        if node.any_of and not any(name in raw for name in node.any_of):
            wanted = " or ".join(f"`{name}`" for name in node.any_of)
            self._checked.mistake_at_key(path, f"{_dotted(path)} has no {wanted}", "give it at least one")
        for name, other in node.needs:
            if name in raw and other not in raw:
                self._checked.mistake_at_key((*path, name), f"`{name}` needs `{other}` beside it")
        first, *others = [name for name in raw if name in node.one_of] or [""]
        for name in others:
            self._checked.mistake_at_key(
                (*path, name), f"`{name}` and `{first}` both say where the password is", "keep one of them"
            )


def _label(path: Path) -> str:
    if path and isinstance(path[-1], int):
        return f"an entry of `{visible(str(path[-2]))}`"
    return f"`{visible(str(path[-1]))}`" if path else "the file"


def _dotted(path: Path) -> str:
    return "[" + ".".join(visible(str(part)) for part in path if isinstance(part, str)) + "]"


def _names(node: TableOf) -> str:
    return ", ".join(field.name for field in node.fields)


def _shown(raw: object) -> str:
    """A wrong value as TOML writes it, or what it is."""
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, str) and "://" not in raw:
        return kinds.quoted(raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "…")
    if isinstance(raw, int | float):
        return str(raw) if not isinstance(raw, int) or raw.bit_length() < 200 else "a number that long"
    return _kind_of(raw)


def _kind_of(raw: object) -> str:
    known = {bool: "true or false", int: "a number", float: "a number", str: "text", dict: "a table"}
    return known.get(type(raw), "an array" if isinstance(raw, list) else "a date or time")
