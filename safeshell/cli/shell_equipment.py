"""What a wrapped shell's session works with: its guard, journal, recording, and the reader of its lines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from safeshell.cli.judging import place_addressed
from safeshell.cli.shell_reading import shell_dialect
from safeshell.cli.shell_session import Place
from safeshell.cli.undo_files import file_store
from safeshell.config.settings import Settings
from safeshell.errors import SafeshellError
from safeshell.guard.interfaces import NothingKept
from safeshell.guard.pipeline import Guard
from safeshell.guard.reading import Reading, Touch
from safeshell.journal.recorder import JournalRecorder, NoteKind
from safeshell.journal.recordings.folder import Limits
from safeshell.journal.recordings.recorder import Recorder, open_recording
from safeshell.journal.recordings.session import RecordedSession
from safeshell.journal.session import Person, SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.impact.probe import ShellProbe
from safeshell.shell.impact.touches import touches_of
from safeshell.shell.invocation import Invocation
from safeshell.shell.script_runs import script_runs
from safeshell.shell.undo.keeper import FileKeeper, limits_of
from safeshell.terminal.tracking.repl_reading import repl_reading
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
    here = person_here()
    folder = state_folder(settings.state_folder)
    recording = _recording(settings, place, here, size, folder, screen.told)
    environment = place.environment
    start = SessionStart(
        "shell", place.target, environment.name, place.mode, here.host, here, recording=recording.id
    )
    journal = JournalRecorder(JournalStore(folder), start)
    dialect = shell_dialect(settings, touches=_touches)
    keeper = _keeper(settings, place, recording.id or str(here.pid), screen.told)
    guard = Guard(
        dialect=dialect,
        environment=environment,
        target=place.target,
        mode=place.mode,
        probe=ShellProbe(keeper),
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
        look=lambda reading: _looked(reading, dialect),
        settle=keeper.settle if keeper else lambda _: None,
        read_repl=lambda program, text: repl_reading(
            program, text, dialects=dialect.dialects, catalog=dialect.catalog
        ),
        close=close,
    )


def _keeper(settings: Settings, place: Place, session: str, tell: Callable[[str], None]) -> FileKeeper | None:
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


def _touches(invocations: Sequence[Invocation]) -> tuple[Touch, ...]:
    """What a line would change on this machine, and the script files that it runs."""
    return (*touches_of(invocations), *script_runs(invocations))


def _looked(reading: Reading, dialect: ShellDialect) -> Reading:
    """The reading with what the files say that its line would run or load."""
    from safeshell.shell.preflight.files import checked
    from safeshell.shell.preflight.script_files import with_scripts

    return checked(with_scripts(reading, lambda text, context: dialect.with_context(context).read(text)))
