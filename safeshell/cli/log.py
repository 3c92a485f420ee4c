"""`safeshell log`: the journal, filtered, as a table or as JSON; followed; verified; one entry in full."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from safeshell.errors import ConfigInvalid, ExitStatus
from safeshell.guard.environment import BUILT_IN, UNLABELLED, Environment
from safeshell.guard.text import counted, visible
from safeshell.guard.verdict import VerdictKind
from safeshell.journal.json_form import record_json, report_json
from safeshell.journal.listing import Look, Tone, columns, in_full, table
from safeshell.journal.moments import Stretch, parse_stretch
from safeshell.journal.query import Filter, Record, everything, last_number, newer, newest, record_with
from safeshell.journal.reader import JournalReader
from safeshell.journal.state import state_folder

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.settings import Settings
    from safeshell.journal.chain import ChainReport

_SHOWN_BY_DEFAULT = 50
_LOOK_AGAIN_SECONDS = 0.2
_OPEN_AT_MOST = 500
"""How many lines without an end are waited for while following; killed sessions leave some for ever."""

_EPILOG = """examples:
  safeshell log                                    the newest 50 lines, newest last
  safeshell log --target cache --since 2h
  safeshell log --environment production --verdict deny --since yesterday
  safeshell log --since 2026-11-01 --until 2026-11-07 --json | jq .line
  safeshell log -f                                 follow; ^C ends it
  safeshell log show 42                            everything of one line
  safeshell log verify                             is it whole?

exit status: 0 done, 1 verify found it broken, 2 usage, 70 the journal can't be read
"""
_VERIFY_EPILOG = """examples:
  safeshell log verify
  safeshell log verify --json

exit status: 0 whole, 1 broken

It finds changed, missing and reordered entries, and a cut end. It can't find a journal that was written anew
as a whole, together with its head file, by somebody who knows how: keep the hash that it prints elsewhere.
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `log` to the program's commands."""
    parser = subparsers.add_parser(
        "log",
        help="the journal: what was typed, judged, answered, and what came of it",
        description="Show the journal of this account: every line that a guarded console was given, what\n"
        "the guard said, what was answered, and how it ended. Secrets are never in it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_filters(parser)
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line; everything, unless --limit"
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is written from now on")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="log_action", metavar="ACTION", title="actions")
    _add_actions(actions)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", metavar="T", help="lines for this target")
    # The global option of the same name has its own place; this one filters.
    parser.add_argument(
        "--environment", dest="log_environment", metavar="E", help="lines in this environment"
    )
    parser.add_argument(
        "--since",
        type=_time,
        metavar="TIME",
        help="2h, today, yesterday, 14:30, 2026-11-01, '2026-11-01 14:30'",
    )
    parser.add_argument("--until", type=_time, metavar="TIME", help="the same; a day is included to its end")
    parser.add_argument(
        "--verdict",
        choices=[kind.value for kind in VerdictKind],
        metavar="V",
        help="allow, confirm, review, deny",
    )
    parser.add_argument("--session", type=_number, metavar="ID", help="lines of this session")
    parser.add_argument("--user", metavar="U", help="lines of this account, also when it used sudo")
    parser.add_argument("--grep", metavar="TEXT", help="with TEXT in the line, the reason or the error")
    parser.add_argument(
        "--limit",
        type=_number,
        metavar="N",
        help=f"the newest N (default: {_SHOWN_BY_DEFAULT}; 0 for all of them)",
    )


def _add_actions(actions: SubParsers) -> None:
    verify = actions.add_parser(
        "verify",
        help="is the journal whole?",
        description="Follow the journal's chain of hashes from its first entry to its last.",
        epilog=_VERIFY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("--json", action="store_true", help="the answer as a JSON object")
    verify.set_defaults(run=run_verify)
    show = actions.add_parser(
        "show",
        help="everything of one entry",
        description="Show everything that the journal knows of one entry.",
        epilog="examples:\n  safeshell log show 42\n  safeshell log show 42 --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("id", type=_number, metavar="ID", help="its number, as the table shows it")
    show.add_argument("--json", action="store_true", help="as a JSON object")
    show.set_defaults(run=run_show)


def run(arguments: argparse.Namespace) -> int:
    """Show what is asked for.

    Raises:
        GuardFailure: the journal can't be read.
    """
    settings = _settings(arguments)
    reader = _reader(settings)
    if not reader.exists() and not arguments.follow:
        _aside(f"Nothing has been journalled yet ({reader.path}).")
        return int(ExitStatus.DONE)
    records = _records(reader, arguments)
    try:
        _print(map(record_json, records) if arguments.json else _table(records, arguments, settings))
    except KeyboardInterrupt:
        if not arguments.follow:
            raise
    return int(ExitStatus.DONE)


def run_verify(arguments: argparse.Namespace) -> int:
    """Tell whether the journal is whole; 1 when it is not.

    Raises:
        GuardFailure: the journal can't be read.
    """
    from safeshell.journal.verify import verify

    reader = _reader(_settings(arguments))
    report = verify(reader)
    _print([report_json(report)] if arguments.json else _verified(report, reader))
    return int(ExitStatus.DONE if report.holds else ExitStatus.COMMAND_FAILED)


def run_show(arguments: argparse.Namespace) -> int:
    """Show one entry in full.

    Raises:
        UsageError: there is none of that number.
        GuardFailure: the journal can't be read.
    """
    record = record_with(_reader(_settings(arguments)), arguments.id)
    _print([record_json(record)] if arguments.json else in_full(record))
    return int(ExitStatus.DONE)


def _records(reader: JournalReader, arguments: argparse.Namespace) -> Iterator[Record]:
    wanted = _filter(arguments)
    last = last_number(reader) if reader.exists() else 0
    unfinished: dict[int, None] = {}
    for record in _written(reader, wanted, arguments) if last else ():
        if record.is_open:
            unfinished[record.id] = None
        if record.id <= last:
            yield record
    if arguments.follow:
        yield from _followed(reader, wanted, last, unfinished)


def _written(reader: JournalReader, wanted: Filter, arguments: argparse.Namespace) -> Iterable[Record]:
    limit: int | None = arguments.limit
    if limit is None and not arguments.json:
        limit = _SHOWN_BY_DEFAULT
    if not limit:
        return everything(reader, wanted)
    records, more = newest(reader, wanted, limit)
    if more and arguments.limit is None:
        _aside(f"The newest {limit}; --limit 0 shows all, --since TIME the later ones.")
    return records


def _followed(
    reader: JournalReader, wanted: Filter, last: int, unfinished: dict[int, None]
) -> Iterator[Record]:
    """What is written after number `last`, for ever; a line that takes long comes again when it has ended."""
    seen = -1
    while True:
        sys.stdout.flush()
        version = reader.changed() if reader.exists() else -1
        if version == seen:
            time.sleep(_LOOK_AGAIN_SECONDS)
            continue
        seen = version
        for record in newer(reader, last, unfinished):
            known = record.id in unfinished
            if record.is_open:
                unfinished[record.id] = None
            else:
                unfinished.pop(record.id, None)
            last = max(last, record.id)
            if wanted.matches(record) and not (known and record.is_open):
                yield record
        while len(unfinished) > _OPEN_AT_MOST:
            del unfinished[next(iter(unfinished))]


def _filter(arguments: argparse.Namespace) -> Filter:
    since: Stretch | None = arguments.since
    until: Stretch | None = arguments.until
    return Filter(
        target=arguments.target or "",
        environment=arguments.log_environment or arguments.environment or "",
        since=since.start if since else None,
        until=until.end if until else None,
        verdict=VerdictKind(arguments.verdict) if arguments.verdict else None,
        session=arguments.session,
        user=arguments.user or "",
        text=arguments.grep or "",
    )


def _verified(report: ChainReport, reader: JournalReader) -> Iterator[str]:
    if report.holds:
        yield f"The journal is whole: {counted(report.events, 'event')}."
        if report.cut:
            yield f"  Events up to {report.cut} were removed when their time was over."
        if report.events:
            yield f"  The last is {report.tip.seq}, {report.tip.hash}"
        return
    first, *others = report.breaks
    place = f" at event {first.seq}" if first.seq else ""
    yield f"The journal is broken{place}: {visible(first.what)}."
    yield f"  {first.meaning}"
    for found in others:
        yield f"  Also at event {found.seq}: {visible(found.what)}."
    yield f"  Look into it before anything tidies up: {visible(str(reader.path), limit=4096)}"


def _table(
    records: Iterable[Record], arguments: argparse.Namespace, settings: Settings | None
) -> Iterator[str]:
    """The table as this output shows it: fitted and coloured on a terminal, plain and uncut elsewhere."""
    if not sys.stdout.isatty():
        yield from table(records, Look(None, visible, 12, lambda text, _: text))
        return
    from safeshell.terminal.theme import Style, prepare_output, theme_for

    prepare_output()
    theme = theme_for(
        os.environ, is_tty=True, no_color=arguments.no_color, encoding=getattr(sys.stdout, "encoding", None)
    )
    environments = settings.environments if settings else BUILT_IN
    styles = {Tone.QUIET: Style.QUIET, Tone.WARNING: Style.WARNING, Tone.BAD: Style.REFUSED}

    def badge(name: str) -> str:
        # A name that the configuration no longer knows is shown like everything without a label.
        return theme.badge(environments.get(name) or Environment(name=name, color=UNLABELLED.color))

    look = Look(
        width=max(40, shutil.get_terminal_size().columns),
        environment=badge,
        environment_width=max(columns(badge(name)) for name in environments),
        tint=lambda text, tone: theme.paint(text, styles[tone]),
    )
    yield from map(theme.text, table(records, look))


def _settings(arguments: argparse.Namespace) -> Settings | None:
    """The configuration: where the journal is, and what environments look like.

    None when it does not validate: what was journalled can be read all the same, where it usually is.
    """
    from safeshell.cli.judging import load_config

    try:
        return load_config(arguments).settings
    except ConfigInvalid:
        _aside("The configuration does not validate (safeshell config check); this is the usual journal.")
        return None


def _reader(settings: Settings | None) -> JournalReader:
    return JournalReader(state_folder(settings.state_folder if settings else None))


def _time(word: str) -> Stretch:
    try:
        return parse_stretch(word, datetime.now(UTC))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        raise argparse.ArgumentTypeError(f"{word!r} is no number")
    return int(word)


def _print(rows: Iterable[str]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    for row in rows:
        sys.stdout.write(row + "\n")
    sys.stdout.flush()


def _aside(text: str) -> None:
    """Something about the answer, beside it."""
    sys.stderr.write(f"{text}\n")
