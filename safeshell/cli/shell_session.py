"""What a wrapped shell's session is, from the configuration: its place, its looks, what its shell is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from safeshell.cli.judging import place_here
from safeshell.cli.shell_shims import redis_shim, ssh_shim
from safeshell.config.settings import Settings
from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.environment import Environment
from safeshell.guard.mode import Mode, strictest_mode
from safeshell.guard.text import visible
from safeshell.shell.catalog import built_in
from safeshell.terminal.theme import theme_for
from safeshell.terminal.tracking.programs import program_named
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment, Plan
from safeshell.terminal.wrapped.session_screen import SessionScreen


@frozen
class Place:
    """Where a session acts.

    Args:
        environment: its environment.
        target: what it acts on, as questions ask for it.
        mode: the mode it starts in.
        program: what runs inside.
    """

    environment: Environment
    target: str
    mode: Mode
    program: str


def place_of_session(settings: Settings, named: Environment | None, mode: Mode | None, program: str) -> Place:
    """Where `program` acts when it runs on this machine.

    Args:
        settings: the configuration.
        named: the environment that an option names; None when none does.
        mode: the mode that an option asks for; None when none does.
        program: the shell, or what runs instead.
    """
    environment, target = place_here(settings, named)
    return Place(
        environment,
        # Without a name of its own this machine is asked for by the name that its prompt shows.
        target if target in settings.targets else os.uname().nodename,
        strictest_mode(environment.mode, mode or environment.mode),
        program,
    )


def plan_for(
    settings: Settings,
    argv: Sequence[str],
    named: Environment | None,
    mode: Mode | None,
    *,
    dialect: str | None,
    config: Path | None,
    no_color: bool,
) -> Plan:
    """The session that runs `argv`.

    Args:
        settings: the configuration.
        argv: the shell.
        named: the environment that an option names; None when none does.
        mode: the mode that an option asks for; None when none does.
        dialect: what programs without a hook are taken for; None to look.
        config: the configuration file that an option names; None when none does.
        no_color: whether colours are off.

    Raises:
        UsageError: there is no such dialect.
    """
    forced = program_named(dialect) if dialect else None
    if dialect and forced is None:
        raise UsageError(
            f"no program or language is called {visible(dialect, limit=40)}",
            where="--dialect",
            todo="A program (psql, mysql, irb, …) or a language: shell, sql, redis, python, ruby, mongo, node, php.",
        )
    place = place_of_session(settings, named, mode, argv[0])
    environment = place.environment

    def equip(screen: SessionScreen, size: WindowSize) -> Equipment:
        # The shell is on its way by then, and reads the person's own files while all this is imported.
        from safeshell.cli.shell_equipment import equipment

        return equipment(settings, place, screen, size)

    return Plan(
        argv=argv,
        environ=dict(os.environ),
        names=asked_names(settings),
        theme=theme_for(
            os.environ,
            is_tty=True,
            no_color=no_color,
            colors=settings.theme.colors,
            symbols=settings.theme.symbols,
        ),
        equip=equip,
        environment=environment,
        target=place.target,
        kernel=settings.shell.kernel if place.mode is Mode.READ_ONLY else None,
        watch=settings.shell.watch,
        forced=forced,
        tint=settings.theme.tint,
        tab=settings.theme.tabs,
        shims=(
            *((redis_shim(settings),) if settings.shell.redis_cli else ()),
            *((ssh_shim(),) if settings.shell.ssh else ()),
        ),
        own_program=_own_program(config, no_color=no_color),
    )


def _own_program(config: Path | None, *, no_color: bool) -> tuple[str, ...]:
    """The words that start this program again as it was started."""
    program = Path(sys.argv[0]).absolute()
    words = [str(program)] if os.access(program, os.X_OK) else [sys.executable, "-P", "-m", "safeshell"]
    if config is not None:
        words += ["--config", str(config.absolute())]
    return (*words, "--no-color") if no_color else tuple(words)


def asked_names(settings: Settings) -> tuple[str, ...]:
    """The variables that say where a command acts: those that tools heed, and those that targets are known by."""
    own = {name for target in settings.targets.values() for name in target.environ}
    return tuple(sorted({*built_in().variables, *own}))
