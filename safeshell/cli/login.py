"""safeshell in a shell's place: the words that sshd, login, su and sudo start a login shell with, as our own.

`-safeshell` is a login shell (login(1)), `safeshell -c LINE` what sshd and su run a command with. A program that is
a script, as an installed one is, does not see the dash: then the account's shell says that it was meant. And which
shell runs lines, where the account's own is safeshell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_OPTIONS: Final = re.compile(r"-[lic]+|--login")
_SHELLS: Final = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh")


def login_words(name: str, words: Sequence[str]) -> list[str] | None:
    """Our own words for a shell's; None where the process was not started as a shell.

    Args:
        name: the process's first word, as it was started.
        words: the others.
    """
    login = name.startswith("-")
    at = 0
    while at < len(words) and _OPTIONS.fullmatch(words[at]):
        login = login or "l" in words[at]
        at += 1
        if "c" in words[at - 1]:
            return ["shell", *(["--login"] if login else []), "-c", *words[at:]]
    if at == len(words) and (login or at):
        return ["shell", "--login"]
    return None


def shell_for_lines(environ: Mapping[str, str]) -> str:
    """The shell that runs lines: the account's own, or bash (else sh) where that is safeshell.

    Args:
        environ: the process's environment variables.
    """
    own = environ.get("SHELL", "")
    if own and not is_own_shell(environ):
        return own
    return next((path for path in _SHELLS if os.access(path, os.X_OK)), "/bin/sh")


def is_own_shell(environ: Mapping[str, str]) -> bool:
    """Whether the account's shell is safeshell.

    Args:
        environ: the process's environment variables.
    """
    own = environ.get("SHELL", "")
    return "safeshell" in (Path(own).name, Path(os.path.realpath(own)).name)
