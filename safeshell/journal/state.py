"""Where safeshell keeps what it has to remember: the state folder, readable by its owner only.

Only the place lives here; what is kept in it is its keepers' business.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from safeshell.errors import GuardFailure

_NAME = "safeshell"


def state_folder(override: Path | None = None) -> Path:
    """The folder of journal, history and undo data; it need not exist yet.

    Args:
        override: the folder that the settings name; None for the usual one (`$XDG_STATE_HOME/safeshell`,
            else what the system prescribes, `~/.local/state/safeshell` on Linux).

    Source: the XDG base directory specification; a relative `XDG_STATE_HOME` is to be ignored.
    """
    if override is not None:
        return override.expanduser()
    home = os.environ.get("XDG_STATE_HOME", "")
    if Path(home).is_absolute():
        return Path(home) / _NAME
    return _of_this_system()


if sys.platform == "linux":

    def _of_this_system() -> Path:
        # What platformdirs answers here as well, without the 8 ms that importing it adds to every start.
        return Path.home() / ".local" / "state" / _NAME

else:

    def _of_this_system() -> Path:
        import platformdirs

        return Path(platformdirs.user_state_dir(_NAME))


def private_folder(folder: Path) -> Path:
    """`folder`, made for its owner alone (mode 0700) if it did not exist.

    One that exists keeps its mode: it may be another's (`/tmp`), and the files in it are 0600 by themselves.

    Raises:
        GuardFailure: it can't be made, or something else has its name.
    """
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise GuardFailure(
            f"the state folder can't be made ({error.strerror or error})",
            where=str(folder),
            todo="See that its parent exists and may be written, or set XDG_STATE_HOME to another place.",
        ) from error
    return folder
