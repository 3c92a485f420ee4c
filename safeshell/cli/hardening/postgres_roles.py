"""The wall at a PostgreSQL server: roles that may only read, and roles that may change rows but no tables. Pure.

Facts: the PostgreSQL manual, "Predefined Roles" (pg_read_all_data since 14), "Client Connection Defaults".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from safeshell.cli.hardening.sections import Section, printed
from safeshell.config.settings import Target
from safeshell.frozen import frozen
from safeshell.guard.text import visible

_SCHEMES: Final = ("postgres", "postgresql")
_TIMEOUTS: Final = (
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "60s"),
)


@frozen
class Database:
    """Where the roles are for.

    Args:
        host, port, name: as `psql` takes them; "" for what is not known.
    """

    host: str = ""
    port: str = ""
    name: str = ""


def databases_of(targets: Sequence[Target]) -> Iterator[tuple[Target, Database]]:
    """The databases that the targets' environment variables name, `DATABASE_URL = "postgres://db/shop"`."""
    for target in targets:
        for value in target.environ.values():
            scheme, separator, rest = value.partition("://")
            if separator and scheme in _SCHEMES:
                yield target, _database(rest)


def postgres_wall(target: Target | None, database: Database) -> str:
    """The text for a database.

    Args:
        target: whose it is; None where no target says.
        database: as far as it is known.
    """
    prefix = f"{target.name}_" if target else ""
    reader, operator = f"{prefix}reader", f"{prefix}operator"
    read, write = f"{prefix}safeshell_read", f"{prefix}safeshell_write"
    sections = [
        _about(target, database),
        Section("begin", "", ("\\set ON_ERROR_STOP on", "BEGIN;")),
        Section(
            "what may be done: groups without a login",
            (
                "Before PostgreSQL 14 there is no pg_read_all_data: GRANT USAGE ON SCHEMA, SELECT ON ALL TABLES IN "
                "SCHEMA and ALTER DEFAULT PRIVILEGES for each schema and each owner instead.\n"
                f"{write} changes rows: INSERT, UPDATE, DELETE, not TRUNCATE, DROP or ALTER: the owner's."
            ),
            (
                f"CREATE ROLE {_name(read)} NOLOGIN;",
                f'GRANT CONNECT ON DATABASE :"DBNAME" TO {_name(read)};',
                f"GRANT pg_read_all_data, pg_monitor TO {_name(read)};",
                f"CREATE ROLE {_name(write)} NOLOGIN;",
                f"GRANT {_name(read)}, pg_write_all_data TO {_name(write)};",
            ),
        ),
        Section(
            f"{visible(reader)}: may only read",
            (
                "The grants are the wall. default_transaction_read_only only says no sooner: whoever wants to can "
                "SET it off, and still has no right to write. The timeouts keep a forgotten query from hurting."
            ),
            (
                f"CREATE ROLE {_name(reader)} LOGIN CONNECTION LIMIT 10 IN ROLE {_name(read)};",
                *_settings(reader, (("statement_timeout", "30s"), *_TIMEOUTS)),
            ),
        ),
        Section(
            f"{visible(operator)}: may change rows, once it says so",
            (
                "Its transactions read, until one begins with BEGIN READ WRITE: the same as unlocking a read-only "
                "session. A statement that waits for a lock gives up after two seconds, not stopping "
                "everybody behind it."
            ),
            (
                f"CREATE ROLE {_name(operator)} LOGIN CONNECTION LIMIT 5 IN ROLE {_name(write)};",
                *_settings(operator, _TIMEOUTS),
            ),
        ),
        Section(
            "end, and the passwords",
            (
                "psql asks for each password and sends it hashed. A client that is no psql: ALTER ROLE … PASSWORD."
            ),
            ("COMMIT;",),
            (f"\\password {_name(reader)}", f"\\password {_name(operator)}"),
        ),
        Section(
            "what everybody may do",
            (
                "Before PostgreSQL 15 everybody may make tables in the schema public. Look first which of your "
                "applications lives on that."
            ),
            examples=("REVOKE CREATE ON SCHEMA public FROM PUBLIC;",),
        ),
        Section(
            "in pg_hba.conf, above the lines that let in more",
            "",
            examples=tuple(
                f"hostssl  {database.name or 'DATABASE'}  {_name(role)}  10.0.0.0/8  scram-sha-256"
                for role in (reader, operator)
            ),
        ),
        Section(
            "try it",
            "",
            examples=(
                f"psql -U {visible(reader)}: CREATE TABLE t ();             ERROR: permission denied, or read-only",
                f"psql -U {visible(reader)}: TABLE …;                       answers",
                f"psql -U {visible(operator)}: CREATE INDEX ON …;           ERROR: must be owner, or read-only",
                f"psql -U {visible(operator)}: TRUNCATE …;                  ERROR: permission denied, or read-only",
            ),
        ),
        Section(
            "undo it: in the same database",
            "",
            examples=(
                *(f"DROP OWNED BY {_name(role)};" for role in (reader, operator, read, write)),
                *(f"DROP ROLE {_name(role)};" for role in (reader, operator, write, read)),
            ),
        ),
    ]
    return printed(sections, "--")


def _about(target: Target | None, database: Database) -> Section:
    words = ["psql", "-U", "postgres"]
    words += ["-h", database.host] if database.host else []
    words += ["-p", database.port] if database.port else []
    words += ["-d", database.name or "DATABASE"]
    return Section(
        f"a wall at {f'the database of {visible(target.name)}' if target else 'a database'}",
        (
            "Nothing of this has been applied. It is a text for psql, as a superuser in the very database it is "
            "for; all or nothing of it. docs/server-side.md says more."
        ),
        examples=(visible(" ".join(words)),),
    )


def _settings(role: str, further: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return (
        f"ALTER ROLE {_name(role)} SET default_transaction_read_only = on;",
        *(f"ALTER ROLE {_name(role)} SET {key} = '{value}';" for key, value in further),
    )


def _name(role: str) -> str:
    """A role's name as SQL writes it."""
    return '"' + role.replace('"', '""') + '"'


def _database(rest: str) -> Database:
    """What stands behind the scheme of a URL; what a pattern leaves open is not known."""
    parts = urlsplit(f"//{rest}")
    host, colon, port = parts.netloc.rpartition("@")[2].partition(":")
    name = parts.path.lstrip("/")
    known = [
        text if text and not set(text) & set("*?[],") else "" for text in (host, port if colon else "", name)
    ]
    return Database(*known)
