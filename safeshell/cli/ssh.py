"""`safeshell ssh`: ssh, with the guard inside of the session and in front of a command."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING

from safeshell.errors import UsageError

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  safeshell ssh web-1                          as ssh; every line is read before it runs there
  safeshell ssh -p 2222 deploy@web-1 uptime    one command, judged first
  safeshell --mode read-only ssh db-1          nothing runs that is not proven to read
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
        add_help=False,
    )
    parser.set_defaults(run=run, print_help=parser.print_help)


def run(arguments: argparse.Namespace) -> int:
    """Connect; the exit status of the remote shell or command.

    Raises:
        SafeshellError: it can't be begun, or the command was refused.
    """
    words: list[str] = arguments.words
    if words in (["--help"], ["-h"]):
        arguments.print_help()
        return 0
    from safeshell.ssh.options import read_call

    call = read_call(words)
    program = shutil.which("ssh")
    if program is None:
        raise UsageError("there is no ssh on this machine", where="safeshell ssh")
    if not call.destination:
        os.execv(program, [program, *words])  # noqa: S606 - a question about ssh itself
    from safeshell.cli.ssh_session import interactive

    if not call.command and sys.stdin.isatty():
        return interactive(arguments, call, program)
    raise UsageError("not yet")
