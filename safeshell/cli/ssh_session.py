"""A remote session, from the configuration: its label, its looks, and what happens once the host answers."""

from __future__ import annotations

import argparse
import os
import sys

from safeshell.cli.judging import environment_named, load_config
from safeshell.cli.shell_session import Place, asked_names
from safeshell.config.settings import Settings
from safeshell.guard.environment import Environment, strictest
from safeshell.guard.mode import Mode, strictest_mode
from safeshell.ssh.labelling import label_by_name
from safeshell.ssh.options import SshCall
from safeshell.ssh.plan import Link, Reached, RemotePlan
from safeshell.ssh.resolved import Resolved, resolve
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

    def equip(host: str, _: Link, screen: SessionScreen, size: WindowSize) -> Reached:
        return _reached(settings, resolved, environment, arguments.mode, host or match.name, screen, size)

    plan = RemotePlan(
        transport=SystemSsh(program, call, resolved),
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


def _reached(
    settings: Settings,
    resolved: Resolved,
    environment: Environment,
    mode: Mode | None,
    host: str,
    screen: SessionScreen,
    size: WindowSize,
) -> Reached:
    from safeshell.cli.ssh_equipment import remote_equipment

    place = Place(environment, host, strictest_mode(environment.mode, mode or environment.mode), "ssh")
    address = f"{resolved.user}@{resolved.hostname}:{resolved.port}"
    equipment = remote_equipment(settings, place, screen, size, address=address)
    return Reached(equipment, environment, host)
