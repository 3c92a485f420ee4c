"""What a wrapped shell's session works with: its guard, journal, recording, and the reader of its lines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from safeshell.cli.judging import place_addressed
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.config.settings import Settings
from safeshell.errors import SafeshellError
from safeshell.guard.interfaces import NothingKept, NothingToMeasure
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading
from safeshell.journal.recorder import JournalRecorder, NoteKind
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.recorder import Recorder, open_recording
from safeshell.journal.recordings.session import RecordedSession
from safeshell.journal.session import Person, SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.terminal.wrapped.outer_terminal import WindowSize
from safeshell.terminal.wrapped.session import Equipment, SessionScreen


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
    here = person_here()
    folder = state_folder(settings.state_folder)
    recording = _recording(settings, place, here, size, folder, screen.told)
    environment = place.environment
    start = SessionStart(
        "shell", place.target, environment.name, place.mode, here.host, here, recording=recording.id
    )
    journal = JournalRecorder(JournalStore(folder), start)
    dialect = shell_dialect(settings)
    guard = Guard(
        dialect=dialect,
        environment=environment,
        target=place.target,
        mode=place.mode,
        probe=NothingToMeasure(),
        asker=screen,
        keeper=NothingKept(),
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
        look=_looked,
        close=close,
    )


def _recording(
    settings: Settings,
    place: Place,
    here: Person,
    size: WindowSize,
    folder: Path,
    tell: Callable[[str], None],
) -> Recorder:
    """Keeps what the screen shows, where the configuration wants that."""
    wanted = settings.recording
    if not wanted.wants(place.environment):
        return Recorder.off()
    session = RecordedSession(
        console="shell",
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


def _looked(reading: Reading) -> Reading:
    """The reading with what the files say that its line would load."""
    from safeshell.shell.preflight.files import checked

    return checked(reading)
