"""The words after `safeshell redis`: redis-cli's options, and the few of our own.

Parsing only: no config, no connection. The first word that is no option begins the target or the command,
and from there on nothing is an option any more, as in redis-cli.
"""

from __future__ import annotations

import argparse
from collections.abc import Container, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from safeshell.errors import UsageError
from safeshell.frozen import frozen
from safeshell.redis.render import OutputFormat
from safeshell.version import __version__

_DESCRIPTION = """\
The guarded Redis console. Takes redis-cli's options, a target's name or a URL, and a command.

  safeshell redis cache                      the configured target `cache`
  safeshell redis -h cache.prod -p 6380 -n 2
  safeshell redis rediss://ops@cache.prod.example.com:6380/0 GET greeting
  safeshell redis cache --csv LRANGE queue 0 9
  safeshell redis cache < commands.txt       judged as a whole before the first line runs
  safeshell redis cache --yes-i-mean cache DEL stale:1
  safeshell redis cache --scan --pattern 'cache:home:*'
"""

_EPILOG = """\
Without a command and with a terminal it opens the console; :help there lists what it can do.
Exit status: 0 done, 1 the server answered with an error, 2 usage, 69 unreachable,
77 refused (denied, not confirmed, or a question with nobody to ask), 78 configuration invalid.
The cluster manager (--cluster), --ldb, --replica and --lru-test stay redis-cli's.
"""


_LEFT_TO_REDIS_CLI = (
    "--cluster",
    "--ldb",
    "--ldb-sync-mode",
    "--replica",
    "--slave",
    "--lru-test",
    "--keystats",
)


class Action(StrEnum):
    """What is to be done with the connection."""

    COMMANDS = "commands"
    SCAN = "scan"
    BIGKEYS = "bigkeys"
    MEMKEYS = "memkeys"
    HOTKEYS = "hotkeys"
    STAT = "stat"
    LATENCY = "latency"
    LATENCY_HISTORY = "latency-history"
    LATENCY_DIST = "latency-dist"
    INTRINSIC_LATENCY = "intrinsic-latency"
    PIPE = "pipe"
    RDB = "rdb"
    FUNCTIONS_RDB = "functions-rdb"
    EVAL = "eval"
    PRINT_ACL = "print-acl"


@frozen
class ConnectionOptions:
    """Where to connect and as whom, as far as the options say; None is "not said"."""

    host: str | None
    port: int | None
    socket: str | None
    url: str | None
    db: int | None
    user: str | None
    password: str | None
    ask_password: bool
    timeout: float | None
    family: int | None
    tls: bool
    sni: str | None
    cacert: Path | None
    cacertdir: Path | None
    cert: Path | None
    key: Path | None
    insecure: bool
    tls_ciphers: str | None
    tls_ciphersuites: str | None
    protocol: int | None
    name: str | None
    cluster: bool
    sentinels: tuple[str, ...]
    sentinel_master: str | None
    target: str | None

    @property
    def says_where(self) -> bool:
        """Whether a host, socket, URL, Sentinel or target is given by an option."""
        return bool(self.host or self.socket or self.url or self.sentinels or self.target or self.port)


@frozen
class RedisOptions:
    """One `safeshell redis` command line.

    Args:
        connection: where and as whom.
        action: what to do there.
        words: the target (first, perhaps) and the command.
        format: None when output follows standard output's kind.
        delimiter, item_delimiter: of raw output, between replies and between elements.
        repeat: how often a command runs; negative for ever.
        interval: seconds between repetitions, and between samples of --stat and --latency.
        last_from_stdin: standard input is the command's last argument.
        tag_from_stdin: standard input replaces the argument that is this tag.
        quoted_input: the command's words carry redis-cli's quoting.
        errors_apart: error replies go to standard error.
        show_pushes: None when it follows the terminal.
        pattern, count: for --scan and the key statistics.
        samples: of --memkeys.
        file: of --rdb, --functions-rdb and --eval.
        seconds: of --intrinsic-latency and the idle time-out of --pipe.
        yes_i_mean: the target named beforehand, for scripts.
        reason: why, for scripts.
        unlock: whether read-only is left for this command or script.
    """

    connection: ConnectionOptions
    action: Action
    words: tuple[str, ...]
    format: OutputFormat | None
    delimiter: bytes
    item_delimiter: bytes
    repeat: int
    interval: float
    last_from_stdin: bool
    tag_from_stdin: str | None
    quoted_input: bool
    errors_apart: bool
    show_pushes: bool | None
    pattern: str | None
    quoted_pattern: bool
    count: int
    samples: int | None
    file: str | None
    seconds: int
    yes_i_mean: str | None
    reason: str
    unlock: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, where=self.prog, todo=f"See {self.prog} --help.")


def parse_options(words: Sequence[str], *, prog: str = "safeshell redis") -> RedisOptions:
    """The options in `words`.

    Raises:
        UsageError: they do not fit; nothing was done.
        SystemExit: `--help` or `-h` alone was asked for, and has been answered.
    """
    parser = _parser(prog)
    if asks_for_help(words):
        parser.print_help()
        raise SystemExit(0)
    for word in words:
        if word in _LEFT_TO_REDIS_CLI:
            raise UsageError(f"{word} stays redis-cli's", where=prog, todo="Use redis-cli itself for it.")
        if not word.startswith("-"):
            break
    joined = _with_joined_numbers(words)
    found = parser.parse_args(["".join(parts) for parts in joined])
    # What stands behind the options is the command's, and is sent as it was typed.
    found.words = [part for parts in joined[len(joined) - len(found.words) :] for part in parts]
    return _checked(found, prog)


def _with_joined_numbers(words: Sequence[str]) -> list[list[str]]:
    """Words that count as one: `-r -1`, where argparse takes `-1` for an option as there are `-2` and `-3`."""
    joined: list[list[str]] = []
    for word in words:
        if joined and joined[-1] in (["-r"], ["-i"]) and word.startswith("-") and word[1:].isdigit():
            joined[-1].append(word)
        else:
            joined.append([word])
    return joined


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether nothing but help is asked for; `-h` with a word behind it is a host."""
    return list(words) in (["-h"], ["--help"])


def parse_with_place(words: Sequence[str], targets: Container[str]) -> RedisOptions:
    """The same, where options may also follow a target or a URL: `cache --scan`.

    Args:
        words: as for `parse_options`.
        targets: the names of the configuration's targets.

    Raises:
        UsageError, SystemExit: as `parse_options`.
    """
    options = parse_options(words)
    place, *rest = options.words or ("",)
    if not (rest and rest[0].startswith("-") and len(rest[0]) > 1):
        return options
    if options.connection.says_where or not (place in targets or "://" in place):
        return options
    before = words[: len(words) - len(options.words)]
    if list(before[-1:]) == ["--"]:
        return options
    more = parse_options(rest)
    after = len(rest) - len(more.words)
    return parse_options([*before, *rest[:after], place, *more.words])


def _parser(prog: str) -> _Parser:
    parser = _Parser(
        prog=prog,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        add_help=False,
        allow_abbrev=False,
        usage=f"{prog} [options] [TARGET | URL] [COMMAND [ARG ...]]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_connection(parser.add_argument_group("where to connect"))
    _add_input_output(parser.add_argument_group("input and output"))
    _add_actions(parser.add_argument_group("instead of commands"))
    guard = parser.add_argument_group("the guard")
    guard.add_argument(
        "--yes-i-mean", metavar="TARGET", help="answer the questions of a script by naming its target"
    )
    guard.add_argument(
        "--unlock", action="store_true", help="leave read-only for this command or script (wants --reason)"
    )
    guard.add_argument("--reason", metavar="TEXT", help="the reason, where the environment wants one")
    guard.add_argument(
        "--print-acl", action="store_true", help="print the ACL rule of a read-only user for this server"
    )
    guard.add_argument("-v", "--version", action="version", version=f"safeshell {__version__}")
    guard.add_argument("--help", action="help", help="show this help and exit")
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _add_connection(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-h", dest="host", metavar="HOST", help="host name (127.0.0.1)")
    group.add_argument("-p", dest="port", type=_port, metavar="PORT", help="port (6379)")
    group.add_argument("-s", dest="socket", metavar="PATH", help="unix socket")
    group.add_argument(
        "-u", "--url", dest="url", metavar="URL", help="redis://user@host:port/db, rediss://, unix://"
    )
    group.add_argument("--target", metavar="NAME", help="a target of the configuration")
    group.add_argument("-n", dest="db", type=_db, metavar="DB", help="database number")
    group.add_argument(
        "-a", "--pass", dest="password", metavar="PASSWORD", help="password (REDISCLI_AUTH is safer)"
    )
    group.add_argument("--user", metavar="NAME", help="ACL user")
    group.add_argument("--askpass", action="store_true", help="ask for the password, unseen")
    group.add_argument(
        "--no-auth-warning", action="store_true", help="do not warn that -a can be seen by others"
    )
    group.add_argument("-t", dest="timeout", type=_seconds, metavar="SECONDS", help="time-out of connecting")
    group.add_argument("-4", dest="family", action="store_const", const=4, help="IPv4 only")
    group.add_argument("-6", dest="family", action="store_const", const=6, help="IPv6 only")
    group.add_argument("-2", dest="protocol", action="store_const", const=2, help="speak RESP2")
    group.add_argument("-3", dest="protocol", action="store_const", const=3, help="speak RESP3")
    group.add_argument("--name", metavar="NAME", help="name of this client on the server")
    group.add_argument("-c", dest="cluster", action="store_true", help="follow a cluster's redirections")
    group.add_argument(
        "--sentinel", dest="sentinels", action="append", default=[], metavar="HOST:PORT",
        help="ask this Sentinel for the primary of --master (may be given again)",
    )  # fmt: skip
    group.add_argument(
        "--master", dest="sentinel_master", metavar="NAME", help="the master's name at the Sentinels"
    )
    group.add_argument("--tls", action="store_true", help="connect by TLS")
    group.add_argument("--sni", metavar="HOST", help="server name to ask for")
    group.add_argument("--cacert", type=Path, metavar="FILE", help="CA certificate")
    group.add_argument("--cacertdir", type=Path, metavar="DIR", help="folder of CA certificates")
    group.add_argument("--cert", type=Path, metavar="FILE", help="client certificate")
    group.add_argument("--key", type=Path, metavar="FILE", help="its private key")
    group.add_argument("--insecure", action="store_true", help="do not check the server's certificate")
    group.add_argument("--tls-ciphers", metavar="LIST", help="ciphers up to TLS 1.2")
    group.add_argument("--tls-ciphersuites", metavar="LIST", help="cipher suites of TLS 1.3")


def _add_input_output(group: argparse._ArgumentGroup) -> None:
    for flag, form in (
        ("--raw", OutputFormat.RAW),
        ("--no-raw", OutputFormat.HUMAN),
        ("--csv", OutputFormat.CSV),
        ("--json", OutputFormat.JSON),
        ("--quoted-json", OutputFormat.QUOTED_JSON),
    ):
        group.add_argument(flag, dest="format", action="store_const", const=form, help=f"{form} output")
    group.add_argument(
        "-d", dest="item_delimiter", default="\\n", metavar="TEXT", help="between elements (raw)"
    )
    group.add_argument("-D", dest="delimiter", default="\\n", metavar="TEXT", help="between replies (raw)")
    group.add_argument(
        "-r", dest="repeat", type=int, default=1, metavar="N", help="run the command N times (-1: for ever)"
    )
    group.add_argument(
        "-i", dest="interval", type=_seconds, metavar="SECONDS", help="wait between runs and samples"
    )
    group.add_argument(
        "-x", dest="last_from_stdin", action="store_true", help="last argument from standard input"
    )
    group.add_argument("-X", dest="tag_from_stdin", metavar="TAG", help="argument TAG from standard input")
    group.add_argument("--quoted-input", action="store_true", help='words carry quoting ("\\x00")')
    group.add_argument(
        "-e", dest="errors_apart", action="store_true", help="print error replies to standard error"
    )
    group.add_argument("--show-pushes", choices=("yes", "no", "y", "n"), help="print RESP3 push messages")


def _add_actions(group: argparse._ArgumentGroup) -> None:
    actions = group.add_mutually_exclusive_group()
    for action, text in (
        (Action.SCAN, "list keys by SCAN"),
        (Action.BIGKEYS, "sample for keys with many elements"),
        (Action.MEMKEYS, "sample for keys that take much memory"),
        (Action.HOTKEYS, "sample for keys used most (needs an LFU policy)"),
        (Action.STAT, "rolling statistics"),
        (Action.LATENCY, "measure round trips"),
        (Action.LATENCY_HISTORY, "the same, a line per interval"),
        (Action.LATENCY_DIST, "the same, as a spectrum"),
        (Action.PIPE, "mass insert of commands from standard input"),
    ):
        actions.add_argument(f"--{action}", dest="action", action="store_const", const=action, help=text)
    actions.add_argument("--rdb", metavar="FILE", help="fetch the server's RDB file (- for standard output)")
    actions.add_argument("--functions-rdb", metavar="FILE", help="the same, functions only")
    actions.add_argument("--eval", metavar="FILE", help="run a Lua file: KEY [KEY …] , ARG [ARG …]")
    actions.add_argument(
        "--intrinsic-latency", type=int, metavar="SECONDS", help="latency of this machine itself"
    )
    group.add_argument("--pattern", metavar="GLOB", help="only keys that match (with --scan and statistics)")
    group.add_argument("--quoted-pattern", metavar="GLOB", help="the same, with quoting")
    group.add_argument("--count", type=int, default=0, metavar="N", help="COUNT of each SCAN")
    group.add_argument("--memkeys-samples", type=int, metavar="N", help="elements sampled per key (0: all)")
    group.add_argument(
        "--pipe-timeout", type=int, default=30, metavar="SECONDS", help="wait for the last replies (30)"
    )


def _checked(found: argparse.Namespace, prog: str) -> RedisOptions:
    action, file, seconds = _action(found)
    if found.last_from_stdin and found.tag_from_stdin is not None:
        raise UsageError("-x and -X both want standard input", where=prog, todo="Use one of them.")
    if bool(found.sentinels) != bool(found.sentinel_master):
        raise UsageError("--sentinel and --master belong together", where=prog, todo="Give both.")
    if found.socket and (found.host or found.cluster):
        raise UsageError("-s names a unix socket, which has no host and no cluster", where=prog)
    connection = ConnectionOptions(
        host=found.host, port=found.port, socket=found.socket, url=found.url, db=found.db, user=found.user,
        password=found.password, ask_password=found.askpass, timeout=found.timeout, family=found.family,
        tls=found.tls, sni=found.sni, cacert=found.cacert, cacertdir=found.cacertdir, cert=found.cert,
        key=found.key, insecure=found.insecure, tls_ciphers=found.tls_ciphers,
        tls_ciphersuites=found.tls_ciphersuites, protocol=found.protocol, name=found.name,
        cluster=found.cluster, sentinels=tuple(found.sentinels), sentinel_master=found.sentinel_master,
        target=found.target,
    )  # fmt: skip
    return RedisOptions(
        connection=connection,
        action=action,
        words=tuple(found.words[1:] if found.words[:1] == ["--"] else found.words),
        format=found.format,
        delimiter=_unescaped(found.delimiter),
        item_delimiter=_unescaped(found.item_delimiter),
        repeat=found.repeat,
        interval=found.interval or 0.0,
        last_from_stdin=found.last_from_stdin,
        tag_from_stdin=found.tag_from_stdin,
        quoted_input=found.quoted_input,
        errors_apart=found.errors_apart,
        show_pushes=None if found.show_pushes is None else found.show_pushes.startswith("y"),
        pattern=found.quoted_pattern or found.pattern,
        quoted_pattern=found.quoted_pattern is not None,
        count=found.count,
        samples=found.memkeys_samples,
        file=file,
        seconds=seconds,
        yes_i_mean=found.yes_i_mean,
        reason=found.reason or "",
        unlock=found.unlock,
    )


def _action(found: argparse.Namespace) -> tuple[Action, str | None, int]:
    if found.print_acl:
        return Action.PRINT_ACL, None, 0
    if found.rdb is not None:
        return Action.RDB, found.rdb, 0
    if found.functions_rdb is not None:
        return Action.FUNCTIONS_RDB, found.functions_rdb, 0
    if found.eval is not None:
        return Action.EVAL, found.eval, 0
    if found.intrinsic_latency is not None:
        return Action.INTRINSIC_LATENCY, None, found.intrinsic_latency
    if found.memkeys_samples is not None and found.action is None:
        return Action.MEMKEYS, None, 0
    action: Action = found.action or Action.COMMANDS
    return action, None, found.pipe_timeout if action is Action.PIPE else 0


def _unescaped(text: str) -> bytes:
    r"""A delimiter as typed, with `\n`, `\t`, `\0`, `\\` meant."""
    replaced = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\0": "\0", "\\\\": "\\"}
    return replaced.get(text, text).encode("utf-8", "surrogateescape")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return int(text)


def _db(text: str) -> int:
    # redis-cli takes `-n abc` for 0 and runs on the wrong database; that is how production gets flushed.
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no database number")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds
