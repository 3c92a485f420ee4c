"""ssh and what is like it: a command that runs on another machine.

The words behind the host are joined by blanks and parsed again by the shell over there. Without a command a shell
opens: what is fed into it is read, a person's typing is for the packs to judge.
Sources: ssh(1), ssh_config(5), mosh(1), autossh(1), sshpass(1), rsh(1), vagrant, gcloud, fly, heroku, eb, cf, kamal,
tsh, gh and docker-machine by their manuals.
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.guard.reading import Address
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, value_of, word
from safeshell.shell.wrappers.front import Walk, front, walk
from safeshell.shell.wrappers.shells import fed_script, script_in
from safeshell.shell.wrappers.standard_input import Origin, standard_input

_SSH: Final = front(
    "-4 -6 -A -a -C -f -G -g -K -k -M -N -n -q -s -T -t -V -v -X -x -Y -y",
    "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w",
)
_MOSH: Final = front(
    "-a -n -4 -6 --no-init --no-ssh-pty --local --help --version",
    "-p --port --ssh --server --client --predict --family --bind-server --experimental-remote-ip",
)
_SSHPASS: Final = front("-e -v -h -V", "-p -f -d -P")
_RSH: Final = front("-n -d -K -x -F -f", "-l -k")
_PLAIN: Final = lazy_pattern(r"[\w@%+=:,./ -]+", re.ASCII)
_SHELL_ON_INPUT: Final = lazy_pattern(
    r"(?:^|[\s;&|(/])(?:ba|da|z|k|a|)sh(?:\s+-(?!\w*c)[\w-]+)*(?:\s+(?:-s|--|-)(?:\s.*)?)?\s*$"
)
_FORWARDS: Final = frozenset({"-E", "-D", "-L", "-R", "-w", "-M", "-f"})
"""With these ssh leaves something on this machine: a port, a log, a process."""
_RUN_BY_OPTION: Final = ("proxycommand", "localcommand", "knownhostscommand")
_READ_BY_OPTION: Final = ("include", "match", "pkcs11provider", "securitykeyprovider", "xauthlocation")
"""Settings that name what is run or read in another way: a config, the condition of `Match exec`, a library."""


def _ssh(call: Call) -> Unwrapped | None:
    """`ssh [options] HOST [options] [command…]`."""
    taken = walk(call.words, _SSH)
    if taken.has("-V", "-Q", "-G", "-O") or not taken.operands:
        options = _by_options(call, taken)
        return judged_too(*options) if _reads_a_config(taken) else transparent(*options)
    inner: list[Inner] = []
    leaves = bool(_FORWARDS & {option.name for option in taken.options}) or _reads_a_config(taken)
    for operands in taken.readings():
        # Options may stand behind the host as well.
        after = walk(operands[1:], _SSH)
        inner += _at_host(call, operands[0], taken, after)
        leaves = leaves or _reads_a_config(after)
    inner += _by_options(call, taken)
    return judged_too(*inner) if leaves else transparent(*inner)


def _reads_a_config(taken: Walk) -> bool:
    """Whether an option names a config, or a setting, of which nobody knows what it runs."""
    given = taken.value("-F", "-I")
    settings = [_setting(one)[0] for one in taken.values("-o")]
    return (given is not None and given.text not in ("none", "/dev/null")) or any(
        name in _READ_BY_OPTION for name in settings
    )


def _at_host(call: Call, host: Word, before: Walk, after: Walk) -> list[Inner]:
    addresses = _host_addresses(host, before, after)
    inner: list[Inner] = []
    given = (*before.options, *after.options)
    texts = [option.value for option in given if option.name == "-o" and option.value is not None]
    for one in texts:
        name, _, text = _setting(one)
        if name == "remotecommand" and text.lower() != "none":
            inner += on_host(call, (value_of(one, text),), addresses)
    if any(option.name in ("-N", "-W", "-O", "-G", "-s") for option in given):
        return inner
    if not after.operands:
        if inner:
            return inner
        fed = fed_script(call, elsewhere=True, addresses=addresses)
        return list(fed.inner) if fed else []
    for words in after.readings():
        inner += on_host(call, words, addresses)
    return inner


def on_host(call: Call, words: tuple[Word, ...], addresses: tuple[Address, ...]) -> list[Inner]:
    """Words that are joined and parsed again on another machine; with them goes the standard input.

    `ssh web psql -c 'drop table x'` loses its quotes on the way, but what was meant is judged as well.
    """
    text = " ".join(one.text for one in words)
    if _PLAIN.fullmatch(text) and text.strip():
        command = words
        if any(" " in one.text for one in words):
            command = tuple(word(part, one) for one in words for part in one.text.split())
        inner: list[Inner] = [call.runs(command, elsewhere=True, addresses=addresses)]
        return [*inner, *_as_meant(call, words, addresses)]
    inner = [call.runs_text(words, elsewhere=True, addresses=addresses)]
    inner += _as_meant(call, words, addresses)
    came = standard_input(call.command)
    if came.origin in (Origin.TEXT, Origin.PROGRAM) and _SHELL_ON_INPUT.search(text):
        fed = script_in(came, elsewhere=True, addresses=addresses)
        inner += [fed] if fed is not None else []
    return inner


def _as_meant(call: Call, words: tuple[Word, ...], addresses: tuple[Address, ...]) -> list[Inner]:
    # A word that brings quotes of its own was written for the shell over there.
    if len(words) < 2 or not any(" " in one.text and one.text[0] not in "'\"" for one in words[1:]):
        return []
    return [call.runs(words, elsewhere=True, addresses=addresses)]


def _by_options(call: Call, taken: Walk) -> list[Inner]:
    """What ssh runs on this machine: `-o ProxyCommand=TEXT` and its like."""
    inner: list[Inner] = []
    for one in taken.values("-o"):
        name, _, text = _setting(one)
        if name in _RUN_BY_OPTION and text and text.lower() != "none":
            inner.append(call.runs_text((value_of(one, text),)))
    return inner


def _setting(given: Word) -> tuple[str, str, str]:
    """`Name=value` or `Name value`."""
    match = re.match(r"\s*(\w+)\s*([=\s])\s*(.*)", given.text, re.S)
    return (match[1].lower(), match[2], match[3]) if match else ("", "", "")


def _host_addresses(host: Word, *walks: Walk) -> tuple[Address, ...]:
    """`user@host:port` as far as it is given."""
    if not host.known or not host.text:
        return ()
    text = host.text.removeprefix("ssh://").rstrip("/")
    user, at, name = text.rpartition("@")
    settings: dict[str, str] = {}
    for taken in walks:
        for one in taken.values("-o"):
            key, _, value = _setting(one)
            settings.setdefault(key, value)
        for option, key in (("-l", "user"), ("-p", "port")):
            value_word = taken.value(option)
            if value_word is not None and value_word.known:
                settings.setdefault(key, value_word.text)
    name = settings.get("hostname", name)
    user = user if at else settings.get("user", "")
    port = "" if ":" in name else settings.get("port", "")
    return (ssh_address(name, user, port),)


def ssh_address(host: str, user: str = "", port: str = "") -> Address:
    """A machine that one logs in to."""
    return Address("ssh", "".join((f"{user}@" if user else "", host, f":{port}" if port else "")))


def _autossh(call: Call) -> Unwrapped | None:
    """`autossh [-M PORT] [-f] ssh's words`."""
    taken = walk(call.words, front("-V -f -4 -6 -A -a -C -g -K -k -N -n -q -T -t -v -X -x -Y -y", "-M"))
    if not call.words or taken.has("-V"):
        return PACKS_JUDGE
    words = list(call.words)
    for at, one in enumerate(call.words):
        if one.text == "-M":
            del words[at : at + 2]
            break
        if one.text.startswith("-M"):
            del words[at]
            break
    return transparent(call.runs((word("ssh", call.command.words[0]), *words)))


def _mosh(call: Call) -> Unwrapped | None:
    """`mosh [options] [--] HOST [command…]`: the words are handed over as they are."""
    taken = walk(call.words, _MOSH)
    inner: list[Inner] = []
    ssh = taken.value("--ssh")
    if ssh is not None:
        inner.append(call.runs_text([ssh]))
    for words in taken.readings():
        command = words[2:] if words[1:2] and words[1].text == "--" else words[1:]
        if command:
            inner.append(call.runs(command, elsewhere=True, addresses=_host_addresses(words[0])))
    return transparent(*inner)


def _sshpass(call: Call) -> Unwrapped | None:
    return transparent(*(call.runs(words) for words in walk(call.words, _SSHPASS).readings()))


def _rsh(call: Call) -> Unwrapped | None:
    """`rsh [-l USER] HOST command…`."""
    inner: list[Inner] = []
    for words in walk(call.words, _RSH).readings():
        user = walk(call.words, _RSH).value("-l")
        if words[1:] and words[0].known:
            address = ssh_address(words[0].text, user.text if user is not None and user.known else "")
            inner += on_host(call, words[1:], (address,))
    return transparent(*inner)


def _option_text(
    *names: str, subcommands: tuple[str, ...], values: str = "", kind: str = "", app: str = ""
) -> Handler:
    """A tool whose `SUBCOMMAND … --command TEXT` runs a text elsewhere, in what `app` names."""
    table = front(values=" ".join((*names, app, values)), known=True, permuted=True)

    def handler(call: Call) -> Unwrapped | None:
        before = next((at for at, one in enumerate(call.words) if one.text == "--"), len(call.words))
        taken = walk(call.words[:before], table)
        operands = [one.text for one in taken.operands]
        if not _begins(operands, subcommands):
            return PACKS_JUDGE
        where = [one for name in app.split() if (one := taken.value(name)) is not None and one.known]
        addresses = tuple(Address(kind, one.text) for one in where[:1]) if kind else ()
        texts = [one for name in names for one in taken.values(name)]
        if not texts and call.words[before + 1 :]:
            rest = tuple(one for one in call.words[before + 1 :] if not one.text.startswith("-t"))
            return transparent(*on_host(call, rest, addresses)) if rest else PACKS_JUDGE
        return transparent(*(found for one in texts for found in on_host(call, (one,), addresses)))

    return handler


def _begins(operands: list[str], subcommands: tuple[str, ...]) -> bool:
    return any(operands[: len(one.split())] == one.split() for one in subcommands)


def _ssh_like(
    *subcommand: str, hosts: int = 1, kind: str = "ssh", values: str = "", joined: bool = True
) -> Handler:
    """A tool whose `SUBCOMMAND [options] [HOST] [--] command…` is as ssh's."""
    table = front(values=values, known=True)

    def handler(call: Call) -> Unwrapped | None:
        words = walk(call.words, table).operands
        for text in subcommand:
            if not words or words[0].text not in text.split("|"):
                return PACKS_JUDGE
            words = walk(words[1:], table).operands
        place = [one.text for one in words[:hosts] if one.known]
        rest = walk(words[hosts:], table).operands
        if not rest:
            return PACKS_JUDGE
        addresses = tuple(Address(kind, one) for one in place)
        if joined:
            return transparent(*on_host(call, rest, addresses))
        return transparent(call.runs(rest, elsewhere=True, addresses=addresses))

    return handler


def _by_subcommand(*handlers: Handler) -> Handler:
    """The first of some handlers that finds something."""

    def handler(call: Call) -> Unwrapped | None:
        return next((found for one in handlers if (found := one(call)) is not None), PACKS_JUDGE)

    return handler


def _terminus(call: Call) -> Unwrapped | None:
    """`terminus remote:wp SITE.ENVIRONMENT -- words`: wp or drush over there."""
    words = walk(call.words, front(known=True)).operands
    if len(words) < 3 or words[0].text not in ("remote:wp", "remote:drush", "wp", "drush"):
        return PACKS_JUDGE
    rest = words[3:] if words[2].text == "--" else words[2:]
    program = word(words[0].text.rpartition(":")[2], words[0])
    addresses = (Address("pantheon", words[1].text),) if words[1].known else ()
    return transparent(call.runs((program, *rest), elsewhere=True, addresses=addresses))


def _tool_inside(call: Call) -> Unwrapped | None:
    """`lando artisan x`, `ddev drush x`: a tool of the project's container."""
    if not call.words or call.words[0].text not in _TOOLS_INSIDE:
        return PACKS_JUDGE
    return transparent(call.runs(call.words, elsewhere=True))


_TOOLS_INSIDE: Final = frozenset(
    "artisan drush wp composer php mysql psql mariadb npm yarn npx python rails".split()
)


def _minikube_kubectl(call: Call) -> Unwrapped | None:
    """`minikube kubectl -- words`."""
    words = walk(call.words, front(values="-p --profile", known=True)).operands
    if not words or words[0].text != "kubectl":
        return PACKS_JUDGE
    rest = words[2:] if words[1:2] and words[1].text == "--" else words[1:]
    return transparent(call.runs((words[0], *rest)))


_GCLOUD_VALUES: Final = (
    "--zone --project --region --container --ssh-key-file --ssh-flag --internal-ip-only --account --configuration"
    " --strict-host-key-checking --format --tunnel-through-iap-only --ssh-key-expiration --worker --cluster"
)

WRAPPERS: Final[dict[str, Handler]] = {
    "ssh": _ssh,
    "slogin": _ssh,
    "autossh": _autossh,
    "mosh": _mosh,
    "sshpass": _sshpass,
    **dict.fromkeys(("rsh", "rexec", "remsh", "dbclient", "et"), _rsh),
    "gcloud": _option_text(
        "--command",
        subcommands=(
            "compute ssh",
            "beta compute ssh",
            "alpha compute ssh",
            "cloud-shell ssh",
            "compute tpus tpu-vm ssh",
        ),
        values=_GCLOUD_VALUES,
        kind="gcloud",
        app="--project",
    ),
    **dict.fromkeys(
        ("fly", "flyctl"),
        _by_subcommand(
            _option_text(
                "-C",
                "--command",
                subcommands=("ssh console", "console"),
                kind="fly",
                app="-a --app",
                values="-c --config -r --region -u --user -s --select -o --org -A --address --machine",
            ),
            _ssh_like(
                "machine|machines", "exec", kind="fly-machine", values="-a --app --timeout -c --config"
            ),
        ),
    ),
    "eb": _option_text(
        "-c",
        "--command",
        subcommands=("ssh",),
        values="-n --number -i --instance -e --custom -r --region --profile",
    ),
    "cf": _option_text(
        "-c", "--command", "--process", subcommands=("ssh", "run-task", "rt"), values="-i -L --name -m -k"
    ),
    "vagrant": _option_text("-c", "--command", subcommands=("ssh",), values="--machine-readable-to -p"),
    "doctl": _option_text(
        "--ssh-command",
        subcommands=("compute ssh",),
        values="--ssh-user --ssh-port --ssh-key-path --context -t --access-token",
    ),
    "tsh": _ssh_like(
        "ssh", values="-p --port -l --login --proxy --user --ttl -i --identity --cluster -o -L -D -R"
    ),
    "adb": _ssh_like("shell", hosts=0, kind="adb", values="-s -t -H -P -L -e"),
    "docker-machine": _ssh_like("ssh"),
    "machine": _ssh_like("ssh"),
    "minikube": _by_subcommand(_ssh_like("ssh", hosts=0, values="-p --profile -n --node"), _minikube_kubectl),
    "colima": _ssh_like("ssh", hosts=0, values="-p --profile"),
    "limactl": _ssh_like("shell", values="--workdir --shell", joined=False),
    "lima": _ssh_like(hosts=0, joined=False),
    "gh": _ssh_like(
        "codespace|cs", "ssh", hosts=0, values="-c --codespace --profile --server-port --config -R --repo"
    ),
    "dokku": _ssh_like("run|enter", kind="dokku", values="-e --env", joined=False),
    "scalingo": _ssh_like("run", hosts=0, values="-a --app -s --size -t --type -e --env -r --region"),
    "gigalixir": _ssh_like("run|ps:run", hosts=0, values="-a --app_name"),
    "kamal": _ssh_like(
        "app|accessory|server",
        "exec",
        hosts=0,
        values="-d --destination -h --hosts -r --roles -c --config-file --version -e --env",
    ),
    "platform": _ssh_like(
        "ssh|environment:ssh", hosts=0, values="-p --project -e --environment -A --app --worker -I --instance"
    ),
    "hcloud": _ssh_like("server", "ssh", values="-u --user -p --port --context"),
    "convox": _ssh_like("run|exec", kind="convox", values="-a --app -r --rack --release"),
    "copilot": _option_text(
        "-c",
        "--command",
        subcommands=("svc exec", "task exec"),
        values="-n --name -e --env -a --app --container",
    ),
    "terminus": _terminus,
    "lando": _by_subcommand(
        _option_text("-c", "--command", subcommands=("ssh",), values="-s --service -u --user"), _tool_inside
    ),
    "ddev": _by_subcommand(_ssh_like("exec", hosts=0, values="-s --service -d --dir"), _tool_inside),
}
