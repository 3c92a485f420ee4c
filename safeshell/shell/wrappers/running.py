"""Programs that run a command under other circumstances: env, nice, nohup, timeout, strace, flock, ….

Most are one row of a table: which options they have, how many words stand before the command. Those whose words
need more thought are functions. Sources: each program's manual page (coreutils, util-linux, procps, strace,
ltrace, expect, linux-tools, valgrind, daemontools, runit, moreutils).
"""

from __future__ import annotations

import re
from typing import Final

from safeshell.frozen import frozen
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.inner import Inner, Unwrapped
from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import PACKS_JUDGE, Call, Handler, judged_too, transparent
from safeshell.shell.wrappers.front import Front, assigned, front, walk
from safeshell.shell.wrappers.privileges import assignment_of


@frozen
class Prefix:
    """A program that is put in front of a command.

    Args:
        table: its options.
        operands: how many words of its own stand between the options and the command.
        looks: options with which it runs nothing.
        writes: options with which it changes something by itself, so that the packs judge it too.
        assignments: `NAME=value` words may stand before the command.
        elsewhere: the command runs in another root.
        changes: it always changes something by itself.
    """

    table: Front = Front(known=True)
    operands: int = 0
    looks: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    assignments: bool = False
    elsewhere: bool = False
    changes: bool = False

    def __call__(self, call: Call) -> Unwrapped | None:
        """What the command line runs."""
        taken = walk(call.words, self.table)
        if any(option.name in self.looks for option in taken.options):
            return PACKS_JUDGE
        inner = [
            one
            for words in taken.readings()
            if (one := self._inner(call, words[self.operands :])) is not None
        ]
        if self.changes or any(option.name in self.writes for option in taken.options):
            return judged_too(*inner)
        return transparent(*inner)

    def _inner(self, call: Call, words: tuple[Word, ...]) -> Inner | None:
        if self.operands and words[:1] and words[0].text == "--":
            words = words[1:]
        count = assigned(words) if self.assignments else 0
        if not words[count:]:
            return None
        return call.runs(
            words[count:],
            elsewhere=self.elsewhere,
            assignments=tuple(assignment_of(one) for one in words[:count]),
        )


def _prefix(
    flags: str = "",
    values: str = "",
    *,
    attached: str = "",
    pairs: str = "",
    known: bool = False,
    operands: int = 0,
    looks: str = "",
    writes: str = "",
    assignments: bool = False,
    elsewhere: bool = False,
    changes: bool = False,
    single_dash: bool = False,
) -> Prefix:
    table = front(
        flags + " --help --version",
        values,
        attached=attached,
        pairs=pairs,
        known=known,
        single_dash=single_dash,
    )
    return Prefix(
        table,
        operands,
        frozenset(looks.split()),
        frozenset(writes.split()),
        assignments,
        elsewhere,
        changes,
    )


_CHRT: Final = front(
    "-b -d -e -f -i -o -r -a -m -v -R -G -p --batch --deadline --ext --fifo --idle --other --rr --all-tasks --max"
    " --verbose --reset-on-fork --reclaim --dl-overrun --pid",
    "-T -P -D --sched-runtime --sched-period --sched-deadline",
)
_TASKSET: Final = front("-a -c -p --all-tasks --cpu-list --pid")
_FLOCK: Final = front(
    "-s -x -e -u -n -o -F --shared --exclusive --unlock --nonblock --nb --close --no-fork --verbose --fcntl",
    "-w -E --timeout --wait --conflict-exit-code",
)
_SCRIPT: Final = front(
    "-a -e -f -q --append --return --flush --quiet --force",
    "-c -I -O -B -T -m -E -o --command --log-in --log-out --log-io --log-timing --logging-format --echo"
    " --output-limit",
    attached="-t --timing",
    permuted=True,
)
_WATCH: Final = front(
    "-b -c -C -e -f -g -p -r -t -w -x --beep --color --no-color --errexit --follow --chgexit --precise"
    " --no-rerun --no-title --no-wrap --exec",
    "-n -q -s --interval --equexit --shotsdir",
    attached="-d --differences",
)
_PERF: Final = front(
    "-a -i -v -q -d -g -s -T -W -R -n -A -B -S --all-cpus --no-inherit --verbose --quiet --detailed --group"
    " --stat --timestamp --no-aggr --big-num --null --scale --per-socket --per-core --per-thread --all-user"
    " --all-kernel --inherit --no-buffering --append --sync --metric-only --no-merge",
    "-e -o -p -t -C -r -x -I -D -F -c -m -G -j -k -u -M --event --output --pid --tid --cpu --repeat"
    " --field-separator --interval-print --delay --freq --count --mmap-pages --cgroup --branch-filter --clockid"
    " --call-graph --uid --metrics --max-events --filter --timeout --log-fd --pre --post",
)
_HYPERFINE: Final = front(
    "-N -i -u --ignore-failure --show-output",
    "-w -m -M -r -p -c -s -S -n -P -D -L -C --warmup --min-runs --max-runs --runs --prepare"
    " --cleanup --setup --shell"
    " --command-name --export-json --export-csv --export-markdown --style --conclude --reference --time-unit --input"
    " --output --parameter-list --parameter-scan --sort",
    permuted=True,
)
_GDB_SHELL: Final = lazy_pattern(r"\s*(?:(?:shell|make)\s+|!\s*|pipe\b[^|]*\|)(.*)", re.S)
_ENTR: Final = front("-a -c -d -n -p -r -s -x -z")


def _nohup(call: Call) -> Unwrapped | None:
    """`nohup command…`: what it prints goes into the file nohup.out, unless it goes elsewhere already."""
    taken = walk(call.words, front("--help --version", known=True))
    inner = [call.runs(words) for words in taken.readings()]
    writes_elsewhere = any(
        ">" in one.operator and one.descriptor in (None, 1) and one.target.text != "&1"
        for one in call.command.redirects
    )
    return transparent(*inner) if writes_elsewhere else judged_too(*inner)


def _chrt(call: Call) -> Unwrapped | None:
    """`chrt [options] PRIORITY command…`; `-p` is about a running process."""
    taken = walk(call.words, _CHRT)
    if taken.has("-p", "--pid", "-m", "--max"):
        return PACKS_JUDGE
    inner = [call.runs(words) for words in (_after_number(one) for one in taken.readings()) if words]
    return transparent(*inner)


def _after_number(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return words[1:] if words[0].text.isdigit() or not words[0].known else words


def _taskset(call: Call) -> Unwrapped | None:
    """`taskset [-c] MASK command…`; `-p` is about a running process."""
    taken = walk(call.words, _TASKSET)
    if taken.has("-p", "--pid"):
        return PACKS_JUDGE
    return transparent(*(call.runs(words[1:]) for words in taken.readings() if words[1:]))


def _flock(call: Call) -> Unwrapped | None:
    """`flock FILE command…`, `flock FILE -c TEXT`; `flock 9` locks a descriptor. The file is made."""
    taken = walk(call.words, _FLOCK)
    inner: list[Inner] = []
    for words in taken.readings():
        rest = words[1:]
        if rest[:1] and rest[0].text in ("-c", "--command"):
            if rest[1:]:
                inner.append(call.runs_text(rest[1:2]))
        elif rest:
            inner.append(call.runs(rest[1:] if rest[0].text == "--" else rest))
    return judged_too(*inner)


def _script(call: Call) -> Unwrapped | None:
    """`script [-c TEXT] [FILE]`, and with BSD `script FILE command…`. The record is a file, unless it is nothing."""
    taken = walk(call.words, _SCRIPT)
    text = taken.value("-c", "--command")
    inner: list[Inner] = [call.runs_text([text])] if text is not None else []
    if len(taken.operands) > 1:
        # What follows FILE are BSD's command and its own options: taken from where the file stands.
        at = call.words.index(taken.operands[0])
        inner.append(call.runs(one for one in call.words[at + 1 :] if one.text != "--"))
    record = taken.value("-O", "-B", "-I", "--log-out", "--log-io", "--log-in") or next(
        iter(taken.operands), None
    )
    if record is not None and record.text == "/dev/null" and not taken.has("-T", "--log-timing"):
        return transparent(*inner)
    return judged_too(*inner)


def _watch(call: Call) -> Unwrapped | None:
    """`watch [options] command…`: joined and parsed again, unless `-x`."""
    taken = walk(call.words, _WATCH)
    if taken.has("-x", "--exec"):
        return transparent(*(call.runs(words) for words in taken.readings()))
    return transparent(*(call.runs_text(words) for words in taken.readings()))


def _perf(call: Call) -> Unwrapped | None:
    """`perf stat|record|trace [options] command…`; the other subcommands run nothing."""
    subcommand = call.words[0].text if call.words else ""
    if subcommand not in (
        "stat",
        "record",
        "trace",
        "kvm",
        "lock",
        "sched",
        "mem",
        "c2c",
        "iostat",
        "kwork",
        "ftrace",
    ):
        return PACKS_JUDGE
    taken = walk(call.words[1:], _PERF)
    # `perf kvm stat record …`, `perf mem record …` have words of their own, each with options behind it.
    words = [_behind_own_words(one) for one in taken.readings()]
    own = ("report",) if subcommand in ("stat", "record", "trace") else ("report", "script", "annotate")
    inner = [call.runs(one) for one in words if one and one[0].text not in own]
    if subcommand == "stat" and not taken.has("-o", "--output", "--pre", "--post"):
        return transparent(*inner)
    return judged_too(*inner)


def _behind_own_words(words: tuple[Word, ...]) -> tuple[Word, ...]:
    while words and words[0].text in ("record", "stat", "trace", "latency", "contention"):
        words = walk(words[1:], _PERF).operands
    return words


def _hyperfine(call: Call) -> Unwrapped | None:
    """Each operand is a text that is run many times."""
    taken = walk(call.words, _HYPERFINE)
    hooks = taken.values("-p", "-c", "-s", "--prepare", "--cleanup", "--setup", "--conclude")
    inner = [call.runs_text([one]) for one in (*hooks, *taken.operands)]
    exports = any(option.name.startswith(("--export", "--output")) for option in taken.options)
    return judged_too(*inner) if exports else transparent(*inner)


def _entr(call: Call) -> Unwrapped | None:
    """`entr [-acdnprsxz] command…`; with `-s` a text; `/_` stands for the file that changed."""
    taken = walk(call.words, _ENTR)
    if taken.has("-s"):
        return transparent(*(call.runs_text(words[:1]) for words in taken.readings()))
    return transparent(*(call.runs(words) for words in taken.readings()))


def _setarch(call: Call) -> Unwrapped | None:
    """`setarch [ARCHITECTURE] [options] command…`; without a command it starts a shell."""
    words = call.words[1:] if call.words[:1] and call.words[0].text[:1] != "-" else call.words
    return transparent(*(call.runs(one) for one in walk(words, front(known=True)).readings()))


def _gdb(call: Call) -> Unwrapped | None:
    """`gdb --args command…` starts it; `-ex 'shell TEXT'` runs a shell."""
    inner: list[Inner] = []
    for at, one in enumerate(call.words):
        if one.text in ("--args", "-args") and call.words[at + 1 :]:
            inner.append(call.runs(call.words[at + 1 :]))
            break
        if one.text in ("-ex", "--ex", "-eval-command", "--eval-command") and call.words[at + 1 :]:
            given = call.words[at + 1]
            match = _GDB_SHELL.match(given.text)
            if match:
                text = match[1]
                inner.append(call.runs_text([Word(text, given.span, given.source, unknowns=given.unknowns)]))
    return judged_too(*inner)


def _agent(call: Call) -> Unwrapped | None:
    """`ssh-agent [options] [command…]`."""
    taken = walk(call.words, front("-c -D -d -k -s -x", "-a -E -O -P -t"))
    return judged_too(*(call.runs(words) for words in taken.readings()))


WRAPPERS: Final[dict[str, Handler]] = {
    "nice": _prefix("-0 -1 -2 -3 -4 -5 -6 -7 -8 -9", "-n --adjustment"),
    "ionice": _prefix(
        "-t --ignore", "-c -n --class --classdata -p -P -u", looks="-p -P -u --pid --pgid --uid"
    ),
    "chrt": _chrt,
    "taskset": _taskset,
    "nohup": _nohup,
    "setsid": _prefix("-c -f -w --ctty --fork --wait"),
    "timeout": _prefix(
        "-v -f -p --preserve-status --foreground --verbose", "-k -s --kill-after --signal", operands=1
    ),
    "gtimeout": _prefix(
        "-v --preserve-status --foreground --verbose", "-k -s --kill-after --signal", operands=1
    ),
    "time": _prefix(
        "-a -p -v -q -l -h --append --portability --verbose --quiet",
        "-f -o --format --output",
        writes="-o --output",
    ),
    "gtime": _prefix(
        "-a -p -v -q --append --portability --verbose --quiet", "-f -o --format --output", writes="-o"
    ),
    "strace": _prefix(
        "-c -C -d -D -f -F -h -i -k -n -N -q -r -t -T -v -V -w -x -y -z -Z --follow-forks --summary-only --summary"
        " --instruction-pointer --relative-timestamps --no-abbrev --output-append-mode --successful-only"
        " --failed-only --output-separately",
        "-a -b -e -E -I -o -O -p -P -s -S -u -U -X --attach --columns --env --trace-path --output --string-limit"
        " --summary-sort-by --user --const-print-style",
        attached="--timestamps --trace --syscall-times --stack-traces --decode-fds --daemonize --argv0 --signal"
        " --status --quiet --silent --syscall-limit",
        writes="-o --output",
    ),
    "ltrace": _prefix(
        "-b -c -C -f -h -i -L -r -S -t -T -V --no-signals --demangle",
        "-A -a -D -e -F -l -n -o -p -s -u -w -x -X --output --align --library --indent --config --where",
        writes="-o --output",
    ),
    "stdbuf": _prefix("", "-i -o -e --input --output --error"),
    "unbuffer": _prefix("-p"),
    "script": _script,
    "flock": _flock,
    "lckdo": _prefix("-w -W -e -s -x -q", "-W -E", operands=1),
    "watch": _watch,
    "viddy": _watch,
    "chroot": _prefix("--skip-chdir", "--userspec --groups -u -g -G", operands=1, elsewhere=True),
    "unshare": _prefix(
        "-m -u -i -n -p -U -C -T -f -r -c --fork --map-root-user --map-current-user --map-auto --keep-caps -h -V",
        "-S -G -R -w -l --setuid --setgid --root --wd --propagation --setgroups --map-user --map-group --map-users"
        " --map-groups --monotonic --boottime --load-interp",
        attached="--mount --uts --ipc --net --pid --user --cgroup --time --kill-child --mount-proc --mount-binfmt",
    ),
    "faketime": _prefix("-m -f --exclude-monotonic", "-p --date-prog", operands=1),
    "caffeinate": _prefix("-d -i -m -s -u", "-t -w"),
    "entr": _entr,
    "setarch": _setarch,
    "arch": _prefix(known=True, values="-arch -e -d", single_dash=True),
    **dict.fromkeys(("linux32", "linux64", "i386", "i686", "x86_64"), _prefix(known=True)),
    "cgexec": _prefix("--sticky -b", "-g"),
    "numactl": _prefix(
        "-a -l -b -H -s --all --localalloc --balancing --hardware --show",
        "-i -p -m -w -N -C -P --interleave --preferred --membind --weighted-interleave --cpunodebind --physcpubind"
        " --preferred-many --cpubind",
        looks="-H -s --hardware --show",
    ),
    "perf": _perf,
    "valgrind": _prefix(known=True, writes="--log-file --xml-file --trace-file"),
    "catchsegv": _prefix(),
    "gdb": _gdb,
    **dict.fromkeys(("proxychains", "proxychains4", "proxychains-ng"), _prefix("-q", "-f")),
    "torsocks": _prefix("-i -q -d --isolate", "-a -P -u -p --address --port --user --pass"),
    **dict.fromkeys(("torify", "tsocks", "graftcp", "usewithtor"), _prefix(known=True)),
    "firejail": _prefix(known=True),
    "bwrap": _prefix(
        known=True,
        values="--unshare-user-try --dev --proc --tmpfs --mqueue --dir --chdir --unsetenv --uid --gid --hostname"
        " --lock-file --sync-fd --seccomp --args --argv0 --cap-add --cap-drop --perms --size --remount-ro --info-fd",
        pairs="--bind --ro-bind --dev-bind --bind-try --ro-bind-try --dev-bind-try --symlink --setenv --file"
        " --bind-data --ro-bind-data --chmod",
        elsewhere=True,
    ),
    "cpulimit": _prefix("-z -i -b -f -q -v", "-l -e -p -m --limit", looks="-p -e --pid --exe"),
    "chpst": _prefix("-v -P -0 -1 -2", "-u -U -b -/ -n -l -L -m -d -o -p -f -c -r -t -e -C"),
    "softlimit": _prefix("", "-a -c -d -f -l -m -o -p -r -s -t"),
    **dict.fromkeys(
        ("setuidgid", "envdir", "envuidgid", "setlock", "fghack"), _prefix("-n -N -x -X", operands=1)
    ),
    "prlimit": _prefix(
        "--noheadings --raw --verbose",
        "-p -o --pid --output",
        attached="-c -d -e -f -i -l -m -n -q -r -s -t -u -v -x -y",
        known=True,
        looks="-p --pid",
    ),
    "choom": _prefix("", "-n -p --adjust --pid", looks="-p --pid"),
    "systemd-inhibit": _prefix(
        "--list --no-pager --no-legend", "--what --who --why --mode --no-ask-password", looks="--list"
    ),
    "systemd-cat": _prefix("", "-t -p --identifier --priority --stderr-priority --level-prefix --namespace"),
    **dict.fromkeys(
        ("dbus-run-session", "dbus-launch"), _prefix("--exit-with-session", "--config-file --dbus-daemon")
    ),
    "xvfb-run": _prefix(
        "-a -l --auto-servernum --listen-tcp",
        "-n -e -f -p -s -w --server-num --error-file --auth-file --xauth-protocol --server-args --wait",
    ),
    "ssh-agent": _agent,
    "rlwrap": _prefix(known=True, values="-f -H -C -b -e -g -l -m -p -q -s -S -t -z"),
    **dict.fromkeys(
        ("chronic", "eatmydata", "rtk", "grc", "colorize", "dumb-init", "catatonit"), _prefix(known=True)
    ),
    "tini": _prefix("-s -w -g -v", "-p -e"),
    "ifne": _prefix("-n"),
    "ts-retry": _prefix(known=True),
    "hyperfine": _hyperfine,
    "logsave": _prefix("-a -s -v", operands=1, changes=True),
    "dtach": _prefix("-E -z -q", "-e -r -a -A -c -n -N", changes=True),
    "trickle": _prefix("-s -v", "-u -d -w -t -l -n -p -L"),
    "isolate": _prefix(known=True),
    "with-contenv": _prefix(),
    "s6-setuidgid": _prefix(operands=1),
    "s6-envdir": _prefix(known=True, operands=1),
    "lockrun": _prefix(known=True),
    "cronic": _prefix(),
    "ld.so": _prefix(known=True, values="--library-path --preload --inhibit-rpath --audit --argv0"),
}
