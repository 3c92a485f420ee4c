"""The configuration in force: the one way from outside into this package.

Without any file this costs next to nothing: what reads and checks files is imported when there is one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from safeshell.config.layers import ETC, LayerFile, home_of, layer_files
from safeshell.config.merged import Merged
from safeshell.config.settings import Settings
from safeshell.frozen import frozen


@frozen
class Loaded:
    """A valid configuration.

    Args:
        settings: what it says.
        provenance: which file each value came from.
        places: where a file may be, the weakest first.
        files: those that were read, in the same order.
        warnings: sentences for the person; nothing that stops.
    """

    settings: Settings
    provenance: Merged
    places: tuple[LayerFile, ...] = ()
    files: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()


def load(*, config_file: Path | None, environ: Mapping[str, str], cwd: Path, etc: Path = ETC) -> Loaded:
    """The configuration in force.

    Args:
        config_file: the `--config` option: used instead of the person's own file, as is `SAFESHELL_CONFIG`;
            the system's file and the projects' files count all the same.
        environ: the process's environment variables.
        cwd: the working directory; `.safeshell.toml` in it and above it may tighten.
        etc: the system's file.

    Raises:
        ConfigInvalid: a file can't be read or does not validate; its text has all mistakes.
    """
    places = layer_files(config_file=config_file, environ=environ, cwd=cwd, etc=etc)
    if not any(place.explicit or _may_be_there(place.path) for place in places):
        return Loaded(Settings(), Merged(), places)
    from safeshell.config.combining import combine

    combined = combine(places, home_of(environ))
    return Loaded(combined.settings, combined.merged, places, combined.files, combined.warnings)


def _may_be_there(path: Path) -> bool:
    """False only when there certainly is nothing; what can't be looked at is read, and told as a mistake."""
    try:
        os.stat(path)  # noqa: PTH116 - Path.exists takes some errors for absence
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True
    return True
