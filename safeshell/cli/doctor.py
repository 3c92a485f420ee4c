"""`safeshell doctor`: what is protected here, and how strongly; fails when it is less than configured."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from safeshell.cli.judging import load_config
from safeshell.cli.targets import enforcement
from safeshell.errors import ExitStatus, SafeshellError
from safeshell.frozen import frozen
from safeshell.guard.mode import Mode
from safeshell.guard.text import visible
from safeshell.terminal.theme import Style, Theme, theme_for

if TYPE_CHECKING:
    from pathlib import Path

    from safeshell.cli.main import SubParsers
    from safeshell.config.loading import Loaded
    from safeshell.config.settings import KernelHold, Settings, Target

_EPILOG = """examples:
  safeshell doctor               everything: configuration, journal, terminal, every Redis target
  safeshell doctor cache         the same, but of the targets only `cache`
  safeshell doctor --offline     without connecting anywhere

exit status: 0 all is as configured, 1 something is weaker than configured or can't be reached
"""


class Health(StrEnum):
    """How a check ended."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "weak"


@frozen
class Check:
    """One thing that was looked at."""

    health: Health
    subject: str
    text: str


def add_parser(subparsers: SubParsers) -> None:
    """Add `doctor` to the program's commands."""
    parser = subparsers.add_parser(
        "doctor",
        help="what is protected here, and how strongly",
        description="Look at everything the guard stands on, and prove what can be proven without harm.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", nargs="*", help="only these targets")
    parser.add_argument("--offline", action="store_true", help="connect nowhere")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 when something is weaker than configured.

    Raises:
        ConfigInvalid: the configuration does not validate.
        UsageError: no such target.
    """
    loaded = load_config(arguments)
    theme = theme_for(
        os.environ,
        is_tty=sys.stdout.isatty(),
        no_color=arguments.no_color,
        encoding=sys.stdout.encoding,
        colors=loaded.settings.theme.colors,
        symbols=loaded.settings.theme.symbols,
    )
    worst = Health.GOOD
    for check in _checks(arguments, loaded):
        print(_shown(check, theme), flush=True)
        worst = Health.BAD if Health.BAD in (worst, check.health) else worst
    return int(ExitStatus.COMMAND_FAILED if worst is Health.BAD else ExitStatus.DONE)


def _checks(arguments: argparse.Namespace, loaded: Loaded) -> Iterator[Check]:
    from safeshell.config.matching import target_named
    from safeshell.journal.state import state_folder

    settings = loaded.settings
    targets = [target_named(settings, name) for name in arguments.target] or list(settings.targets.values())
    yield from _of_config(loaded)
    yield from _of_journal(state_folder(settings.state_folder))
    yield _of_terminal(arguments)
    yield from _of_this_shell()
    yield from _of_kernel(settings.shell.kernel)
    for target in targets:
        if target.redis or target.sentinel:
            yield from _of_redis(settings, target, offline=arguments.offline)
        elif not target.local:
            what = "only matched by name; the consoles that connect to it do not exist yet"
            yield Check(Health.NOTE, target.name, what)


def _of_config(loaded: Loaded) -> Iterator[Check]:
    files = ", ".join(str(path) for path in loaded.files)
    yield Check(Health.GOOD, "configuration", files or "no file; everything is built in")
    for warning in loaded.warnings:
        yield Check(Health.NOTE, "configuration", warning)
    if not loaded.settings.targets:
        yield Check(Health.NOTE, "configuration", "names no targets: every server is unlabelled")


def _of_journal(folder: Path) -> Iterator[Check]:
    from safeshell.journal.reader import JournalReader
    from safeshell.journal.state import private_folder
    from safeshell.journal.verify import verify

    try:
        private_folder(folder)
        if not os.access(folder, os.W_OK):
            yield Check(Health.BAD, "journal", f"{folder} can't be written: production lines will not run")
            return
        report = verify(JournalReader(folder))
    except SafeshellError as error:
        yield Check(Health.BAD, "journal", str(error))
        return
    if report.holds:
        yield Check(Health.GOOD, "journal", f"{folder}: {report.events:,} events, the chain holds")
    else:
        first = report.breaks[0]
        yield Check(
            Health.BAD, "journal", f"the chain is broken at {first.seq}: {first.what}. {first.meaning}"
        )


def _of_terminal(arguments: argparse.Namespace) -> Check:
    theme = theme_for(os.environ, is_tty=True, no_color=arguments.no_color)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Check(Health.NOTE, "terminal", "none: lines that need a question are refused here")
    return Check(
        Health.GOOD, "terminal", f"colours: {theme.depth.name.lower()}, and always a word and a symbol"
    )


def _of_this_shell() -> Iterator[Check]:
    """Whether the shell that `doctor` was typed in is guarded: by what became of that very line."""
    from safeshell.terminal.wrapped.double_start import ACTIVE

    said = os.environ.get("SAFESHELL_PROBE", "")
    subject = "this shell"
    match said.split(" "):
        case ["ok", "held"]:
            yield Check(
                Health.GOOD, subject, "GUARDED: this line was held at Enter until the guard had read it"
            )
        case ["ok", "slipped"]:
            yield Check(Health.BAD, subject, "UNGUARDED: this line ran without the guard having seen it")
        case ["lost"]:
            yield Check(Health.BAD, subject, "UNGUARDED: its guard does not answer; lines do not run")
        case _ if ACTIVE in os.environ and sys.stdin.isatty() and os.ttyname(0) == os.environ[ACTIVE]:
            what = (
                "no hook: its lines are read from the screen where the title says WATCHED, and nowhere else"
            )
            yield Check(Health.NOTE, subject, what)
        case _:
            yield Check(
                Health.NOTE, subject, "UNGUARDED: not started by safeshell, and without `safeshell init`"
            )


def _of_kernel(wanted: KernelHold) -> Iterator[Check]:
    """Whether read-only shells are held by more than the proof of each line."""
    from safeshell.config.settings import KernelHold
    from safeshell.terminal.confinement.means import available

    subject = "read-only shells"
    if wanted is KernelHold.OFF:
        yield Check(Health.NOTE, subject, "not held by the kernel: shell.kernel is off")
        return
    means = available()
    hold = means.hold()
    if hold is None:
        health = Health.BAD if wanted is KernelHold.REQUIRE else Health.NOTE
        yield Check(health, subject, means.advice)
        return
    yield Check(Health.GOOD, subject, f"held by {hold.means}: {'; '.join(hold.stops)}")
    yield Check(Health.NOTE, subject, f"not stopped by it: {'; '.join(hold.leaves)}")


def _of_redis(settings: Settings, target: Target, *, offline: bool) -> Iterator[Check]:
    environment = settings.environment_of(target)
    promised = enforcement(environment, target)
    place = f"{target.name} ({environment.name}, {environment.mode.value})"
    if offline:
        yield Check(
            Health.NOTE, place, f"not looked at; configured: {promised or 'nothing holds it read-only'}"
        )
        return
    from safeshell.redis.examination import examine

    try:
        found = examine(settings, target, environ=os.environ)
    except SafeshellError as error:
        yield Check(Health.BAD, place, str(error).replace("\n  ", " "))
        return
    yield Check(Health.GOOD, place, f"{found.server}, {found.role}")
    if environment.mode is Mode.READ_ONLY:
        strong = found.enforcement is not None and found.enforcement.proven
        if target.readonly is not None and not strong:
            yield Check(Health.BAD, place, f"configured: {promised}; found: {found.held_by}")
        else:
            yield Check(Health.GOOD, place, f"read-only is held by {found.held_by}")
        for gap in found.enforcement.gaps if found.enforcement else ():
            yield Check(Health.NOTE, place, gap)
    for weakness in found.weaknesses:
        yield Check(Health.NOTE, place, weakness)


def _shown(check: Check, theme: Theme) -> str:
    style = {Health.GOOD: Style.ADVICE, Health.NOTE: Style.QUIET, Health.BAD: Style.REFUSED}[check.health]
    mark = theme.paint(f"{check.health.value:<5}", style)
    return f"{mark} {visible(check.subject)}: {visible(check.text, limit=600)}"
