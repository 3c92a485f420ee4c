"""What INFO says of a server that is about to be flushed, stopped or changed: keys, memory, clients, backups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from safeshell.guard.text import counted, sized, visible
from safeshell.redis.flush_snapshot import ALL_DATABASES
from safeshell.redis.key_capture import unix_ms
from safeshell.redis.measuring import Argv, Findings, Measuring
from safeshell.redis.recovery import backup_commands, backup_lines, backups_of
from safeshell.redis.reply import items_of, pairs_of, string_of
from safeshell.redis.saved_state import is_secret_setting
from safeshell.redis.server_info import info_number, keyspace

_BUSY_OPS: Final = 100
_SHOWN_DATABASES: Final = 5
_SHOWN_SETTINGS: Final = 5

Fields = dict[str, str]


def context_line(fields: Fields) -> str:
    """Role, replicas, clients and load in one sentence; empty when INFO was refused."""
    parts: list[str] = []
    role = fields.get("role", "")
    if role == "master":
        replicas = info_number(fields, "connected_slaves") or 0
        parts.append(f"a primary with {counted(replicas, 'connected replica')}" if replicas else "a primary")
    elif role == "slave":
        parts.append(f"a replica of {visible(fields.get('master_host', '?'), limit=80)}")
    clients = info_number(fields, "connected_clients")
    if clients is not None:
        parts.append(f"{counted(clients, 'client')} connected")
    ops = info_number(fields, "instantaneous_ops_per_sec") or 0
    if ops >= _BUSY_OPS:
        parts.append(f"serving {counted(ops, 'command')} a second")
    return ", ".join(parts)


def flush_impact(measuring: Measuring, fields: Fields, db: int, findings: Findings) -> None:
    """FLUSHDB (`db`) or FLUSHALL (`ALL_DATABASES`): what is lost, what stays, which backup there is.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    databases = keyspace(fields)
    hit = {number: counts for number, counts in databases.items() if db in (ALL_DATABASES, number)}
    keys = sum(count for count, _ in hit.values())
    expiring = sum(expires for _, expires in hit.values())
    place = (
        f"db {db}"
        if db != ALL_DATABASES
        else f"all {len(hit)} databases"
        if len(hit) > 1
        else "all databases"
    )
    with_expiry = f", {expiring:,} of them with an expiry" if expiring else ""
    findings.count(keys, "keys")
    findings.fact(f"{counted(keys, 'key')} in {place}{with_expiry}")
    if db == ALL_DATABASES and len(hit) > 1:
        shown = [f"db {number}: {count:,}" for number, (count, _) in sorted(hit.items())[:_SHOWN_DATABASES]]
        findings.fact(", ".join(shown) + (", …" if len(hit) > _SHOWN_DATABASES else ""))
    memory = info_number(fields, "used_memory")
    total = sum(count for count, _ in databases.values())
    if memory is not None:
        findings.fact(f"{sized(memory)} of memory used by the server")
        if keys and keys == total:
            findings.weigh(memory)
    others = {number: count for number, (count, _) in databases.items() if number not in hit}
    if others:
        shown = [f"db {number} ({counted(count, 'key')})" for number, count in sorted(others.items())]
        more = ", …" if len(shown) > _SHOWN_DATABASES else ""
        findings.fact(f"not touched: {', '.join(shown[:_SHOWN_DATABASES])}{more}")
    if keys:
        _offer_instead_of_flush(measuring.db, db, databases, findings)
        tell_backups(measuring, findings)


def _offer_instead_of_flush(
    selected: int, db: int, databases: dict[int, tuple[int, int]], findings: Findings
) -> None:
    if db == ALL_DATABASES and len(databases) > 1:
        findings.offer(f"FLUSHDB empties only the selected database (db {selected})")
    all_databases = " --all" if db == ALL_DATABASES else ""
    findings.offer(f":dump{all_databases} streams the keys to a file first; :undo FILE brings them back")


def tell_backups(measuring: Measuring, findings: Findings) -> None:
    """Which backup there is, and how old.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    commands: list[Argv] = [*backup_commands(), (b"TIME",)]
    replies = measuring.ask(commands)
    now_ms = unix_ms(replies[-1])
    now = datetime.fromtimestamp(now_ms / 1000, UTC) if now_ms else datetime.now(UTC)
    for line in backup_lines(backups_of(replies[:-1], now=now)):
        findings.fact(line)


def shutdown_impact(fields: Fields, argv: Sequence[bytes], findings: Findings) -> None:
    """SHUTDOWN: what would not be on disk, and who is connected."""
    words = {word.upper() for word in argv[1:]}
    if b"ABORT" in words:
        findings.fact("calls off a shutdown that waits; nothing stops")
        return
    changes = info_number(fields, "rdb_changes_since_last_save") or 0
    aof = fields.get("aof_enabled") == "1"
    if changes and b"NOSAVE" in words:
        lost = "only the AOF has them" if aof else "they are lost"
        findings.fact(f"{counted(changes, 'change')} since the last save: {lost}")
    elif changes and b"SAVE" not in words:
        findings.fact(f"{counted(changes, 'change')} since the last save; without save points they are lost")
    elif changes:
        findings.fact(f"{counted(changes, 'change')} since the last save, saved on the way out")
    clients = info_number(fields, "connected_clients") or 0
    findings.fact(f"{counted(clients, 'client')} would lose their connection, this one among them")
    findings.count(clients, "clients")
    replicas = info_number(fields, "connected_slaves") or 0
    if replicas:
        findings.fact(f"{counted(replicas, 'replica')} would lose the primary")
    total = sum(count for count, _ in keyspace(fields).values())
    findings.fact(f"{counted(total, 'key')}, {sized(info_number(fields, 'used_memory') or 0)} in memory")


def replaced_impact(fields: Fields, argv: Sequence[bytes], findings: Findings) -> None:
    """REPLICAOF host port: the dataset is replaced by the other server's."""
    if [word.upper() for word in argv[1:3]] == [b"NO", b"ONE"]:
        findings.fact("becomes a primary of its own; it no longer follows")
        return
    keys = sum(count for count, _ in keyspace(fields).values())
    findings.count(keys, "keys")
    findings.fact(f"its {counted(keys, 'key')} are replaced by those of the other server, for good")


def swap_impact(fields: Fields, argv: Sequence[bytes], findings: Findings) -> None:
    """SWAPDB a b: how many keys change places."""
    databases = keyspace(fields)
    counts = [databases.get(int(word), (0, 0))[0] for word in argv[1:3] if word.isdigit()]
    if len(counts) == 2:
        findings.count(sum(counts), "keys")
        findings.fact(
            f"db {visible(argv[1])} ({counted(counts[0], 'key')}) and db {visible(argv[2])} "
            f"({counted(counts[1], 'key')}) change places for every client at once"
        )


def setting_impact(measuring: Measuring, argv: Sequence[bytes], findings: Findings) -> None:
    """CONFIG SET: old and new values, secrets hidden.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    pairs = list(zip(argv[2::2], argv[3::2], strict=False))[:_SHOWN_SETTINGS]
    replies = measuring.ask([(b"CONFIG", b"GET", name) for name, _ in pairs])
    for (name, new), reply in zip(pairs, replies, strict=True):
        shown = visible(name, limit=60)
        old = next((string_of(value) for key, value in pairs_of(reply) or () if string_of(key)), None)
        if is_secret_setting(name):
            findings.fact(f"{shown} is {'set' if old else 'not set'} now (its value is a secret)")
        elif old is not None:
            findings.fact(
                f'{shown} is "{visible(old, limit=80)}" now, and becomes "{visible(new, limit=80)}"'
            )


def functions_impact(measuring: Measuring, findings: Findings) -> None:
    """FUNCTION FLUSH and the like: how many libraries there are.

    Raises:
        OutOfTime, SafeshellError: as `Measuring.ask`.
    """
    libraries = items_of(measuring.ask([(b"FUNCTION", b"LIST")])[0])
    if libraries is not None:
        findings.fact(f"{counted(len(libraries), 'function library', 'function libraries')} on the server")
