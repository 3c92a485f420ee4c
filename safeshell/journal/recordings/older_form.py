"""A recording in the second form of asciicast, for players that do not know the third."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from safeshell.journal.recordings.cast import Cast, parse_object, read_cast
from safeshell.journal.recordings.folder import unreadable


def older_form(path: Path) -> Iterator[str]:
    """The lines of the recording at `path` as asciicast v2; keys that only the third form has are kept beside.

    Raises:
        UsageError: it is no recording.
        GuardFailure: it can't be read.
    """
    cast = read_cast(path)
    try:
        with path.open("rb") as file:
            said = parse_object(file.readline()) or {}
    except OSError as error:
        raise unreadable(path, error) from error
    yield json.dumps(_header(said, cast))
    for event in cast.events:
        yield f"[{event.at:.6f}, {json.dumps(event.code)}, {json.dumps(event.data)}]"


def _header(said: dict[str, object], cast: Cast) -> dict[str, object]:
    term, variables = said.pop("term", None), said.pop("env", None)
    of_term = term if isinstance(term, dict) else {}
    env = dict(variables) if isinstance(variables, dict) else {}
    if of_term.get("type"):
        env["TERM"] = of_term["type"]
    head: dict[str, object] = {"version": 2, "width": cast.header.columns, "height": cast.header.rows}
    head |= {name: value for name, value in said.items() if name not in head}
    head["env"] = env
    return head | ({"theme": of_term["theme"]} if of_term.get("theme") else {})
