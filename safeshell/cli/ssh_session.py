"""A remote session, from the configuration: its label, its looks, and what happens once the host answers."""

from __future__ import annotations

import argparse
import os
import sys

from safeshell.cli.judging import environment_named, load_config
from safeshell.cli.shell_session import Place, asked_names
from safeshell.guard.environment import strictest
from safeshell.guard.mode import strictest_mode
from safeshell.journal.state import private_folder, state_folder
from safeshell.ssh.host_identity import FILE as KNOWN_HOSTS
from safeshell.ssh.host_identity import check_host, check_pins, read_keys
from safeshell.ssh.labelling import label_by_name
from safeshell.ssh.options import SshCall
from safeshell.ssh.plan import Link, Reached, RemotePlan
from safeshell.ssh.resolved import resolve
from safeshell.ssh.system_ssh import SystemSsh
from safeshell.terminal.theme import theme_for
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.session_screen import SessionScreen


def interactive(arguments: argparse.Namespace, call: SshCall, program: str) -> int:
    """Run a session with a terminal; the exit status of what made the connection.

    Raises:
        SafeshellError: it can't be begun.
    """
    from safeshell.ssh import session

    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    settings = loaded.settings
    resolved = resolve(call, program)
    named = environment_named(settings, arguments.environment) if arguments.environment else None
    match = label_by_name(settings, call, resolved)
    environment = (
        strictest(match.environment, named) if named and match.target else named or match.environment
    )

    transport = SystemSsh(program, call, resolved)
    address = f"{resolved.user}@{resolved.hostname}:{resolved.port}"

    def equip(host: str, link: Link, screen: SessionScreen, size: WindowSize) -> Reached:
        from safeshell.cli.ssh_equipment import remote_equipment

        keys = read_keys(link.keys.read_text()) if link.keys.exists() else frozenset()
        if match.target:
            check_pins(match.target.pins, keys, match.name)
        path = private_folder(state_folder(settings.state_folder)) / KNOWN_HOSTS
        name = f"{match.name} ({address})"
        note = check_host(path, keys, name=name, environment=environment, settings=settings)
        mode = strictest_mode(note.environment.mode, arguments.mode or note.environment.mode)
        place = Place(note.environment, host or match.name, mode, "ssh")
        runner = transport.side_channel(link)
        equipment = remote_equipment(settings, place, screen, size, address=address, runner=runner)
        return Reached(equipment, note.environment, place.target, note.text)

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
        environment=environment,
        target=match.name,
        equip=equip,
        tint=settings.theme.tint,
        tab=settings.theme.tabs,
    )
    return session.run(plan)
