"""`safeshell ssh --check HOST`: which ways of submitting a line there come to the guard; a table."""

from __future__ import annotations

import os
import sys

from safeshell.cli.ssh_place import HostPlace
from safeshell.errors import ExitStatus
from safeshell.guard.text import visible
from safeshell.ssh.checking import Checked, Finding, check_host
from safeshell.ssh.plan import Transport

_SAID = {
    Finding.HELD: "held: asked before it ran",
    Finding.SLIPPED: "NOT HELD: it ran, and nobody was asked",
    Finding.NOTHING: "not seen: neither asked about nor run",
}


def run_check(place: HostPlace, transport: Transport) -> int:
    """Try the ways and print the table; 0 when all are held, 1 else.

    Raises:
        TargetUnreachable: no session could be begun without a question.
    """

    def tried(name: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K  trying: {name}")

    # A whole terminal's worth, whatever this one is.
    checked = check_host(transport, {**os.environ, "TERM": "xterm-256color"}, tried)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(_head(place, transport, checked))
    width = max((len(name) for name in checked.found), default=0)
    for name, finding in checked.found.items():
        print(f"  {name:<{width}}  {_SAID[finding]}")
    held = bool(checked.found) and all(one is Finding.HELD for one in checked.found.values())
    return int(ExitStatus.DONE if held else ExitStatus.COMMAND_FAILED)


def _head(place: HostPlace, transport: Transport, checked: Checked) -> str:
    host = visible(checked.host or place.match.name)
    where = f"{host} ({place.address}, {place.environment.name}), by {transport.name}"
    if not checked.shell:
        return f"{where}: the shell there has no hook; its lines are read from the screen (WATCHED)."
    trip = f", {checked.round_trip * 1000:.0f} ms from Enter to the question" if checked.round_trip else ""
    return f"{where}: {visible(checked.shell)}, GUARDED{trip}"
