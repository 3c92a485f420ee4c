"""`safeshell targets`: every target, its environment and mode, and what holds it read-only."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from safeshell.cli.judging import load_config
from safeshell.config.settings import KernelHold
from safeshell.errors import ExitStatus
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible
from safeshell.terminal.theme import Theme, theme_for

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.settings import Settings, Target
    from safeshell.guard.environment import Environment

_EPILOG = """examples:
  safeshell targets
  safeshell targets --json
  safeshell doctor cache        connects, and proves what is only said here
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `targets` to the program's commands."""
    parser = subparsers.add_parser(
        "targets",
        help="every target, its environment, mode, and what enforces it",
        description="Show what the configuration says of every target. Connects to nothing.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show all targets.

    Raises:
        ConfigInvalid: the configuration does not validate.
    """
    settings = load_config(arguments).settings
    rows = [_row(settings, target) for target in settings.targets.values()]
    if arguments.json:
        for row in rows:
            print(json.dumps(row))
        return int(ExitStatus.DONE)
    if not rows:
        print("No targets yet; every server is `unlabelled`. `safeshell config init` makes a configuration.")
        return int(ExitStatus.DONE)
    theme = theme_for(
        os.environ,
        is_tty=sys.stdout.isatty(),
        no_color=arguments.no_color,
        encoding=sys.stdout.encoding,
        colors=settings.theme.colors,
        symbols=settings.theme.symbols,
    )
    _print(settings, rows, theme)
    return int(ExitStatus.DONE)


def enforcement(environment: Environment, target: Target, *, kernel: KernelHold = KernelHold.OFF) -> str:
    """What holds a target read-only, as far as the configuration says.

    Args:
        environment: the target's.
        target: which.
        kernel: whether this machine's kernel is to hold its read-only shells.
    """
    if environment.mode is not Mode.READ_ONLY:
        return "" if not target.readonly else "nothing: its mode is not read-only"
    access = target.readonly
    if access is None:
        held = _kernel_means() if target.local and kernel is not KernelHold.OFF else ""
        return f"{held}, and the client's proof of each line" if held else "the client's proof of each line"
    parts = [f"the server, user {access.username}"] if access.username else []
    parts += ["a replica"] if access.redis else []
    return " at ".join(parts)


def _kernel_means() -> str:
    from safeshell.terminal.confinement.means import available

    hold = available().hold()
    return hold.means if hold else ""


def _row(settings: Settings, target: Target) -> dict[str, str]:
    environment = settings.environment_of(target)
    return {
        "target": target.name,
        "environment": environment.name,
        "mode": environment.mode.value,
        "enforced_by": enforcement(environment, target, kernel=settings.shell.kernel),
        "what": ", ".join(_what(target)),
    }


def _what(target: Target) -> list[str]:
    found = ["this machine"] if target.local else []
    found += [place.text for place in target.redis]
    if target.sentinel:
        found.append(f"sentinel master {target.sentinel.master}")
    found += [f"ssh {pattern}" for pattern in target.ssh]
    found += [f"kubernetes {pattern}" for pattern in target.kubernetes]
    found += [f"aws {pattern}" for pattern in target.aws]
    return found + [f"{name}={value}" for name, value in target.environ.items()]


def _print(settings: Settings, rows: list[dict[str, str]], theme: Theme) -> None:
    widths = {key: max(len(visible(row[key])) for row in rows) for key in ("target", "mode", "enforced_by")}
    badges = {row["environment"]: theme.badge(settings.environments[row["environment"]]) for row in rows}
    plain = {name: len(theme.word(settings.environments[name])) for name in badges}
    for row in rows:
        name = row["environment"]
        padding = " " * (max(plain.values()) - plain[name])
        print(
            f"{visible(row['target']):<{widths['target']}}  {badges[name]}{padding}  "
            f"{row['mode']:<{widths['mode']}}  {visible(row['enforced_by']):<{widths['enforced_by']}}  "
            f"{visible(row['what'])}".rstrip()
        )
