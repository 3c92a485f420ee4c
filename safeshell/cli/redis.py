"""`safeshell redis`: hands the words to the console, with the configuration and the global options."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers


def add_parser(subparsers: SubParsers) -> None:
    """Add `redis` to the program's commands; its words are parsed by the console."""
    parser = subparsers.add_parser("redis", add_help=False)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the console on `arguments.words`; the exit status.

    Raises:
        SafeshellError: it can't be done; the error says why.
    """
    from safeshell.redis.options import asks_for_help, parse_options, parse_with_place

    if asks_for_help(arguments.words):
        parse_options(arguments.words)
    from safeshell.cli.judging import environment_named, load_config
    from safeshell.redis import program

    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    settings = loaded.settings
    options = parse_with_place(arguments.words, settings.targets)
    start = program.Start(
        settings=settings,
        environ=os.environ,
        environment=environment_named(settings, arguments.environment) if arguments.environment else None,
        mode=arguments.mode,
        no_color=arguments.no_color,
        verbose=arguments.verbose,
    )
    return program.run(options, start)
