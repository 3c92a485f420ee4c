"""ALTER TABLE: what each of its actions loses, and how long it keeps others from the table.

Facts: measured on PostgreSQL 15.20 and MariaDB 10.11.19,
    in the notes' effect table; ClickHouse's mutations from its manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.found import Deed, Found
from safeshell.shell.languages.sql_part import Part, narrows
from safeshell.shell.languages.sql_tokens import MYSQL, Kind, Token, depths

_TIMEOUT: Final = "`SET lock_timeout` first, at a quiet hour"
_ONLINE: Final = "an online schema change (gh-ost, pt-online-schema-change, pgroll), or in steps"
_BRIEFLY: Final = Deed(
    "sql.alter-table", EffectKind.CONFIGURE, Extent.ONE,
    "changes the table {}; everybody waits for the lock, and for those in front of it", _TIMEOUT,
)  # fmt: skip
_REWRITES: Final = Deed(
    "sql.rewrites-table", EffectKind.STOP, Extent.MANY,
    "rewrites or scans the table {} while nobody can write to it", _ONLINE,
)  # fmt: skip
_COLUMN: Final = Deed(
    "sql.drop-column", EffectKind.DELETE, Extent.MANY, "drops a column of {} with its values",
    "stop using it first, then drop it in a later release",
)  # fmt: skip
_PARTITION: Final = Deed(
    "sql.drop-partition", EffectKind.DELETE, Extent.MANY, "drops or empties a partition of {} with its rows",
    "detach it and keep it for a while",
)  # fmt: skip
_RENAMES: Final = Deed(
    "sql.rename", EffectKind.STOP, Extent.MANY, "renames {} or a column of it: what uses the old name fails",
    "add the new name beside the old one, and change the application first",
)  # fmt: skip
_INDEX: Final = Deed("sql.drop-index", EffectKind.DELETE, Extent.ONE, "drops an index or constraint of {}")
_KEY: Final = Deed("sql.drop-key", EffectKind.DELETE, Extent.MANY, "drops the primary key of {}", _ONLINE)
_CONSTRAINT: Final = Deed(
    "sql.validates-constraint", EffectKind.STOP, Extent.MANY,
    "checks every row of {} while nobody can write to it",
    "add it NOT VALID, then VALIDATE CONSTRAINT",
)  # fmt: skip
_ADD_INDEX: Final = Deed("sql.create-index-online", EffectKind.CONFIGURE, Extent.ONE, "builds an index on {}")
_OWNER: Final = Deed("sql.alter-owner", EffectKind.GRANT, Extent.ONE, "gives {} to another role")
_UNGUARDED: Final = Deed(
    "sql.disables-checks", EffectKind.GRANT, Extent.ONE, "switches off triggers, rules or row security of {}"
)
_DISCARD: Final = Deed(
    "sql.discard-tablespace",
    EffectKind.DELETE,
    Extent.EVERYTHING,
    "deletes the data file of {}",
    "copy it first",
)
_MUTATION_ALL: Final = Deed(
    "sql.delete-all", EffectKind.DELETE, Extent.EVERYTHING, "deletes or changes every row of {}"
)
_MUTATION: Final = Deed(
    "sql.mutation",
    EffectKind.DELETE,
    Extent.ONE,
    "deletes or changes the rows of {} that fit, in the background",
)
_BACKUP: Final = Deed("sql.freeze", EffectKind.WRITE, Extent.ONE, "makes a local backup of {}")
_REPLACES: Final = Deed(
    "sql.replace-partition", EffectKind.OVERWRITE, Extent.MANY, "replaces a partition of {}"
)

_CHEAP_DEFAULTS: Final = frozenset(
    {
        "NOW",
        "CURRENT_TIMESTAMP",
        "CURRENT_DATE",
        "CURRENT_USER",
        "LOCALTIMESTAMP",
        "TRANSACTION_TIMESTAMP",
        "STATEMENT_TIMESTAMP",
    }
)
_SERIAL: Final = frozenset(
    {"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8", "STORED", "IDENTITY", "AUTO_INCREMENT"}
)
_OPTIONS: Final = frozenset({"ALGORITHM", "LOCK", "ONLINE", "WITH", "WAIT", "NOWAIT"})


def alter_table(part: Part, at: int) -> Found:
    """What `ALTER TABLE` does; the word TABLE is at index `at`."""
    thing, start = part.name(part.skip(at + 1, "IF", "EXISTS", "ONLY", "ALL"))
    if part.word(start) == "*":
        start += 1
    if part.word(start) == "ON" and part.dialect in ("clickhouse", ""):
        # ON CLUSTER name
        start += 3
    tokens = part.tokens[start:]
    instant = _is_instant(tokens)
    deeds = dict.fromkeys(_deed(action, part.dialect) for action in _actions(tokens)) or {_BRIEFLY: None}
    found = [
        _BRIEFLY if instant and deed in (_REWRITES, _ADD_INDEX, _CONSTRAINT) else deed
        for deed in deeds
        if deed is not None
    ]
    return Found(
        tuple(deed.command("ALTER TABLE", thing, part.span) for deed in dict.fromkeys(found or [_BRIEFLY]))
    )


def _actions(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """The actions between commas outside of parentheses."""
    start = 0
    for at, (token, depth) in enumerate(depths(tokens)):
        if token.upper == "," and depth == 0:
            yield tokens[start:at]
            start = at + 1
    if tokens[start:]:
        yield tokens[start:]


def _is_instant(tokens: tuple[Token, ...]) -> bool:
    words = [token.upper for token in tokens]
    return "ALGORITHM" in words and ("INSTANT" in words or "NOCOPY" in words)


def _deed(action: tuple[Token, ...], dialect: str) -> Deed | None:
    """The deed of one action; None for an option of the whole statement."""
    words = [token.upper for token in action]
    first = words[0] if words else ""
    if first in _OPTIONS:
        return None
    match first:
        case "ADD":
            return _add(action, words, dialect)
        case "DROP":
            return _drop(words)
        case "ALTER":
            return _alter_column(words)
        case "MODIFY" | "CHANGE":
            return _REWRITES if dialect != "clickhouse" else _BRIEFLY
        case "RENAME":
            return _BRIEFLY if words[1:2] in (["INDEX"], ["KEY"], ["CONSTRAINT"]) else _RENAMES
        case "CONVERT" | "ENGINE" | "FORCE" | "ROW_FORMAT" | "CLUSTERING" | "REBUILD" | "MATERIALIZE":
            return _REWRITES
        case "SET":
            rewriting = {"TABLESPACE", "LOGGED", "UNLOGGED", "ACCESS"}
            return (
                _REWRITES
                if words[1:2] and words[1] in rewriting
                else _RENAMES
                if "SCHEMA" in words[1:2]
                else _BRIEFLY
            )
        case "OWNER":
            return _OWNER
        case "DISABLE" | "NO":
            return _UNGUARDED
        case "DISCARD":
            return _DISCARD
        case "TRUNCATE" | "DETACH" | "REORGANIZE" | "COALESCE" | "EXCHANGE" | "REMOVE" | "CLEAR":
            return _PARTITION
        case "DELETE" | "UPDATE":
            return _mutation(action)
        case "REPLACE" | "MOVE" | "FETCH":
            return _REPLACES
        case "FREEZE" | "UNFREEZE":
            return _BACKUP
    return _BRIEFLY


def _add(action: tuple[Token, ...], words: list[str], dialect: str) -> Deed:
    second = words[1] if len(words) > 1 else ""
    if second in ("INDEX", "KEY", "FULLTEXT", "SPATIAL") or (second == "UNIQUE" and dialect in MYSQL):
        return _REWRITES if second in ("FULLTEXT", "SPATIAL") else _ADD_INDEX
    if second in ("CONSTRAINT", "FOREIGN", "CHECK", "UNIQUE", "PRIMARY", "EXCLUDE"):
        cheap = ("NOT" in words and "VALID" in words) or (
            "USING" in words and "INDEX" in words and "EXCLUDE" not in words
        )
        return _BRIEFLY if cheap or "NOVALIDATE" in words or "NOCHECK" in words else _CONSTRAINT
    if second == "PARTITION":
        return _BRIEFLY
    if dialect in ("sqlite", "clickhouse", "cql", "bigquery"):
        return _BRIEFLY
    if _SERIAL & set(words):
        return _REWRITES
    if dialect in ("", "postgresql") and _volatile_default(action, words):
        return _REWRITES
    return _BRIEFLY


def _volatile_default(action: tuple[Token, ...], words: list[str]) -> bool:
    """Whether the new column's default must be worked out for each row."""
    if "DEFAULT" not in words:
        return False
    at = words.index("DEFAULT") + 1
    return any(
        token.kind is Kind.WORD
        and words[at + place + 1 : at + place + 2] == ["("]
        and token.upper not in _CHEAP_DEFAULTS
        for place, token in enumerate(action[at : at + 3])
    )


def _drop(words: list[str]) -> Deed:
    second = words[1] if len(words) > 1 else ""
    match second:
        case "CONSTRAINT" | "INDEX" | "KEY" | "CHECK" | "FOREIGN" | "PROJECTION" | "DEFAULT":
            return _INDEX
        case "PRIMARY":
            return _KEY
        case "PARTITION" | "PART" | "DETACHED" | "SUBPARTITION":
            return _PARTITION
    return _COLUMN


def _alter_column(words: list[str]) -> Deed:
    if words[1:2] in (["CONSTRAINT"], ["INDEX"], ["CHECK"]):
        return _BRIEFLY
    if "TYPE" in words or ("SET" in words and "NULL" in words):
        return _REWRITES
    known = {"SET", "DROP", "ADD", "RESET", "RESTART"}
    return _BRIEFLY if known & set(words[2:]) else _REWRITES


def _mutation(action: tuple[Token, ...]) -> Deed:
    words = [token.upper for token in action]
    if "WHERE" not in words:
        return _MUTATION_ALL
    return _MUTATION if narrows(action[words.index("WHERE") + 1 :]) else _MUTATION_ALL
