"""The places where config files may be, and their order. Nothing is opened here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from safeshell.frozen import frozen

ETC = Path("/etc/safeshell/config.toml")
PROJECT_NAME = ".safeshell.toml"


class LayerKind(StrEnum):
    """Whose file it is; later ones win, a project's may only tighten."""

    SYSTEM = "system"
    USER = "user"
    PROJECT = "project"


@frozen
class LayerFile:
    """One place where a layer may be.

    Args:
        kind: whose it is.
        path: where.
        explicit: whether a person named it, so that its absence is a mistake.
    """

    kind: LayerKind
    path: Path
    explicit: bool = False


def layer_files(
    *, config_file: Path | None, environ: Mapping[str, str], cwd: Path, etc: Path = ETC
) -> tuple[LayerFile, ...]:
    """Where the layers are, the weakest first; they need not exist.

    Args:
        config_file: the `--config` option; takes the user file's place, as `SAFESHELL_CONFIG` does.
        environ: the process's environment variables.
        cwd: project files are those in it and in the folders above it.
        etc: the system's file.
    """
    named = config_file or (Path(environ["SAFESHELL_CONFIG"]) if environ.get("SAFESHELL_CONFIG") else None)
    if named:
        user = LayerFile(LayerKind.USER, cwd / _expanded(named, environ), explicit=True)
    else:
        user = LayerFile(LayerKind.USER, user_file(environ))
    folders = (*reversed(cwd.parents), cwd)
    projects = (LayerFile(LayerKind.PROJECT, folder / PROJECT_NAME) for folder in folders)
    return (LayerFile(LayerKind.SYSTEM, etc), user, *(file for file in projects if file.path != user.path))


def user_file(environ: Mapping[str, str]) -> Path:
    """The person's own file: `$XDG_CONFIG_HOME/safeshell/config.toml`, `~/.config/…` without the variable.

    Source: the XDG base directory specification; a relative `XDG_CONFIG_HOME` is to be ignored.
    """
    base = Path(environ.get("XDG_CONFIG_HOME", ""))
    if base.is_absolute():
        return base / "safeshell" / "config.toml"
    if sys.platform == "win32":
        import platformdirs

        return Path(platformdirs.user_config_dir("safeshell", appauthor=False)) / "config.toml"
    return home_of(environ) / ".config" / "safeshell" / "config.toml"


def home_of(environ: Mapping[str, str]) -> Path:
    """The person's home."""
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def _expanded(path: Path, environ: Mapping[str, str]) -> Path:
    first, *rest = path.parts or ("",)
    return home_of(environ).joinpath(*rest) if first == "~" else path
