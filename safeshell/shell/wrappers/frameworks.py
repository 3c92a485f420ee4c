"""Code and statements handed to a framework's own command: rails runner, manage.py shell, artisan tinker, mongosh.

Their other tasks (`db:drop`, `flush`, `migrate`) are for the packs to judge.
Sources: the manuals of Rails, Django, Flask, Laravel, Symfony, WP-CLI, Drush, mongosh.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.guard.effects import Severity
from safeshell.guard.reading import Address
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, InnerText, Language, Opaque, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import (
    PACKS_JUDGE,
    Call,
    Handler,
    hides_all,
    judged_too,
    transparent,
    unseen,
)
from safeshell.shell.wrappers.front import front, walk
from safeshell.shell.wrappers.interpreters import fed_code
from safeshell.shell.wrappers.sql_clients import SqlClient
from safeshell.shell.wrappers.standard_input import Origin, standard_input

_RAILS: Final = front(values="-e --environment", known=True, permuted=True)
_DJANGO: Final = front(
    values="-c --command -i --interface --settings --pythonpath --database -v --verbosity",
    known=True,
    permuted=True,
)
_MONGO: Final = front(
    values="--eval -f --file --host --port -u --username -p --password --authenticationDatabase"
    " --tlsCertificateKeyFile"
    " --tlsCAFile --sslCAFile --authenticationMechanism --apiVersion --gssapiServiceName"
    " --sspiHostnameCanonicalization"
    " --tlsCertificateSelector --json --awsIamSessionToken --keyVaultNamespace",
    known=True,
    permuted=True,
    single_dash=True,
)
_FILE: Final = lazy_pattern(r"[\w./~@-]+\.(?:rb|rake|ru)|[\w.~@-]*/[\w./~@-]+")


def _rails(call: Call) -> Unwrapped | None:
    """`rails runner CODE`, `rails console` with code fed in, `rails dbconsole` with statements."""
    taken = walk(call.words, _RAILS)
    subcommand = taken.operands[0].text if taken.operands else ""
    if subcommand in ("runner", "r"):
        rest = taken.operands[1:]
        if not rest or rest[0].text == "-":
            return fed_code(call, Language.RUBY)
        if _FILE.fullmatch(rest[0].text):
            return PACKS_JUDGE
        return transparent(call.runs_text(rest[:1], language=Language.RUBY))
    if subcommand in ("console", "c"):
        return fed_code(call, Language.RUBY)
    if subcommand in ("dbconsole", "db"):
        return transparent(*SqlClient("").fed(call, ()))
    return PACKS_JUDGE


def _django(call: Call) -> Unwrapped | None:
    """`manage.py shell -c CODE`, code fed into it; `manage.py dbshell` with statements."""
    split = next((at for at, one in enumerate(call.words) if one.text == "--"), len(call.words))
    taken = walk(call.words[:split], _DJANGO)
    subcommand = taken.operands[0].text if taken.operands else ""
    if subcommand in ("shell", "shell_plus"):
        code = taken.value("-c", "--command")
        if code is not None:
            return transparent(call.runs_text([code], language=Language.PYTHON))
        return fed_code(call, Language.PYTHON)
    if subcommand == "dbshell":
        behind = walk(call.words[split + 1 :], front(values="-c -e -f", known=True)).values("-c", "-e")
        inner = [call.runs_text([one], language=Language.SQL) for one in behind]
        return transparent(*(inner or SqlClient("").fed(call, ())))
    return PACKS_JUDGE


def _flask(call: Call) -> Unwrapped | None:
    taken = walk(call.words, front(values="-A --app -e --env-file", known=True))
    if taken.operands[:1] and taken.operands[0].text == "shell":
        return fed_code(call, Language.PYTHON)
    return PACKS_JUDGE


def _artisan(call: Call) -> Unwrapped | None:
    """`artisan tinker --execute=CODE`, code fed into tinker; `artisan db` with statements."""
    taken = walk(call.words, front(values="--execute --env", known=True, permuted=True))
    subcommand = taken.operands[0].text if taken.operands else ""
    if subcommand == "tinker":
        code = taken.value("--execute")
        if code is not None:
            return transparent(call.runs_text([code], language=Language.PHP))
        return fed_code(call, Language.PHP)
    if subcommand == "db":
        return transparent(*SqlClient("").fed(call, ()))
    return PACKS_JUDGE


_SQL_TASKS: Final = frozenset(
    "dbal:run-sql doctrine:query:sql doctrine:dbal:run-sql sqlq sql-query sql:query sqlquery".split()
)
_CODE_TASKS: Final = frozenset("php:eval php-eval ev eval core:eval eval-file".split())


def _php_tasks(call: Call) -> Unwrapped | None:
    """`wp db query SQL`, `wp eval CODE`, `drush sqlq SQL`, `drush ev CODE`, `bin/console dbal:run-sql SQL`."""
    taken = walk(
        call.words,
        front(
            values="--path --url --uri -l --root -r --ssh --env -e --connection", known=True, permuted=True
        ),
    )
    names = [one.text for one in taken.operands]
    if names[:2] == ["db", "query"]:
        rest = taken.operands[2:3]
    elif names and names[0] in _SQL_TASKS:
        rest = taken.operands[1:2]
    elif names and names[0] in _CODE_TASKS and names[0] != "eval-file":
        rest = taken.operands[1:2]
        return (
            transparent(call.runs_text(rest, language=Language.PHP)) if rest else fed_code(call, Language.PHP)
        )
    elif names[:1] in (["sql:cli"], ["sqlc"]) or names[:2] == ["db", "cli"]:
        rest = ()
    else:
        return PACKS_JUDGE
    if rest:
        return transparent(call.runs_text(rest, language=Language.SQL, dialect="mysql"))
    return transparent(*SqlClient("mysql").fed(call, ()))


def _mongo(call: Call) -> Unwrapped | None:
    """`mongosh [URL | DB] --eval CODE`, a script's file, code fed in."""
    taken = walk(call.words, _MONGO)
    if taken.has("--version", "--help", "-h"):
        return PACKS_JUDGE
    addresses = _mongo_addresses(taken.value("--host", "-host"), taken.operands)
    codes = list(taken.values("--eval", "-eval"))
    inner: list[Inner] = [
        call.runs_text([one], language=Language.MONGO, addresses=addresses) for one in codes
    ]
    files = [
        one
        for one in (*taken.operands, *taken.values("-f", "--file"))
        if one.text.endswith((".js", ".mongodb"))
    ]
    inner += (
        Opaque(
            "mongo.file",
            f"runs the script {one.text}, which was not read",
            Severity.MEDIUM,
            "read it first",
            one.span,
        )
        for one in files
    )
    if not inner:
        fed = _fed_mongo(call, addresses)
        inner += [fed] if fed is not None else []
    return transparent(*inner)


def _fed_mongo(call: Call, addresses: tuple[Address, ...]) -> Inner | None:
    came = standard_input(call.command)
    if came.origin is Origin.TERMINAL:
        return None
    if came.origin is Origin.TEXT and not hides_all(came.text):
        return InnerText(came.text, Language.MONGO, came.span, came.exact, addresses=addresses)
    if came.origin is Origin.FILE:
        reason = f"runs the script {came.name}, which was not read"
        return Opaque("mongo.file", reason, Severity.MEDIUM, "read it first", came.span)
    return unseen(Language.MONGO, came.span, severity=Severity.MEDIUM)


def _mongo_addresses(host: Word | None, operands: tuple[Word, ...]) -> tuple[Address, ...]:
    found = [Address("host", host.text)] if host is not None and host.known else []
    for one in operands[:1]:
        if one.known and "://" in one.text:
            found.append(Address("url", one.text))
        elif one.known and "/" in one.text:
            found.append(Address("host", one.text.partition("/")[0]))
    return tuple(found)


def _mix(call: Call) -> Unwrapped | None:
    """Elixir's code is not read: `mix run -e CODE`, `elixir -e CODE` say so."""
    taken = walk(call.words, front(values="-e --eval --rpc-eval -r -S --name --sname --cookie", known=True))
    codes = [
        one
        for one in taken.values("-e", "--eval", "--rpc-eval")
        if re.search(r"delete|drop|rm|cmd", one.text, re.I)
    ]
    return judged_too(
        *(
            Opaque("elixir.code", "runs Elixir code that can't be read", Severity.MEDIUM, "", one.span)
            for one in codes
        )
    )


WRAPPERS: Final[dict[str, Handler]] = {
    "rails": _rails,
    **dict.fromkeys(("manage.py", "django-admin", "django-admin.py"), _django),
    "flask": _flask,
    "artisan": _artisan,
    **dict.fromkeys(("wp", "wp-cli.phar", "drush", "drush.phar", "console"), _php_tasks),
    **dict.fromkeys(("mongosh", "mongo"), _mongo),
    **dict.fromkeys(("mix", "elixir"), _mix),
}
