"""What a session on a remote host works with: reads its lines as that host would, and at no file of this one."""

from __future__ import annotations

from collections.abc import Sequence

from safeshell.cli.session_equipment import Means, session_equipment
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.cli.undo_hosts import host_store
from safeshell.config.settings import Settings
from safeshell.guard.interfaces import ImpactProbe, NothingToMeasure
from safeshell.guard.reading import Reading, Touch
from safeshell.shell.impact.touches import touches_of
from safeshell.shell.invocation import Invocation
from safeshell.shell.preflight.files import checked
from safeshell.shell.preflight.script_files import with_scripts
from safeshell.shell.script_runs import script_runs
from safeshell.ssh.host_files import HostFiles
from safeshell.ssh.impact.measuring import RemoteProbe
from safeshell.ssh.side_channel import Runner
from safeshell.ssh.undo.entries import Way
from safeshell.ssh.undo.keeper import HostKeeper, HostLimits
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.session_screen import SessionScreen


def remote_equipment(
    settings: Settings,
    place: Place,
    screen: SessionScreen,
    size: WindowSize,
    *,
    way: Way,
    runner: Runner | None,
) -> Equipment:
    """The equipment of a session on a remote host.

    Args:
        settings: the configuration.
        place: the host, and what runs there.
        screen: asks and tells.
        size: of the terminal at the start.
        way: how it is reached, and where something may be kept there.
        runner: another channel, to look at the host by; None where there is none.

    Raises:
        SafeshellError: the built-in packs or the rules of the configuration can't be used.
    """
    dialect = shell_dialect(settings, touches=_touches)

    def looked(reading: Reading) -> Reading:
        if runner is None:
            return reading
        files = HostFiles(runner)
        read = with_scripts(reading, lambda text, context: dialect.with_context(context).read(text), files)
        return checked(read, files)

    def measured(_: str) -> tuple[ImpactProbe, HostKeeper | None]:
        if runner is None:
            return NothingToMeasure(), None
        keeper = _keeper(settings, place, way, runner, screen) if way.scratch else None
        return RemoteProbe(runner, keeper), keeper

    means = Means(
        console="ssh",
        dialect=dialect,
        measured=measured,
        look=looked,
        address=way.address,
    )
    return session_equipment(settings, place, screen, size, means)


def _keeper(
    settings: Settings, place: Place, way: Way, runner: Runner, screen: SessionScreen
) -> HostKeeper | None:
    """Keeps there what lines destroy, where the environment wants that."""
    if not place.environment.undo:
        return None
    limits = HostLimits(settings.undo.max_size, max(settings.undo.max_size, settings.undo.total_size))
    return HostKeeper(runner, host_store(settings), way, target=place.target, limits=limits, told=screen.told)


def _touches(invocations: Sequence[Invocation]) -> tuple[Touch, ...]:
    """What a line would change on the host, and the script files that it runs."""
    return (*touches_of(invocations), *script_runs(invocations))
