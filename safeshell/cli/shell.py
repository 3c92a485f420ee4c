"""`safeshell shell` and `safeshell` alone: the person's own shell, or another program, with the guard inside.

Also one line of it (`-c`), and what sshd forces upon a connection (`--forced`).
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from safeshell.errors import Refused, UsageError

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.settings import Settings
    from safeshell.guard.environment import Environment

_EPILOG = """examples:
  safeshell                                    your own shell, guarded
  safeshell shell                              the same
  safeshell --environment production shell     as if this machine were production
  safeshell --mode read-only shell             nothing runs that is not proven to read
  safeshell shell -- zsh                       another shell
  safeshell shell -- psql shop                 any program that reads lines: its lines are read from the screen
  safeshell shell --dialect sql -- ./our-db    one that safeshell does not know by name
  safeshell shell -c 'rm -rf build'            one line: judged, asked about, run by your shell; also safeshell -c
  ForceCommand safeshell shell --forced        in sshd_config: docs/server-side.md

exit status: the shell's own; 2 usage, 70 internal error, 77 refused, 78 configuration invalid
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `shell` to the program's commands."""
    parser = subparsers.add_parser(
        "shell",
        help="your own shell in this terminal, with the guard at its Enter key",
        description="Your own shell, with your own prompt and history; every line is read before it runs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dialect",
        metavar="NAME",
        help="what a program without a hook is taken for: psql, irb, sql, python, …; by its name otherwise",
    )
    parser.add_argument("--login", action="store_true", help="a login shell, which reads its profile first")
    parser.add_argument("-c", dest="line", metavar="LINE", help="one line, and no session")
    parser.add_argument(
        "--forced",
        action="store_true",
        help="what sshd's ForceCommand runs: the line in SSH_ORIGINAL_COMMAND, or without one a session",
    )
    parser.add_argument(
        "program", nargs="*", metavar="PROGRAM", help="behind --: another shell, and its arguments"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the session or the line; the exit status of the shell.

    Raises:
        SafeshellError: it can't be begun.
    """
    from safeshell.cli.judging import environment_named, load_config
    from safeshell.cli.login import is_own_shell, shell_for_lines

    line: str | None = arguments.line
    if (arguments.forced or line is not None) and (
        arguments.program or arguments.dialect or (arguments.forced and line is not None)
    ):
        raise UsageError(
            "-c takes one line, --forced the one that sshd hands on, and neither a program",
            where="safeshell shell",
            todo="Quote the line: safeshell shell -c 'ls -l'",
        )
    if arguments.forced:
        # Below this process it would be run again by whatever else is forced.
        line = os.environ.pop("SSH_ORIGINAL_COMMAND", "") or None
    login = arguments.login or arguments.forced or (is_own_shell(os.environ) and not arguments.program)
    if line is None:
        _need_terminal(of_login=login)
    # What runs inside finds the shell that it runs in, also where the account's own is safeshell.
    os.environ["SHELL"] = shell_for_lines(os.environ)
    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    settings = loaded.settings
    named = environment_named(settings, arguments.environment) if arguments.environment else None
    if line is not None:
        return _run_line(arguments, settings, named, line)
    return _open_session(
        arguments, settings, named, arguments.program or [os.environ["SHELL"], *(["-l"] if login else [])]
    )


def _need_terminal(*, of_login: bool) -> None:
    """See that a person is there, and no guard in front of them yet.

    Raises:
        UsageError: there is no terminal.
        Refused: there is none at a login, or this terminal is guarded already.
    """
    from safeshell.terminal.wrapped.double_start import refuse_second_guard

    if sys.stdin.isatty() and sys.stdout.isatty():
        refuse_second_guard(os.environ, sys.stdin.fileno())
    elif of_login:
        raise Refused(
            "lines that come without a terminal can't be asked about one by one; nothing was run",
            todo="Give the line as a command (ssh HOST 'LINE'), or ask for a terminal: ssh -t HOST",
        )
    else:
        raise UsageError(
            "the guarded shell needs a terminal",
            where="safeshell shell",
            todo="For a script there is safeshell check, for one line safeshell shell -c LINE.",
        )


def _open_session(
    arguments: argparse.Namespace, settings: Settings, named: Environment | None, argv: list[str]
) -> int:
    from safeshell.cli.shell_session import plan_for
    from safeshell.terminal.wrapped import session

    plan = plan_for(
        settings,
        argv,
        named,
        arguments.mode,
        dialect=arguments.dialect,
        config=arguments.config,
        no_color=arguments.no_color,
    )
    return session.run(plan)


def _run_line(arguments: argparse.Namespace, settings: Settings, named: Environment | None, line: str) -> int:
    from safeshell.cli.one_line import OneLine, run_line
    from safeshell.cli.shell_session import place_of_session
    from safeshell.guard.mode import Mode
    from safeshell.ssh.sftp_server import sftp_line
    from safeshell.terminal.wrapped.double_start import is_guarded

    shell = os.environ["SHELL"]
    place = place_of_session(settings, named, arguments.mode, shell)
    guarded = is_guarded(os.environ, sys.stdin.fileno())
    return run_line(
        OneLine(
            line=sftp_line(line, read_only=place.mode is Mode.READ_ONLY) or line,
            shell=shell,
            login=arguments.login,
            settings=settings,
            place=place,
            no_color=arguments.no_color,
            client=os.environ.get("SSH_CONNECTION", "").partition(" ")[0],
            open_session=None if guarded else lambda argv: _open_session(arguments, settings, named, argv),
        )
    )
