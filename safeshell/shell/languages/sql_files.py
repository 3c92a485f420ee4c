"""SQL that moves rows between tables and files or programs: COPY, LOAD DATA.

Facts: the manuals of PostgreSQL 16, MySQL 8.0, Cassandra 4, Redshift, Snowflake.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.shell.languages.found import Deed, Found, reading, shell_text
from safeshell.shell.languages.sql_part import Part
from safeshell.shell.languages.sql_rows import CHANGING, change, select
from safeshell.shell.languages.sql_tokens import closing

_COPY_FILE: Final = Deed(
    "sql.copy-file",
    EffectKind.OVERWRITE,
    Extent.ONE,
    "writes a file on the database server",
    "`\\copy … TO`, which writes here",
)
_COPY_IN: Final = Deed("sql.copy-in", EffectKind.WRITE, Extent.MANY, "adds rows to {}")
_COPY_PROGRAM: Final = Deed(
    "sql.copy-program", EffectKind.EXECUTE, Extent.ONE, "runs a program on the database server"
)
_LOAD_REPLACE: Final = Deed(
    "sql.load-replace", EffectKind.OVERWRITE, Extent.MANY, "replaces rows of {} by those of a file"
)
_LOAD: Final = Deed("sql.load-data", EffectKind.WRITE, Extent.MANY, "adds the rows of a file to {}")


def copy(part: Part) -> Found:
    """COPY of PostgreSQL, CQL, Redshift and Snowflake."""
    words = part.words()
    thing, _ = part.name(part.skip(1, "INTO", "BINARY"))
    found = Found()
    if part.word(1) == "(":
        inner = part.inside(2, closing(part.tokens)[1])
        if inner is not None:
            found = change(inner) if inner.word(0) in CHANGING else select(inner)
    at = part.find("PROGRAM")
    if at > 0 and at + 1 < len(part.tokens):
        token = part.tokens[at + 1]
        inner_text = shell_text(token.text, (token.start + 1, token.end - 1), exact="'" not in token.text)
        found += Found((_COPY_PROGRAM.command("COPY PROGRAM", span=part.span),), inner=(inner_text,))
        return found
    if "FROM" in words or part.word(1) == "INTO":
        return found + Found((_COPY_IN.command("COPY", thing, part.span),))
    if words[-1:] == ("STDOUT",) or "STDOUT" in words:
        return found if found.commands else Found((reading("COPY TO STDOUT", part.span),))
    if part.dialect == "cql":
        return found + Found((Deed("sql.output", EffectKind.WRITE, Extent.ONE,
            "writes the rows to a file").command(
            "COPY", "", part.span),))  # fmt: skip
    return found + Found((_COPY_FILE.command("COPY TO", "", part.span),))


def load(part: Part) -> Found:
    """LOAD DATA of MySQL and Hive, and PostgreSQL's LOAD of a library."""
    words = part.words()
    at = part.find("TABLE")
    thing, _ = part.name(at + 1) if at > 0 else ("", 0)
    if part.word(1) in ("DATA", "XML", "INDEX"):
        replaces = "REPLACE" in words or "OVERWRITE" in words
        return Found(((_LOAD_REPLACE if replaces else _LOAD).command("LOAD DATA", thing, part.span),))
    library = Deed(
        "sql.loads-library",
        EffectKind.EXECUTE,
        Extent.ONE,
        "loads code into the database server",
        severity=Severity.HIGH,
    )
    return Found((library.command("LOAD", "", part.span),))
