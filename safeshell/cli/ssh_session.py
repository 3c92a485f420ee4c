"""A remote session with a terminal: its looks, and what it works with once the host has answered."""

from __future__ import annotations

import argparse
import os
import sys

from safeshell.cli.shell_session import Place, asked_names
from safeshell.cli.ssh_place import HostPlace
from safeshell.ssh.host_identity import read_keys
from safeshell.ssh.plan import Link, Reached, RemotePlan, Transport
from safeshell.terminal.theme import theme_for
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.session_screen import SessionScreen


def run_session(
    arguments: argparse.Namespace,
    place: HostPlace,
    transport: Transport,
    *,
    integrate: bool,
    command: str = "",
) -> int:
    """Run it, and where the connection is cut offer another one; the exit status of what made the connection.

    Args:
        arguments: the global options.
        place: where it leads.
        transport: what makes the connection.
        integrate: whether the remote shell is to have the hook.
        command: what runs instead of a login shell, judged already.

    Raises:
        SafeshellError: it can't be begun.
    """
    from safeshell.ssh import session

    settings = place.settings

    def equip(host: str, link: Link, screen: SessionScreen, size: WindowSize) -> Reached:
        from safeshell.cli.ssh_equipment import remote_equipment
        from safeshell.cli.undo_hosts import way_to

        note = place.by_key(read_keys(link.keys.read_text()) if link.keys.exists() else frozenset())
        here = Place(note.environment, host or place.match.name, place.mode_in(note.environment), "ssh")
        runner = transport.side_channel(link)
        way = way_to(place.call, place.address, settings.ssh.scratch)
        equipment = remote_equipment(settings, here, screen, size, way=way, runner=runner)
        return Reached(equipment, note.environment, here.target, note.text, runner)

    plan = RemotePlan(
        transport=transport,
        environ=dict(os.environ),
        names=("HOME", *asked_names(settings)),
        theme=theme_for(
            os.environ,
            is_tty=True,
            no_color=arguments.no_color,
            colors=settings.theme.colors,
            symbols=settings.theme.symbols,
        ),
        environment=place.environment,
        target=place.match.name,
        equip=equip,
        integrate=integrate,
        command=command,
        kernel=settings.ssh.kernel,
        tint=settings.theme.tint,
        tab=settings.theme.tabs,
    )
    while True:
        ended = session.run(plan)
        if not (ended.was_lost and _connects_again(place.match.name)):
            return ended.status


def _connects_again(name: str) -> bool:
    """Whether the person wants another connection in place of the one that was cut."""
    from safeshell.guard.text import visible

    sys.stderr.write(
        f"safeshell: the connection to {visible(name)} is lost; a line that was running may have gone on or not.\n"
        "  Enter connects again, and runs nothing again; anything else leaves. "
    )
    sys.stderr.flush()
    try:
        return sys.stdin.readline() == "\n"
    except KeyboardInterrupt:
        return False
