"""The scratch folder: the one place that a read-only session writes to, and the variables that send programs there.

Made before the session and taken away behind it by whoever runs it; here is only what belongs in it and what must
never be one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from safeshell.terminal.confinement.failure import ConfinementFailed


def checked_scratch(scratch: Path) -> Path:
    """The folder's real path.

    Raises:
        ConfinementFailed: it is none, it is not this user's, or so much lies below it that nothing would be held.
    """
    try:
        folder = scratch.resolve(strict=True)
        status = folder.stat()
    except OSError as error:
        raise ConfinementFailed(
            f"the scratch folder can't be used ({error.strerror})", where=str(scratch)
        ) from error
    if not stat.S_ISDIR(status.st_mode):
        raise ConfinementFailed("the scratch folder is no folder", where=str(scratch))
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
        raise ConfinementFailed("the scratch folder has to be yours, and closed to others", where=str(folder))
    refuse_wide(folder)
    return folder


def refuse_wide(path: Path) -> None:
    """Keep a whole file system or a home folder from being declared writable.

    Raises:
        ConfinementFailed: it is the root, or a home folder is (or lies in) it.
    """
    home = _home()
    if path == Path("/") or path == home or path in home.parents:
        raise ConfinementFailed(
            "a read-only session can't have all of this writable",
            where=str(path),
            todo="Name a folder that holds nothing else.",
        )


def _home() -> Path:
    try:
        return Path.home().resolve()
    except RuntimeError:  # a user whom the system does not know
        return Path("/")


def scratch_environ(scratch: Path) -> Mapping[str, str]:
    """What a session's environment gets, so that temporary files and caches go to the scratch folder.

    `TMPPREFIX` is zsh's (zshparam(1)), for its here-documents; git leaves its index alone when it only looks
    (`GIT_OPTIONAL_LOCKS`, git(1)).

    Args:
        scratch: the folder; `cache` is made in it by whoever needs it first.
    """
    folder = str(scratch)
    return {
        "TMPDIR": folder,
        "TMP": folder,
        "TEMP": folder,
        "TMPPREFIX": f"{folder}/zsh",
        "XDG_CACHE_HOME": f"{folder}/cache",
        "GIT_OPTIONAL_LOCKS": "0",
    }
