"""`safeshell ssh`: ssh, with the guard inside of the session and in front of a command."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.errors import UsageError
from safeshell.guard.environment import UNLABELLED

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.ssh.resolved import Resolved

_EPILOG = """options besides ssh's own, before the host:
  --transport auto|paramiko|openssh   what makes the connection; -v says which, and why
  --plain                             leave the remote shell as it is: its lines are read from the screen
  --check                             try which ways of submitting a line are held on the host
  --yes-i-mean TARGET                 answer the question about a command by naming its target, in a script
  --unlock --reason TEXT              leave read-only for this one command

examples:
  safeshell ssh web-1                          as ssh; every line is read before it runs there
  safeshell ssh -p 2222 deploy@web-1 uptime    one command, judged first
  safeshell --mode read-only ssh db-1          nothing runs that is not proven to read
  safeshell ssh --check web-1                  which ways of submitting a line are held there? a table
  rsync -e 'safeshell ssh' src/ web-1:src/     as ssh for other programs

exit status: the remote command's; 255 no connection, 2 usage, 70 internal error, 77 refused, 78 configuration
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `ssh` to the program's commands; its words are ssh's, and read by `safeshell.ssh.options`."""
    parser = subparsers.add_parser(
        "ssh",
        help="ssh, guarded; takes ssh's options",
        description="ssh, with its options, its configuration and its known hosts, and with the guard inside.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="safeshell ssh [options] [ssh's options] [user@]HOST [COMMAND…]",
        add_help=False,
    )
    parser.set_defaults(run=run, print_help=parser.print_help)


def run(arguments: argparse.Namespace) -> int:
    """Connect; the exit status of the remote shell or command.

    Raises:
        SafeshellError: it can't be begun, or the command was refused.
    """
    from safeshell.ssh.options import read_call
    from safeshell.ssh.own_options import split_options

    own, words = split_options(arguments.words)
    if own.help:
        arguments.print_help()
        return 0
    call = read_call(words)
    program = ssh_program()
    if not call.destination or call.has("G"):
        if not program:
            raise UsageError("there is no ssh on this machine that could be asked", where="safeshell ssh")
        os.execv(program, [program, *words])  # noqa: S606 - a question to ssh about itself
    from safeshell.cli.ssh_place import host_place
    from safeshell.cli.ssh_transport import choose_transport
    from safeshell.ssh.exec_line import Runs, exec_line, wants_terminal

    place = host_place(arguments, call, program)
    choice = own.transport or place.settings.ssh.transport
    transport = choose_transport(choice, call, place.resolved, program)
    if own.check:
        from safeshell.cli.ssh_check import run_check

        return run_check(place, transport)
    has_terminal = sys.stdin.isatty()
    what = exec_line(call, place.resolved, has_terminal=has_terminal)
    if what.runs is Runs.NOTHING:
        argv = list(transport.exec_argv())
        os.execv(argv[0], argv)  # noqa: S606 - forwards and the like, as ssh does them
    if place.environment.strictness >= UNLABELLED.strictness and _forwards_agent(place.resolved):
        sys.stderr.write(
            f"safeshell: your agent is forwarded to {place.match.name}: whoever is root there can use your keys "
            "while you are connected.\n  -a leaves it at home; -J goes on from there without it.\n"
        )
    if what.runs is Runs.SESSION and sys.stdout.isatty():
        from safeshell.cli.ssh_session import run_session
        from safeshell.ssh.labelling import is_one_of, names_of

        plain = own.plain or is_one_of(place.settings.ssh.plain, names_of(call, place.resolved))
        return run_session(arguments, place, transport, integrate=not plain)
    from safeshell.cli.ssh_exec import run_command

    def at_terminal() -> int:
        from safeshell.cli.ssh_session import run_session

        return run_session(arguments, place, transport, integrate=not own.plain, command=what.line)

    is_shown = has_terminal and sys.stdout.isatty() and not call.has("s")
    is_shown = (
        is_shown and what.runs is Runs.COMMAND and wants_terminal(call, place.resolved, has_terminal=True)
    )
    carry = at_terminal if is_shown else None
    return run_command(arguments, own, place, what, transport.exec_argv(), carry)


def ssh_program() -> str:
    """The system's ssh, which reads its own configuration; "" where there is none."""
    return shutil.which("ssh", path=_path_without_us()) or ""


def _forwards_agent(resolved: Resolved) -> bool:
    return resolved.one("forwardagent", "no") not in ("no", "false")


def _path_without_us() -> str:
    """PATH without the folders in which `ssh` is a link to this program."""
    own = Path(sys.argv[0]).resolve()
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(one for one in folders if (Path(one) / "ssh").resolve() != own)
