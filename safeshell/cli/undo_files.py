"""What `safeshell undo` does about files of this machine: listing, finding, putting back through the guard."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta

from safeshell.cli.judging import environment_named, place_here
from safeshell.cli.putting_back import submit, tell
from safeshell.config.settings import Settings
from safeshell.errors import ExitStatus, Refused
from safeshell.guard.durations import written
from safeshell.guard.interfaces import NothingKept, NothingToMeasure, Outcome, OutcomeKind
from safeshell.guard.mode import strictest_mode
from safeshell.guard.pipeline import Guard
from safeshell.guard.text import counted, sized, visible
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.dialect import ShellDialect
from safeshell.shell.undo.keeper import FileKeeper, limits_of
from safeshell.shell.undo.kept import KeptFiles
from safeshell.shell.undo.restore import FileRestorer, restore_reading
from safeshell.shell.undo.store import FileUndoStore, NoSuchFileUndo
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.theme import theme_for

FOLDER = "undo-files"
"""The entries' folder, in the state folder."""
_UNLOCKED_FOR = timedelta(minutes=5)


def file_store(settings: Settings) -> FileUndoStore:
    """Where what is kept of files is."""
    undo = settings.undo
    folder = state_folder(settings.state_folder) / FOLDER
    return FileUndoStore(folder, keep_for=undo.keep_for, budget=undo.total_size)


def found(store: FileUndoStore, undo_id: str | None) -> KeptFiles | None:
    """The entry of that name, the last for None; None when there is none.

    Raises:
        NoSuchFileUndo: the name is the beginning of several, or the entry can't be read.
    """
    wanted = (undo_id or "").strip().lower()
    heads = [entry.head for entry in store.entries()]
    if undo_id is not None and not any(wanted and head.id.startswith(wanted) for head in heads):
        return None
    if undo_id is not None:
        return store.load(undo_id)
    try:
        return store.last()
    except NoSuchFileUndo:
        return None


def listed(store: FileUndoStore, target: str | None = None) -> list[tuple[float, str]]:
    """A line for each entry, with its moment in seconds since 1970, newest first."""
    lines = []
    now = datetime.now(UTC).timestamp()
    for entry in store.entries():
        head = entry.head
        if target not in (None, head.target):
            continue
        age = written(timedelta(seconds=max(0.0, now - head.made)))
        back = ", put back" if entry.restored else ""
        what = f"{counted(head.count, 'file')}, {sized(head.held)}{back}"
        place = visible(head.target, limit=40) or "here"
        lines.append(
            (head.made, f"{head.id}  {age:>7} ago  {place}  {what}  {visible(head.line, limit=100)}")
        )
    return lines


def put_back(
    arguments: argparse.Namespace, settings: Settings, store: FileUndoStore, entry: KeptFiles
) -> int:
    """Show or put back an entry, asking what the environment asks for it; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    guard = _guard(arguments, settings)
    undo = settings.undo
    keeper = FileKeeper(
        store,
        session="undo",
        target=guard.target,
        limits=limits_of(undo.max_size, undo.total_size),
        told=tell,
    )
    restorer = FileRestorer(store, keeper)
    plan = restorer.plan(entry)
    print(f"{entry.head.id}: {visible(entry.head.line)}")
    for line in plan.lines():
        print(f"  {line}")
    if arguments.dry_run:
        print("  Nothing was changed.")
        return int(ExitStatus.DONE)
    if not plan.steps and not (arguments.overwrite and plan.conflicts):
        return _nothing_to_do(entry, conflicts=bool(plan.conflicts), problems=bool(plan.problems))
    if arguments.yes_i_mean not in (None, guard.target):
        raise Refused(
            f"--yes-i-mean names {visible(arguments.yes_i_mean)}, but this is {guard.target}",
            todo="Look where you are; nothing was changed.",
        )

    def restore() -> Outcome:
        report = restorer.restore(entry, overwrite=arguments.overwrite)
        for line in report.lines():
            print(f"  {line}")
        kind = OutcomeKind.DONE if report.complete else OutcomeKind.FAILED
        return Outcome(kind, undo_id=report.kept_as)

    reading = restore_reading(plan, overwrite=arguments.overwrite)
    return submit(arguments, guard, guard.unlock, reading, restore)


def _nothing_to_do(entry: KeptFiles, *, conflicts: bool, problems: bool) -> int:
    if conflicts:
        raise Refused(
            "there is newer work where the files were",
            where=f"undo {entry.head.id}",
            todo=f"Nothing was put back. safeshell undo {entry.head.id} --overwrite goes on all the same.",
        )
    print("  There is nothing to put back.")
    return int(ExitStatus.COMMAND_FAILED if problems else ExitStatus.DONE)


def _guard(arguments: argparse.Namespace, settings: Settings) -> Guard:
    named = arguments.environment
    environment, target = place_here(settings, environment_named(settings, named) if named else None)
    here = person_here()
    target = target or here.host
    mode = strictest_mode(environment.mode, arguments.mode or environment.mode)
    start = SessionStart("shell", target, environment.name, mode, here.host, here)
    return Guard(
        dialect=ShellDialect(),
        environment=environment,
        target=target,
        mode=mode,
        probe=NothingToMeasure(),
        asker=TerminalAsker(theme_for(os.environ, is_tty=True, no_color=arguments.no_color)),
        keeper=NothingKept(),
        recorder=JournalRecorder(JournalStore(state_folder(settings.state_folder)), start),
        clock=lambda: datetime.now(UTC),
        ask_timeout=settings.ask_timeout,
        told=tell,
    )
