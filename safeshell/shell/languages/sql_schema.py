"""SQL that makes, changes or drops the things rows live in: CREATE, DROP, ALTER, RENAME, COMMENT, REINDEX, VACUUM.

Which lock it takes and what is lost. Facts: measured, in the notes (PostgreSQL 15, MariaDB 10.11, SQLite 3.40).
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.found import Deed, Found, reading, unproven
from safeshell.shell.languages.sql_alter import alter_table
from safeshell.shell.languages.sql_part import Part
from safeshell.shell.languages.sql_rows import select

_D, _C, _S, _W, _G, _O = (
    EffectKind.DELETE, EffectKind.CONFIGURE, EffectKind.STOP, EffectKind.WRITE, EffectKind.GRANT,
        EffectKind.OVERWRITE,
)  # fmt: skip
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

_DROP_ALL: Final = "rename it first, wait, and drop it when nothing misses it"
_DROPS: Final[dict[str, Deed]] = {
    "TABLE": Deed("sql.drop-table", _D, _ALL, "drops the table {} with all its rows", _DROP_ALL),
    "DATABASE": Deed("sql.drop-database", _D, _ALL, "drops the database {} with everything in it",
        "make a backup first"),
    "SCHEMA": Deed("sql.drop-schema", _D, _ALL, "drops the schema {} and what is in it", _DROP_ALL),
    "KEYSPACE": Deed("sql.drop-database", _D, _ALL, "drops the keyspace {} with everything in it",
        "take a snapshot first"),
    "TABLESPACE": Deed("sql.drop-tablespace", _D, _ALL, "drops the tablespace {} and the tables in it"),
    "OWNED": Deed("sql.drop-owned", _D, _ALL, "drops everything that {} owns in this database"),
    "COLUMNFAMILY": Deed("sql.drop-table", _D, _ALL, "drops the table {} with all its rows", _DROP_ALL),
    "INDEX": Deed("sql.drop-index", _D, _ONE, "drops the index {}, and queries that need it slow down",
                  "look at the index's use first; PostgreSQL: `DROP INDEX CONCURRENTLY`"),
    "VIEW": Deed("sql.drop-view", _D, _ONE, "drops the view {}"),
    "SEQUENCE": Deed("sql.drop-sequence", _D, _MANY, "drops the sequence {} that ids come from"),
    "USER": Deed("sql.drop-user", _G, _ONE, "drops the user {}: what logs in with it stops working"),
    "ROLE": Deed("sql.drop-user", _G, _ONE, "drops the role {}: what logs in with it stops working"),
    "LOGIN": Deed("sql.drop-user", _G, _ONE, "drops the login {}"),
    "EXTENSION": Deed("sql.drop-extension", _D, _MANY, "drops the extension {} and what depends on it"),
    "PARTITION": Deed("sql.drop-partition", _D, _MANY, "drops the partition {} with its rows"),
    "SERVER": Deed("sql.drop-server", _D, _MANY, "drops the foreign server {}"),
    "SUBSCRIPTION": Deed("sql.drop-subscription", _S, _MANY, "drops the subscription {}: replication ends"),
    "PUBLICATION": Deed("sql.drop-publication", _S, _MANY, "drops the publication {}: its subscribers stop"),
    "POLICY": Deed("sql.drop-policy", _G, _ONE, "drops the row policy {}: rows may become visible to others"),
    "RESOURCE": Deed("sql.drop-resource", _C, _MANY, "drops the resource group {}"),
    "SNAPSHOT": Deed("sql.drop-snapshot", _D, _MANY, "drops the snapshot {}"),
}  # fmt: skip
_DROP_OTHER: Final = Deed("sql.drop", _D, _ONE, "drops {}")
_DROP_CASCADE: Final = Deed("sql.drop-cascade", _D, _MANY, "drops {} and everything that depends on it",
                            "leave CASCADE out and see what depends on it")  # fmt: skip
_DROP_TEMPORARY: Final = Deed("sql.drop-temporary", _W, _ONE, "drops the temporary table {} of this session")
_DROP_SAFELY: Final = Deed("sql.drop-index", _D, _ONE, "drops the index {} without blocking")

_CREATE: Final = Deed("sql.create", _W, _ONE, "makes {}")
_CREATE_OVER: Final = Deed("sql.create-or-replace", _O, _ONE, "replaces {}, if it is there")
_CREATE_TABLE_OVER: Final = Deed(
    "sql.replace-table", _O, _ALL, "replaces the table {}, and its rows are lost"
)
_INDEX: Final = Deed("sql.create-index", _S, _ONE,
    "builds an index on {}; PostgreSQL lets nobody write to the table meanwhile",
                     "`CREATE INDEX CONCURRENTLY`")  # fmt: skip
_INDEX_ONLINE: Final = Deed("sql.create-index-online", _C, _ONE,
    "builds an index on {} while it is in use: it takes load and disk",
                            "at a quiet hour")  # fmt: skip
_USER: Final = Deed("sql.create-user", _G, _ONE, "makes {}, who can log in or hold rights")
_TRIGGER: Final = Deed(
    "sql.create-trigger", _C, _ONE, "makes a trigger: from now on it runs with every change"
)
_EXTENSION: Final = Deed("sql.create-extension", _C, _ONE, "adds the extension {} to the database")
_FUNCTION_LIBRARY: Final = Deed("sql.create-function", _W, _ONE, "makes the function {}")
_SUBSCRIPTION: Final = Deed("sql.create-subscription", _C, _MANY, "starts copying data from another server")

_ALTER_ROLE: Final = Deed("sql.alter-user", _G, _ONE, "changes what {} may do, or the password")
_ALTER_SYSTEM: Final = Deed("sql.alter-system", _C, _MANY, "changes the server's configuration for everybody",
                            "`SET` changes it for this session only")  # fmt: skip
_ALTER_DATABASE: Final = Deed(
    "sql.alter-database", _C, _MANY, "changes settings of the database {} for everybody"
)
_ALTER_DATABASE_STOP: Final = Deed(
    "sql.database-offline", _S, _MANY, "takes the database {} away from those who use it"
)
_ALTER_PRIVILEGES: Final = Deed(
    "sql.default-privileges", _G, _MANY, "changes who may use what is made from now on"
)
_ALTER_INDEX: Final = Deed("sql.alter-index", _C, _ONE, "changes the index {}")
_ALTER_OTHER: Final = Deed("sql.alter", _C, _ONE, "changes {}")
_ALTER_SEQUENCE: Final = Deed("sql.sets-sequence", _O, _ONE, "changes the sequence {} that ids come from")
_ALTER_POLICY: Final = Deed("sql.alter-policy", _G, _ONE, "changes who sees which rows")
_ALTER_KEYSPACE: Final = Deed("sql.alter-keyspace", _C, _MANY, "changes how the keyspace {} is replicated")

_RENAME: Final = Deed("sql.rename", _S, _MANY, "renames {}: what uses the old name fails",
                      "add the new name beside the old one, and change the application first")  # fmt: skip
_COMMENT: Final = Deed("sql.comment", _W, _ONE, "changes a comment")
_REINDEX: Final = Deed(
    "sql.reindex",
    _S,
    _ONE,
    "rebuilds an index; nobody can write to the table meanwhile",
    "`REINDEX … CONCURRENTLY`",
)
_REINDEX_ALL: Final = Deed(
    "sql.reindex-all",
    _S,
    _MANY,
    "rebuilds every index of {}; writes wait meanwhile",
    "`REINDEX … CONCURRENTLY`, one at a time",
)
_REINDEX_ONLINE: Final = Deed("sql.reindex-online", _C, _ONE, "rebuilds an index while it is in use")
_VACUUM_FULL: Final = Deed("sql.vacuum-full", _S, _MANY, "rewrites {}: nobody can read or write it meanwhile",
                           "plain `VACUUM`, or pg_repack")  # fmt: skip
_VACUUM: Final = Deed("sql.vacuum", _W, _ONE, "cleans up {}")
_VACUUM_INTO: Final = Deed("sql.vacuum-into", _W, _ONE, "writes a copy of the database to a file")
_VACUUM_FILE: Final = Deed("sql.vacuum", _S, _ONE, "rewrites the database file; others wait meanwhile")
_CLUSTER: Final = Deed(
    "sql.cluster",
    _S,
    _MANY,
    "rewrites {} in another order: nobody can read or write it meanwhile",
    "pg_repack",
)
_REFRESH: Final = Deed("sql.refresh", _S, _ONE, "fills the view {} again: nobody can read it meanwhile",
                       "`REFRESH MATERIALIZED VIEW CONCURRENTLY`")  # fmt: skip
_REFRESH_ONLINE: Final = Deed("sql.refresh-online", _W, _ONE, "fills the view {} again while it is in use")
_OPTIMIZE: Final = Deed("sql.optimize", _S, _ONE, "rebuilds the table {}; on a big one for a long time")
_REPAIR: Final = Deed(
    "sql.repair", _O, _ONE, "repairs the table {}; damaged rows may be lost", "copy its files first"
)
_ANALYZE: Final = Deed("sql.analyze", _W, _ONE, "collects new statistics on {}")
_REASSIGN: Final = Deed("sql.reassign-owned", _G, _MANY, "gives everything that a role owns to another")
_IMPORT: Final = Deed("sql.import-schema", _W, _MANY, "adds foreign tables")


def drop(part: Part) -> Found:
    """DROP of anything."""
    words = part.words()
    at = part.skip(1, "TEMPORARY", "TEMP", "MATERIALIZED", "FOREIGN", "UNIQUE", "EXTERNAL", "PUBLIC", "EVENT")
    temporary = part.word(1) in ("TEMPORARY", "TEMP")
    kind = part.word(at)
    start = part.skip(at + 1, "CONCURRENTLY", "IF", "EXISTS", "BY", "GROUP", "SERVER")
    thing, _ = part.names(start)
    if temporary:
        deed = _DROP_TEMPORARY
    elif kind == "INDEX" and "CONCURRENTLY" in words:
        deed = _DROP_SAFELY
    else:
        deed = _DROPS.get(kind, _DROP_OTHER)
        if "CASCADE" in words and deed.extent is _ONE:
            deed = _DROP_CASCADE
    return Found((deed.command(f"DROP {kind}".rstrip(), thing, part.span),))


def create(part: Part) -> Found:
    """CREATE of anything."""
    words = part.words()
    replaces = part.word(1) == "OR" and part.word(2) in ("REPLACE", "ALTER")
    at = part.skip(
        3 if replaces else 1,
        "TEMPORARY", "TEMP", "UNLOGGED", "GLOBAL", "LOCAL", "MATERIALIZED", "FOREIGN", "EXTERNAL", "PUBLIC",
            "UNIQUE",
        "FULLTEXT", "SPATIAL", "CLUSTERED", "NONCLUSTERED", "TRUSTED", "RECURSIVE", "AGGREGATE", "VIRTUAL",
            "TRANSIENT",
        "CONSTRAINT", "EVENT", "COLUMNSTORE", "BITMAP", "EDITIONABLE", "FORCE",
    )  # fmt: skip
    kind = part.word(at)
    thing, _ = part.name(part.skip(at + 1, "CONCURRENTLY", "IF", "NOT", "EXISTS"))
    name = f"CREATE {kind}".rstrip()
    match kind:
        case "INDEX":
            on = part.find("ON")
            table, _ = part.name(part.skip(on + 1, "ONLY")) if on > 0 else ("", 0)
            deed = _index(part.dialect, words)
            return Found((deed.command(name, table, part.span),))
        case "USER" | "ROLE" | "LOGIN" | "GROUP" | "POLICY" | "CREDENTIAL":
            deed = _USER
        case "TRIGGER" | "RULE":
            deed = _TRIGGER
        case "EXTENSION" | "LANGUAGE":
            deed = _EXTENSION
        case "SUBSCRIPTION":
            deed = _SUBSCRIPTION
        case "TABLE" if replaces:
            deed = _CREATE_TABLE_OVER
        case _:
            deed = _CREATE_OVER if replaces else _CREATE
    return Found((deed.command(name, thing, part.span),)) + _query_of(part, kind)


def _index(dialect: str, words: tuple[str, ...]) -> Deed:
    if dialect in ("sqlite", "duckdb", "cql", "clickhouse"):
        return _CREATE
    if "CONCURRENTLY" in words or dialect not in ("", "postgresql"):
        return _INDEX_ONLINE
    return _INDEX


def _query_of(part: Part, kind: str) -> Found:
    """What the query of CREATE TABLE … AS does besides reading."""
    at = part.find("AS")
    inner = part.inside(at + 1) if at > 0 and kind == "TABLE" else None
    if inner is None or inner.word(0) not in ("SELECT", "WITH"):
        return Found()
    return Found(tuple(command for command in select(inner).commands if command.findings))


def alter(part: Part) -> Found:
    """ALTER of anything."""
    at = part.skip(1, "FOREIGN", "MATERIALIZED", "ONLINE", "OFFLINE", "IGNORE", "EXTERNAL")
    kind = part.word(at)
    if kind == "TABLE":
        return alter_table(part, at)
    thing, behind = part.name(part.skip(at + 1, "IF", "EXISTS"))
    words = part.words()
    name = f"ALTER {kind}".rstrip()
    match kind:
        case "ROLE" | "USER" | "LOGIN" | "GROUP":
            deed = _ALTER_ROLE
        case "SYSTEM" | "INSTANCE" | "SERVER":
            deed, thing = _ALTER_SYSTEM, ""
        case "DATABASE" | "SCHEMA":
            stops = {"OFFLINE", "SINGLE_USER", "READ_ONLY", "RENAME", "RESTRICTED_USER", "EMERGENCY"}
            deed = _ALTER_DATABASE_STOP if stops & set(words) else _ALTER_DATABASE
            if "OWNER" in words:
                deed = _ALTER_PRIVILEGES
        case "DEFAULT":
            deed = _ALTER_PRIVILEGES
        case "SEQUENCE":
            deed = _ALTER_SEQUENCE
        case "POLICY":
            deed = _ALTER_POLICY
        case "KEYSPACE":
            deed = _ALTER_KEYSPACE
        case "SESSION":
            return Found((unproven("ALTER SESSION", part.span),))
        case "INDEX":
            deed = _REINDEX if "REBUILD" in words else _RENAME if "RENAME" in words else _ALTER_INDEX
        case _:
            deed = _RENAME if part.word(behind) == "RENAME" and kind in ("VIEW", "TYPE") else _ALTER_OTHER
    return Found((deed.command(name, thing, part.span),))


def rename(part: Part) -> Found:
    """RENAME TABLE, and Oracle's RENAME a TO b."""
    thing, _ = part.name(part.skip(1, "TABLE", "TABLES", "USER", "DATABASE", "IF", "EXISTS"))
    return Found((_RENAME.command("RENAME TABLE", thing, part.span),))


def reindex(part: Part) -> Found:
    """REINDEX."""
    words = part.words()
    at = part.skip(1, "CONCURRENTLY")
    if part.word(at) == "(":
        at = part.find(")", start=at) + 1
    thing, _ = part.name(part.skip(at + 1, "CONCURRENTLY"))
    if part.dialect in ("sqlite", "duckdb"):
        return Found((_VACUUM.command("REINDEX", thing, part.span),))
    if any(token.upper == "CONCURRENTLY" for token in part.tokens):
        deed = _REINDEX_ONLINE
    else:
        deed = _REINDEX if words[1:2] == ("INDEX",) else _REINDEX_ALL
    return Found((deed.command("REINDEX", thing, part.span),))


def vacuum(part: Part) -> Found:
    """VACUUM of PostgreSQL, Redshift and SQLite."""
    uppers = [token.upper for token in part.tokens]
    if "INTO" in uppers:
        return Found((_VACUUM_INTO.command("VACUUM INTO", "", part.span),))
    if part.dialect in ("sqlite", "duckdb"):
        return Found((_VACUUM_FILE.command("VACUUM", "", part.span),))
    full = "FULL" in uppers and uppers[uppers.index("FULL") + 1 : uppers.index("FULL") + 2] not in (
        ["FALSE"],
        ["OFF"],
    )
    at = (
        part.find(")") + 1
        if part.word(1) == "("
        else part.skip(1, "FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE")
    )
    thing, _ = part.names(max(at, 1))
    deed = _VACUUM_FULL if full else _VACUUM
    return Found((deed.command("VACUUM FULL" if full else "VACUUM", thing or "every table", part.span),))


def cluster(part: Part) -> Found:
    """CLUSTER."""
    thing, _ = part.name(part.skip(1, "VERBOSE"))
    return Found((_CLUSTER.command("CLUSTER", thing or "every clustered table", part.span),))


def refresh(part: Part) -> Found:
    """REFRESH MATERIALIZED VIEW, and what other products refresh."""
    thing, _ = part.name(part.skip(1, "MATERIALIZED", "VIEW", "CONCURRENTLY", "TABLE"))
    deed = _REFRESH_ONLINE if "CONCURRENTLY" in part.words() else _REFRESH
    return Found((deed.command("REFRESH", thing, part.span),))


def maintain(part: Part) -> Found:
    """OPTIMIZE, REPAIR, CHECK, CHECKSUM and ANALYZE TABLE of MySQL; OPTIMIZE of ClickHouse."""
    thing, _ = part.names(
        part.skip(1, "LOCAL", "NO_WRITE_TO_BINLOG", "TABLE", "TABLES", "VERBOSE", "PERSISTENT")
    )
    head = part.word(0)
    if head == "CHECKSUM":
        return Found((reading("CHECKSUM TABLE", part.span),))
    deed = {"OPTIMIZE": _OPTIMIZE, "REPAIR": _REPAIR}.get(head, _ANALYZE)
    return Found((deed.command(head, thing, part.span),))


def comment(part: Part) -> Found:
    """COMMENT ON."""
    return Found((_COMMENT.command("COMMENT", "", part.span),))


def reassign(part: Part) -> Found:
    """REASSIGN OWNED."""
    return Found((_REASSIGN.command("REASSIGN OWNED", "", part.span),))


def import_schema(part: Part) -> Found:
    """IMPORT FOREIGN SCHEMA; IMPORT of other products adds rows as well."""
    return Found((_IMPORT.command("IMPORT", "", part.span),))
