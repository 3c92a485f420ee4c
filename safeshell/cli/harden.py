"""`safeshell harden`: prints what makes a wall of the same policy on the server. Applies nothing."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from safeshell.errors import ExitStatus, UsageError
from safeshell.guard.text import visible

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.loading import Loaded
    from safeshell.config.settings import Settings, Target

_EPILOG = """examples:
  safeshell harden ssh                       for every target with SSH hosts
  safeshell harden ssh --target web
  safeshell harden redis --target cache --server valkey-8.1
  safeshell harden postgres --target shop > roles.sql

Whoever wants to gets round safeshell on their own machine; nobody gets round what the server refuses. What is
printed is commented, and derived from your configuration where that says something. docs/server-side.md explains
each, how to try it, and how to undo it.

exit status: 0 done, 2 usage, 78 configuration invalid
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `harden` to the program's commands."""
    parser = subparsers.add_parser(
        "harden",
        help="print what makes a wall of the same policy on a server",
        description="Print server-side rules of the same policy. Nothing is applied, no server is contacted.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("ssh", "redis", "postgres"), metavar="ssh|redis|postgres")
    parser.add_argument("--target", metavar="NAME", help="only this target of the configuration")
    parser.add_argument(
        "--server", metavar="VERSION", help="redis: which server it is, redis-7.2 or valkey-8.1 (redis-7.0)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print it.

    Raises:
        ConfigInvalid: the configuration does not validate.
        UsageError: there is no such target, or it is of another kind.
    """
    from safeshell.cli.judging import load_config
    from safeshell.config.matching import target_named

    loaded = load_config(arguments)
    settings = loaded.settings
    target = target_named(settings, arguments.target) if arguments.target else None
    if arguments.server and arguments.what != "redis":
        raise UsageError("--server is about redis", where=f"safeshell harden {arguments.what}")
    match arguments.what:
        case "ssh":
            text = _ssh(loaded, target)
        case "redis":
            text = _redis(settings, target, arguments.server or "redis-7.0")
        case _:
            text = _postgres(settings, target)
    sys.stdout.write(text)
    return int(ExitStatus.DONE)


def _ssh(loaded: Loaded, target: Target | None) -> str:
    from safeshell.cli.hardening.ssh_hosts import ssh_wall
    from safeshell.config.building import table

    settings = loaded.settings
    targets = _chosen(target, [one for one in settings.targets.values() if one.ssh], "SSH hosts (ssh)")
    environments = table(loaded.provenance.values, "environments")
    return ssh_wall(settings, targets, {name: table(environments, name) for name in environments})


def _redis(settings: Settings, target: Target | None, server: str) -> str:
    from safeshell.cli.hardening.redis_users import parse_server, redis_wall

    kind = parse_server(server)
    having = [one for one in settings.targets.values() if one.redis or one.sentinel]
    targets = _chosen(target, having, "a Redis server (redis)")
    if not targets:
        return redis_wall(None, kind)
    return "\n".join(redis_wall(one, kind) for one in targets)


def _postgres(settings: Settings, target: Target | None) -> str:
    from safeshell.cli.hardening.postgres_roles import Database, databases_of, postgres_wall

    found = list(databases_of([target] if target else list(settings.targets.values())))
    if not found:
        return postgres_wall(target, Database())
    return "\n".join(postgres_wall(one, database) for one, database in found)


def _chosen(target: Target | None, having: list[Target], what: str) -> list[Target]:
    """The targets that the text is for."""
    if target is None:
        return having
    if target not in having:
        others = ", ".join(visible(one.name) for one in having)
        raise UsageError(
            f"{visible(target.name)} has no {what.removeprefix('a ')}",
            where="safeshell harden",
            todo=f"These have: {others}." if others else "No target of the configuration has.",
        )
    return [target]
