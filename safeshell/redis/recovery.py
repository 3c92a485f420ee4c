"""Which backup a server has and how old it is, before a flush; and what to do and not to do after one.

`backup_commands` says what to ask, the rest is words made of the replies. Facts: notes/redis.md §3 (FLUSHALL
with save points rewrites the RDB file empty at once, FLUSHDB does not) and §5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from safeshell.frozen import frozen
from safeshell.guard.durations import written
from safeshell.guard.text import counted, visible
from safeshell.redis.reply import Reply, pairs_of, string_of
from safeshell.redis.server_info import info_fields, info_number

Argv = tuple[bytes, ...]

_SETTINGS = (b"save", b"dir", b"dbfilename", b"appendonly", b"appenddirname", b"appendfilename")


@frozen
class Backups:
    """What a server has on its own disk, as far as it says.

    Args:
        now: the server's time.
        last_save: the last RDB save; None when there was none since the server started.
        last_save_failed: whether the last one went wrong.
        changes_since: writes since then.
        save_points: whether it saves by itself; None when it may not be asked.
        rdb_file: the RDB file; empty when it may not be asked.
        aof: whether every write is logged.
        aof_place: the log's file or folder; empty when it may not be asked.
        replicas: addresses of connected replicas.
    """

    now: datetime
    last_save: datetime | None
    last_save_failed: bool
    changes_since: int | None
    save_points: bool | None
    rdb_file: str
    aof: bool
    aof_place: str
    replicas: tuple[str, ...]


def backup_commands() -> tuple[Argv, ...]:
    """What to ask; the replies are for `backups_of`."""
    return ((b"INFO",), *((b"CONFIG", b"GET", name) for name in _SETTINGS))


def backups_of(replies: Sequence[Reply], *, now: datetime) -> Backups:
    """What the replies to `backup_commands` say.

    Args:
        replies: in order; errors where something may not be asked.
        now: an aware moment, by the server's clock if known.
    """
    fields = info_fields(replies[0])
    settings = {name: _setting(reply) for name, reply in zip(_SETTINGS, replies[1:], strict=True)}
    saved = info_number(fields, "rdb_last_save_time")
    up = info_number(fields, "uptime_in_seconds")
    # Until its first save a server gives the time of its start as that of the last save.
    started = now.timestamp() - up if up is not None else 0.0
    has_saved = saved is not None and saved > started + 2
    folder, name = settings[b"dir"], settings[b"dbfilename"]
    aof = fields.get("aof_enabled") == "1"
    log = settings[b"appenddirname"] or settings[b"appendfilename"]
    replicas = tuple(
        visible(_replica(value))
        for key, value in fields.items()
        if key.startswith("slave") and "ip=" in value
    )
    return Backups(
        now,
        datetime.fromtimestamp(saved, UTC) if has_saved and saved is not None else None,
        fields.get("rdb_last_bgsave_status", "ok") != "ok",
        info_number(fields, "rdb_changes_since_last_save"),
        None if settings[b"save"] is None else bool(settings[b"save"].strip()),
        visible(str(Path(folder) / name), limit=300) if folder and name else "",
        aof,
        visible(str(Path(folder) / log), limit=300) if folder and log else "",
        replicas,
    )


def backup_lines(backups: Backups) -> tuple[str, ...]:
    """Which backup there is and its age, for the question before a flush; safe to show."""
    lines: list[str] = []
    where = f" in {backups.rdb_file}" if backups.rdb_file else ""
    if backups.last_save is not None:
        age = written(max(backups.now - backups.last_save, timedelta(0)))
        since = ""
        if backups.changes_since is not None:
            since = f", {counted(backups.changes_since, 'change')} since"
        lines.append(f"last RDB save {age} ago{where}{since}")
    else:
        lines.append(
            "no RDB save since the server started" + (f"; an older one may be{where}" if where else "")
        )
    if backups.last_save_failed:
        lines.append("the last RDB save failed")
    place = f" in {backups.aof_place}" if backups.aof_place else ""
    lines.append(f"AOF is on{place}" if backups.aof else "AOF is off")
    return tuple(lines)


def recovery_card(
    backups: Backups | None, *, everything: bool, undo_id: str = "", dump: Path | None = None
) -> list[str]:
    """What to do now that a database is empty, and what not to do; for the screen, right after a flush.

    Args:
        backups: what was known before the flush; None when nothing was.
        everything: FLUSHALL rather than FLUSHDB.
        undo_id: the undo entry, when it was small enough to be kept.
        dump: the dump file that was written before.
    """
    lines = ["If this was a mistake:"]
    if undo_id:
        lines.append(f"  · :undo {undo_id} puts the keys back.")
    if dump is not None:
        lines.append(f"  · :undo {visible(str(dump), limit=300)} puts the keys back.")
    lines += [
        "  · Don't SAVE, BGSAVE, BGREWRITEAOF or SHUTDOWN SAVE, and don't restart:",
        "    each may write the empty state over the last good file.",
        '  · Keep the server from saving by itself: CONFIG SET save ""',
        "    and CONFIG SET auto-aof-rewrite-percentage 0.",
    ]
    if backups is not None:
        lines += [f"  · {line}" for line in _files(backups, everything=everything)]
    else:
        lines.append("  · Copy the RDB file and the AOF folder to another place before anything else.")
    if backups is not None and backups.replicas:
        names = ", ".join(backups.replicas[:3])
        lines.append(
            f"  · {names} {'has' if len(backups.replicas) == 1 else 'have'} got the flush too, unless it lagged; "
            "their own files may be older: copy them, and keep a replica that is cut off from coming back."
        )
    return lines


def _files(backups: Backups, *, everything: bool) -> list[str]:
    lines: list[str] = []
    rdb = backups.rdb_file or "the RDB file"
    if everything and backups.save_points is not False:
        sure = "has been" if backups.save_points else "may have been"
        lines.append(f"FLUSHALL with save points saves at once: {rdb} {sure} rewritten without the keys.")
    elif backups.last_save is not None:
        age = written(max(backups.now - backups.last_save, timedelta(0)))
        lines.append(f"Copy {rdb} to another place first: it was {age} old at the flush.")
    else:
        lines.append(
            f"Copy {rdb} to another place first, if it is there: it is from before the server's start."
        )
    if backups.aof:
        place = backups.aof_place or "the AOF folder"
        word = "FLUSHALL" if everything else "FLUSHDB"
        lines += [
            f"The AOF still has every write: copy {place}, then stop the server with SHUTDOWN NOSAVE.",
            f"In the copy, cut off the last {word} (and what follows) at the end of the newest .incr.aof file.",
            "Check it with redis-check-aof, and start a server on it.",
        ]
    return lines


def _setting(reply: Reply) -> str | None:
    for _, value in pairs_of(reply) or ():
        return (string_of(value) or b"").decode("utf-8", "surrogateescape")
    return None


def _replica(value: str) -> str:
    parts = dict(part.partition("=")[::2] for part in value.split(","))
    return f"{parts.get('ip', '?')}:{parts.get('port', '?')}"
