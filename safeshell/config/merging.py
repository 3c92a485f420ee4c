"""Laying one file's values over another's, remembering which file each came from.

Guided by the schema alone: tables merge key by key, what is declared whole is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.config.layer_text import Layer
from safeshell.config.merged import Merged, Origin
from safeshell.config.positions import Path
from safeshell.config.schema import SCHEMA, ListOf, MapOf, TableOf


def lay(merged: Merged, layer: Layer, values: Mapping[str, object]) -> None:
    """Lay a layer's values over what is there.

    Args:
        merged: the layers below; changed.
        layer: where the values were written.
        values: as `validation.check_layer` has read them.
    """
    _Laying(merged.origins, layer).table(SCHEMA, merged.values, values, ())


class _Laying:
    def __init__(self, origins: dict[Path, Origin], layer: Layer) -> None:
        self._origins = origins
        self._layer = layer

    def table(self, node: TableOf, base: dict[str, object], new: Mapping[str, object], path: Path) -> None:
        if not node.one_of.isdisjoint(new):
            for name in node.one_of:
                base.pop(name, None)
                self._origins.pop((*path, name), None)
        for name, value in new.items():
            known = node.field(name)
            match known.node if known else None:
                case TableOf(whole=False) as table:
                    self.table(table, _below(base, name), _mapping(value), (*path, name))
                case MapOf() as named:
                    self._map(named, _below(base, name), _mapping(value), (*path, name))
                case ListOf(appends=True):
                    self._append(base, name, value)
                case _:
                    self._replace(base, name, value, (*path, name))

    def _map(self, node: MapOf, base: dict[str, object], new: Mapping[str, object], path: Path) -> None:
        for name, value in new.items():
            at = (*path, name)
            if not isinstance(node.value, TableOf):
                self._replace(base, name, value, at)
                continue
            if not value:  # an empty table says something, too: that there is such an environment
                self._origins.setdefault(at, Origin(self._layer, at))
            self.table(node.value, _below(base, name), _mapping(value), at)

    def _append(self, base: dict[str, object], name: str, value: object) -> None:
        before = base.get(name, ())
        assert isinstance(before, tuple)
        assert isinstance(value, tuple)
        for index in range(len(value)):
            self._origins[name, len(before) + index] = Origin(self._layer, (name, index))
        base[name] = (*before, *value)

    def _replace(self, base: dict[str, object], name: str, value: object, path: Path) -> None:
        base[name] = value
        self._origins[path] = Origin(self._layer, path)


def _below(base: dict[str, object], name: str) -> dict[str, object]:
    inner = base.setdefault(name, {})
    assert isinstance(inner, dict)
    return inner


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value
