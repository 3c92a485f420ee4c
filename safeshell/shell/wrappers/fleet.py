"""Tools that run a command on many machines, or through a cloud's own channel: pdsh, ansible, AWS SSM, ….

Sources: pdsh(1), clush(1), pssh(1), dsh(1), ansible(1), salt(1), knife ssh, bolt, mco, aws ssm and ecs, az vm
run-command, heroku run, fab by their manuals.
"""

from __future__ import annotations

import json
import re
from typing import Final

from safeshell.guard.reading import Address
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, value_of, word
from safeshell.shell.wrappers.front import Front, front, walk
from safeshell.shell.wrappers.remote import on_host

_PDSH: Final = front(
    "-a -S -N -b -d -q -V -i -I -r -A -k -h -v -D -s -L -B -G --all --gather --nostdin --quiet --verbose --debug -c",
    "-w -x -g -X -l -t -u -f -R -P --nodes --exclude --group --user --options -o -O -m --rsh --copy --worker --dest"
    " --fanout --connect_timeout --command_timeout --color --mode --remote --outdir -n",
)
_PSSH: Final = front(
    "-A -i -I -P -v -V --askpass --inline --inline-stdout --print --send-input --verbose",
    "-h -H -l -p -t -o -e -O -x -X --hosts --host --user --par --timeout --options --outdir --errdir --extra-args"
    " --extra-arg -g --host-glob",
)
_DSH: Final = front(
    "-a -M -q -v -c -n -o --all --show-machine-names --concurrent-shell --wait-shell -w",
    "-m -g -f -r -F -N --machine --group --file --remoteshell --remoteshellopt --forklimit --num-topology",
)
_MUSSH: Final = front(values="-h -H -c -C -l -L -m -t -o -a -i -s -p -P -q", permuted=True)
_ANSIBLE: Final = front(
    "-b -C -D -K -k -o -v -V --become --check --diff --ask-become-pass --ask-pass --one-line --list-hosts --verbose"
    " -J --ask-vault-pass",
    "-a -i -m -u -l -f -e -c -T -t -B -P -M --args --inventory --module-name --user --limit --forks --extra-vars"
    " --connection --timeout --tree --background --poll --module-path --become-user --become-method --key-file"
    " --private-key --ssh-common-args --ssh-extra-args --vault-password-file --vault-id --playbook-dir",
    permuted=True,
)
_ANSIBLE_TEXT: Final = frozenset({"command", "shell", "raw", "win_shell", "win_command", "expect"})
_SALT: Final = front(
    "-G -E -L -N -C -S -R -I -v -d -s -H --async --static --show-timeout --summary --no-color"
    " --force-color --batch-safe"
    " --grain --pcre --list --nodegroup --compound --ipcidr --range --pillar --hide-timeout"
    " --state-verbose --local -p"
    " --progress --raw -i --ignore-host-keys",
    "-t -b -c -l -a -u --timeout --batch-size --config-dir --log-level --out --output --auth --username --password"
    " --state-output --return --return_config --subset --args-separator --out-file --log-file"
    " --roster --user --passwd"
    " --priv --retcode-passthrough-file -m --module-dirs",
    permuted=True,
)
_KNIFE: Final = front(
    "-m --manual-list -A --forward-agent --no-host-key-verify",
    "-x -i -a -P -C -p -G -t -c -u -k -E -s -j --ssh-user --identity-file --attribute --ssh-password --concurrency"
    " --ssh-port --ssh-gateway --timeout --config --user --key --environment --server-url --on-error",
    permuted=True,
)
_HEROKU: Final = front(
    "-x --exit-code --no-tty --no-notify --no-launcher -h --help",
    "-a --app -r --remote -e --env -s --size --type --dyno -d -p --port -f --procfile",
)
_AWS_VALUES: Final = front(
    values="--profile --region --output --query --endpoint-url --parameters --command --cluster --task --container"
    " --instance-ids --targets --document-name --target --comment --timeout-seconds --cli-input-json",
    known=True,
    permuted=True,
)
_COMMANDS_SHORT: Final = lazy_pattern(r"commands=(?P<list>\[.*\]|.*)", re.S)


def _many(table: Front, hosts: tuple[str, ...], *, operands: int = 0) -> Handler:
    """`NAME [options] command…` on the hosts that options name; the words are joined and parsed again there."""

    def handler(call: Call) -> Unwrapped | None:
        taken = walk(call.words, table)
        names = [one for option in hosts for one in taken.values(option) if one.known]
        addresses = tuple(
            Address("ssh", host) for one in names for host in one.text.replace(",", " ").split()[:16]
        )
        inner: list[Inner] = []
        for words in taken.readings():
            if words[operands:]:
                inner += on_host(call, words[operands:], addresses)
        if taken.has("-o", "-e", "--outdir", "--errdir", "-O", "--copy"):
            return judged_too(*inner)
        return transparent(*inner)

    return handler


def _ansible(call: Call) -> Unwrapped | None:
    """`ansible HOSTS [-m command|shell|raw] -a TEXT`; other modules are the packs' matter."""
    taken = walk(call.words, _ANSIBLE)
    text = taken.value("-a", "--args")
    module = taken.value("-m", "--module-name")
    name = module.text.rpartition(".")[2] if module is not None else "command"
    if text is None or name not in _ANSIBLE_TEXT or taken.has("--list-hosts"):
        return PACKS_JUDGE
    limit = [
        one for one in (*taken.operands[:1], *taken.values("-l", "--limit", "-i", "--inventory")) if one.known
    ]
    addresses = tuple(Address("ansible", one.text) for one in limit)
    command = re.sub(r"^(?:(?:chdir|creates|removes|executable|cmd|warn)=)", "", text.text)
    while True:
        shorter = re.sub(r"^\S*(?:chdir|creates|removes|executable|warn)=\S+\s+", "", command)
        if shorter == command:
            break
        command = shorter.removeprefix("cmd=")
    return transparent(
        call.runs_text([value_of(text, command)], elsewhere=True, addresses=addresses)
        if text.text.endswith(command)
        else call.runs_text([word(command, text)], elsewhere=True, addresses=addresses)
    )


def _salt(call: Call) -> Unwrapped | None:
    """`salt TARGET cmd.run TEXT`, `salt-call cmd.run TEXT`, `salt-ssh TARGET -r TEXT`."""
    taken = walk(call.words, _SALT)
    operands = taken.operands
    local = call.name == "salt-call"
    target = operands[0] if operands and not local else None
    addresses = (Address("salt", target.text),) if target is not None and target.known else ()
    if call.name == "salt-ssh":
        for at, one in enumerate(call.words):
            if one.text in ("-r", "--raw") and call.words[at + 1 :]:
                return transparent(*on_host(call, call.words[at + 1 :][-1:], addresses))
    rest = operands[not local :]
    if len(rest) < 2 or not rest[0].text.startswith(("cmd.run", "cmd.shell", "cmd.exec_code", "cmd.script")):
        return PACKS_JUDGE
    texts = [
        one
        for one in rest[1:]
        if not re.match(r"(?:python_shell|runas|cwd|shell|env|timeout|stdin)=", one.text)
    ]
    texts = [value_of(one, one.text.removeprefix("cmd=")) for one in texts[:1]]
    return (
        transparent(call.runs_text(texts, elsewhere=not local, addresses=addresses)) if texts else PACKS_JUDGE
    )


def _knife(call: Call) -> Unwrapped | None:
    """`knife ssh QUERY TEXT`."""
    taken = walk(call.words, _KNIFE)
    words = taken.operands
    if len(words) < 3 or words[0].text not in ("ssh", "winrm"):
        return PACKS_JUDGE
    return transparent(*on_host(call, words[2:], (Address("chef", words[1].text),)))


def _named_run(*subcommand: str, operand: int, hosts: tuple[str, ...] = (), values: str = "") -> Handler:
    """`NAME SUBCOMMAND… TEXT`: the operand of that number is a text."""
    table = front(values=" ".join((*hosts, values)), known=True, permuted=True)

    def handler(call: Call) -> Unwrapped | None:
        taken = walk(call.words, table)
        heads = [one.text for one in taken.operands[: len(subcommand)]]
        if heads != list(subcommand) or len(taken.operands) <= operand:
            return PACKS_JUDGE
        addresses = tuple(Address("ssh", one.text) for one in taken.values(*hosts) if one.known)
        return transparent(*on_host(call, (taken.operands[operand],), addresses))

    return handler


def _mussh(call: Call) -> Unwrapped | None:
    """`mussh -h HOST… -c TEXT`; further hosts stand as operands."""
    taken = walk(call.words, _MUSSH)
    named = (*taken.values("-h"), *taken.operands)
    addresses = tuple(Address("ssh", one.text) for one in named if one.known)
    return transparent(*(one for text in taken.values("-c") for one in on_host(call, (text,), addresses)))


def _heroku(call: Call) -> Unwrapped | None:
    """`heroku run [-a APP] command…`; `heroku ps:exec`; its database commands are read as SQL."""
    outer = walk(call.words, _HEROKU)
    words = outer.operands
    subcommand = words[0].text if words else ""
    if subcommand.startswith(("pg:psql", "redis:cli", "data:")):
        from safeshell.shell.wrappers.sql_clients import heroku_psql

        return heroku_psql(call)
    if subcommand not in ("run", "run:detached", "run:inside", "local:run", "ps:exec"):
        return PACKS_JUDGE
    inner_walk = walk(words[1:], _HEROKU)
    app = outer.value("-a", "--app") or inner_walk.value("-a", "--app")
    addresses = (Address("heroku", app.text),) if app is not None and app.known else ()
    inner: list[Inner] = []
    for one in inner_walk.readings():
        command = one[1:] if subcommand == "run:inside" else one
        # The app may stand behind the command as well.
        for at, given in enumerate(command):
            if given.text in ("-a", "--app") and command[at + 1 :]:
                addresses = addresses or (Address("heroku", command[at + 1].text),)
                command = (*command[:at], *command[at + 2 :])
                break
        if not command:
            continue
        if subcommand == "local:run":
            inner.append(call.runs(command))
        else:
            inner += on_host(call, command, addresses)
    return transparent(*inner)


def _aws(call: Call) -> Unwrapped | None:
    """`aws ssm send-command --parameters commands=…`, `aws ecs execute-command --command TEXT`, SQL of rds-data."""
    if not any(one.text in _AWS_SUBCOMMANDS for one in call.words):
        return PACKS_JUDGE
    taken = walk(call.words, _AWS_VALUES)
    operands = [one.text for one in taken.operands[:2]]
    profile = taken.value("--profile")
    addresses = (Address("aws", profile.text),) if profile is not None and profile.known else ()
    if operands == ["ssm", "send-command"] or operands == ["ssm", "start-session"]:
        given = taken.value("--parameters", "--cli-input-json")
        texts = _parameter_commands(given) if given is not None else []
        return judged_too(*(call.runs_text([one], elsewhere=True, addresses=addresses) for one in texts))
    if operands == ["ecs", "execute-command"]:
        command = taken.value("--command")
        return transparent(*(on_host(call, (command,), addresses) if command is not None else ()))
    from safeshell.shell.wrappers.sql_clients import aws_sql

    return aws_sql(call)


_AWS_SUBCOMMANDS: Final = frozenset(
    {"send-command", "start-session", "execute-command", "execute-statement", "batch-execute-statement"}
    | {"start-query-execution"}
)


def _parameter_commands(given: Word) -> list[Word]:
    """The commands in `commands=rm x`, `commands=["a","b"]`, `{"commands":["a"]}`."""
    text = given.text.strip()
    match = _COMMANDS_SHORT.search(text)
    if text.startswith("{"):
        return [word(one, given) for one in _strings(text)]
    if match is None:
        return []
    listed = match["list"]
    if listed.startswith("["):
        found = _strings(listed) or [one.strip().strip("'\"") for one in listed.strip("[]").split(",")]
        return [word(one, given) for one in found]
    return [value_of(given, listed)]


def _strings(text: str) -> list[str]:
    """The commands of a JSON text; its every string when it is a list, those under `commands` when an object."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return re.findall(r'"((?:[^"\\]|\\.)*)"', text.partition("commands")[2] or text)
    if isinstance(value, dict):
        inside: object = value.get("Parameters", value)
        value = inside.get("commands", inside.get("command", [])) if isinstance(inside, dict) else []
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _az(call: Call) -> Unwrapped | None:
    """`az vm run-command invoke --scripts TEXT…`, `az container exec --exec-command TEXT`, `az … ssh -- command`."""
    texts: list[Word] = []
    taking = False
    for at, one in enumerate(call.words):
        name, equals, rest = one.text.partition("=")
        if name in ("--scripts", "--script", "--exec-command", "--command-line", "--command"):
            taking = True
            if equals:
                texts.append(value_of(one, rest))
        elif one.text.startswith("-") and len(one.text) > 1:
            taking = False
        elif taking:
            texts.append(call.words[at])
    heads = [one.text for one in call.words[:3]]
    if not texts or not any(word_ in ("run-command", "exec", "ssh", "vmss", "command") for word_ in heads):
        return PACKS_JUDGE
    texts = [one for one in texts if not one.text.startswith("@")]
    if heads[1:2] == ["exec"] or "exec" in heads:
        return judged_too(*(found for one in texts for found in on_host(call, (one,), ())))
    return judged_too(*(call.runs_text([one], elsewhere=True) for one in texts))


def _fab(call: Call) -> Unwrapped | None:
    """`fab -H HOSTS -- command…`; a task's name is opaque."""
    for at, one in enumerate(call.words):
        if one.text == "--" and call.words[at + 1 :]:
            hosts = walk(call.words[:at], front(values="-H --hosts -i -u -p", known=True)).value(
                "-H", "--hosts"
            )
            addresses = tuple(
                Address("ssh", host) for host in (hosts.text if hosts else "").split(",") if host
            )
            return judged_too(*on_host(call, call.words[at + 1 :], addresses))
    return PACKS_JUDGE


WRAPPERS: Final[dict[str, Handler]] = {
    "pdsh": _many(_PDSH, ("-w",)),
    "clush": _many(_PDSH, ("-w", "--nodes")),
    "pssh": _many(_PSSH, ("-H", "--host")),
    "parallel-ssh": _many(_PSSH, ("-H", "--host")),
    "orgalorg": _many(front(known=True, values="-o -C -u -k"), ("-o",)),
    "dsh": _many(_DSH, ("-m", "--machine")),
    "mussh": _mussh,
    "ansible": _ansible,
    **dict.fromkeys(("salt", "salt-call", "salt-ssh"), _salt),
    "knife": _knife,
    "bolt": _named_run(
        "command", "run", operand=2, hosts=("-t", "--targets", "-n", "--nodes"), values="-u -p -i"
    ),
    "mco": _named_run("shell", "run", operand=2, values="-F -I -C"),
    "heroku": _heroku,
    "aws": _aws,
    "az": _az,
    "fab": _fab,
}
