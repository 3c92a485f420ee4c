"""`safeshell unlock` and `lock` as programs: in a guarded shell the shell's own function answers instead."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from safeshell.errors import UsageError

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  safeshell unlock 10m INC-7 restart the queue     in a guarded shell: leave read-only for ten minutes
  safeshell lock                                   go back at once

The time is at most what the environment allows, and ends by itself. In the Redis console: :unlock, :lock.
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add the command that was typed."""
    for name, about in (
        ("unlock", "leave read-only for a while, with a reason"),
        ("lock", "go back to read-only"),
    ):
        parser = subparsers.add_parser(
            name,
            help=about,
            description=f"In a guarded shell: {about}.",
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("words", nargs="*", metavar="DURATION REASON" if name == "unlock" else "")
        parser.set_defaults(run=run, name=name)


def run(arguments: argparse.Namespace) -> int:
    """Say that there is no session here: its own shell would have answered.

    Raises:
        UsageError: always.
    """
    raise UsageError(
        "there is no guarded session here that could be told",
        where=f"safeshell {arguments.name}",
        todo="Start one with `safeshell`, and type it at its prompt, not in a script.",
    )
