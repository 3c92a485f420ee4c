"""Commands to the SQL client itself: psql's and mysql's backslashes, sqlite3's dots, sqlcmd's colons, SQL*Plus.

Which of them read, which run programs or files, which write. Sources: the manuals of psql 16, mysql 8.0,
sqlite3 3.45, sqlcmd, SQL*Plus 19c, cqlsh.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.found import NOTHING, Deed, Found, reading, shell_text, unproven, words
from safeshell.shell.languages.sql_tokens import MYSQL, Token

_FILE: Final = Deed(
    "sql.file", EffectKind.EXECUTE, Extent.ONE, "runs the statements in {}, which were not read here",
    "read the file first",
)  # fmt: skip
_GEXEC: Final = Deed(
    "sql.gexec", EffectKind.EXECUTE, Extent.MANY, "runs every value that the query returns as a statement",
    "run the query with `;` first and look at what it would run",
)  # fmt: skip
_LOADS: Final = Deed(
    "sql.loads-library", EffectKind.EXECUTE, Extent.ONE, "loads a library into the database program"
)
_OUTPUT: Final = Deed("sql.output", EffectKind.WRITE, Extent.ONE, "writes the output to {}")
_SHOWS: Final = Deed(
    "sql.output", EffectKind.WRITE, Extent.ONE, "writes the next result to a file and opens it"
)
_IMPORT: Final = Deed("sql.import", EffectKind.WRITE, Extent.MANY, "adds the rows of a file to a table")
_PASSWORD: Final = Deed("sql.password", EffectKind.GRANT, Extent.ONE, "changes a user's password")
_UNLINK: Final = Deed("sql.large-object", EffectKind.DELETE, Extent.ONE, "deletes a large object")
_RESTORE: Final = Deed(
    "sql.restore", EffectKind.OVERWRITE, Extent.EVERYTHING,
    "replaces the whole database by what is in the file", "`.backup FILE` first",
)  # fmt: skip
_NEW: Final = Deed(
    "sql.open-new",
    EffectKind.DELETE,
    Extent.EVERYTHING,
    "empties {} before opening it",
    "`.open FILE` keeps it",
)
_SAVE: Final = Deed("sql.save", EffectKind.WRITE, Extent.ONE, "writes a copy of the database to {}")

_PSQL_READS: Final = words(
    "? a bind bind_named C close_prepared conninfo copyright crosstabview dconfig echo elif else encoding"
    " endif errverbose"
    " f flush flushrequest g gdesc getenv gset gx h help H if l l+ list list+ lo_list lo_list+ p parse"
    " pset prompt q qecho"
    " quit r reset restrict S s sendpipeline set sf sf+ startpipeline sv sv+ syncpipeline t T"
    " timing unrestrict"
    " unset warn watch x z z+ endpipeline getresults html cd"
)
_PSQL_RUNS: Final = frozenset({"i", "ir", "include", "include_relative"})
_MYSQL_READS: Final = words(
    "status s use u help h ? quit q exit warnings W nowarning w notee t nopager n rehash # charset C"
    " prompt R print p"
    " clear c go g ego G delimiter d resetconnection x query_attributes"
)
_SQLITE_READS: Final = words(
    "tables schema indexes indices databases dump mode headers header width show help quit exit explain"
    " timer stats"
    " nullvalue separator print echo changes eqp dbinfo fullschema lint limit prompt bail sha3sum timeout"
    " vfsinfo"
    " vfslist vfsname binary cd progress scanstats recover connection version crlf maxrows maxwidth rows"
    " columns"
    " constant keyword highlight_colors highlight_errors large_number_rendering"
)
_BACKTICKS: Final = lazy_pattern(r"`([^`]*)`")
_PROGRAM: Final = lazy_pattern(r"\bprogram\s*+'((?:[^']|'')*+)'", re.IGNORECASE)


def client_command(token: Token, dialect: str) -> Found:
    """What a command to the client does.

    Args:
        token: of kind META; its text is the whole line of the command.
        dialect: the product, "" when not known.
    """
    text = token.text.rstrip()
    if text.startswith("\\"):
        return _mysql(text[1:], token) if dialect in MYSQL else _psql(text[1:], token, dialect)
    if text.startswith("."):
        return _dots(text[1:], token)
    if dialect == "mssql":
        return _sqlcmd(text, token)
    if dialect == "oracle":
        return _sqlplus(text, token)
    return _mysql(text, token)


def _runs(text: str, token: Token) -> Found:
    """A shell line to run on the client."""
    text = text.strip()
    at = token.text.find(text)
    span = (token.start + at, token.start + at + len(text))
    return Found(inner=(shell_text(text, span, exact=True),)) if text else NOTHING


def _does(deed: Deed, token: Token, name: str, thing: str = "") -> Found:
    return Found((deed.command(name, thing.strip().strip("'\""), (token.start, token.end)),))


def _reads(token: Token, name: str) -> Found:
    return Found((reading(name, (token.start, token.end)),))


def _unproven(token: Token, name: str) -> Found:
    return Found((unproven(name, (token.start, token.end)),))


def _psql(text: str, token: Token, dialect: str) -> Found:
    if text.startswith("!"):
        return _runs(text[1:], token)
    if text.startswith(".") and not dialect:
        return _does(_FILE, token, "\\.", text[1:])
    name, _, rest = text.partition(" ")
    rest = rest.strip()
    shown_name = "\\" + name
    ticked = tuple(
        shell_text(match.group(1), (token.start, token.end)) for match in _BACKTICKS.finditer(rest)
    )
    if ticked and name != "copy":
        return Found((reading(shown_name, (token.start, token.end)),), inner=ticked)
    if name == "copy":
        return _copy(rest, token)
    if name in _PSQL_RUNS:
        return _does(_FILE, token, shown_name, rest)
    if name == "gexec":
        return _does(_GEXEC, token, shown_name)
    if name in ("o", "out", "w", "write", "g", "gx", "s") and rest and not rest.startswith("("):
        return _runs(rest[1:], token) if rest.startswith("|") else _does(_OUTPUT, token, shown_name, rest)
    if name == "password":
        return _does(_PASSWORD, token, shown_name)
    if name == "lo_unlink":
        return _does(_UNLINK, token, shown_name, rest)
    if name in _PSQL_READS or name[:1] == "d" or name in ("o", "out"):
        return _reads(token, shown_name)
    return _unproven(token, shown_name)


def _copy(rest: str, token: Token) -> Found:
    program = _PROGRAM.search(rest)
    inner = _runs(program.group(1).replace("''", "'"), token).inner if program else ()
    words = rest.upper().split()
    if rest.startswith("("):
        query = rest[1 : rest.rfind(")")]
        from safeshell.shell.languages import sql

        found = sql.read(query, dialect="postgresql")
        to_stdout = "STDOUT" in words[-6:] or "PSTDOUT" in words[-6:]
        out = () if program or to_stdout else _does(_OUTPUT, token, "\\copy").commands
        return Found(found.commands + out, found.unreadable, found.inner + inner)
    if "FROM" in words:
        return Found(_does(_IMPORT, token, "\\copy").commands, inner=inner)
    if "STDOUT" in words or "PSTDOUT" in words:
        return _reads(token, "\\copy")
    return Found(() if program else _does(_OUTPUT, token, "\\copy").commands, inner=inner)


def _mysql(text: str, token: Token) -> Found:
    name, _, rest = text.partition(" ")
    lower = name.lower() if len(name) > 1 else name
    if text[:1] == "!":
        return _runs(text[1:], token)
    if lower in ("system", "pager", "P") and rest.strip():
        return _runs(rest, token)
    if lower == "source" or text[:1] == ".":
        return _does(_FILE, token, "source", rest or text[1:])
    if lower in ("tee", "T"):
        return _does(_OUTPUT, token, "tee", rest)
    if lower in _MYSQL_READS:
        return _reads(token, lower)
    return _unproven(token, lower)


def _dots(text: str, token: Token) -> Found:
    name, _, rest = text.partition(" ")
    name, rest = name.lower(), rest.strip()
    shown_name = "." + name
    if name in ("shell", "system"):
        return _runs(rest, token)
    if rest.startswith("|") and name in ("read", "import", "output", "once"):
        return _runs(rest[1:].strip("'\""), token)
    if name == "read":
        return _does(_FILE, token, shown_name, rest)
    if name == "import":
        return _does(_IMPORT, token, shown_name)
    if name in ("excel", "www"):
        return _does(_SHOWS, token, shown_name)
    if name in ("output", "once", "log", "trace"):
        return (
            _reads(token, shown_name)
            if rest in ("", "stdout", "off")
            else _does(_OUTPUT, token, shown_name, rest)
        )
    if name == "restore":
        return _does(_RESTORE, token, shown_name)
    if name in ("backup", "save", "clone"):
        return _does(_SAVE, token, shown_name, rest.split(" ")[-1])
    if name == "load":
        return _does(_LOADS, token, shown_name, rest)
    if name == "open" and "--new" in rest.split():
        return _does(_NEW, token, shown_name, rest.split()[-1])
    if name == "parameter" and rest.split(" ")[0] == "list":
        return _reads(token, shown_name)
    return _reads(token, shown_name) if name in _SQLITE_READS else _unproven(token, shown_name)


def _sqlcmd(text: str, token: Token) -> Found:
    text = text.removeprefix(":")
    if text.startswith("!!"):
        return _runs(text[2:], token)
    name, _, rest = text.partition(" ")
    match name.lower():
        case "r":
            return _does(_FILE, token, ":r", rest)
        case "out" | "perftrace" | "error":
            return _does(_OUTPUT, token, ":" + name.lower(), rest)
        case "setvar" | "list" | "listvar" | "help" | "quit" | "exit" | "reset" | "serverlist" | "on":
            return _reads(token, ":" + name.lower())
    return _unproven(token, name.lower())


def _sqlplus(text: str, token: Token) -> Found:
    if text.startswith("!"):
        return _runs(text[1:], token)
    if text.startswith("@"):
        return _does(_FILE, token, "@", text.lstrip("@"))
    name, _, rest = text.partition(" ")
    match name.lower().rstrip(";"):
        case "host":
            return _runs(rest, token)
        case "start":
            return _does(_FILE, token, "start", rest)
        case "spool":
            off = rest.strip(" ;").lower() in ("", "off", "out")
            return _reads(token, "spool") if off else _does(_OUTPUT, token, "spool", rest)
        case (
            "set"
            | "show"
            | "desc"
            | "describe"
            | "column"
            | "define"
            | "prompt"
            | "exit"
            | "quit"
            | "whenever"
        ):
            return _reads(token, name.lower())
    return _unproven(token, name.lower())
