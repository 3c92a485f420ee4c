"""`safeshell undo`: what was kept, listed, and put back through the same guard as any line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.cli.putting_back import submit, tell
from safeshell.errors import ExitStatus, Refused, UsageError
from safeshell.guard.durations import written
from safeshell.guard.interfaces import Outcome, OutcomeKind
from safeshell.guard.text import counted, sized, visible
from safeshell.journal.state import state_folder

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.settings import Settings
    from safeshell.guard.environment import Environment
    from safeshell.redis.console_session import ConsoleSession
    from safeshell.redis.undo_record import ServerMark, UndoEntry
    from safeshell.redis.undo_store import UndoStore
    from safeshell.shell.undo.store import FileUndoStore
    from safeshell.ssh.undo.entries import HostUndoStore

_EPILOG = """examples:
  safeshell undo --list                      what is kept, newest first
  safeshell undo --dry-run                   what putting the last back would do
  safeshell undo k7f3qa                      put one back
  safeshell undo k7f3qa --overwrite          also where something changed since; that work is lost
  safeshell undo --unlock --reason 'INC-7'   leave read-only for this one thing
  safeshell undo --from cache.safedump --target cache

It asks what the environment asks for such a change, and keeps what it overwrites: an undo can be undone.
Passwords are not kept; they come from where the configuration says, or REDISCLI_AUTH.

exit status: 0 put back, 1 some of it failed, 2 usage, 69 no connection,
77 refused: it changed since, it was not confirmed, or nobody could be asked
"""
_UNLOCKED_FOR = timedelta(minutes=5)


def add_parser(subparsers: SubParsers) -> None:
    """Add `undo` to the program's commands."""
    parser = subparsers.add_parser(
        "undo",
        help="put back what a line destroyed",
        description="Put back what was kept before a line destroyed it, keys of a server, files of this machine "
        "or of a host: the last, or the one named.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "id", nargs="?", metavar="ID", help="which; its first letters will do; the last by default"
    )
    parser.add_argument(
        "--list", action="store_true", dest="listing", help="show what is kept, and do nothing"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be put back, and do nothing")
    parser.add_argument("--overwrite", action="store_true", help="also what changed since")
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="put a dump file back")
    parser.add_argument("--target", metavar="T", help="the configured target; by default where it was kept")
    parser.add_argument("--url", metavar="URL", help="the server's URL, instead of where it was kept")
    parser.add_argument("--unlock", action="store_true", help="leave read-only for this; needs --reason")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the journal")
    parser.add_argument(
        "--yes-i-mean", metavar="TARGET", help="in a script: agree beforehand, by the target's name"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List, show or put back; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    from safeshell.cli import undo_files, undo_hosts
    from safeshell.cli.judging import load_config
    from safeshell.redis.undo_store import UndoStore

    if arguments.file and (arguments.id or arguments.listing):
        raise UsageError("a file and an entry can't be put back at once", where="safeshell undo --from")
    settings = load_config(arguments).settings
    store = UndoStore(
        state_folder(settings.state_folder) / "undo",
        keep_for=settings.undo.keep_for,
        budget=settings.undo.total_size,
    )
    files = undo_files.file_store(settings)
    hosts = undo_hosts.host_store(settings)
    if arguments.listing:
        return _list(store, files, hosts, arguments.target)
    if arguments.file:
        return _put_file_back(arguments, settings)
    is_here = not (arguments.url or arguments.target)
    kept = undo_files.found(files, arguments.id) if is_here else None
    there = undo_hosts.found(hosts, arguments.id) if is_here else None
    if there is not None and not (kept is not None and kept.head.made > there.made):
        if not _is_newer(store, there.made, arguments.id):
            return undo_hosts.put_back(arguments, hosts, there)
        kept = None
    if kept is not None and not _is_newer(store, kept.head.made, arguments.id):
        return undo_files.put_back(arguments, settings, files, kept)
    entry = store.load(arguments.id) if arguments.id else store.last()
    return _put_back(arguments, settings, store, entry)


def _is_newer(store: UndoStore, made: float, undo_id: str | None) -> bool:
    """Whether, no entry being named, the last thing kept is of a server rather than the files kept at `made`."""
    if undo_id:
        return False
    from safeshell.redis.undo_store import NoSuchUndo

    try:
        return store.last().header.made.timestamp() > made
    except NoSuchUndo:
        return False


def _list(store: UndoStore, files: FileUndoStore, hosts: HostUndoStore, target: str | None) -> int:
    from safeshell.cli import undo_files, undo_hosts

    lines = [
        *_listed(store, target),
        *undo_files.listed(files, target),
        *undo_hosts.listed(hosts, target),
    ]
    for _, line in sorted(lines, key=lambda one: one[0], reverse=True):
        print(line)
    if not lines:
        print("Nothing is kept.")
    return int(ExitStatus.DONE)


def _listed(store: UndoStore, target: str | None) -> Iterator[tuple[float, str]]:
    """A line for each entry of a server, with its moment in seconds since 1970."""
    now = datetime.now(UTC)
    for entry in store.entries():
        header = entry.header
        if target not in (None, header.target):
            continue
        age = written(max(now - header.made, timedelta(0)))
        parts = [counted(len(entry.keys), "key")] if entry.keys else []
        parts += [inverse.words for inverse in entry.inverses]
        back = ", put back" if entry.restored else ""
        what = f"{', '.join(parts[:3])}{', …' if len(parts) > 3 else ''}, {sized(entry.size)}{back}"
        place = visible(header.target, limit=40)
        line = f"{header.id}  {age:>7} ago  {place}  {what}  {visible(header.line, limit=100)}"
        yield header.made.timestamp(), line


def _put_back(arguments: argparse.Namespace, settings: Settings, store: UndoStore, entry: UndoEntry) -> int:
    from safeshell.redis.restore import Restorer
    from safeshell.redis.restore_plan import restore_reading

    header = entry.header
    with _opened(arguments, settings, header.server, header.target) as here:
        restorer = Restorer(here.session, store, max_bytes=settings.undo.max_size, told=tell)
        plan = restorer.plan(entry)
        print(f"{header.id} on {here.guard.target}: {visible(header.line)}")
        _print_lines(plan.lines())
        if arguments.dry_run:
            _print_lines([*plan.objections, *plan.limits, "Nothing was changed."])
            return int(ExitStatus.DONE)
        if plan.objections and not arguments.overwrite:
            raise Refused(
                "; ".join(plan.objections),
                where=f"undo {header.id}",
                todo=f"Nothing was put back. safeshell undo {header.id} --overwrite goes on all the same.",
            )

        def restore() -> Outcome:
            report = restorer.carry_out(plan)
            _print_lines(report.lines())
            kind = OutcomeKind.FAILED if report.failed else OutcomeKind.DONE
            return Outcome(kind, report.failed[0] if report.failed else "", report.undo_id)

        reading = restore_reading(entry, objections=plan.objections)
        return submit(arguments, here.guard, here.unlock, reading, restore)


def _put_file_back(arguments: argparse.Namespace, settings: Settings) -> int:
    from safeshell.redis.dump_file import DumpFile, file_reading
    from safeshell.redis.dump_form import verify_dump
    from safeshell.redis.undo_record import ServerMark

    summary = verify_dump(arguments.file)
    header = summary.header
    mark = ServerMark(header.place, f"redis://{header.place}/0")
    print(f"{counted(summary.keys, 'key')} of {visible(header.place)}, {header.made:%Y-%m-%d %H:%M:%S} UTC")
    if arguments.dry_run:
        _print_lines(["Nothing was changed."])
        return int(ExitStatus.DONE)
    with _opened(arguments, settings, mark, "") as here:

        def restore() -> Outcome:
            report = DumpFile(here.session).restore(arguments.file, overwrite=arguments.overwrite)
            _print_lines(report.lines())
            return Outcome(OutcomeKind.FAILED if report.failed else OutcomeKind.DONE)

        reading = file_reading(arguments.file, summary.keys, overwrite=arguments.overwrite)
        return submit(arguments, here.guard, here.unlock, reading, restore)


@contextmanager
def _opened(
    arguments: argparse.Namespace, settings: Settings, kept_from: ServerMark, target: str
) -> Iterator[ConsoleSession]:
    """A guarded session where the entry was kept, or where the options say."""
    from safeshell.cli.judging import environment_named
    from safeshell.config.matching import find_redis
    from safeshell.redis.address import ServerAddress
    from safeshell.redis.endpoint import endpoint_of
    from safeshell.redis.opening import Opener, closed
    from safeshell.redis.options import parse_options
    from safeshell.terminal.theme import theme_for

    name = arguments.target or (target if target in settings.targets else "")
    words = ["--target", name] if name else []
    if arguments.url or not arguments.target:
        words += ["-u", arguments.url or kept_from.url]
    options = parse_options(words)
    endpoint = endpoint_of(options.connection, (), settings, environ=os.environ, ask_password=lambda: "")

    def environment_of(address: ServerAddress) -> Environment:
        socket = str(address.unix_socket or "")
        return find_redis(settings, host=address.host, port=address.port, unix_socket=socket).environment

    named = arguments.environment
    opener = Opener(
        settings=settings,
        environment=environment_named(settings, named) if named else None,
        mode=arguments.mode,
        theme=theme_for(os.environ, is_tty=True, no_color=arguments.no_color),
        discard_typeahead=lambda: None,
        tell=tell,
        find_environment=environment_of,
    )
    here = opener.open(endpoint)
    try:
        if arguments.yes_i_mean not in (None, here.guard.target):
            raise Refused(
                f"--yes-i-mean names {visible(arguments.yes_i_mean)}, but this is {here.guard.target}",
                todo="Look where you are; nothing was changed.",
            )
        yield here
    finally:
        closed(here, tell)


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        print(f"  {line}")
