"""Several files as one: what they say together, and which of them said it.

Values and their origins travel together; putting a file on top is `merging`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from safeshell.frozen import field, frozen

if TYPE_CHECKING:
    from safeshell.config.layer_text import Layer
    from safeshell.config.positions import Path


@frozen
class Origin:
    """Where a value was written.

    Args:
        layer: the file; None for what is built in.
        path: its place in that file.
    """

    layer: Layer | None = None
    path: Path = ()

    @property
    def place(self) -> str:
        """`file:line`, or `built-in`."""
        if self.layer is None:
            return "built-in"
        line, _ = self.layer.source.line_and_column(self.layer.positions.key(self.path)[0])
        return f"{self.layer.name}:{line}"


BUILT_IN_ORIGIN = Origin()


@frozen
class Merged:
    """Several layers as one.

    Args:
        values: what they say together.
        origins: for each value the file that won.
    """

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[Path, Origin] = field(default_factory=dict)

    def copy(self) -> Merged:
        """The same, to be changed on its own."""
        return Merged(_copied(self.values), dict(self.origins))

    def origin(self, path: Path) -> Origin:
        """Where the value at `path` comes from; of a part of a value that is one, the value's."""
        for end in range(len(path), 0, -1):
            if (found := self.origins.get(path[:end])) is not None:
                return Origin(found.layer, (*found.path, *path[end:]))
        return BUILT_IN_ORIGIN

    def first_origin(self, path: Path) -> Origin:
        """Where the table at `path` was written first."""
        for known, origin in self.origins.items():
            if known[: len(path)] == path:
                return Origin(origin.layer, origin.path[: len(path)])
        return BUILT_IN_ORIGIN


def _copied(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _copied(value) if isinstance(value, dict) else value for name, value in values.items()}
