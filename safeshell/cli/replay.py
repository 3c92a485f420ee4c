"""`safeshell replay`: recordings of sessions, listed, played, searched, and their verdicts found."""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.errors import ConfigInvalid, ExitStatus, SafeshellError, UsageError
from safeshell.guard.durations import written
from safeshell.guard.text import counted, sized, visible
from safeshell.journal.state import state_folder

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.journal.recordings.cast import Cast
    from safeshell.journal.recordings.folder import RecordingFile, RecordingsFolder

_IDLE_LIMIT = 2.0
_SHOWN_AT_MOST = 400

_EPILOG = """examples:
  safeshell replay --list                  what is recorded, newest first
  safeshell replay                         play the last one
  safeshell replay k7f3qa --speed 4        first letters of its name will do
  safeshell replay 42                      the session of the journal's line 42, from that line on
  safeshell replay k7f3qa --markers        which verdicts, questions and answers, and when
  safeshell replay k7f3qa --from 12:30     or --from 'deny', the first marker with that in it
  safeshell replay --search 'Disk full'    in all recordings
  safeshell replay k7f3qa --v2 > old.cast  for players that know only asciicast v2
  safeshell replay talk.cast               any asciicast v2 or v3 file

while it plays:
  space  pause, go on      .     the next output, then pause     q  leave
  ] [    to the next, the last verdict, question or answer, and pause there
  → ←    5 seconds on, back          0-9  to so many tenths      g G  beginning, end
  + -    twice, half as fast

Only what draws is shown again: nothing recorded can reach the clipboard or the title, or make this terminal
answer. Times are those of the session, pauses included. The files are asciicast v3: asciinema plays them, too.

exit status: 0 done, 1 --search found nothing, 2 usage, 70 a recording can't be read
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `replay` to the program's commands."""
    parser = subparsers.add_parser(
        "replay",
        help="recordings of sessions: play, find verdicts, search",
        description="Play the recording of a session, or say what is in it. Which sessions are recorded, and how\n"
        "long that is kept, is in the configuration's [recording].",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "recording",
        nargs="?",
        metavar="ID|FILE",
        help="a recording's name, a line of the journal, or a file; the last recording by default",
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="how many times as fast (default: 1)"
    )
    parser.add_argument(
        "--idle-limit",
        type=_seconds,
        metavar="S",
        help=f"the longest pause in seconds, 0 for as they were (default: the file's, else {_IDLE_LIMIT:g})",
    )
    parser.add_argument(
        "--from",
        dest="begin",
        metavar="PLACE",
        help="begin there: 90, 1:30, 5m, '#42' for the journal's line 42, or text of a marker",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", dest="listing", help="show what is recorded")
    what.add_argument("--markers", action="store_true", help="show verdicts, questions, answers, with times")
    what.add_argument("--search", metavar="TEXT", help="show the lines of output with TEXT, in any case")
    what.add_argument("--cat", action="store_true", help="print all of its output at once")
    what.add_argument("--v2", action="store_true", help="print it as asciicast v2")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List, say or play; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    state = _state_folder(arguments)
    if arguments.listing:
        return _list(state, arguments.recording)
    if arguments.search is not None:
        return _search(state, arguments)
    path, begin = _found(state, arguments.recording)
    if arguments.v2:
        from safeshell.journal.recordings.older_form import older_form

        _print(older_form(path))
        return int(ExitStatus.DONE)
    return _shown(arguments, path, arguments.begin or begin)


def _shown(arguments: argparse.Namespace, path: Path, begin: str) -> int:
    """Markers, the output at once, or the recording played."""
    from safeshell.journal.recordings.cast import clock, read_cast

    cast = read_cast(path)
    if cast.unread:
        _aside(f"Left out as unreadable: {counted(cast.unread, 'line')} of {visible(str(path), limit=4096)}.")
    if arguments.markers:
        marks = [
            f"{clock(event.at):>9}  {visible(event.data, limit=_SHOWN_AT_MOST)}".rstrip()
            for event in cast.events
            if event.code == "m"
        ]
        _print(marks or ["It has no markers."])
        return int(ExitStatus.DONE)
    place = _place(begin, cast) if begin else 0.0
    if arguments.cat:
        _cat(cast, place)
        return int(ExitStatus.DONE)
    return _play(arguments, cast, place)


def _play(arguments: argparse.Namespace, cast: Cast, place: float) -> int:
    from safeshell.terminal.capability import understands_escapes
    from safeshell.terminal.replaying.player import play

    if not (sys.stdout.isatty() and understands_escapes(os.environ)):
        raise UsageError(
            "a recording is played in a terminal, and the output is none",
            where="safeshell replay",
            todo="--cat prints its output at once, --markers and --search say what is in it.",
        )
    limit = arguments.idle_limit
    if limit is None:
        limit = cast.header.idle_limit or _IDLE_LIMIT
    play(cast, speed=arguments.speed, idle_limit=limit or None, begin_at=place)
    return int(ExitStatus.DONE)


def _cat(cast: Cast, place: float) -> None:
    from safeshell.terminal.replaying.harmless import LEAVE, HarmlessOutput

    output = HarmlessOutput()
    for event in cast.events:
        if event.code == "o" and event.at >= place:
            sys.stdout.write(output.feed(event.data))
    if sys.stdout.isatty():
        sys.stdout.write(f"\x1b7{LEAVE}\x1b8")
    sys.stdout.flush()


def _list(state: Path, wanted: str | None) -> int:
    files = _folder(state).files()
    if wanted:
        files = [one for one in files if one.id.startswith(wanted)]
    _print(map(_row, files) if files else ["Nothing is recorded."])
    return int(ExitStatus.DONE)


def _row(file: RecordingFile) -> str:
    from safeshell.journal.recordings.cast import shown_name, summary
    from safeshell.journal.recordings.folder import is_being_written

    try:
        found = summary(file.path)
    except SafeshellError as error:
        return f"{file.id}  {visible(error.message)}"
    began = f"{found.header.began.astimezone():%Y-%m-%d %H:%M}" if found.header.began else "?"
    took = written(timedelta(seconds=found.duration))
    state = "" if found.finished else ", still running" if is_being_written(file.path) else ", cut off"
    console = visible(found.header.own.get("console", ""), limit=10)
    return (
        f"{file.id}  {began}  {took:>7}  {sized(file.size):>9}  {counted(found.verdicts, 'verdict'):>12}  "
        f"{console:<5}  {shown_name(found.header)}{state}"
    )


def _search(state: Path, arguments: argparse.Namespace) -> int:
    """Lines with the text, in the recording that is named or in all of them; 1 when there are none."""
    from safeshell.journal.recordings.cast import read_cast

    if arguments.recording:
        path, _ = _found(state, arguments.recording)
        hits = list(_hits(read_cast(path), arguments.search))
        _print(hits)
        return int(ExitStatus.DONE if hits else ExitStatus.COMMAND_FAILED)
    any_found = False
    for file in _folder(state).files():
        try:
            hits = list(_hits(read_cast(file.path), arguments.search))
        except SafeshellError as error:
            _aside(str(error))
            continue
        if hits:
            _print([f"{'' if not any_found else chr(10)}{_row(file)}", *hits])
            any_found = True
    return int(ExitStatus.DONE if any_found else ExitStatus.COMMAND_FAILED)


def _hits(cast: Cast, text: str) -> Iterator[str]:
    from safeshell.journal.recordings.cast import clock
    from safeshell.journal.recordings.lines import text_lines

    wanted = text.casefold()
    for line in text_lines(cast.events):
        if wanted in line.text.casefold():
            yield f"{clock(line.at):>9}  {visible(line.text, limit=_SHOWN_AT_MOST)}"


def _found(state: Path, name: str | None) -> tuple[Path, str]:
    """The file that a person means, and the place in it that comes with that; the last recording for None.

    Raises:
        UsageError: there is none.
        GuardFailure: the journal can't be read.
    """
    folder = _folder(state)
    if not name:
        files = folder.files()
        if not files:
            raise UsageError(
                "nothing is recorded",
                where="safeshell replay",
                todo="Which sessions are recorded is in the configuration's [recording].",
            )
        return files[0].path, ""
    if "/" in name or name.endswith(".cast") or Path(name).is_file():
        return Path(name), ""
    if name.isascii() and name.isdigit():
        return folder.find(_recording_of(state, int(name))).path, f"#{name}"
    return folder.find(name).path, ""


def _recording_of(state: Path, line: int) -> str:
    """The name of the recording of the session in which the journal's line `line` was typed."""
    from safeshell.journal.query import record_with
    from safeshell.journal.reader import JournalReader

    reader = JournalReader(state)
    if not reader.exists():
        raise UsageError(f"the journal has no line {line}", where=str(reader.path))
    name = record_with(reader, min(line, (1 << 63) - 1)).started.text("recording")
    if not name:
        raise UsageError(f"the session of the journal's line {line} was not recorded", where=str(reader.path))
    return name


def _place(name: str, cast: Cast) -> float:
    from safeshell.journal.recordings.places import place_named

    try:
        return place_named(name, cast.events)
    except ValueError as error:
        raise UsageError(str(error), where="safeshell replay --from") from None


def _folder(state: Path) -> RecordingsFolder:
    from safeshell.journal.recordings.folder import RecordingsFolder

    return RecordingsFolder(state)


def _state_folder(arguments: argparse.Namespace) -> Path:
    """Where recordings are; the usual place when the configuration does not validate."""
    from safeshell.cli.judging import load_config

    try:
        return state_folder(load_config(arguments).settings.state_folder)
    except ConfigInvalid:
        _aside("The configuration does not validate (safeshell config check); this is the usual place.")
        return state_folder(None)


def _speed(word: str) -> float:
    from safeshell.terminal.replaying.playback import FASTEST, SLOWEST

    number = _number(word.removesuffix("x"))
    if not SLOWEST <= number <= FASTEST:
        raise argparse.ArgumentTypeError(f"{word!r} is no speed; 2 is twice as fast, 0.5 half as fast")
    return number


def _seconds(word: str) -> float:
    number = _number(word.removesuffix("s"))
    if not 0 <= number <= 1e9:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds")
    return number


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan


def _print(rows: Iterable[str]) -> None:
    for row in rows:
        sys.stdout.write(f"{row}\n")
    sys.stdout.flush()


def _aside(text: str) -> None:
    """Something about the answer, beside it."""
    sys.stderr.write(f"{text}\n")
