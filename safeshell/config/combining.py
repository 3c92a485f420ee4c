"""The files that there are → Settings: each held against the schema and laid over the ones before.

Either all of them are valid together, or ConfigMistakes tells every mistake in every file at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safeshell.config.building import build_settings
from safeshell.config.consistency import check_consistency
from safeshell.config.diagnostics import ConfigMistakes, Diagnostic
from safeshell.config.kinds import Place
from safeshell.config.layer_text import read_layers
from safeshell.config.layers import LayerFile, LayerKind
from safeshell.config.merged import Merged
from safeshell.config.merging import lay
from safeshell.config.positions import Path as KeyPath
from safeshell.config.privacy import check_privacy
from safeshell.config.settings import Settings
from safeshell.config.tightening import tighten
from safeshell.config.validation import check_layer
from safeshell.frozen import frozen
from safeshell.guard.text import visible


@frozen
class Combined:
    """What all files say together.

    Args:
        settings: the result.
        merged: every value with its origin.
        files: those that were read, the weakest first.
        warnings: sentences for the person.
    """

    settings: Settings
    merged: Merged
    files: tuple[Path, ...]
    warnings: tuple[str, ...]


def combine(places: tuple[LayerFile, ...], home: Path) -> Combined:
    """Read and combine the layers.

    Args:
        places: where they may be, the weakest first.
        home: of the person, for `~` in paths.

    Raises:
        ConfigMistakes: a file can't be read or does not validate.
    """
    merged = Merged()
    mistakes: list[Diagnostic] = []
    warnings: list[str] = []
    files: list[Path] = []
    unread: set[KeyPath] = set()
    for layer in read_layers(places):
        if isinstance(layer, Diagnostic):
            mistakes.append(layer)
            continue
        files.append(layer.file.path)
        checked = check_layer(layer, Place(layer.file.path.parent, home))
        warnings += check_privacy(checked)
        values: Mapping[str, object] = checked.values
        if layer.file.kind is LayerKind.PROJECT:
            values, milder = tighten(checked, merged)
            warnings += milder
        lay(merged, layer, values)
        mistakes += checked.mistakes
        unread |= checked.unread
    mistakes += check_consistency(merged, unread)
    if mistakes:
        order = {visible(str(place.path), limit=400): index for index, place in enumerate(places)}
        raise ConfigMistakes(sorted(mistakes, key=lambda told: (order[told.file], told.line, told.column)))
    return Combined(build_settings(merged.values), merged, tuple(files), tuple(warnings))
