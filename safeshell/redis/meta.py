"""The meta-commands: their names, what they take, and which one is meant. What they do is elsewhere.

Pure. A word that is none names its nearest; the two lines of help of each live here and nowhere else.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import StrEnum

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.guard.durations import parse_duration
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible


class Meta(StrEnum):
    """What there is."""

    HELP = ":help"
    UNLOCK = ":unlock"
    LOCK = ":lock"
    MODE = ":mode"
    UNDO = ":undo"
    UNLINK = ":unlink"
    DUMP = ":dump"
    LOG = ":log"
    SET = ":set"
    RECONNECT = ":reconnect"
    TARGET = ":target"
    INFO = ":info"


@frozen
class MetaHelp:
    """How one is written, in one line, and what it does, in one or more."""

    usage: str
    about: str
    more: str = ""


META_HELP: dict[Meta, MetaHelp] = {
    Meta.UNLOCK: MetaHelp(
        ":unlock DURATION [REASON]",
        "leave read-only for a while",
        "Writes run until the time is over; what destroys is still asked about. It locks again by itself.\n"
        "Example: :unlock 10m TICKET-123 clear the stale carts",
    ),
    Meta.LOCK: MetaHelp(":lock", "go back to read-only now"),
    Meta.MODE: MetaHelp(
        ":mode [read-only|guarded|open]",
        "show the mode, or make it stricter",
        "It can only become stricter for the rest of the session; :unlock leaves read-only for a while.",
    ),
    Meta.UNDO: MetaHelp(
        ":undo [ID|FILE] [--list] [--dry-run] [--overwrite]",
        "put back what a line changed or destroyed",
        "Without an ID: the last line of this session that was not put back yet; another session's by its ID only.\n"
        "--dry-run only says what would be done; --overwrite goes on where keys have changed since, and asks.\n"
        "FILE is one that :dump has written.",
    ),
    Meta.UNLINK: MetaHelp(
        ":unlink PATTERN [--rate N/s] [--dry-run], :unlink --continue",
        "remove the keys that match, without blocking the server",
        "Walks with SCAN and UNLINK, keeps undo up to a size, stops with ^C and goes on with --continue.\n"
        "--dry-run counts and shows some.",
    ),
    Meta.DUMP: MetaHelp(
        ":dump [FILE] [--all]",
        "write all keys of this database to a file of this machine",
        "With --all those of every database. Put back with :undo FILE. For the moment before a flush.",
    ),
    Meta.LOG: MetaHelp(":log [N]", "the last lines of this target in the journal"),
    Meta.SET: MetaHelp(":set [NAME VALUE]", "show settings, or change one"),
    Meta.RECONNECT: MetaHelp(
        ":reconnect [accept]",
        "connect again; nothing is resent",
        "With `accept` also to a server that was restarted, failed over or replaced since.",
    ),
    Meta.TARGET: MetaHelp(":target", "where you are, and what holds this session"),
    Meta.HELP: MetaHelp(":help [NAME]", "this"),
}

_BEHIND_THE_TABLE = """\
Also here: CLEAR, CONNECT HOST PORT, QUIT; `5 INCR k` repeats; `get k | jq .` hands the reply to a command of
this machine (which is not judged; quote a lone "|" to send one). Tab completes, ^R searches, Esc Enter adds a
line. Lines that are pasted together, or come while another runs, are judged as one.
"""


def parse_meta(line: str) -> tuple[Meta, str]:
    """Which meta-command `line` is, and the text behind its name.

    Raises:
        UsageError: none is called so; the message has the nearest.
    """
    name, _, rest = line.strip().partition(" ")
    try:
        return Meta(name.lower()), rest.strip()
    except ValueError:
        near = difflib.get_close_matches(name.lower(), [meta.value for meta in Meta], n=1)
        raise UsageError(
            f"there is no {visible(name, limit=40)}",
            todo=f"Did you mean {near[0]}?" if near else "See :help.",
        ) from None


def meta_help(topic: str) -> str:
    """The answer to `:help`, or to `:help NAME`.

    Raises:
        UsageError: none is called so.
    """
    if not topic:
        lines = [f"  {one.usage:<62}{one.about}\n" for one in META_HELP.values()]
        return "".join(lines) + _BEHIND_THE_TABLE
    meta, _ = parse_meta(":" + topic.split()[0].removeprefix(":"))
    found = META_HELP[Meta.TARGET if meta is Meta.INFO else meta]
    return f"  {found.usage}\n  {found.about}\n" + "".join(f"  {line}\n" for line in found.more.splitlines())


def parse_unlock(text: str) -> tuple[str, str]:
    """The duration and the reason in the words after `:unlock`.

    Raises:
        UsageError: there is no duration.
    """
    duration, _, reason = text.partition(" ")
    try:
        parse_duration(duration)
    except ValueError as error:
        usage = META_HELP[Meta.UNLOCK].usage
        raise UsageError(str(error) if duration else "for how long?", todo=f"Write {usage}.") from None
    return duration, reason.strip()


def parse_mode(text: str) -> Mode:
    """The mode that is named.

    Raises:
        UsageError: it is none.
    """
    try:
        return Mode(text.strip().lower())
    except ValueError:
        modes = ", ".join(mode.value for mode in Mode)
        raise UsageError(f"{visible(text, limit=40)!r} is no mode", todo=f"There are {modes}.") from None


@frozen
class UndoRequest:
    """What `:undo` is to do.

    Args:
        name: an entry's name or a dump file; empty for the last entry.
        listing: show the entries.
        dry_run: only say what would be done.
        overwrite: also where something changed since.
    """

    name: str = ""
    listing: bool = False
    dry_run: bool = False
    overwrite: bool = False


def parse_undo(words: Sequence[str]) -> UndoRequest:
    """The request in the words after `:undo`.

    Raises:
        UsageError: they do not fit.
    """
    options = [word for word in words if word.startswith("--")]
    names = [word for word in words if not word.startswith("--")]
    known = {"--list", "--dry-run", "--overwrite"}
    wrong = [word for word in options if word not in known] + names[1:]
    if wrong:
        raise UsageError(
            f"{visible(wrong[0], limit=60)} does not belong here",
            where=":undo",
            todo=META_HELP[Meta.UNDO].usage,
        )
    return UndoRequest(
        name=names[0] if names else "",
        listing="--list" in options,
        dry_run="--dry-run" in options,
        overwrite="--overwrite" in options,
    )
