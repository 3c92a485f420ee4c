"""Whether a session is being started inside of another one, at the same terminal.

The one idea: a session's programs inherit the name of *its* terminal, and only a process at that very terminal is
inside of it. A new pane of tmux or a window opened from within inherits the variable too, but has another terminal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from safeshell.errors import Refused

ACTIVE: Final = "SAFESHELL_ACTIVE"
"""The variable that a session's programs find the name of the session's terminal in."""


def is_guarded(environ: Mapping[str, str], terminal: int) -> bool:
    """Whether a terminal is a session's already.

    Args:
        environ: the process's environment variables.
        terminal: a descriptor of it; of anything else, which is no session's.
    """
    try:
        return environ.get(ACTIVE) == os.ttyname(terminal)
    except OSError:
        return False


def refuse_second_guard(environ: Mapping[str, str], terminal: int) -> None:
    """Refuse to put a guard in front of a guard.

    Args:
        environ: the process's environment variables.
        terminal: a descriptor of the terminal that the session would be at.

    Raises:
        Refused: this terminal is a session's already.
    """
    if not is_guarded(environ, terminal):
        return
    raise Refused(
        "this terminal is inside a session of safeshell already; a second guard would ask everything twice",
        where="safeshell shell",
        todo=(
            "Type the shell or program by its own name: the session guards or watches it as its badge says.\n"
            f"  For a session inside the session all the same: env -u {ACTIVE} safeshell"
        ),
    )
