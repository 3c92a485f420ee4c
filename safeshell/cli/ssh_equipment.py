"""What a session on a remote host works with: reads its lines as that host would, and at no file of this one."""

from __future__ import annotations

from safeshell.cli.session_equipment import Means, session_equipment
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.config.settings import Settings
from safeshell.guard.interfaces import NothingToMeasure
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.session_screen import SessionScreen


def remote_equipment(
    settings: Settings, place: Place, screen: SessionScreen, size: WindowSize, *, address: str
) -> Equipment:
    """The equipment of a session on a remote host.

    Args:
        settings: the configuration.
        place: the host, and what runs there.
        screen: asks and tells.
        size: of the terminal at the start.
        address: whom it is connected to, `user@host:port`.

    Raises:
        SafeshellError: the built-in packs or the rules of the configuration can't be used.
    """
    means = Means(
        console="ssh",
        dialect=shell_dialect(settings),
        probe_of=lambda _: NothingToMeasure(),
        keeper_of=lambda _: None,
        look=lambda reading: reading,
        address=address,
    )
    return session_equipment(settings, place, screen, size, means)
