"""`safeshell demo`: a throw-away server that plays production, and the guarded console on it."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.errors import Refused

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_CONFIG = """\
version = 1

[targets.cache-prod]
environment = "production"
redis = "redis://127.0.0.1:{port}/0"
password_env = "SAFESHELL_DEMO_PASSWORD"
"""

_WELCOME = """\
This is a throw-away {program} on this machine, filled with believable keys and labelled production.
It ends with this console and leaves nothing behind. Three things to try:

  1.  FLUSHDB                        production is read-only: refused, and you are told what to do
  2.  :unlock 5m trying the demo     then FLUSHDB again: the question needs what only you can know
  3.  DEL cart:7                     answer yes, look (HGETALL cart:7), then take it back with :undo

:help lists everything; ^D leaves.
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `demo` to the program's commands."""
    parser = subparsers.add_parser(
        "demo",
        help="a throw-away production Redis to break",
        description="Start a throw-away Redis on this machine, labelled production, and open the guarded "
        "console on it. It ends with the console and leaves nothing behind.",
        epilog="examples:\n  safeshell demo\n  echo FLUSHALL | safeshell demo    (refused: nobody is there)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the console on a server of our own; the console's exit status.

    Raises:
        Refused: this process already is inside a demo's console.
    """
    from safeshell.redis.address import ServerAddress
    from safeshell.redis.connection import Connection
    from safeshell.redis.throwaway import believable_keys, find_server_program, throwaway_server

    if "SAFESHELL_DEMO_PASSWORD" in os.environ:
        raise Refused("a demo is running already in this terminal", todo="Leave it with ^D first.")
    with (
        tempfile.TemporaryDirectory(prefix="safeshell-demo-") as folder,
        throwaway_server(find_server_program()) as server,
    ):
        address = ServerAddress(host="127.0.0.1", port=server.port, password=server.password)
        with Connection.open(address) as connection:
            connection.pipeline(believable_keys())
        config = Path(folder) / "config.toml"
        config.write_text(_CONFIG.format(port=server.port))
        os.environ["SAFESHELL_DEMO_PASSWORD"] = server.password
        # Journal, history and undo of the demo are no part of the person's own.
        os.environ["XDG_STATE_HOME"] = folder
        os.environ["XDG_CONFIG_HOME"] = folder
        print(_WELCOME.format(program=server.program))
        return _console(arguments, config)


def _console(arguments: argparse.Namespace, config: Path) -> int:
    from safeshell.cli.redis import run as run_redis

    arguments.config = config
    arguments.words = ["cache-prod"]
    return run_redis(arguments)
