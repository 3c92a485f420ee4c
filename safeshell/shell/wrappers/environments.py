"""Programs that run a command in another environment: env, and those that fetch secrets or settings for it.

Which profile or environment they take is where the command acts, so it is named as an address.
Sources: env(1) of coreutils and FreeBSD; the manuals of direnv, dotenv, Doppler, 1Password, aws-vault, chamber,
Infisical, sops, summon, envchain, foreman.
"""

from __future__ import annotations

import shlex
from typing import Final

from safeshell.guard.reading import Address
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, same_as, transparent, word
from safeshell.shell.wrappers.front import assigned, front, walk
from safeshell.shell.wrappers.privileges import assignment_of

_ENV: Final = front(
    "-i -0 -v --ignore-environment --null --debug --list-signal-handling -",
    "-u -C -S -a -P -L -U --unset --chdir --split-string --argv0",
    attached="--block-signal --default-signal --ignore-signal",
)
_MAX_SPLITS: Final = 8
_SETTINGS_FILE: Final = lazy_pattern(
    r"(?:\$\(|`)\s*(?:<|cat |grep |egrep |sed )[^;&`()]*\.env\b[^;&`()]*[`)]"
)
_COMMANDS: Final = front(
    "--no-cache --preserve-env --watch --fallback-only --only-secrets --no-exit-on-write-failure --pristine --strict"
    " --no-masking --verbose -v --quiet -q --no-override --override --overload -o --silent --debug --json -j --lazy"
    " -l --ecs-server -s --ec2-server --stdout --prompt-method --server --no-session -n --force -i -E",
    "--command -p --project -c --config -t --token --env-file --env -e -f --file --path --region --profile --name"
    " --mount --mount-template --account --vault --backend -b --duration -d --mfa-token"
    " --session-ttl --assume-role-ttl"
    " --assume-role-arn --provider --scope --projectId --domain --template --tag --tags -D --name-transformer"
    " --environment --exec --include-imports --secret-overriding --attempts --role --user --addr --pid",
)


def _env(call: Call) -> Unwrapped | None:
    """`env [options] [NAME=value…] [command]`; `-S TEXT` splits a text into further words for env itself."""
    words = tuple(one for one in call.words if not _is_settings_file(one))
    for _ in range(_MAX_SPLITS):
        taken = walk(words, _ENV)
        text = taken.value("-S", "--split-string")
        if text is None:
            break
        words = (*_split(text), *taken.operands)
    inner: list[Inner] = []
    for reading in (one[1:] if one[:1] and one[0].text == "-" else one for one in taken.readings()):
        count = assigned(reading)
        if reading[count:]:
            assignments = tuple(assignment_of(one) for one in reading[:count])
            inner.append(call.runs(reading[count:], assignments=assignments))
    return transparent(*inner)


def _is_settings_file(one: Word) -> bool:
    """`$(cat .env)`: what comes out are assignments."""
    return one.splits and len(one.unknowns) == 1 and _SETTINGS_FILE.fullmatch(one.unknowns[0]) is not None


def _split(given: Word) -> list[Word]:
    """The words of `env -S TEXT`, which knows quotes and escapes as a shell does."""
    try:
        texts = shlex.split(given.text.replace("\\_", " "))
    except ValueError:
        texts = given.text.split()
    return [word(text, given) for text in texts]


def _with_secrets(call: Call) -> Unwrapped | None:
    """`NAME run|exec [options] [profile] -- command…`, or `--command TEXT`."""
    subcommands, operands, kind = _SECRET_RUNNERS[call.name]
    words = call.words
    if subcommands:
        at = next((at for at, one in enumerate(words) if one.text in subcommands), -1)
        if at < 0:
            return PACKS_JUDGE
        words = (*words[:at], *words[at + 1 :])
    split = next((at for at, one in enumerate(words) if one.text == "--"), None)
    taken = walk(words if split is None else words[:split], _COMMANDS)
    addresses = _addresses(kind, taken.value("--env", "--environment", "--config", "-c", "--profile"))
    if operands and taken.operands:
        addresses += _addresses(kind, *taken.operands[: operands if operands > 0 else None])
    text = taken.value("--command")
    if text is not None:
        return transparent(call.runs_text([text], addresses=addresses))
    if split is not None:
        command = words[split + 1 :]
        return transparent(call.runs(command, addresses=addresses)) if command else PACKS_JUDGE
    skipped = operands if operands > 0 else 0
    return transparent(
        *(call.runs(one[skipped:], addresses=addresses) for one in taken.readings() if one[skipped:])
    )


def _addresses(kind: str, *names: Word | None) -> tuple[Address, ...]:
    return tuple(Address(kind, one.text) for one in names if kind and one is not None and one.known)


def _direnv(call: Call) -> Unwrapped | None:
    """`direnv exec DIR command…`: runs the directory's own file of settings first."""
    if len(call.words) < 3 or call.words[0].text != "exec":
        return PACKS_JUDGE
    return judged_too(call.runs(call.words[2:]))


def _sops(call: Call) -> Unwrapped | None:
    """`sops exec-env|exec-file [options] FILE TEXT`."""
    taken = walk(call.words, front(values="--user --filename --input-type", known=True, permuted=True))
    if len(taken.operands) < 3 or taken.operands[0].text not in ("exec-env", "exec-file"):
        return PACKS_JUDGE
    return transparent(call.runs_text(taken.operands[2:3]))


def _dotenv(call: Call) -> Unwrapped | None:
    """`dotenv [-e FILE] [-f FILE] [run] [--] command…`."""
    taken = walk(
        call.words, front("-o --override --no-override --debug -i -c", "-e -f -v -p -q --file --export")
    )
    readings = [one[1:] if one[0].text in ("run", "--") else one for one in taken.readings()]
    readings = [one[1:] if one[:1] and one[0].text == "--" else one for one in readings]
    if taken.operands and taken.operands[0].text in ("list", "get", "set", "unset"):
        return PACKS_JUDGE
    return transparent(*(call.runs(one) for one in readings if one))


_SECRET_RUNNERS: Final[dict[str, tuple[tuple[str, ...], int, str]]] = {
    # subcommands, how many operands stand before the command (-1: all before `--`), what they name
    "doppler": (("run",), 0, "doppler"),
    "op": (("run",), 0, ""),
    "aws-vault": (("exec",), 1, "aws"),
    "aws-okta": (("exec",), 1, "aws"),
    "aws-sso-util": (("run-as",), 0, "aws"),
    "aws-sso": (("exec",), 0, "aws"),
    "saml2aws": (("exec",), 0, "aws"),
    "granted": (("exec",), 1, "aws"),
    "assume": ((), 1, "aws"),
    "awsume": ((), 1, "aws"),
    "chamber": (("exec",), -1, "chamber"),
    "infisical": (("run",), 0, "infisical"),
    "teller": (("run",), 0, ""),
    "berglas": (("exec",), 0, ""),
    "summon": ((), 0, "summon"),
    "envchain": ((), 1, "envchain"),
    "envconsul": ((), 0, ""),
    "vaultenv": ((), 0, ""),
    "foreman": (("run",), 0, ""),
    "forego": (("run",), 0, ""),
    "honcho": (("run",), 0, ""),
    "railway": (("run",), 0, "railway"),
    "vercel": (("run",), 0, ""),
    "netlify": (("dev:exec",), 0, ""),
    "secrethub": (("run",), 0, ""),
    "phase": (("run",), 0, "phase"),
    "akeyless": (("exec",), 0, ""),
    "dotenvx": (("run",), 0, ""),
}


def _cross_env(call: Call) -> Unwrapped | None:
    """`cross-env NAME=value… command…`, `env-cmd [-f FILE] command…`."""
    if call.name == "env-cmd":
        taken = walk(
            call.words, front("--silent --verbose --fallback --no-override --use-shell -x", "-f -e -r")
        )
        return transparent(*(call.runs(words) for words in taken.readings()))
    count = assigned(call.words)
    assignments = tuple(assignment_of(one) for one in call.words[:count])
    rest = call.words[count:]
    if call.name == "cross-env-shell":
        return transparent(call.runs_text(rest)) if rest else PACKS_JUDGE
    return transparent(call.runs(rest, assignments=assignments)) if rest else PACKS_JUDGE


_CLIENTS_OF_PRODUCTS: Final = {
    "gitlab-psql": "psql",
    "gitlab-geo-psql": "psql",
    "gitlab-redis-cli": "redis-cli",
    "gitlab-patronictl": "patronictl",
    "gitlab-pg_repack": "pg_repack",
    "supabase-psql": "psql",
    "chef-server-psql": "psql",
}
"""What a product installs to call a client with its own host, user and password."""

WRAPPERS: Final[dict[str, Handler]] = {
    **{name: same_as(program) for name, program in _CLIENTS_OF_PRODUCTS.items()},
    **dict.fromkeys(_SECRET_RUNNERS, _with_secrets),
    **dict.fromkeys(("cross-env", "cross-env-shell", "env-cmd"), _cross_env),
    "env": _env,
    "genv": _env,
    "direnv": _direnv,
    "sops": _sops,
    "dotenv": _dotenv,
}
