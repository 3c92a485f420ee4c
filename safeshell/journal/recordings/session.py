"""Which session a recording shows, as its first line says.

Values only. No secrets: neither the program's arguments nor variables other than SHELL and TERM are taken in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from safeshell.frozen import frozen
from safeshell.guard.text import visible

OWN_KEY = "safeshell"
"""Our own key in the header; asciicast lets other tools pass over keys that they don't know."""

_LONGEST = 200


@frozen
class RecordedSession:
    """A session that is recorded.

    Args:
        console: `shell`, `ssh`, `redis`.
        target: the target's name as questions ask for it.
        environment: its environment's name.
        mode: the mode it starts in.
        columns, rows: the terminal's size at the start.
        term: the terminal's type, `$TERM`; may be empty.
        shell: the person's shell, `$SHELL`; may be empty.
        user, host: who, and on which machine.
        pid: the process; 0 when it does not matter.
    """

    console: str
    target: str
    environment: str
    mode: str
    columns: int
    rows: int
    term: str = ""
    shell: str = ""
    user: str = ""
    host: str = ""
    pid: int = 0


def header_of(session: RecordedSession, *, name: str, began: datetime) -> Mapping[str, object]:
    """The first line of a recording, as an object of asciicast v3.

    Args:
        session: what is recorded.
        name: the recording's, for people.
        began: when, an aware moment.

    Source: docs.asciinema.org/manual/asciicast/v3.
    """
    said = {name: visible(text, limit=_LONGEST) for name, text in _texts(session).items() if text}
    kind, shell = said.pop("term", ""), said.pop("shell", "")
    place, environment = said.get("target", ""), said.get("environment", "")
    size = {"cols": max(1, session.columns), "rows": max(1, session.rows)}
    return {
        "version": 3,
        "term": {**size, "type": kind} if kind else size,
        "timestamp": int(began.timestamp()),
        "title": f"{place} ({environment})" if place else environment,
        "env": {"SHELL": shell} if shell else {},
        "tags": [said[key] for key in ("console", "environment") if key in said],
        OWN_KEY: {"id": name, "pid": session.pid, **said},
    }


def _texts(session: RecordedSession) -> dict[str, str]:
    names = ("console", "target", "environment", "mode", "term", "shell", "user", "host")
    return {name: getattr(session, name) for name in names}
