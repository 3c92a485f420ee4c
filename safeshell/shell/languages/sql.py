"""Reads SQL by statement heads and a walk over tokens; what it does not know is no proof, what it can't read asks.

The entry of all `sql_*` modules: splits the text, gives each statement to the reader of its head,
    and goes on into
statements within statements (EXPLAIN ANALYZE, PREPARE, DO,
    EXECUTE IMMEDIATE). Stands in until the SQL dialect exists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.shell.languages import sql_blocks, sql_files, sql_rows, sql_schema, sql_server
from safeshell.shell.languages.found import (
    MAX_CHARACTERS,
    Deed,
    Found,
    reading,
    shell_text,
    unproven,
    unreadable,
    words,
)
from safeshell.shell.languages.sql_client import client_command
from safeshell.shell.languages.sql_part import MAX_DEPTH, Part
from safeshell.shell.languages.sql_tokens import Kind, Statement, split

_CALL: Final = Deed(
    "sql.call",
    EffectKind.EXECUTE,
    Extent.ONE,
    "runs the procedure {}, which was not read here",
    "read its definition first",
)
_SHELL: Final = Deed(
    "sql.runs-program", EffectKind.EXECUTE, Extent.MANY, "runs a program on the database server"
)
_CONFIGURES: Final = Deed(
    "sql.set-global", EffectKind.CONFIGURE, Extent.MANY, "changes {} of the server, for everybody"
)

_LOOKING: Final = words(
    "SHOW DESCRIBE DESC HELP FETCH CLOSE LISTEN UNLISTEN USE VALUES LIST CONSISTENCY EXPAND TRACING PAGING"
    " DECLARE MOVE DISCARD PRINT WAITFOR RETURN EXISTS END ABORT DEALLOCATE QUIT EXIT SERIAL CHECKSUM"
)
_READING_PROCEDURES: Final = words(
    "sp_help sp_helptext sp_helpdb sp_helpindex sp_who sp_who2 sp_lock sp_columns sp_tables sp_databases"
    " sp_spaceused"
    " sp_helpfile sp_helpuser sp_helprole sp_depends sp_statistics sp_stored_procedures sp_pkeys sp_fkeys"
    " sp_server_info"
    " sp_whoisactive sp_blitz sp_blitzcache sp_blitzfirst sp_helpconstraint sp_monitor xp_readerrorlog"
    " sp_readerrorlog"
    " xp_fixeddrives sp_helplogins sp_helprotect"
)
_MYSQL_READING_PROCEDURES: Final = (
    "sys.diagnostics",
    "sys.ps_",
    "sys.table_exists",
    "sys.statement_performance",
)


def read(text: str, *, dialect: str = "") -> Found:
    """What the statements of `text` do.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: `postgresql`, `mysql`, `mariadb`, `sqlite`, `mssql`, `oracle`, `clickhouse`, `bigquery`, `cql`,
            `duckdb`, …; "" when not known.
    """
    if len(text) > MAX_CHARACTERS:
        return unreadable(
            "sql.too-long",
            Severity.HIGH,
            "the SQL is too long to be read",
            (0, len(text)),
            "run it from a reviewed file",
        )
    return _read(text, dialect, 0)


def _read(text: str, dialect: str, depth: int) -> Found:
    parts = split(text, dialect)
    found = [_statement(statement, dialect, depth) for statement in parts.statements]
    if parts.broken >= 0:
        found.append(
            unreadable(
                "sql.syntax", Severity.MEDIUM, "a quote or comment in the SQL is never closed",
                (parts.broken, len(text)), "close it",
            )
        )  # fmt: skip
    return Found.joined(found)


def _statement(statement: Statement, dialect: str, depth: int) -> Found:
    first = statement.tokens[0]
    if first.kind is Kind.META:
        return client_command(first, dialect)
    return meaning(Part(statement.tokens, dialect, depth))


def meaning(part: Part) -> Found:
    """What one statement does."""
    start = 0
    while part.word(start) == "(" and start < MAX_DEPTH:
        start += 1
    if start:
        inner = part.inside(start)
        return meaning(inner) if inner is not None else _unknown(part)
    if part.depth >= MAX_DEPTH:
        return _unknown(part)
    first = part.tokens[0]
    if first.kind is Kind.UNKNOWN:
        return unreadable(
            "sql.unknown", Severity.MEDIUM, "only the running shell knows what this SQL is", part.span,
            "write the statement out",
        )  # fmt: skip
    head = first.upper
    reader = _READERS.get(head)
    if reader is None:
        return _unknown(part)
    found = reader(part)
    return found + sql_blocks.unseparated(part, meaning) if part.dialect == "mssql" else found


def _unknown(part: Part) -> Found:
    return unreadable(
        "sql.unknown-statement", Severity.MEDIUM, "this is no SQL statement that is known here", part.span,
        "check it by hand",
    )  # fmt: skip


def _looks(part: Part) -> Found:
    if any(token.kind is Kind.UNKNOWN for token in part.tokens) and part.word(0) in ("DECLARE", "VALUES"):
        return Found((unproven(part.word(0), part.span),))
    if part.word(0) == "VALUES":
        return sql_rows.select(part)
    if part.word(0) == "DECLARE":
        at = part.find("FOR")
        inner = part.inside(at + 1) if at > 0 else None
        return meaning(inner) if inner is not None else Found((reading("DECLARE", part.span),))
    return Found((reading(part.word(0), part.span),))


def _table(part: Part) -> Found:
    if part.find("INTO") > 0:
        return sql_rows.select(part)
    return Found((reading("TABLE", part.span, part.name(1)[0]),))


def _explain(part: Part) -> Found:
    """EXPLAIN: a plan, unless ANALYZE makes it run."""
    at, runs = 1, False
    while at < len(part.tokens):
        word = part.word(at)
        if word == "(" and at == 1:
            close = part.find(")", start=at)
            options = [token.upper or token.text.upper() for token in part.tokens[at:close]]
            runs = any(
                option in ("ANALYZE", "ANALYSE")
                and options[place + 1 : place + 2] not in (["FALSE"], ["OFF"], ["0"])
                for place, option in enumerate(options)
            )
            at = close + 1 if close > 0 else len(part.tokens)
            continue
        if word in ("ANALYZE", "ANALYSE"):
            runs = True
        elif word == "FORMAT":
            at = part.skip(at + 1, "=") + 1
            continue
        elif word not in ("VERBOSE", "EXTENDED", "PARTITIONS", "QUERY", "PLAN", "FOR", "DISTSQL", "OPT",
            "AST", "SYNTAX",
                          "PIPELINE", "ESTIMATE", "INDEXES", "=", ",", "HEADER", "ACTIONS", "TYPES",
                              "LOGICAL", "TREE"):  # fmt: skip
            break
        at += 1
    inner = part.inside(at)
    if runs and inner is not None:
        return meaning(inner)
    return Found((reading("EXPLAIN", part.span),))


def _analyze(part: Part) -> Found:
    """ANALYZE: statistics; in MariaDB, in front of a statement, it runs it."""
    at = part.skip(1, "FORMAT", "=", "JSON")
    if part.word(at) in ("SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE", "WITH"):
        inner = part.inside(at)
        return meaning(inner) if inner is not None else _unknown(part)
    return sql_schema.maintain(part)


def _prepare(part: Part) -> Found:
    """PREPARE: what is prepared counts as if it ran."""
    if part.word(1) == "TRANSACTION":
        return sql_server.transaction(part)
    at = part.find("AS", "FROM")
    if at < 0 or at + 1 >= len(part.tokens):
        return Found((unproven("PREPARE", part.span),))
    return _text_or_rest(part, at + 1, "PREPARE")


def _execute(part: Part) -> Found:
    """EXECUTE and EXEC: of a text, of a procedure, of what was prepared."""
    at = part.skip(1, "IMMEDIATE", "(", "AS")
    name, behind = part.name(at)
    token = part.tokens[at] if at < len(part.tokens) else None
    if part.dialect == "mssql" and part.word(behind) == "=" and name.startswith("@"):
        name, behind = part.name(behind + 1)
    bare = name.rsplit(".", 1)[-1].lower().strip('[]"')
    if token is not None and token.kind is Kind.STRING:
        return _text_or_rest(part, at, "EXECUTE")
    if bare in ("sp_executesql", "executesql"):
        return _text_or_rest(part, behind, "EXECUTE")
    if bare == "xp_cmdshell" and behind < len(part.tokens):
        text = part.tokens[behind]
        inner = (shell_text(text.text, (text.start, text.end)),) if text.kind is Kind.STRING else ()
        return Found((_SHELL.command("XP_CMDSHELL", "", part.span),), inner=inner)
    if bare in _READING_PROCEDURES:
        return Found((reading(f"EXEC {bare}", part.span),))
    if bare == "sp_configure" and behind < len(part.tokens):
        return Found((_CONFIGURES.command("SP_CONFIGURE", part.name(behind)[0], part.span),))
    return Found((_CALL.command(part.word(0), name, part.span),))


def _call(part: Part) -> Found:
    name, _ = part.name(1)
    if name.lower().startswith(_MYSQL_READING_PROCEDURES):
        return Found((unproven("CALL", part.span),))
    return Found((_CALL.command("CALL", name, part.span),))


def _text_or_rest(part: Part, at: int, name: str) -> Found:
    """The statement at an index: written there, or in a string."""
    token = part.tokens[at] if at < len(part.tokens) else None
    if token is None:
        return Found((unproven(name, part.span),))
    if token.kind is Kind.STRING:
        found = _read(token.text, part.dialect, part.depth + 1) if part.depth < MAX_DEPTH else _unknown(part)
        return found.told_at((token.start, token.end))
    inner = part.inside(at)
    if token.kind is Kind.WORD and inner is not None and token.upper in _READERS:
        return meaning(inner)
    return Found((_CALL.command(name, token.text, part.span),))


def _set(part: Part) -> Found:
    """SET; MariaDB's SET STATEMENT … FOR runs what follows."""
    at = part.find("FOR")
    if part.word(1) == "STATEMENT" and at > 0:
        inner = part.inside(at + 1)
        return meaning(inner) if inner is not None else _unknown(part)
    return sql_server.set_(part)


def _handler(part: Part) -> Found:
    return Found((reading("HANDLER", part.span),))


_READERS: Final[dict[str, Callable[[Part], Found]]] = {
    **dict.fromkeys(_LOOKING, _looks),
    **dict.fromkeys(("SELECT", "WITH", "FROM"), sql_rows.select),
    **dict.fromkeys(("INSERT", "REPLACE", "UPSERT"), sql_rows.insert),
    "UPDATE": sql_rows.update,
    "DELETE": sql_rows.delete,
    "MERGE": sql_rows.merge,
    "TRUNCATE": sql_rows.truncate,
    "COPY": sql_files.copy,
    "LOAD": sql_files.load,
    "TABLE": _table,
    "EXPLAIN": _explain,
    "ANALYZE": _analyze,
    "ANALYSE": _analyze,
    "PREPARE": _prepare,
    "EXECUTE": _execute,
    "EXEC": _execute,
    "CALL": _call,
    "DO": lambda part: sql_blocks.do(part, meaning),
    **dict.fromkeys(
        ("BEGIN", "IF", "WHILE", "APPLY", "LOOP", "FOR"), lambda part: sql_blocks.block(part, meaning)
    ),
    "DROP": sql_schema.drop,
    "CREATE": sql_schema.create,
    "ALTER": sql_schema.alter,
    "RENAME": sql_schema.rename,
    "REINDEX": sql_schema.reindex,
    "VACUUM": sql_schema.vacuum,
    "CLUSTER": sql_schema.cluster,
    "REFRESH": sql_schema.refresh,
    **dict.fromkeys(("OPTIMIZE", "REPAIR", "CHECK"), sql_schema.maintain),
    "COMMENT": sql_schema.comment,
    "REASSIGN": sql_schema.reassign,
    "IMPORT": sql_schema.import_schema,
    "SET": _set,
    **dict.fromkeys(("GRANT", "REVOKE", "DENY"), sql_server.grant),
    "KILL": sql_server.kill,
    **dict.fromkeys(("SHUTDOWN", "RESTART"), sql_server.shutdown),
    "FLUSH": sql_server.flush,
    "RESET": sql_server.reset,
    "PURGE": sql_server.purge,
    **dict.fromkeys(("START", "STOP", "CHANGE"), sql_server.replication),
    "LOCK": sql_server.lock,
    "UNLOCK": sql_server.unlock,
    **dict.fromkeys(("INSTALL", "UNINSTALL"), sql_server.plugin),
    **dict.fromkeys(("COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA", "SAVE"), sql_server.transaction),
    "RESTORE": sql_server.restore,
    **dict.fromkeys(("UNDROP", "FLASHBACK"), sql_server.bring_back),
    **dict.fromkeys(("BACKUP", "UNLOAD", "EXPORT"), sql_server.backup),
    "DBCC": sql_server.dbcc,
    "SYSTEM": sql_server.system,
    **dict.fromkeys(("ATTACH", "DETACH"), sql_server.attach),
    "PRAGMA": sql_server.pragma,
    "SECURITY": sql_server.label,
    "NOTIFY": sql_server.notify,
    "CHECKPOINT": sql_server.checkpoint,
    "HANDLER": _handler,
}
