"""Where a call of ssh leads, from the configuration: the label of the host by its names and by its keys."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from safeshell.cli.judging import environment_named, load_config
from safeshell.config.matching import Match
from safeshell.config.settings import Settings
from safeshell.frozen import frozen
from safeshell.guard.environment import Environment, strictest
from safeshell.guard.mode import Mode, strictest_mode
from safeshell.journal.state import private_folder, state_folder
from safeshell.ssh.host_identity import FILE as KNOWN_HOSTS
from safeshell.ssh.host_identity import HostNote, check_host, check_pins
from safeshell.ssh.labelling import label_by_name
from safeshell.ssh.options import SshCall
from safeshell.ssh.resolved import Resolved, resolve


@frozen
class HostPlace:
    """Where a call leads.

    Args:
        settings: the configuration.
        call: what was typed.
        resolved: what ssh's configuration makes of it.
        match: the target that its names mean.
        environment: that of its names, and of an option.
        mode: asked for by an option; None when none is.
    """

    settings: Settings
    call: SshCall
    resolved: Resolved
    match: Match
    environment: Environment
    mode: Mode | None

    @property
    def address(self) -> str:
        """Whom it is connected to."""
        return f"{self.resolved.user}@{self.resolved.hostname}:{self.resolved.port}"

    @property
    def state(self) -> Path:
        """Where what is remembered is kept."""
        return private_folder(state_folder(self.settings.state_folder))

    def by_key(self, fingerprints: frozenset[str]) -> HostNote:
        """What the host's keys say of it, which is remembered.

        Raises:
            Refused: its target is pinned to other keys.
        """
        if self.match.target:
            check_pins(self.match.target.pins, fingerprints, self.match.name)
        return check_host(
            self.state / KNOWN_HOSTS,
            fingerprints,
            name=f"{self.match.name} ({self.address})",
            environment=self.environment,
            settings=self.settings,
        )

    def known_keys(self) -> frozenset[str]:
        """The fingerprints of the keys that ssh knows the host by, before it has answered."""
        return frozenset()

    def mode_in(self, environment: Environment) -> Mode:
        """The mode that a session in `environment` starts in."""
        return strictest_mode(environment.mode, self.mode or environment.mode)


def host_place(arguments: argparse.Namespace, call: SshCall, program: str) -> HostPlace:
    """Where `call` leads.

    Args:
        arguments: the global options.
        call: what was typed.
        program: the system's ssh, which reads its own configuration.

    Raises:
        SafeshellError: the configuration of safeshell, or that of ssh, can't be read.
    """
    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    settings = loaded.settings
    named = environment_named(settings, arguments.environment) if arguments.environment else None
    resolved = resolve(call, program)
    match = label_by_name(settings, call, resolved)
    environment = match.environment
    if named:
        # Naming an environment labels what has no label; it does not make production into something else.
        environment = strictest(environment, named) if match.target else named
    return HostPlace(settings, call, resolved, match, environment, arguments.mode)
