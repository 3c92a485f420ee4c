"""`safeshell shell` and `safeshell` alone: the person's own shell, or another program, with the guard inside."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from safeshell.errors import UsageError

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  safeshell                                    your own shell, guarded
  safeshell shell                              the same
  safeshell --environment production shell     as if this machine were production
  safeshell --mode read-only shell             nothing runs that is not proven to read
  safeshell shell -- zsh                       another shell
  safeshell shell -- psql shop                 any program that reads lines: its lines are read from the screen
  safeshell shell --dialect sql -- ./our-db    one that safeshell does not know by name

exit status: the shell's own; 2 usage, 70 internal error, 78 configuration invalid
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
    parser.add_argument(
        "program", nargs="*", metavar="PROGRAM", help="behind --: another shell, and its arguments"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the session; the exit status of the shell.

    Raises:
        SafeshellError: it can't be begun.
    """
    from safeshell.cli.judging import environment_named, load_config
    from safeshell.cli.shell_session import plan_for
    from safeshell.terminal.wrapped import session
    from safeshell.terminal.wrapped.double_start import refuse_second_guard

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the guarded shell needs a terminal",
            where="safeshell shell",
            todo="For a script there is safeshell check.",
        )
    refuse_second_guard(os.environ, sys.stdin.fileno())
    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    named = environment_named(loaded.settings, arguments.environment) if arguments.environment else None
    argv = arguments.program or [os.environ.get("SHELL") or "/bin/sh"]
    plan = plan_for(
        loaded.settings,
        argv,
        named,
        arguments.mode,
        dialect=arguments.dialect,
        config=arguments.config,
        no_color=arguments.no_color,
    )
    return session.run(plan)
