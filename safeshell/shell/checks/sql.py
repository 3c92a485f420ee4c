"""SQL clients: what the statements in their options and operands do. What SQL means is in `languages.sql`.

Facts: the manuals of psql, mysql, sqlite3, clickhouse-client, cqlsh, duckdb, bq, sqlcmd.
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.effects import Severity
from safeshell.shell.checks.retaken import retaken, spec
from safeshell.shell.invocation import Invocation, ProgramSpec
from safeshell.shell.languages import sql


@frozen
class _Client:
    """Where a client's words carry SQL.

    Args:
        dialect: the product.
        own: how its words are read.
        texts: the options whose value is SQL.
        files: the options that read statements from a file.
        operand: the operands from this index on are SQL; -1 for none.
    """

    dialect: str
    own: ProgramSpec
    texts: tuple[str, ...]
    files: tuple[str, ...] = ()
    operand: int = -1


_PSQL: Final = _Client(
    "postgresql",
    spec("-c --command -f --file -d --dbname -h --host -p --port -U --username -o --output -L --log-file -v --set"
         " --variable -P --pset -F --field-separator -R --record-separator -T --table-attr"),
    ("-c", "--command"),
    ("-f", "--file", "-o", "--output", "-L", "--log-file"),
)  # fmt: skip
_MYSQL: Final = _Client(
    "mysql",
    spec("-e --execute -h --host -P --port -u --user -D --database -S --socket --defaults-file --defaults-extra-file"
         " --default-character-set --protocol --init-command --delimiter --prompt --tee --pager"
         " --connect-timeout"),
    ("-e", "--execute", "--init-command"),
    ("--tee", "--pager"),
)  # fmt: skip
_SQLITE: Final = _Client(
    "sqlite",
    spec(
        "-cmd -init -separator -newline -nullvalue -mmap -lookaside -pagecache -heap -maxsize -vfs",
        single_dash=True,
    ),
    ("-cmd",),
    ("-init",),
    1,
)
_CLICKHOUSE: Final = _Client(
    "clickhouse",
    spec(
        "-q --query -h --host --port -u --user --password -d --database -f --format --queries-file -C"
        " --config-file"
    ),
    ("-q", "--query"),
    ("--queries-file",),
)
_CQLSH: Final = _Client(
    "cql", spec("-e --execute -f --file -u --username -p --password -k --keyspace --cqlshrc --encoding"),
    ("-e", "--execute"), ("-f", "--file"),
)  # fmt: skip
_SQLCMD: Final = _Client(
    "mssql",
    spec(
        "-Q -q -i -o -S -d -U -P -h -s -w -v -t -l -H -a -c -K -M -D -r -V -m -y -Y -u -z",
        abbreviations=False,
    ),
    ("-Q", "-q"),
    ("-i", "-o"),
)
_DUCKDB: Final = _Client(
    "duckdb",
    spec("-c -cmd -s -init -f -separator -newline -nullvalue", single_dash=True),
    ("-c", "-cmd", "-s"),
    ("-init", "-f"),
    1,
)
_CLIENTS: Final = {
    "psql": _PSQL, "pgcli": _PSQL, "mysql": _MYSQL, "mariadb": _MYSQL, "mycli": _MYSQL, "sqlite3": _SQLITE,
        "sqlite": _SQLITE,
    "litecli": _SQLITE, "clickhouse-client": _CLICKHOUSE, "clickhouse": _CLICKHOUSE, "cqlsh": _CQLSH,
        "sqlcmd": _SQLCMD,
    "duckdb": _DUCKDB,
}  # fmt: skip


def reads(invocation: Invocation) -> bool:
    """There is SQL in the words, all of it is proven to read, and no file is read or written."""
    client = _CLIENTS.get(invocation.program)
    if client is None:
        return False
    taken = retaken(invocation, client.own)
    texts = _texts(taken, client)
    if not texts or taken.has(*client.files):
        return False
    found = [sql.read(text, dialect=client.dialect) for text in texts]
    return all(one.reads and not one.inner for one in found)


def destroys(invocation: Invocation) -> bool:
    """Some statement in the words loses, stops or grants something, or can't be read."""
    client = _CLIENTS.get(invocation.program)
    if client is None:
        return False
    for text in _texts(retaken(invocation, client.own), client):
        found = sql.read(text, dialect=client.dialect)
        if any(command.severity >= Severity.MEDIUM for command in found.commands) or found.unreadable:
            return True
    return False


def _texts(taken: Invocation, client: _Client) -> list[str]:
    texts = [option.value.text for option in taken.given(*client.texts) if option.value is not None]
    if client.operand >= 0:
        texts += [word.text for word in taken.operands[client.operand :]]
    return texts
