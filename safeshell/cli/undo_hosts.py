"""What `safeshell undo` does about files on hosts: listing, finding, putting back over a connection of its own."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from safeshell.cli.putting_back import submit, tell
from safeshell.config.settings import Settings
from safeshell.errors import ExitStatus, Refused, SafeshellError
from safeshell.guard.durations import written
from safeshell.guard.interfaces import NothingKept, NothingToMeasure, Outcome, OutcomeKind
from safeshell.guard.pipeline import Guard
from safeshell.guard.text import counted, sized, visible
from safeshell.journal.recorder import JournalRecorder
from safeshell.journal.session import SessionStart, person_here
from safeshell.journal.state import state_folder
from safeshell.journal.store import JournalStore
from safeshell.shell.dialect import ShellDialect
from safeshell.ssh.options import SshCall
from safeshell.ssh.undo.entries import FOLDER, HostEntry, HostUndoStore, Way
from safeshell.terminal.asker import TerminalAsker
from safeshell.terminal.theme import theme_for

_LEADING: Final = frozenset("46BbCcFiIJlmopP")
"""Options of ssh that say how a host is reached; the others are about what is done there."""
_QUIET: Final = (
    ("T", ""),
    ("x", ""),
    ("a", ""),
    ("o", "ClearAllForwardings=yes"),
    ("o", "RemoteCommand=none"),
    ("o", "ForkAfterAuthentication=no"),
)


def host_store(settings: Settings) -> HostUndoStore:
    """Where it is remembered what is kept on hosts."""
    return HostUndoStore(state_folder(settings.state_folder) / FOLDER, keep_for=settings.undo.keep_for)


def way_to(call: SshCall, address: str, scratch: str) -> Way:
    """How the host of a call is reached again.

    Args:
        call: what was typed.
        address: whom it is connected to.
        scratch: the scratch folder there.
    """
    options = tuple((letter, value) for letter, value in call.options if letter in _LEADING)
    return Way(address, options, call.destination, scratch)


def found(store: HostUndoStore, undo_id: str | None) -> HostEntry | None:
    """The entry of that name, the last for None; None when there is none.

    Raises:
        NoSuchHostUndo: the name is the beginning of several.
    """
    return store.last() if undo_id is None else store.load(undo_id)


def listed(store: HostUndoStore, target: str | None = None) -> list[tuple[float, str]]:
    """A line for each entry, with its moment in seconds since 1970, newest first."""
    now = datetime.now(UTC).timestamp()
    lines = []
    for entry in store.entries():
        if target not in (None, entry.target):
            continue
        age = written(timedelta(seconds=max(0.0, now - entry.made)))
        back = ", put back" if entry.restored else ""
        what = f"{counted(entry.count, 'file')}, {sized(entry.held)}{back}"
        place = visible(entry.target, limit=40)
        line = f"{entry.id}  {age:>7} ago  {place}  {what}  {visible(entry.line, limit=100)}"
        lines.append((entry.made, line))
    return lines


def put_back(arguments: argparse.Namespace, store: HostUndoStore, entry: HostEntry) -> int:
    """Show or put back an entry, asking what its host's environment asks for it; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    from safeshell.cli.ssh import ssh_program
    from safeshell.cli.ssh_place import host_place
    from safeshell.cli.ssh_transport import choose_transport
    from safeshell.ssh.side_channel import CommandRunner
    from safeshell.ssh.undo.restoring import HostRestorer, host_restore_reading

    call = SshCall((*entry.way.options, *_QUIET), entry.way.destination)
    program = ssh_program()
    place = host_place(arguments, call, program)
    if place.address != entry.way.address:
        raise Refused(
            f"ssh's configuration leads to {visible(place.address)} now, and it was kept on "
            f"{visible(entry.way.address)}",
            where=f"undo {entry.id}",
            todo="Nothing was changed. Look which host it is.",
        )
    transport = choose_transport(place.settings.ssh.transport, call, place.resolved, program)
    words: Sequence[str] = transport.exec_argv()
    restorer = HostRestorer(CommandRunner(words), store)
    plan = restorer.plan(entry)
    newer = len(plan.conflicts) if arguments.overwrite else 0
    if newer:
        plan = restorer.plan(entry, overwrite=True)
    print(f"{entry.id} on {place.match.name}: {visible(entry.line)}")
    for line in plan.lines():
        print(f"  {line}")
    if arguments.dry_run:
        print("  Nothing was changed.")
        return int(ExitStatus.DONE)
    if not plan.steps:
        return _nothing_to_do(entry, conflicts=bool(plan.conflicts), problems=bool(plan.problems))
    environment = place.by_key(place.known_keys()).environment
    target, mode = place.match.name, place.mode_in(environment)
    if arguments.yes_i_mean not in (None, target):
        raise Refused(
            f"--yes-i-mean names {visible(arguments.yes_i_mean)}, but this is {target}",
            todo="Look where you are; nothing was changed.",
        )
    start = SessionStart("ssh", target, environment.name, mode, place.address, person_here())
    journal = JournalRecorder(JournalStore(state_folder(place.settings.state_folder)), start)
    guard = Guard(
        dialect=ShellDialect(),
        environment=environment,
        target=target,
        mode=mode,
        probe=NothingToMeasure(),
        asker=TerminalAsker(theme_for(os.environ, is_tty=True, no_color=arguments.no_color)),
        keeper=NothingKept(),
        recorder=journal,
        clock=lambda: datetime.now(UTC),
        ask_timeout=place.settings.ask_timeout,
        told=tell,
    )

    def restore() -> Outcome:
        report = restorer.restore(entry, overwrite=arguments.overwrite)
        for line in report.lines():
            print(f"  {line}")
        kind = OutcomeKind.DONE if report.complete else OutcomeKind.FAILED
        return Outcome(kind, undo_id=report.kept_as)

    try:
        return submit(arguments, guard, guard.unlock, host_restore_reading(plan, newer=newer), restore)
    finally:
        try:
            journal.close()
        except SafeshellError as error:
            tell(str(error))


def _nothing_to_do(entry: HostEntry, *, conflicts: bool, problems: bool) -> int:
    if conflicts:
        raise Refused(
            "there is newer work where the files were",
            where=f"undo {entry.id}",
            todo=f"Nothing was put back. safeshell undo {entry.id} --overwrite goes on all the same.",
        )
    print("  There is nothing to put back.")
    return int(ExitStatus.COMMAND_FAILED if problems else ExitStatus.DONE)
