"""`safeshell config`: make a first file, check, show where each value comes from, list the places, the schema."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from safeshell.config.layers import ETC, PROJECT_NAME, LayerFile, layer_files
from safeshell.errors import Refused, SafeshellError, UsageError
from safeshell.guard.text import counted, visible

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers
    from safeshell.config.loading import Loaded

_EPILOG = """examples:
  safeshell config init                 asks a few questions, writes your first config file
  safeshell config check                is everything valid? tells all mistakes at once
  safeshell config check team.toml      is this file?
  safeshell config show                 what is in force, and which file said so
  safeshell config show targets.cache   of one table only
  safeshell config path                 where config files may be
  safeshell config schema > safeshell.schema.json

Later files win: built-in, /etc/safeshell/config.toml, your own file ($XDG_CONFIG_HOME/safeshell/config.toml, or
the one that --config or SAFESHELL_CONFIG names instead). .safeshell.toml in the working directory and above may
only make things stricter.

exit status: 0 done, 2 usage, 77 init needs a terminal or --yes, 78 the configuration is invalid
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `config` to the program's commands."""
    parser = subparsers.add_parser(
        "config",
        help="make, check and show the configuration",
        description="Make, check and show the configuration.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)
    init = actions.add_parser(
        "init",
        help="ask a few questions and write a first config file",
        description="Write a first config file. Proposals come from your known hosts, ssh config, kube contexts, "
        "AWS profiles and environment variables. An existing file is never touched.",
        epilog="examples:\n  safeshell config init\n  safeshell config init --yes --output safeshell.toml",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    init.add_argument("--yes", action="store_true", help="take all proposals as they are; asks nothing")
    init.add_argument(
        "--output", type=Path, metavar="FILE", help="write FILE instead of your own config file"
    )
    init.set_defaults(run=run_init)
    check = actions.add_parser(
        "check",
        help="tell all mistakes",
        description="Check the configuration, or one file as if it were your own; a file called "
        f"{PROJECT_NAME} is checked as a project's.",
        epilog="examples:\n  safeshell config check\n  safeshell config check team.toml",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("file", nargs="?", type=Path, metavar="FILE")
    check.set_defaults(run=run_check)
    show = actions.add_parser(
        "show",
        help="show what is in force and where it was said",
        description="Show every value in force and the file and line that said so. Secrets are hidden.",
        epilog="examples:\n  safeshell config show\n  safeshell config show environments.production --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("key", nargs="?", default="", metavar="KEY", help="only what is below KEY")
    show.add_argument("--json", action="store_true", help="one JSON array of key, value, from")
    show.set_defaults(run=run_show)
    path = actions.add_parser(
        "path",
        help="list the files that are looked for",
        description="List the files that are looked for, the weakest first.",
    )
    path.set_defaults(run=run_path)
    schema = actions.add_parser(
        "schema",
        help="print the schema of a config file",
        description="Print the schema of a config file as JSON Schema, for editors.",
    )
    schema.add_argument("--text", action="store_true", help="a listing for people instead")
    schema.set_defaults(run=run_schema)


def run_init(arguments: argparse.Namespace) -> int:
    """Write a first config file.

    Raises:
        Refused: nobody is there to be asked, and `--yes` is missing.
        SafeshellError: there is such a file already, or it can't be written.
    """
    from safeshell.config.first_file import first_file
    from safeshell.config.interview import interview, take_all
    from safeshell.config.proposals import find_proposals

    path = Path.cwd() / (arguments.output or _user_place(arguments).path)
    if os.path.lexists(path):
        raise _in_the_way(path)
    if not arguments.yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refused(
            "config init asks a few questions, and there is no terminal",
            todo="Say --yes to take all proposals as they are.",
        )
    proposals = find_proposals(os.environ)
    try:
        taken = take_all(proposals) if arguments.yes else interview(proposals, ask=input, tell=print)
    except EOFError:
        raise Refused("nobody answered; nothing was written") from None
    _write_private(path, first_file(local=taken.local, agreed=taken.agreed, left=taken.left))
    print(f"{visible(str(path), limit=400)} is written, readable by you alone.")
    print(f"  {counted(len(taken.agreed), 'thing')} labelled, {len(taken.left)} left as comments.")
    print("  Look through it, then: safeshell config check; safeshell config show")
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Say whether the configuration is valid.

    Raises:
        ConfigInvalid: it is not; the text has all mistakes.
    """
    loaded = _load_file(arguments.file) if arguments.file else _load(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    settings = loaded.settings
    if settings.rules:
        from safeshell.cli.shell_reading import prove_rules

        prove_rules(loaded)
    parts = (
        counted(len(settings.environments), "environment"),
        counted(len(settings.targets), "target"),
        counted(len(settings.rules), "rule"),
    )
    print(f"valid: {', '.join(parts)}")
    for file in loaded.files or ():
        print(f"  {visible(str(file), limit=400)}")
    if not loaded.files:
        print("  no config file; everything is built in")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show every value in force and where it was said.

    Raises:
        ConfigInvalid: the configuration does not validate.
        UsageError: nothing is below the key asked for.
    """
    from safeshell.config.kinds import nearest
    from safeshell.config.shown import shown_values, toml

    every = shown_values(_load(arguments))
    asked = arguments.key.strip(".")
    below = (f"{asked}.", f"{asked}[")
    values = [value for value in every if not asked or value.key == asked or value.key.startswith(below)]
    if asked and not values:
        known = {value.key[:end] for value in every for end in _ends(value.key)}
        near = nearest(asked, known)
        raise UsageError(
            f"the configuration has nothing at {visible(asked)!r}",
            todo=f"Did you mean {near}?" if near else "See safeshell config show.",
        )
    if arguments.json:
        rows = [{"key": value.key, "value": value.value, "from": value.place} for value in values]
        print(json.dumps(rows, indent=2))
        return 0
    lines = [(visible(f"{value.key} = {toml(value.value)}", limit=2000), value.place) for value in values]
    width = min(64, max((len(line) for line, _ in lines), default=0))
    for line, place in lines:
        print(f"{line:<{width}}  # {place}")
    return 0


def run_path(arguments: argparse.Namespace) -> int:
    """List the places of config files, and whether there is one."""
    for place in _places(arguments):
        state = "exists" if os.access(place.path, os.F_OK) else "does not exist"
        # Above the working directory there are many places and seldom a file.
        if place.kind != "project" or state == "exists" or place.path.parent == Path.cwd():
            print(f"{place.kind:<8} {state:<15} {visible(str(place.path), limit=400)}")
    return 0


def run_schema(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    from safeshell.config.json_schema import json_schema, listing

    print(listing() if arguments.text else json.dumps(json_schema(), indent=2))
    return 0


def _write_private(path: Path, text: str) -> None:
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True)
        # Exclusively: a file that appeared meanwhile is nobody's to overwrite.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if os.path.lexists(path):
            raise _in_the_way(path) from None
        why = (error.strerror or "no reason given").lower()
        raise SafeshellError(f"can't be written: {why}", where=visible(str(path), limit=400)) from None


def _in_the_way(path: Path) -> SafeshellError:
    return SafeshellError(
        f"there is a config already, and it stays as it is: {visible(str(path), limit=400)}",
        todo="Write another file with --output FILE, and take from it what you like.",
    )


def _ends(key: str) -> list[int]:
    return [at for at, char in enumerate(key) if char == "."] + [len(key)]


def _places(arguments: argparse.Namespace) -> tuple[LayerFile, ...]:
    return layer_files(config_file=arguments.config, environ=os.environ, cwd=Path.cwd(), etc=ETC)


def _user_place(arguments: argparse.Namespace) -> LayerFile:
    return next(place for place in _places(arguments) if place.kind == "user")


def _load(arguments: argparse.Namespace) -> Loaded:
    from safeshell.config.loading import load

    return load(config_file=arguments.config, environ=os.environ, cwd=Path.cwd())


def _load_file(file: Path) -> Loaded:
    """One file over what is below it; nothing of the working directory plays a part."""
    from safeshell.config.loading import load

    path = Path.cwd() / file
    if path.name == PROJECT_NAME:
        return load(config_file=None, environ=os.environ, cwd=path.parent)
    return load(config_file=path, environ=os.environ, cwd=Path(path.anchor))
