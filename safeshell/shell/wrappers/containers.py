"""Containers and virtual machines: docker exec, compose run, lxc, nsenter, systemd-run, flatpak, wsl, ….

The command runs elsewhere: this machine's paths, aliases and variables mean nothing to it. Kubernetes has a
module of its own.
Sources: docker, podman, nerdctl, crictl, ctr, lxc, incus, multipass, distrobox, toolbox, apptainer manuals;
nsenter(1), systemd-run(1), systemd-nspawn(1), machinectl(1), ip-netns(8), pct(1), qm(1).
"""

from __future__ import annotations

from typing import Final

from safeshell.frozen import frozen
from safeshell.guard.reading import Address
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent, word
from safeshell.shell.wrappers.front import Front, Walk, front, walk
from safeshell.shell.wrappers.privileges import assignment_of
from safeshell.shell.wrappers.remote import on_host, ssh_address
from safeshell.shell.wrappers.shells import fed_script

_DOCKER: Final = front(
    "-D --debug --tls --tlsverify -v --version --remote -r --verbose --compatibility --dry-run"
    " --all-resources --no-ansi",
    "-H -c -l --host --context --config --log-level --tlscacert --tlscert --tlskey --connection --url --identity"
    " --namespace -n -a --address --root --cgroup-manager --storage-driver --runroot --hooks-dir"
    " --module --snapshotter"
    " -f --file -p --project-name --profile --env-file --project-directory --parallel --ansi --progress",
)
_EXEC: Final = front(
    "-d -i -t -T -l --detach --interactive --tty --privileged --no-TTY --no-tty --latest",
    "-e -u -w --env --env-file --user --workdir --detach-keys --index --preserve-fds --cidfile",
)
_RUN: Final = front(
    "-d -i -t -P -q -T --detach --interactive --tty --rm --privileged --init --publish-all --read-only --sig-proxy"
    " --no-healthcheck --oom-kill-disable --disable-content-trust --quiet --no-deps --service-ports --use-aliases"
    " --build --remove-orphans --no-TTY --replace --tls-verify --systemd --env-host --http-proxy --no-hosts --no-tty"
    " --rmi --quiet-pull -A",
    "-a -c -e -h -l -m -p -u -v -w --add-host --annotation --attach --blkio-weight --cap-add"
    " --cap-drop --cgroup-parent"
    " --cgroupns --cidfile --cpu-period --cpu-quota --cpu-shares --cpus --cpuset-cpus --cpuset-mems --device --dns"
    " --dns-option --dns-search --domainname --entrypoint --env --env-file --expose --gpus --group-add --health-cmd"
    " --health-interval --health-retries --health-timeout --hostname --ip --ip6 --ipc --isolation"
    " --label --label-file"
    " --link --log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap --mount --name --net"
    " --network --network-alias --oom-score-adj --pid --pids-limit --platform --publish --pull --restart --runtime"
    " --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs --ulimit --user --userns"
    " --uts --volume --volume-driver --volumes-from --workdir --pod --authfile --arch --os --secret --timezone --tz"
    " --detach-keys --device-cgroup-rule --volumes",
)
_GROUPS: Final = frozenset({"container", "compose"})


def _docker(call: Call) -> Unwrapped | None:
    """`docker [container] exec|run …`, `docker compose exec|run …`, also of podman and nerdctl."""
    composed = call.name in ("docker-compose", "podman-compose")
    outer = walk(call.words, _DOCKER)
    words = outer.operands
    options = list(outer.options)
    if words[:1] and words[0].text in _GROUPS:
        composed = words[0].text == "compose"
        again = walk(words[1:], _DOCKER)
        options += again.options
        words = again.operands
    if len(words) < 2:
        return PACKS_JUDGE
    where = Walk(tuple(options), ()).value("-H", "--host", "--context", "--connection", "--url")
    addresses = (Address("docker", where.text),) if where is not None and where.known else ()
    if words[0].text == "exec":
        return transparent(*_in_container(call, words[1:], _EXEC, addresses, named=True))
    if words[0].text == "run":
        return judged_too(*_in_container(call, words[1:], _RUN, addresses, named=composed))
    if words[0].text == "unshare":
        return transparent(*(call.runs(one) for one in walk(words[1:], front("--rootless-netns")).readings()))
    if [one.text for one in words[:2]] == ["machine", "ssh"] and len(words) > 2:
        return transparent(*on_host(call, words[2:], addresses))
    return PACKS_JUDGE


def _in_container(
    call: Call, words: tuple[Word, ...], table: Front, addresses: tuple[Address, ...], *, named: bool
) -> list[Inner]:
    """`[options] NAME command…`; an entry point is a program that gets the words behind the image."""
    taken = walk(words, table)
    entry = taken.value("--entrypoint")
    assignments = tuple(assignment_of(one) for one in taken.values("-e", "--env") if "=" in one.text)
    inner: list[Inner] = []
    for operands in taken.readings():
        command = operands[1:]
        if taken.has("-l", "--latest") and table is _EXEC:
            command = operands
        if entry is not None and entry.text:
            command = (entry, *command)
        if command:
            at = (Address("docker", operands[0].text),) if named and operands[0].known else ()
            inner.append(
                call.runs(command, elsewhere=True, addresses=addresses + at, assignments=assignments)
            )
    return inner


@frozen
class Inside:
    """A tool whose `SUBCOMMAND [options] NAME [--] command…` runs the command in what NAME names.

    Args:
        subcommand: words in front, each with its alternatives: `("t|task", "exec")`.
        table: options, before and behind the subcommand.
        names: how many words stand before the command.
        kind: of the address that the first name is; "" for none.
        changes: it makes something new, which the packs judge.
        elsewhere: the command does not run on this machine's own files.
    """

    subcommand: tuple[str, ...] = ()
    table: Front = Front(known=True)
    names: int = 1
    kind: str = ""
    changes: bool = False
    elsewhere: bool = True

    def __call__(self, call: Call) -> Unwrapped | None:
        """What the command line runs."""
        words = call.words
        for text in self.subcommand:
            words = walk(words, self.table).operands
            if not words or words[0].text not in text.split("|"):
                return PACKS_JUDGE
            words = words[1:]
        inner: list[Inner] = []
        for operands in walk(words, self.table).readings():
            split = next((at for at, one in enumerate(operands[: self.names + 2]) if one.text == "--"), None)
            command = operands[self.names :] if split is None else operands[split + 1 :]
            if command:
                named = self.kind and self.names and operands[0].known
                addresses = (Address(self.kind, operands[0].text),) if named else ()
                inner.append(call.runs(command, elsewhere=self.elsewhere, addresses=addresses))
        return judged_too(*inner) if self.changes else transparent(*inner)


def _inside(
    *subcommand: str,
    values: str = "",
    names: int = 1,
    kind: str = "",
    changes: bool = False,
    elsewhere: bool = True,
) -> Inside:
    return Inside(subcommand, front(values=values, known=True), names, kind, changes, elsewhere)


_NSENTER: Final = front(
    "-a -e -F -Z -c --all --env --no-fork --follow-context --preserve-credentials --keep-caps --join-cgroup"
    " --user-parent -h -V",
    "-t -S -G -N --target --setuid --setgid --net-socket",
    attached=(
        "-m -u -i -n -p -U -C -T -r -w -W --mount --uts --ipc --net --pid --user --cgroup --time --root"
        " --wd --wdns"
    ),
)
_SYSTEMD_RUN: Final = front(
    "--scope --user --system -r --remain-after-exit -t --pty -P --pipe -q --quiet -G --collect"
    " --wait -d --same-dir -S"
    " --shell --no-block --send-sighup --no-ask-password --slice-inherit --ignore-failure -v",
    "-u -p -E -M -H -C --unit --property --description --slice --setenv --machine --host --uid --gid --nice"
    " --working-directory --on-active --on-boot --on-startup --on-unit-active --on-unit-inactive --on-calendar"
    " --timer-property --path-property --socket-property --service-type --background --job-mode --expand-environment"
    " --on-clock-change --on-timezone-change",
)
_NSPAWN: Final = front(
    known=True,
    values="-D -i -M -u -S -E -L -Z --directory --image --machine --user --slice --setenv --bind --bind-ro --uuid"
    " --template --root-hash --property --capability --network-interface --network-veth-extra --network-bridge -p"
    " --port --chdir --hostname --tmpfs --overlay",
)


def _nsenter(call: Call) -> Unwrapped | None:
    """`nsenter -t PID [namespaces] [command…]`; without a command a shell reads on."""
    taken = walk(call.words, _NSENTER)
    if not taken.operands:
        return fed_script(call, elsewhere=True)
    return transparent(*(call.runs(words, elsewhere=True) for words in taken.readings()))


def _systemd_run(call: Call) -> Unwrapped | None:
    """`systemd-run [options] command…`: at once, or at a time, on this machine or on another."""
    taken = walk(call.words, _SYSTEMD_RUN)
    host = taken.value("-H", "--host")
    machine = taken.value("-M", "--machine")
    addresses = tuple([ssh_address(host.text)] if host is not None and host.known else []) + tuple(
        [Address("machine", machine.text)] if machine is not None and machine.known else []
    )
    inner = [
        call.runs(words, elsewhere=host is not None or machine is not None, addresses=addresses)
        for words in taken.readings()
    ]
    return judged_too(*inner)


def _nspawn(call: Call) -> Unwrapped | None:
    taken = walk(call.words, _NSPAWN)
    return judged_too(*(call.runs(words, elsewhere=True) for words in taken.readings()))


def _ip(call: Call) -> Unwrapped | None:
    """`ip netns exec NAME command…`, `ip vrf exec NAME command…`; everything else of ip is the packs' matter."""
    words = walk(call.words, front(values="-n -netns -b -batch", known=True)).operands
    heads = [one.text for one in words[:2]]
    if heads in (["netns", "exec"], ["net", "exec"], ["vrf", "exec"]) and len(words) > 3:
        return transparent(call.runs(words[3:]))
    return PACKS_JUDGE


def _wsl(call: Call) -> Unwrapped | None:
    """`wsl [-d NAME] [-u USER] [-e|--exec|--] command…`."""
    taken = walk(
        call.words, front("--system -e --exec --cd-home", "-d -u --distribution --user --cd --shell-type")
    )
    return transparent(*(call.runs(words, elsewhere=True) for words in taken.readings()))


def _sail(call: Call) -> Unwrapped | None:
    """`sail artisan x`: the programs that it knows; its own words are compose's."""
    programs = (
        "php",
        "artisan",
        "composer",
        "node",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "bun",
        "mysql",
        "psql",
        "mariadb",
    )
    if not call.words or call.words[0].text not in (
        *programs,
        "art",
        "a",
        "redis",
        "debug",
        "root-shell",
        "bin",
    ):
        return PACKS_JUDGE
    name = {"art": "artisan", "a": "artisan", "debug": "artisan", "redis": "redis-cli"}.get(
        call.words[0].text
    )
    words = (word(name, call.words[0]), *call.words[1:]) if name else call.words
    return transparent(call.runs(words, elsewhere=True))


def _flatpak(call: Call) -> Unwrapped | None:
    """`flatpak-spawn --host command…`; `flatpak run --command=PROGRAM APP words…`."""
    if call.name == "flatpak":
        taken = walk(call.words[1:], front(values="--branch --arch --runtime", known=True))
        program = taken.value("--command")
        if not call.words or call.words[0].text != "run" or program is None:
            return PACKS_JUDGE
        return judged_too(call.runs((program, *taken.operands[1:]), elsewhere=True))
    return transparent(*(call.runs(words) for words in walk(call.words, front(known=True)).readings()))


WRAPPERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(
        ("docker", "podman", "nerdctl", "docker-compose", "podman-compose", "finch", "com.docker.cli"),
        _docker,
    ),
    "crictl": _inside(
        "exec", values="-r --runtime-endpoint --image-endpoint --timeout --config", kind="docker"
    ),
    "ctr": _inside(
        "t|task|tasks", "exec", values="-n --namespace -a --address --exec-id --cwd --user", kind="docker"
    ),
    "lxc": _inside("exec", values="--cwd --env --user --group --mode --project", kind="lxc"),
    "incus": _inside("exec", values="--cwd --env --user --group --mode --project", kind="lxc"),
    "lxc-attach": _inside(
        values="-n --name -P --lxcpath -o -l -R -u -g -v --set-var --keep-var -e -s", names=0
    ),
    "lxc-execute": _inside(values="-n --name -P -f -s -o -l", names=0, changes=True),
    "pct": _inside("exec", values="--keep-env", kind="lxc"),
    "qm": _inside("guest", "exec", values="--timeout --synchronous --pass-stdin", kind="vm"),
    "nsenter": _nsenter,
    "systemd-run": _systemd_run,
    "systemd-nspawn": _nspawn,
    "machinectl": _inside("shell", values="-E --setenv --uid -H --host -M", kind="machine"),
    "ip": _ip,
    "flatpak": _flatpak,
    "flatpak-spawn": _flatpak,
    "distrobox": _inside("enter", values="-n --name -a --additional-flags", names=0),
    "distrobox-enter": _inside(values="-n --name -a --additional-flags", names=0),
    "distrobox-host-exec": _inside(names=0, elsewhere=False),
    "host-spawn": _inside(names=0, elsewhere=False),
    "toolbox": _inside("run", values="-c --container -d --distro -r --release", names=0),
    "multipass": _inside("exec", values="-d --working-directory", kind="vm"),
    **dict.fromkeys(
        ("apptainer", "singularity"),
        _inside("exec", values="-B --bind --pwd --home -H --env --env-file -S --network", changes=True),
    ),
    "schroot": _inside(values="-c --chroot -u --user -d --directory -n --session-name -s -o", names=0),
    "arch-chroot": _inside(values="-u"),
    "proot": _inside(values="-r -b -q -w -R -S -i -k -m", names=0),
    "buildah": _inside(
        "run",
        values="--user --workingdir -v --volume --env -e --cap-add --network",
        kind="docker",
        changes=True,
    ),
    "nomad": Inside(
        ("alloc", "exec"),
        front(values="-task -e -job -namespace -region -address -token", known=True, single_dash=True),
        kind="nomad",
    ),
    "wsl": _wsl,
    "sail": _sail,
}
