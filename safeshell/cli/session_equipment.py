"""What any guarded session works with: its guard, its journal, its recording; whichever console it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from safeshell.cli.judging import place_addressed
from safeshell.cli.shell_session import Place
from safeshell.config.settings import Settings
from safeshell.errors import SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.interfaces import ImpactProbe, NothingKept, UndoKeeper
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.journal.recorder import JournalRecorder, NoteKind
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.recorder import Recorder, open_recording
from safeshell.journal.recordings.session import RecordedSession
from safeshell.journal.session import Person, SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.dialect import ShellDialect
from safeshell.terminal.tracking.repl_reading import repl_reading
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.plan import Equipment
from safeshell.terminal.wrapped.session_screen import SessionScreen


class Keeper(UndoKeeper, Protocol):
    """Keeps what lines destroy that somebody else runs."""

    def settle(self, undo_id: str) -> None:
        """Note that the line has ended of which that was kept."""


@frozen
class Means:
    """What a console reads, measures and keeps with.

    Args:
        console: its name in the journal.
        dialect: reads its lines.
        measured: makes what measures what they would hit, and what keeps what they destroy, from the session's
            name; None for the second where nothing is kept.
        look: a reading with what the files say that its line would load.
        address: where it connects to; "" for this machine.
    """

    console: str
    dialect: ShellDialect
    measured: Callable[[str], tuple[ImpactProbe, Keeper | None]]
    look: Callable[[Reading], Reading]
    address: str = ""


def session_equipment(
    settings: Settings, place: Place, screen: SessionScreen, size: WindowSize, means: Means
) -> Equipment:
    """The equipment of a session.

    Args:
        settings: the configuration.
        place: where it acts.
        screen: asks and tells.
        size: of the terminal at the start.
        means: what it reads, measures and keeps with.

    Raises:
        SafeshellError: the built-in packs or the rules of the configuration can't be used.
    """
    here = person_here()
    folder = state_folder(settings.state_folder)
    recording = _recording(settings, place, here, size, folder, screen.told, means.console)
    environment = place.environment
    start = SessionStart(
        means.console,
        place.target,
        environment.name,
        place.mode,
        means.address or here.host,
        here,
        recording=recording.id,
    )
    journal = JournalRecorder(JournalStore(folder), start)
    probe, keeper = means.measured(recording.id or str(here.pid))
    dialect = means.dialect
    guard = Guard(
        dialect=dialect,
        environment=environment,
        target=place.target,
        mode=place.mode,
        probe=probe,
        asker=screen,
        keeper=keeper or NothingKept(),
        recorder=journal,
        clock=lambda: datetime.now(UTC),
        place_of=lambda reading: place_addressed(settings, reading, environment, place.target),
        budget=settings.impact_budget,
        ask_timeout=settings.ask_timeout,
        told=screen.told,
    )

    def close() -> None:
        try:
            journal.close()
        except SafeshellError as error:
            screen.told(str(error))

    return Equipment(
        guard=guard,
        dialect=dialect,
        note=lambda kind, text: journal.note(NoteKind(kind), text),
        recorder=recording,
        look=means.look,
        settle=keeper.settle if keeper else lambda _: None,
        read_repl=lambda program, text: repl_reading(
            program, text, dialects=dialect.dialects, catalog=dialect.catalog
        ),
        close=close,
    )


def _recording(
    settings: Settings,
    place: Place,
    here: Person,
    size: WindowSize,
    folder: Path,
    tell: Callable[[str], None],
    console: str,
) -> Recorder:
    """Keeps what the screen shows, where the configuration wants that."""
    wanted = settings.recording
    if not wanted.wants(place.environment):
        return Recorder.off()
    session = RecordedSession(
        console=console,
        target=place.target,
        environment=place.environment.name,
        mode=place.mode.value,
        columns=size.columns,
        rows=size.rows,
        term=os.environ.get("TERM", ""),
        shell=place.program,
        user=here.user,
        host=here.host,
        pid=here.pid,
    )
    return open_recording(
        folder,
        Limits(wanted.max_size, wanted.total_size, wanted.keep_for),
        session,
        now=datetime.now(UTC),
        at=time.monotonic(),
        told=tell,
    )
