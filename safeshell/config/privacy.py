"""Passwords written in a config file: a mistake where others can read the file, a warning where not.

Looks at one layer's values; getting passwords at connect time is `secrets`' business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safeshell.config.layers import LayerKind
from safeshell.config.positions import Path
from safeshell.config.redis_place import RedisPlace
from safeshell.config.validation import Checked

_INSTEAD = "use password_command, password_env or password_file"


def check_privacy(checked: Checked) -> tuple[str, ...]:
    """Tell every password that others can read as a mistake; the warnings about the rest."""
    layer = checked.layer
    warnings: list[str] = []
    for path in _passwords(checked.values, ()):
        if not layer.shared:
            line, _ = layer.source.line_and_column(layer.positions.value(path)[0])
            warnings.append(f"{layer.name}:{line}: a password is written here; better {_INSTEAD}")
        elif layer.file.kind is LayerKind.PROJECT:
            checked.mistake_at_value(path, "a password stands in a project's file", _INSTEAD)
        else:
            checked.mistake_at_value(
                path,
                "a password stands in a file that others can read",
                f"{_INSTEAD}, or keep the file to yourself: chmod 600 {layer.name}",
            )
    return tuple(warnings)


def _passwords(value: object, path: Path) -> Iterator[Path]:
    match value:
        case RedisPlace(password=str()):
            yield path
        case Mapping():
            for name, inner in value.items():
                if name == "password" and isinstance(inner, str):
                    yield (*path, name)
                else:
                    yield from _passwords(inner, (*path, name))
        case tuple():
            for index, inner in enumerate(value):
                yield from _passwords(inner, (*path, index))
