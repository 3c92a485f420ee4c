"""SQL about the server and the session: SET, GRANT, KILL, FLUSH, replication, locks, backups, ClickHouse's SYSTEM.

Facts: PostgreSQL 16, MySQL 8.0, MariaDB 10.11, SQL Server 2022, ClickHouse 24 manuals, the notes' effect table.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.found import Deed, Found, reading, unproven, words
from safeshell.shell.languages.sql_part import Part

_D, _C, _S, _W, _G, _O = (
    EffectKind.DELETE, EffectKind.CONFIGURE, EffectKind.STOP, EffectKind.WRITE, EffectKind.GRANT,
    EffectKind.OVERWRITE,
)  # fmt: skip
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

_GLOBAL: Final = Deed(
    "sql.set-global",
    _C,
    _MANY,
    "changes {} of the server, for everybody",
    "`SET SESSION` changes it for this session only",
)
_PASSWORD: Final = Deed("sql.password", _G, _ONE, "changes a user's password")
_GRANT: Final = Deed(
    "sql.grant", _G, _ONE, "gives rights to users", "let the migration or the role management do it"
)
_REVOKE: Final = Deed("sql.revoke", _G, _ONE, "takes rights from users: what they run may stop working")
_KILL: Final = Deed(
    "sql.kill",
    _S,
    _ONE,
    "ends a session or a query and rolls its work back",
    "look at it first: `SHOW FULL PROCESSLIST`",
)
_SHUTDOWN: Final = Deed("sql.shutdown", _S, _ALL, "shuts the database server down")
_FLUSH_LOCK: Final = Deed(
    "sql.global-lock", _S, _MANY, "stops all writes on the server until the lock is freed"
)
_FLUSH_TABLES: Final = Deed(
    "sql.flush-tables", _S, _ONE, "closes all tables; waits for, and blocks behind, long queries"
)
_FLUSH: Final = Deed("sql.flush", _W, _ONE, "makes the server reread or rotate something")
_RESET_LOGS: Final = Deed("sql.reset-logs", _D, _ALL,
    "deletes all binary logs: replicas and point-in-time recovery lose them",
                          "`PURGE BINARY LOGS TO` the oldest that a replica still needs")  # fmt: skip
_RESET_REPLICA: Final = Deed("sql.reset-replica", _S, _MANY, "makes the replica forget where it was")
_RESET_PERSIST: Final = Deed("sql.reset-persist", _C, _MANY, "throws away persisted server settings")
_PURGE: Final = Deed("sql.purge-logs", _D, _MANY, "deletes binary logs that a replica or a recovery may need",
                     "look first: `SHOW BINARY LOGS`, `SHOW REPLICAS`")  # fmt: skip
_STOP_REPLICA: Final = Deed("sql.stop-replica", _S, _MANY, "stops replication: the replica falls behind")
_START_REPLICA: Final = Deed("sql.start-replica", _C, _ONE, "starts replication")
_CHANGE_MASTER: Final = Deed("sql.change-source", _C, _MANY, "changes where the replica replicates from")
_LOCK_TABLE: Final = Deed("sql.lock-table", _S, _MANY, "locks {}: others wait until the transaction ends")
_LOCK_SHARED: Final = Deed("sql.lock-shared", _W, _ONE, "takes a weak lock on {}")
_UNLOCK: Final = Deed("sql.unlock", _W, _ONE, "frees the session's table locks")
_PLUGIN: Final = Deed("sql.plugin", _C, _MANY, "adds or removes code of the server")
_NOTIFY: Final = Deed("sql.notifies", _W, _ONE, "sends a message that listeners act on")
_CHECKPOINT: Final = Deed("sql.checkpoint", _W, _ONE, "writes everything to disk now")
_PREPARED: Final = Deed("sql.two-phase", _O, _ONE, "decides about a transaction that was prepared elsewhere")
_RESTORE: Final = Deed(
    "sql.restore", _O, _ALL, "replaces {} by what is in a backup", "restore under another name"
)
_RESTORE_TABLE: Final = Deed("sql.restore-table", _W, _ONE, "brings {} back")
_BACKUP: Final = Deed("sql.backup", _W, _ONE, "writes a backup")
_SHRINK: Final = Deed(
    "sql.shrink", _S, _MANY, "shrinks database files: heavy load, and fragmented indexes after it"
)
_CACHES: Final = Deed("sql.drops-caches", _S, _ONE, "drops a cache that queries live on: load jumps")
_SYSTEM_STOP: Final = Deed("sql.system-stop", _S, _MANY, "stops background work of the server")
_SYSTEM_DROP: Final = Deed("sql.system-drop-replica", _D, _MANY, "removes a replica's state")
_SYSTEM: Final = Deed("sql.system", _W, _ONE, "makes the server start, reload or flush something")
_ATTACH: Final = Deed(
    "sql.attach", _W, _ONE, "opens another database file for writing; makes it when it is not there"
)
_DETACH: Final = Deed("sql.detach", _S, _ONE, "takes {} out of service until it is attached again")
_DETACH_FOR_GOOD: Final = Deed("sql.detach", _S, _MANY, "takes {} out of service, also after a restart")
_PRAGMA: Final = Deed("sql.pragma", _C, _ONE, "changes {} of the database file")
_PRAGMA_SCHEMA: Final = Deed(
    "sql.writable-schema", _C, _MANY, "lets statements write the schema itself: one mistake breaks the file"
)
_PRAGMA_WORK: Final = Deed("sql.pragma-work", _W, _ONE, "makes the database do housekeeping")
_EXPORT: Final = Deed("sql.export", _W, _ONE, "writes the rows to files")
_LABEL: Final = Deed("sql.security-label", _G, _ONE, "changes a security label")
_SETTING: Final = Deed("sql.session-setting", _W, _ONE, "changes {} for this session")

# Settings of a session that make nothing writable and nothing unsafe.
_QUIET_SETTINGS: Final = words(
    "STATEMENT_TIMEOUT LOCK_TIMEOUT IDLE_IN_TRANSACTION_SESSION_TIMEOUT SEARCH_PATH CLIENT_ENCODING"
    " TIMEZONE TIME TIME_ZONE"
    " WORK_MEM APPLICATION_NAME NAMES CHARACTER CHARSET GROUP_CONCAT_MAX_LEN MAX_EXECUTION_TIME"
    " MAX_STATEMENT_TIME"
    " LOCK_WAIT_TIMEOUT INNODB_LOCK_WAIT_TIMEOUT NET_READ_TIMEOUT NET_WRITE_TIMEOUT WAIT_TIMEOUT"
    " INTERACTIVE_TIMEOUT"
    " NOCOUNT DATESTYLE INTERVALSTYLE EXTRA_FLOAT_DIGITS BYTEA_OUTPUT CLIENT_MIN_MESSAGES RANDOM_PAGE_COST"
    " JIT"
    " EFFECTIVE_CACHE_SIZE MAX_PARALLEL_WORKERS_PER_GATHER STANDARD_CONFORMING_STRINGS ROWCOUNT"
    " TRANSACTION_ISOLATION"
    " TX_ISOLATION SQL_SELECT_LIMIT PROFILING OPTIMIZER_SWITCH OPTIMIZER_TRACE MAX_JOIN_SIZE SORT_BUFFER_SIZE"
    " JOIN_BUFFER_SIZE TMP_TABLE_SIZE COLLATION_CONNECTION LC_TIME LC_MESSAGES LANGUAGE DATEFORMAT ARITHABORT"
    " STATISTICS SHOWPLAN_ALL SHOWPLAN_TEXT SHOWPLAN_XML DEADLOCK_PRIORITY SEED SCHEMA SQL_MODE"
    " EXPLAIN_FORMAT"
    " GEQO FROM_COLLAPSE_LIMIT JOIN_COLLAPSE_LIMIT TRACK_IO_TIMING LOG_MIN_DURATION_STATEMENT"
    " MAINTENANCE_WORK_MEM"
    " PLAN_CACHE_MODE CONSTRAINT_EXCLUSION VARIABLE HEADING PAGESIZE LINESIZE MAX_THREADS MAX_MEMORY_USAGE"
    " QUERY_TIMEOUT IDENTITY_CACHE SERVEROUTPUT FEEDBACK AUTOTRACE TIMING PAGES LINES"
)


def set_(part: Part) -> Found:
    """SET: of the session, of the server, of a password, of a role."""
    words = [token.upper for token in part.tokens]
    name, _ = part.name(part.skip(1, "SESSION", "LOCAL", "GLOBAL", "PERSIST", "PERSIST_ONLY"))
    texts = [token.text.upper() for token in part.tokens]
    if words[1:2] in (["GLOBAL"], ["PERSIST"], ["PERSIST_ONLY"]) or any(
        word in ("GLOBAL", "PERSIST") and words[at - 1] == "," for at, word in enumerate(words)
    ) or any(text.startswith(("@@GLOBAL", "@@PERSIST")) for text in texts):  # fmt: skip
        return Found((_GLOBAL.command("SET GLOBAL", name or "settings", part.span),))
    if words[1:2] == ["PASSWORD"]:
        return Found((_PASSWORD.command("SET PASSWORD", "", part.span),))
    if words[1:2] == ["DEFAULT"] or words[1:3] == ["CLUSTER", "SETTING"]:
        deed = _GRANT if words[1:3] == ["DEFAULT", "ROLE"] else _GLOBAL
        return Found((deed.command("SET", name, part.span),))
    if _is_quiet_setting(words, texts, name):
        return Found((reading("SET", part.span),))
    return Found((_SETTING.command("SET", name, part.span),))


def _is_quiet_setting(words: list[str], texts: list[str], name: str) -> bool:
    if "TRANSACTION" in words or name.upper() in (
        "DEFAULT_TRANSACTION_READ_ONLY",
        "TRANSACTION_READ_ONLY",
        "TX_READ_ONLY",
    ):
        if "WRITE" in words:
            return False
        return "READ" in words or "ISOLATION" in words or texts[-1] in ("ON", "TRUE", "1", "YES")
    if len(texts) > 1 and texts[1].startswith("@") and not texts[1].startswith("@@"):
        return "," not in words
    if "," in words and "=" in words and words.count("=") > 1:
        return False
    return name.upper() in _QUIET_SETTINGS or name.upper().startswith(("ENABLE_", "LC_"))


def grant(part: Part) -> Found:
    """GRANT, REVOKE."""
    deed = _REVOKE if part.word(0) == "REVOKE" else _GRANT
    return Found((deed.command(part.word(0), "", part.span),))


def kill(part: Part) -> Found:
    """KILL; ClickHouse's KILL MUTATION and KILL QUERY WHERE as well."""
    return Found(
        (_KILL.command("KILL", part.name(part.skip(1, "QUERY", "CONNECTION", "HARD", "SOFT"))[0], part.span),)
    )


def shutdown(part: Part) -> Found:
    """SHUTDOWN, RESTART."""
    return Found((_SHUTDOWN.command(part.word(0), "the database server", part.span),))


def flush(part: Part) -> Found:
    """FLUSH."""
    words = part.words()
    if "LOCK" in words or "EXPORT" in words:
        deed = _FLUSH_LOCK
    else:
        deed = _FLUSH_TABLES if {"TABLES", "TABLE"} & set(words) else _FLUSH
    return Found((deed.command("FLUSH", "", part.span),))


def reset(part: Part) -> Found:
    """RESET: binary logs, a replica, or a session's setting."""
    match part.word(1):
        case "MASTER" | "BINARY":
            return Found((_RESET_LOGS.command("RESET MASTER", "the binary logs", part.span),))
        case "SLAVE" | "REPLICA":
            return Found((_RESET_REPLICA.command("RESET REPLICA", "", part.span),))
        case "PERSIST":
            return Found((_RESET_PERSIST.command("RESET PERSIST", "", part.span),))
        case "QUERY" | "CLUSTER":
            deed = _FLUSH if part.word(1) == "QUERY" else _GLOBAL
            return Found((deed.command("RESET", "settings", part.span),))
    return Found((unproven("RESET", part.span),))


def purge(part: Part) -> Found:
    """PURGE BINARY LOGS, PURGE RECYCLEBIN."""
    return Found((_PURGE.command("PURGE", "", part.span),))


def replication(part: Part) -> Found:
    """START, STOP and CHANGE of a replica; START TRANSACTION is no deed."""
    head, second = part.word(0), part.word(1)
    if head == "START" and second == "TRANSACTION":
        return transaction(part)
    deed = {"STOP": _STOP_REPLICA, "START": _START_REPLICA}.get(head, _CHANGE_MASTER)
    return Found((deed.command(f"{head} {second}".strip(), "", part.span),))


def lock(part: Part) -> Found:
    """LOCK TABLE(S)."""
    words = part.words()
    thing, _ = part.names(part.skip(1, "TABLE", "TABLES", "ONLY"))
    weak = ("SHARE" in words and ("ACCESS" in words or ("ROW" in words and "EXCLUSIVE" not in words))) or (
        words[1:2] == ("TABLES",) and "WRITE" not in words
    )
    deed = _LOCK_SHARED if weak else _LOCK_TABLE
    return Found((deed.command("LOCK TABLE", thing, part.span),))


def unlock(part: Part) -> Found:
    """UNLOCK TABLES."""
    return Found((_UNLOCK.command("UNLOCK TABLES", "", part.span),))


def plugin(part: Part) -> Found:
    """INSTALL and UNINSTALL of plugins and components."""
    return Found((_PLUGIN.command(part.word(0), part.name(2)[0], part.span),))


def transaction(part: Part) -> Found:
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT: nothing by itself, but for what was prepared elsewhere."""
    words = part.words()
    name = part.word(0)
    if "PREPARED" in words or words[:2] == ("PREPARE", "TRANSACTION") or name == "XA":
        return Found((_PREPARED.command(name, "", part.span),))
    if {"EXCLUSIVE", "IMMEDIATE", "WRITE"} & set(words[:5]):
        return Found((unproven(name, part.span),))
    return Found((reading(name, part.span),))


def restore(part: Part) -> Found:
    """RESTORE of SQL Server and CockroachDB; the forms that only look at a backup read."""
    second = part.word(1)
    if second in ("HEADERONLY", "FILELISTONLY", "VERIFYONLY", "LABELONLY"):
        return Found((reading(f"RESTORE {second}", part.span),))
    thing, _ = part.name(part.skip(2))
    return Found((_RESTORE.command("RESTORE", f"{second.lower()} {thing}", part.span),))


def bring_back(part: Part) -> Found:
    """UNDROP, FLASHBACK."""
    return Found((_RESTORE_TABLE.command(part.word(0), part.name(2)[0], part.span),))


def backup(part: Part) -> Found:
    """BACKUP, UNLOAD, EXPORT."""
    deed = _BACKUP if part.word(0) == "BACKUP" else _EXPORT
    return Found((deed.command(part.word(0), "", part.span),))


def dbcc(part: Part) -> Found:
    """SQL Server's DBCC."""
    what = part.word(1)
    if what in (
        "SQLPERF",
        "SHOW_STATISTICS",
        "OPENTRAN",
        "INPUTBUFFER",
        "SHOWCONTIG",
        "USEROPTIONS",
        "LOGINFO",
        "PROCCACHE",
    ):
        return Found((reading(f"DBCC {what}", part.span),))
    if what.startswith("SHRINK"):
        return Found((_SHRINK.command(f"DBCC {what}", "", part.span),))
    if what in ("FREEPROCCACHE", "DROPCLEANBUFFERS", "FREESYSTEMCACHE", "FREESESSIONCACHE", "FLUSHPROCINDB"):
        return Found((_CACHES.command(f"DBCC {what}", "", part.span),))
    if any(token.upper.startswith("REPAIR") for token in part.tokens) or what == "CHECKIDENT":
        return Found((_RESTORE.command(f"DBCC {what}", "damaged rows", part.span),))
    return Found((unproven(f"DBCC {what}", part.span),))


def system(part: Part) -> Found:
    """ClickHouse's SYSTEM."""
    words = part.words()
    second = part.word(1)
    if second in ("SHUTDOWN", "KILL"):
        return Found((_SHUTDOWN.command(f"SYSTEM {second}", "the database server", part.span),))
    if second == "STOP":
        deed = _SYSTEM_STOP
    elif second == "DROP":
        deed = _SYSTEM_DROP if "REPLICA" in words else _CACHES
    elif second in ("RESTART", "RESTORE", "SUSPEND", "UNFREEZE"):
        deed = _KILL if second == "RESTART" else _SYSTEM_STOP
    elif second in (
        "START",
        "RELOAD",
        "FLUSH",
        "SYNC",
        "ENABLE",
        "DISABLE",
        "LOAD",
        "WAIT",
        "REFRESH",
        "THREAD",
    ):
        deed = _SYSTEM
    else:
        return Found((unproven("SYSTEM", part.span),))
    return Found((deed.command(f"SYSTEM {second}", "", part.span),))


def attach(part: Part) -> Found:
    """ATTACH and DETACH: a file of SQLite, a table of ClickHouse."""
    thing, _ = part.name(part.skip(1, "DATABASE", "TABLE", "VIEW", "DICTIONARY", "IF", "EXISTS"))
    if part.word(0) == "ATTACH":
        return Found((_ATTACH.command("ATTACH", thing, part.span),))
    if part.dialect in ("sqlite", "duckdb") or (
        part.dialect == "" and part.word(1) not in ("TABLE", "VIEW", "DICTIONARY")
    ):
        return Found((unproven("DETACH", part.span),))
    deed = _DETACH_FOR_GOOD if "PERMANENTLY" in part.words() else _DETACH
    return Found((deed.command("DETACH", thing, part.span),))


_PRAGMAS_WITH_ARGUMENT: Final = words(
    "TABLE_INFO TABLE_XINFO INDEX_INFO INDEX_LIST INDEX_XINFO FOREIGN_KEY_LIST FOREIGN_KEY_CHECK"
    " INTEGRITY_CHECK QUICK_CHECK"
    " TABLE_LIST CACHE_SIZE BUSY_TIMEOUT STORAGE_INFO"
)
_WORKING_PRAGMAS: Final = frozenset({"OPTIMIZE", "WAL_CHECKPOINT", "INCREMENTAL_VACUUM", "SHRINK_MEMORY"})
_SESSION_PRAGMAS: Final = words(
    "CACHE_SIZE BUSY_TIMEOUT FOREIGN_KEYS TEMP_STORE MMAP_SIZE SYNCHRONOUS CASE_SENSITIVE_LIKE QUERY_ONLY"
    " THREADS"
    " RECURSIVE_TRIGGERS AUTOMATIC_INDEX CACHE_SPILL DEFER_FOREIGN_KEYS LOCKING_MODE READ_UNCOMMITTED"
)


def pragma(part: Part) -> Found:
    """SQLite's PRAGMA: reading, or setting with `=` or an argument."""
    name, at = part.name(1)
    name = name.rsplit(".", 1)[-1]
    upper = name.upper()
    sets = part.word(at) == "=" or (part.word(at) == "(" and upper not in _PRAGMAS_WITH_ARGUMENT)
    if upper in _WORKING_PRAGMAS:
        return Found((_PRAGMA_WORK.command("PRAGMA", name, part.span),))
    if not sets:
        return Found((reading("PRAGMA", part.span),)) if upper else Found((unproven("PRAGMA", part.span),))
    if upper == "WRITABLE_SCHEMA":
        return Found((_PRAGMA_SCHEMA.command("PRAGMA", name, part.span),))
    deed = _SETTING if upper in _SESSION_PRAGMAS else _PRAGMA
    return Found((deed.command("PRAGMA", name, part.span),))


def label(part: Part) -> Found:
    """SECURITY LABEL."""
    return Found((_LABEL.command("SECURITY LABEL", "", part.span),))


def notify(part: Part) -> Found:
    """NOTIFY."""
    return Found((_NOTIFY.command("NOTIFY", part.name(1)[0], part.span),))


def checkpoint(part: Part) -> Found:
    """CHECKPOINT."""
    return Found((_CHECKPOINT.command("CHECKPOINT", "", part.span),))
