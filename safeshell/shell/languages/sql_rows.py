"""SQL that reads or changes rows: SELECT, WITH, INSERT, UPDATE, DELETE, MERGE, TRUNCATE.

Which rows go, and whether a query is proven to only look. Facts and measurements: the notes' effect table.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.found import Deed, Found, reading, unproven, words
from safeshell.shell.languages.sql_functions import acting, only_computes
from safeshell.shell.languages.sql_part import Part, narrows, unseen
from safeshell.shell.languages.sql_tokens import MYSQL, Kind, Token, closing, depths

_LOOK_FIRST: Final = "`SELECT count(*)` with the same WHERE first, in a transaction you can roll back"
DELETE_ALL: Final = Deed(
    "sql.delete-all",
    EffectKind.DELETE,
    Extent.EVERYTHING,
    "deletes every row of {}",
    "say which rows with WHERE",
)
_DELETE_SOME: Final = Deed(
    "sql.delete", EffectKind.DELETE, Extent.ONE, "deletes the rows of {} that fit", _LOOK_FIRST
)
_DELETE_UNSEEN: Final = Deed(
    "sql.delete-unseen", EffectKind.DELETE, Extent.MANY,
    "deletes rows of {} by a condition that only the running shell knows", _LOOK_FIRST,
)  # fmt: skip
_DELETE_FIRST: Final = Deed(
    "sql.delete-any",
    EffectKind.DELETE,
    Extent.MANY,
    "deletes rows of {} that no condition picks",
    _LOOK_FIRST,
)
_UPDATE_ALL: Final = Deed(
    "sql.update-all",
    EffectKind.OVERWRITE,
    Extent.EVERYTHING,
    "changes every row of {}",
    "say which rows with WHERE",
)
_UPDATE_SOME: Final = Deed(
    "sql.update", EffectKind.OVERWRITE, Extent.ONE, "changes the rows of {} that fit", _LOOK_FIRST
)
_UPDATE_UNSEEN: Final = Deed(
    "sql.update-unseen", EffectKind.OVERWRITE, Extent.MANY,
    "changes rows of {} by a condition that only the running shell knows", _LOOK_FIRST,
)  # fmt: skip
_UPDATE_FIRST: Final = Deed(
    "sql.update-any",
    EffectKind.OVERWRITE,
    Extent.MANY,
    "changes rows of {} that no condition picks",
    _LOOK_FIRST,
)
_TRUNCATE: Final = Deed(
    "sql.truncate",
    EffectKind.DELETE,
    Extent.EVERYTHING,
    "empties {}",
    "`DELETE` with a WHERE, or rename the table first",
)
_TRUNCATE_CASCADE: Final = Deed(
    "sql.truncate-cascade", EffectKind.DELETE, Extent.EVERYTHING,
    "empties {} and every table that refers to it", "leave CASCADE out and see which tables would go",
)  # fmt: skip
_INSERT: Final = Deed("sql.insert", EffectKind.WRITE, Extent.ONE, "adds rows to {}")
_INSERT_MANY: Final = Deed(
    "sql.insert-select", EffectKind.WRITE, Extent.MANY, "adds what a query finds to {}"
)
_REPLACE: Final = Deed(
    "sql.replace", EffectKind.OVERWRITE, Extent.ONE, "adds rows to {}, or replaces those that are there"
)
_INSERT_OVERWRITE: Final = Deed(
    "sql.insert-overwrite",
    EffectKind.OVERWRITE,
    Extent.MANY,
    "replaces the contents of {} or of a partition of it",
)
_MERGE: Final = Deed(
    "sql.merge",
    EffectKind.OVERWRITE,
    Extent.ONE,
    "adds, changes or deletes rows of {} by what another table holds",
    _LOOK_FIRST,
)
_INTO: Final = Deed("sql.select-into", EffectKind.WRITE, Extent.ONE, "makes the table {} out of a query")
_OUTFILE: Final = Deed("sql.outfile", EffectKind.WRITE, Extent.ONE, "writes a file on the server")
_LOCKS: Final = Deed(
    "sql.locks-rows", EffectKind.WRITE, Extent.ONE, "locks the rows that it reads until the transaction ends"
)

# What may stand in front of a parenthesis without being called.
_NOT_CALLED: Final = words(
    "IN VALUES VALUE AS ON USING OVER FILTER AND OR NOT EXISTS ANY ALL SOME SELECT FROM WHERE UNION EXCEPT"
    " INTERSECT"
    " MINUS HAVING BY WITH RECURSIVE MATERIALIZED JOIN LATERAL GROUP LIMIT OFFSET TOP DISTINCT ROLLUP CUBE"
    " SETS WHEN THEN"
    " ELSE CASE IS LIKE ILIKE BETWEEN RETURNING INTO SET TABLE WITHIN PARTITION INDEX KEY HINT OPTION"
    " INTERVAL ARRAY ROW"
    " VARCHAR CHAR CHARACTER NVARCHAR NCHAR VARCHAR2 NUMERIC DECIMAL NUMBER FLOAT BIT VARBIT BINARY"
    " VARBINARY TIMESTAMP"
    " TIMESTAMPTZ TIME TIMETZ DATETIME DATETIME2 INT BIGINT SMALLINT TINYINT DOUBLE PRECISION TEXT DIV MOD"
    " RLIKE REGEXP"
    " WINDOW QUALIFY PIVOT UNPIVOT FOR OUT FIRST NEXT ESCAPE GLOB MATCH COLLATE FORCE USE IGNORE"
    " TABLESAMPLE BERNOULLI"
    " SYSTEM REPEATABLE ORDINALITY COLUMNS PATH NESTED CROSS INNER OUTER APPLY NOLOCK TUMBLE RANGE ROWS"
    " GROUPS NOWAIT"
    " AGAINST PREWHERE FINAL SAMPLE GROUPING STRAIGHT_JOIN SQL_NO_CACHE DESC ASC END NULL"
)
CHANGING: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"})
_VALUE_PLACES: Final = words(
    "= < > <= >= <> != , ( + - * / % || :: BETWEEN AND LIKE ILIKE LIMIT OFFSET FROM JOIN IN INTERVAL THEN"
    " ELSE TOP DATE"
    " TIMESTAMP . ~ REGEXP RLIKE BY TABLE DESCRIBE DESC ON EXPLAIN COLUMNS INDEX INDEXES"
)


def select(part: Part) -> Found:
    """A query, WITH in front or not; what changes rows inside of it counts as well."""
    found = Found()
    proven = True
    pairs = closing(part.tokens)
    aliases = _named_lists(part)
    behind = 0
    for at, (token, depth) in enumerate(depths(part.tokens)):
        if at < behind:
            continue
        if token.kind is Kind.UNKNOWN:
            proven = proven and _takes_value(part, at)
        elif token.upper == "(" and at:
            inner = _changing(part, at, pairs)
            if inner is not None:
                found += change(inner)
                behind = pairs[at]
                continue
            proven = proven and _call(part, at, aliases)
            found += _acting_call(part, at)
        elif depth == 0 and token.upper in CHANGING and part.word(0) == "WITH" and part.word(at - 1) == ")":
            rest = part.inside(at)
            if rest is not None:
                return found + change(rest)
        elif token.upper in _SIDE_CLAUSES:
            clause = _side_clause(part, at)
            found += clause
            proven = proven and not clause.commands
        elif token.upper == "NEXTVAL":
            proven = False
    name = part.word(0) or "SELECT"
    if found.commands or found.unreadable:
        return found
    return Found((reading(name, part.span) if proven else unproven(name, part.span),))


def _changing(part: Part, at: int, pairs: dict[int, int]) -> Part | None:
    """The INSERT, UPDATE, DELETE, MERGE in the parentheses that open at an index."""
    if (
        part.word(at + 1) not in CHANGING
        or at + 2 >= len(part.tokens)
        or part.word(at + 2) in ("(", ",", ")")
    ):
        return None
    return part.inside(at + 1, pairs[at])


def _acting_call(part: Part, at: int) -> Found:
    """The command that a call of an acting function is."""
    before = part.tokens[at - 1]
    deed = acting(before.text.lower()) if before.kind in (Kind.WORD, Kind.QUOTED) else None
    return Found((deed.command("SELECT", before.text.lower(), part.span),)) if deed else Found()


_SIDE_CLAUSES: Final = words("INTO FOR LOCK UPDLOCK TABLOCKX XLOCK HOLDLOCK TABLOCK")


def _side_clause(part: Part, at: int) -> Found:
    """What a clause of a query does besides reading: `INTO table`, `FOR UPDATE`."""
    if part.word(at) == "INTO":
        return _into(part, at)
    return Found((_LOCKS.command("SELECT", span=part.span),)) if _locks(part, at) else Found()


def _takes_value(part: Part, at: int) -> bool:
    """Whether the unknown part at an index stands where one value or name stands."""
    before = part.word(at - 1)
    return before in _VALUE_PLACES and part.word(at + 1) != "("


def _named_lists(part: Part) -> frozenset[str]:
    """Names with a list of columns behind them: `WITH x(a, b) AS`, `unnest(…) AS t(a, b)`."""
    named: set[str] = set()
    for at, token in enumerate(part.tokens):
        if token.kind in (Kind.WORD, Kind.QUOTED) and part.word(at + 1) == "(":
            before = part.word(at - 1)
            in_with = before in ("WITH", "RECURSIVE") or (before == "," and part.word(0) == "WITH")
            if (in_with and _as_follows(part, at + 1)) or before in ("AS", ")"):
                named.add(token.text.lower())
    return frozenset(named)


def _as_follows(part: Part, opened: int) -> bool:
    for at in range(opened, min(opened + 200, len(part.tokens))):
        if part.word(at) == ")":
            return part.word(at + 1) == "AS"
    return False


def _call(part: Part, at: int, aliases: frozenset[str]) -> bool:
    """Whether the parenthesis at an index opens nothing, or a call that is proven to only compute."""
    before = part.tokens[at - 1]
    if before.kind not in (Kind.WORD, Kind.QUOTED, Kind.UNKNOWN):
        return True
    if before.upper in _NOT_CALLED:
        return True
    name = before.text.lower()
    if name in aliases:
        return True
    schema = part.tokens[at - 3].text.lower() if part.word(at - 2) == "." and at > 2 else ""
    if schema not in (
        "",
        "pg_catalog",
        "information_schema",
        "sys",
        "public",
        "toolkit",
        "safe",
        "net",
        "bqutil",
    ):
        return part.dialect in ("bigquery", "clickhouse") and only_computes(name, part.dialect)
    return before.kind is not Kind.UNKNOWN and only_computes(name, part.dialect)


def _into(part: Part, at: int) -> Found:
    """INTO of a file or of a new table; nothing for INTO of a variable."""
    follows = part.word(at + 1)
    if part.word(at - 1) in ("INSERT", "REPLACE", "MERGE", "IGNORE"):
        return Found()
    if follows in ("OUTFILE", "DUMPFILE"):
        return Found((_OUTFILE.command("SELECT INTO OUTFILE", span=part.span),))
    name, _ = part.name(part.skip(at + 1, "TEMP", "TEMPORARY", "UNLOGGED", "TABLE"))
    return Found((_INTO.command("SELECT INTO", name, part.span),)) if name else Found()


def _locks(part: Part, at: int) -> bool:
    match part.word(at):
        case "FOR":
            return part.word(at + 1) in ("UPDATE", "SHARE", "NO", "KEY")
        case "LOCK":
            return part.word(at + 1) == "IN"
    return part.dialect in ("mssql", "")


def change(part: Part) -> Found:
    """INSERT, UPDATE, DELETE, MERGE or REPLACE."""
    match part.word(0):
        case "INSERT" | "REPLACE" | "UPSERT":
            return insert(part)
        case "UPDATE":
            return update(part)
        case "DELETE":
            return delete(part)
    return merge(part)


def _nested(part: Part) -> Found:
    """What the queries inside of a change do besides reading."""
    found = Found()
    pairs = closing(part.tokens)
    behind = 0
    for at, token in enumerate(part.tokens):
        if at < behind or token.upper != "(" or not at:
            continue
        inner = _changing(part, at, pairs)
        if inner is not None:
            found += change(inner)
            behind = pairs[at]
            continue
        acts = _acting_call(part, at)
        if any(
            effect.kind is not EffectKind.WRITE for command in acts.commands for effect in command.effects
        ):
            found += acts
    return found


def insert(part: Part) -> Found:
    """INSERT, REPLACE, UPSERT."""
    words = part.words()
    at = part.find("INTO", "OVERWRITE")
    start = part.skip(at + 1, "TABLE", "INTO", "FUNCTION") if at > 0 else part.skip(
        1, "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"
    )  # fmt: skip
    thing, _ = part.name(start)
    if "OVERWRITE" in words[:3] and part.dialect not in MYSQL:
        deed = _INSERT_OVERWRITE
    elif (
        part.word(0) == "REPLACE"
        or words[:3] == ("INSERT", "OR", "REPLACE")
        or "DUPLICATE" in words
        or ("CONFLICT" in words and "UPDATE" in words)
    ):
        deed = _REPLACE
    else:
        deed = _INSERT_MANY if "SELECT" in words[2:] or "TABLE" in words[3:] else _INSERT
    return Found((deed.command(part.word(0), thing, part.span),)) + _nested(part)


def _condition(part: Part, start: int) -> tuple[Token, ...] | None:
    """The tokens behind WHERE; None without one."""
    at = part.find("WHERE", start=start)
    return part.tokens[at + 1 :] if at >= 0 else None


def _by_condition(part: Part, start: int, deeds: tuple[Deed, Deed, Deed, Deed]) -> Deed:
    """Of (all, some, unseen, any): the one that the condition behind `start` makes it."""
    everything, some, hidden, first = deeds
    condition = _condition(part, start)
    if condition is None:
        if part.find("LIMIT", "TOP", "FETCH") > 0:
            return first
        trailing = part.tokens[-1]
        if (
            trailing.kind is Kind.UNKNOWN
            and len(part.tokens) > start + 1
            and part.word(len(part.tokens) - 2) not in _VALUE_PLACES
        ):
            return hidden
        return everything
    if unseen(condition):
        return hidden
    return some if narrows(condition) else everything


def update(part: Part) -> Found:
    """UPDATE: how much of the table changes."""
    at = part.skip(1, "LOW_PRIORITY", "IGNORE", "ONLY", "OR", "REPLACE", "ROLLBACK", "ABORT", "FAIL")
    if part.word(at) == "TOP":
        at = part.find(")", start=at) + 1
    if part.word(at) == "STATISTICS":
        return Found((unproven("UPDATE STATISTICS", part.span),))
    thing, _ = part.names(at)
    deed = _by_condition(part, at, (_UPDATE_ALL, _UPDATE_SOME, _UPDATE_UNSEEN, _UPDATE_FIRST))
    return Found((deed.command("UPDATE", thing, part.span),)) + _nested(part)


def delete(part: Part) -> Found:
    """DELETE: how much of the table goes."""
    at = part.skip(1, "LOW_PRIORITY", "QUICK", "IGNORE")
    source = part.find("FROM")
    thing, _ = part.names(part.skip(source + 1, "ONLY") if source > 0 else at)
    deed = _by_condition(part, at, (DELETE_ALL, _DELETE_SOME, _DELETE_UNSEEN, _DELETE_FIRST))
    return Found((deed.command("DELETE", thing, part.span),)) + _nested(part)


def merge(part: Part) -> Found:
    """MERGE."""
    thing, _ = part.name(part.skip(1, "INTO"))
    return Found((_MERGE.command("MERGE", thing, part.span),)) + _nested(part)


def truncate(part: Part) -> Found:
    """TRUNCATE, of one table or several."""
    words = part.words()
    thing, _ = part.names(part.skip(1, "TABLE", "ONLY", "IF", "EXISTS", "ALL", "TABLES", "FROM", "DATABASE"))
    deed = _TRUNCATE_CASCADE if "CASCADE" in words else _TRUNCATE
    return Found((deed.command("TRUNCATE", thing, part.span),))
