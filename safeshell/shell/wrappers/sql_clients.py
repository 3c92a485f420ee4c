"""Database clients: psql -c, mysql -e, sqlite3 FILE SQL, and what is fed into them.

The statements are SQL of one product; a file of statements is not read and says so. Listing, dumping and
interactive use are for the packs to judge.
Sources: psql(1), mysql(1), sqlite3(1), sqlcmd, clickhouse-client, cockroach sql, duckdb, bq, snowsql, cqlsh, trino,
hive, beeline, influx, impala-shell, mycli, usql by their manuals and --help.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen, replace
from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address, Span
from safeshell.shell.inner import Inner, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, hides_all, judged_too, transparent, word
from safeshell.shell.wrappers.front import Walk, front, walk
from safeshell.shell.wrappers.standard_input import Origin, standard_input


@frozen
class SqlClient:
    """How a client takes its statements.

    Args:
        dialect: the product, as `InnerText.dialect` names it.
        texts: options whose value is SQL.
        files: options whose value is a file of SQL.
        values: other options that take a word.
        hosts: options that name the server.
        attached: options whose value, if any, stands in their own word.
        writes: options with which it writes a file.
        looks: options with which it runs nothing.
        sql_from: operands from this number on are SQL; 99 when none are.
        single_dash: `-long` is one option.
        subcommands: one of these words stands in front; () when there is none.
    """

    dialect: str
    texts: str = ""
    files: str = ""
    values: str = ""
    hosts: str = ""
    attached: str = ""
    writes: str = ""
    looks: str = "--version --help"
    sql_from: int = 99
    single_dash: bool = False
    subcommands: tuple[str, ...] = ()

    def __call__(self, call: Call) -> Unwrapped | None:
        """What the command line runs."""
        words = call.words
        for text in self.subcommands:
            if not words or words[0].text not in text.split("|"):
                return PACKS_JUDGE
            words = words[1:]
        table = front(
            values=" ".join((self.texts, self.files, self.values, self.hosts, self.writes)),
            attached=self.attached,
            known=True,
            permuted=True,
            single_dash=self.single_dash,
        )
        taken = walk(words, table)
        if taken.has(*self.looks.split()):
            return PACKS_JUDGE
        addresses = self._addresses(call, taken)
        given = [*taken.values(*self.texts.split()), *taken.operands[self.sql_from :]]
        inner = [found for one in given for found in self.statements(call, one, addresses)]
        inner += (
            unread_file(one.text, one.span) for one in taken.values(*self.files.split()) if one.text != "-"
        )
        if not inner or taken.has("-") or any(one.text == "-" for one in taken.values(*self.files.split())):
            fed = self.fed(call, addresses)
            inner += (_with_variables(one, taken) for one in fed) if self.dialect == "postgresql" else fed
        return judged_too(*inner) if taken.has(*self.writes.split()) else transparent(*inner)

    def statements(self, call: Call, given: Word, addresses: tuple[Address, ...]) -> list[Inner]:
        """A word of SQL; commands to the client itself are its reader's matter."""
        return [call.runs_text([given], language=Language.SQL, addresses=addresses, dialect=self.dialect)]

    def fed(self, call: Call, addresses: tuple[Address, ...]) -> list[Inner]:
        """Statements that come in; [] when a person types them."""
        came = standard_input(call.command)
        if came.origin is Origin.TERMINAL:
            return []
        if came.origin is Origin.FILE:
            return [unread_file(came.name, came.span)]
        if came.origin is Origin.PROGRAM or hides_all(came.text):
            return [unread_pipe(came.name, came.span)]
        if not came.text.strip():
            return []
        return [
            InnerText(
                came.text, Language.SQL, came.span, came.exact, addresses=addresses, dialect=self.dialect
            )
        ]

    def _addresses(self, call: Call, taken: Walk) -> tuple[Address, ...]:
        found = [
            Address("host", one.text) for one in taken.values(*self.hosts.split()) if one.known and one.text
        ]
        words = (*taken.operands[:2], *taken.values("-d", "--dbname", "--url", "--dsn", "-u", "--uri"))
        found += (Address("url", one.text) for one in words if one.known and "://" in one.text)
        for one in words:
            if one.known and "host=" in one.text and "://" not in one.text:
                found += (Address("host", item[5:]) for item in one.text.split() if item.startswith("host="))
        if not found and self.dialect in _HOST_VARIABLES:
            name = _HOST_VARIABLES[self.dialect]
            found += (Address("host", one.value.text) for one in call.command.assignments if one.name == name)
            if not found and name in call.context.exported:
                found.append(Address("host", call.context.exported[name]))
        return tuple(found)


def _with_variables(fed: Inner, taken: Walk) -> Inner:
    """A script of psql with `:name` replaced by what `-v name=value` says; `:'name'` is quoted by psql itself."""
    settings = [one.text.partition("=") for one in taken.values("-v", "--set", "--variable")]
    if not isinstance(fed, InnerText) or not any(f":{name}" in fed.text for name, _, _ in settings if name):
        return fed
    text = fed.text
    for name, _, value in settings:
        literal = value.replace("\\", r"\\")
        text = re.sub(rf"(?<![:\w]):{re.escape(name)}\b", literal, text)
    return replace(fed, text=text, exact=False)


_HOST_VARIABLES: Final = {"postgresql": "PGHOST", "mysql": "MYSQL_HOST"}


def unread_file(name: str, span: Span) -> Opaque:
    """A file of statements."""
    return Opaque(
        "sql.file",
        f"runs the statements of {name}, which were not read",
        Severity.MEDIUM,
        "read the file first",
        span,
    )


def unread_pipe(program: str, span: Span) -> Opaque:
    """Statements that a program prints."""
    printed = f"statements that `{program}` prints" if program else "statements that come out of a pipe"
    return Opaque("sql.unknown-text", f"runs {printed}, unread", Severity.MEDIUM, "look at them first", span)


POSTGRESQL: Final = SqlClient(
    "postgresql",
    "-c --command",
    "-f --file",
    "-d -F -p -P -R -T -U -v --dbname --field-separator --port --pset --record-separator"
    " --table-attr --username --set"
    " --variable",
    hosts="-h --host",
    writes="-o --output -L --log-file",
    looks="-l --list --version --help -V -?",
)
MYSQL: Final = SqlClient(
    "mysql",
    "-e --execute --init-command --init-command-add",
    "",
    "-D -P -S -u --database --port --socket --user --protocol --default-character-set --defaults-file"
    " --defaults-extra-file --defaults-group-suffix --login-path --ssl-ca --ssl-cert --ssl-key"
    " --ssl-mode --delimiter"
    " --prompt --plugin-dir --max-allowed-packet --connect-timeout --compression-algorithms",
    hosts="-h --host",
    attached="-p --password -#",
    writes="--pager --tee",
)
_INIT: Final = "--init-command"


def _mysql(call: Call) -> Unwrapped | None:
    """mysql, whose long options may be written with `_`, cut short, and with `--loose-` in front."""
    words = tuple(_mysql_option(one) if one.text.startswith("--") else one for one in call.words)
    call = call.over(words)
    found = MYSQL(call)
    given = walk(words, front(values="--delimiter", known=True, permuted=True)).value("--delimiter")
    mark = given.text if given is not None else ";"
    if found is None or mark == ";":
        return found
    # Statements end at another mark: what stands between two of them is read as if it ended as usual.
    return judged_too(*(_split_at(one, mark) for one in found.inner))


def _split_at(one: Inner, mark: str) -> Inner:
    return (
        replace(one, text=one.text.replace(mark, ";"), exact=False)
        if isinstance(one, InnerText) and mark
        else one
    )


def _mysql_option(given: Word) -> Word:
    name, equals, value = given.text.partition("=")
    plain = name.replace("_", "-").replace("--loose-", "--")
    if len(plain) > len("--init") and _INIT.startswith(plain):
        plain = _INIT
    return given if plain == name else word(plain + equals + value, given)


SQLITE: Final = SqlClient(
    "sqlite",
    "-cmd",
    "-init",
    "-separator -newline -nullvalue -mmap -maxsize -heap -vfs -escape -A",
    looks="-version -help",
    sql_from=1,
    single_dash=True,
)
_MSSQL: Final = SqlClient(
    "mssql",
    "-Q -q --query --initial-query",
    "-i --input-file",
    "-U -P -d -H -s -w -a -h -m -t -l -v -V -W -f -y -Y -b -r -K -D",
    hosts="-S --server",
    writes="-o --output-file",
)
_CLICKHOUSE: Final = SqlClient(
    "clickhouse",
    "-q --query",
    "--queries-file",
    "--port --user -u --password -d --database --format -C --config-file --secure-port --format_schema -m",
    hosts="-h --host",
)
_COCKROACH: Final = SqlClient(
    "postgresql",
    "-e --execute",
    "-f --file",
    "--certs-dir -d --database --format -p --port -u --user --set --watch",
    hosts="--host",
    subcommands=("sql",),
)
_DUCKDB: Final = SqlClient(
    "duckdb",
    "-c -s -cmd",
    "-f -init",
    "-separator -newline -nullvalue",
    looks="-version -help --version --help",
    sql_from=1,
    single_dash=True,
)


def _fed_only(dialect: str) -> Handler:
    """A client that takes statements on its input; `@FILE` is a file of them."""
    client = SqlClient(dialect)

    def handler(call: Call) -> Unwrapped | None:
        files = [
            unread_file(one.text[1:], one.span)
            for one in call.words
            if one.text.startswith("@") and one.text[1:]
        ]
        return transparent(*files, *([] if files else client.fed(call, ())))

    return handler


def _bq(call: Call) -> Unwrapped | None:
    """`bq [flags] query [flags] SQL`: all words behind make one text."""
    table = front(
        values="--project_id --location --dataset_id --max_rows -n --format --destination_table --label --parameter"
        " --job_id --maximum_bytes_billed --display_name --schedule --time_partitioning_field --credential_file -q",
        known=True,
    )
    outer = walk(call.words, table)
    if not outer.operands or outer.operands[0].text != "query":
        return PACKS_JUDGE
    taken = walk(outer.operands[1:], table)
    project = outer.value("--project_id") or taken.value("--project_id")
    addresses = (Address("gcloud", project.text),) if project is not None and project.known else ()
    if any(option.name in ("--dry_run", "--dry-run") for option in (*outer.options, *taken.options)):
        return PACKS_JUDGE
    writes = taken.has("--destination_table", "--replace", "--append_table", "--schedule")
    if not taken.operands:
        inner = SqlClient("bigquery").fed(call, addresses)
    else:
        inner = [
            call.runs_text(taken.operands, language=Language.SQL, addresses=addresses, dialect="bigquery")
        ]
    return judged_too(*inner) if writes else transparent(*inner)


def aws_sql(call: Call) -> Unwrapped | None:
    """`aws rds-data execute-statement --sql TEXT`, `aws athena start-query-execution --query-string TEXT`."""
    taken = walk(
        call.words,
        front(
            values="--sql --query-string --statement --sqls --profile --region --database --output",
            known=True,
        ),
    )
    profile = taken.value("--profile")
    taken = walk(
        taken.operands[2:],
        front(values="--sql --query-string --statement --profile", known=True, permuted=True),
    )
    profile = taken.value("--profile") or profile
    addresses = (Address("aws", profile.text),) if profile is not None and profile.known else ()
    texts = taken.values("--sql", "--query-string", "--statement")
    return judged_too(*(call.runs_text([one], language=Language.SQL, addresses=addresses) for one in texts))


def heroku_psql(call: Call) -> Unwrapped | None:
    """`heroku pg:psql [-c SQL] [-a APP]`, `heroku redis:cli`: statements given or fed in."""
    taken = walk(
        call.words,
        front(
            values="-c --command -f --file -a --app -r --remote --credential --confirm",
            known=True,
            permuted=True,
        ),
    )
    app = taken.value("-a", "--app")
    addresses = (Address("heroku", app.text),) if app is not None and app.known else ()
    subcommand = taken.operands[0].text if taken.operands else ""
    if subcommand == "redis:cli":
        from safeshell.shell.wrappers.redis_client import fed_redis

        fed = fed_redis(call, addresses)
        return transparent(fed) if fed is not None else PACKS_JUDGE
    if subcommand != "pg:psql":
        return PACKS_JUDGE
    inner = [
        found
        for one in taken.values("-c", "--command")
        for found in POSTGRESQL.statements(call, one, addresses)
    ]
    inner += (unread_file(one.text, one.span) for one in taken.values("-f", "--file"))
    return transparent(*(inner or POSTGRESQL.fed(call, addresses)))


def _db2(call: Call) -> Unwrapped | None:
    """`db2 "SQL"`: the words are the statement."""
    words = walk(call.words, front(values="-f -td -l -r -z", known=True)).operands
    return transparent(call.runs_text(words, language=Language.SQL, dialect="db2")) if words else PACKS_JUDGE


def _in_subcommand(
    dialect: str, *subcommand: str, sql_from: int = 0, texts: str = "", files: str = ""
) -> Handler:
    """A tool whose `SUBCOMMAND … SQL` runs a statement: `turso db shell DB SQL`."""
    client = SqlClient(
        dialect,
        texts,
        files,
        "--env -e -c --config --org --branch -a --app",
        sql_from=sql_from,
        subcommands=subcommand,
    )

    def handler(call: Call) -> Unwrapped | None:
        found = client(call)
        return judged_too(*found.inner) if found is not None else PACKS_JUDGE

    return handler


_POSTGRES_LIKE: Final = ("psql", "pgcli", "vsql", "edb-psql", "usql", "gsql", "ysqlsh", "redshift-psql")

WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_POSTGRES_LIKE, POSTGRESQL),
    **dict.fromkeys(("mysql", "mariadb", "mycli", "percona-mysql", "singlestore"), _mysql),
    "mysqlsh": SqlClient(
        "mysql",
        "-e --execute",
        "-f --file",
        "-u -P -S -D --user --port --schema",
        hosts="-h --host",
        attached="-p --password",
    ),
    **dict.fromkeys(("sqlite3", "sqlite", "litecli", "sqlcipher"), SQLITE),
    **dict.fromkeys(("sqlcmd", "osql", "mssql-cli", "go-sqlcmd"), _MSSQL),
    "clickhouse-client": _CLICKHOUSE,
    "clickhouse-local": _CLICKHOUSE,
    "clickhouse": SqlClient(
        "clickhouse",
        "-q --query",
        "--queries-file",
        _CLICKHOUSE.values,
        "-h --host",
        subcommands=("client|local",),
    ),
    "cockroach": _COCKROACH,
    "duckdb": _DUCKDB,
    **dict.fromkeys(("sqlplus", "sql", "sqlcl"), _fed_only("oracle")),
    **dict.fromkeys(("isql", "tsql", "bsqldb", "fisql"), _fed_only("mssql")),
    "bq": _bq,
    "snowsql": SqlClient(
        "snowflake",
        "-q --query",
        "-f --filename",
        "-a -u -d -s -r -w -o -c -D --accountname --username"
        " --dbname --schemaname --rolename --warehouse --option --connection --variable",
        hosts="-h --host",
    ),
    "snow": SqlClient(
        "snowflake", "-q --query", "-f --filename", "-c --connection --role --database", subcommands=("sql",)
    ),
    **dict.fromkeys(
        ("cqlsh", "ccm-cqlsh"),
        SqlClient(
            "cql",
            "-e --execute",
            "-f --file",
            "-u -p -k --username --password --keyspace --cqlshrc"
            " --cqlversion --connect-timeout --request-timeout --encoding",
        ),
    ),
    **dict.fromkeys(
        ("presto", "trino", "presto-cli", "trino-cli"),
        SqlClient(
            "trino",
            "--execute",
            "-f --file",
            "--catalog --schema --user --output-format --source --session --client-tags --timezone",
            hosts="--server",
        ),
    ),
    "hive": SqlClient("hive", "-e", "-f -i", "-d --define --hiveconf --hivevar --database -p -S", hosts="-h"),
    "beeline": SqlClient("hive", "-e", "-f -i", "-n -p -d -w --hiveconf --hivevar", hosts="-u"),
    "spark-sql": SqlClient(
        "hive", "-e", "-f -i", "--master --conf --jars --packages --database -d --hiveconf"
    ),
    "impala-shell": SqlClient(
        "impala",
        "-q --query",
        "-f --query_file",
        "-d -u --database --user",
        "-i --impalad",
        writes="-o --output_file",
    ),
    "influx": SqlClient(
        "influxql",
        "-execute --execute",
        "-f --file",
        "-port -username -password -database -precision -format --org -o -t --token",
        hosts="-host --host",
        single_dash=True,
    ),
    "db2": _db2,
    "wrangler": _in_subcommand("sqlite", "d1", "execute", sql_from=99, texts="--command", files="--file"),
    "turso": _in_subcommand("sqlite", "db", "shell", sql_from=1),
    "patronictl": _in_subcommand("postgresql", "query", sql_from=99, texts="-c --command", files="-f --file"),
    "pscale": _in_subcommand("mysql", "shell", sql_from=99),
    "dolt": _in_subcommand("mysql", "sql", sql_from=99, texts="-q --query", files="-f --file"),
    "surreal": _in_subcommand("surreal", "sql", sql_from=99),
}
