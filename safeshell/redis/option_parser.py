"""The options of `safeshell redis`, one by one: how each is written, what it takes, what its help says.

redis-cli's options, and the few of our own. What they mean together is `options`'.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from safeshell.errors import UsageError
from safeshell.redis.chosen_options import Action
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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, where=self.prog, todo=f"See {self.prog} --help.")


def option_parser(prog: str) -> argparse.ArgumentParser:
    """What takes the words apart; a wrong one is a `UsageError`.

    Args:
        prog: what the program is called in help and errors.
    """
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
