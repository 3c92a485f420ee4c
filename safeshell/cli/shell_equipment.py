"""What a wrapped shell's session on this machine works with: reads, measures and keeps what is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from safeshell.cli.session_equipment import Means, session_equipment
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.cli.undo_files import file_store
from safeshell.config.settings import Settings
from safeshell.guard.interfaces import ImpactProbe
from safeshell.guard.reading import Reading, Touch
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.probe import ShellProbe
from safeshell.shell.impact.touches import touches_of
from safeshell.shell.invocation import Invocation
from safeshell.shell.script_runs import script_runs
from safeshell.shell.undo.keeper import FileKeeper, limits_of
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.session_screen import SessionScreen


def equipment(settings: Settings, place: Place, screen: SessionScreen, size: WindowSize) -> Equipment:
    """The equipment of a session.

    Args:
        settings: the configuration.
        place: where it acts.
        screen: asks and tells.
        size: of the terminal at the start.

    Raises:
        SafeshellError: the built-in packs or the rules of the configuration can't be used.
    """
    dialect = shell_dialect(settings, touches=touches)

    def measured(session: str) -> tuple[ImpactProbe, FileKeeper | None]:
        keeper = keeper_for(settings, place, session, screen.told)
        return ShellProbe(keeper), keeper

    means = Means(
        console="shell",
        dialect=dialect,
        measured=measured,
        look=lambda reading: looked(reading, dialect),
    )
    return session_equipment(settings, place, screen, size, means)


def keeper_for(
    settings: Settings, place: Place, session: str, tell: Callable[[str], None]
) -> FileKeeper | None:
    """Keeps what lines destroy, where the environment wants that."""
    if not place.environment.undo:
        return None
    undo = settings.undo
    return FileKeeper(
        file_store(settings),
        session=session,
        target=place.target,
        limits=limits_of(undo.max_size, undo.total_size),
        told=tell,
    )


def touches(invocations: Sequence[Invocation]) -> tuple[Touch, ...]:
    """What a line would change on this machine, and the script files that it runs."""
    return (*touches_of(invocations), *script_runs(invocations))


def looked(reading: Reading, dialect: ShellDialect) -> Reading:
    """The reading with what the files say that its line would run or load."""
    from safeshell.shell.preflight.files import checked
    from safeshell.shell.preflight.script_files import with_scripts

    return checked(with_scripts(reading, lambda text, context: dialect.with_context(context).read(text)))
