"""`safeshell init`: the guard's hook for a shell that safeshell did not start, as text for it to evaluate."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safeshell.cli.main import SubParsers

_EPILOG = """examples:
  eval "$(safeshell init bash)"        in ~/.bashrc, at its end
  eval "$(safeshell init zsh)"         in ~/.zshrc, at its end
  safeshell init fish | source         in ~/.config/fish/config.fish

The guard stays in the shell's background and ends with it. Nothing happens in a shell without a terminal, in
scripts, and inside of a guarded session. Programs without a hook are not watched, nothing is recorded, and read-only
is held by the proof of each line alone; for all of that start the shell by `safeshell`.

exit status: 0 done, or nothing to do; 78 configuration invalid: the shell is not guarded then
"""


def add_parser(subparsers: SubParsers) -> None:
    """Add `init` to the program's commands."""
    parser = subparsers.add_parser(
        "init",
        help="the guard's hook for a shell that safeshell did not start",
        description="Print what a shell evaluates to have the guard at its Enter key.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="which")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Leave a guard in the shell's background, and print the way to it.

    Raises:
        SafeshellError: there can be no guard; the shell is as it was.
    """
    from safeshell.terminal.wrapped.double_start import ACTIVE
    from safeshell.terminal.wrapped.resident import shells_terminal

    found = shells_terminal()
    if found is None or os.environ.get(ACTIVE) == found[1]:
        return 0
    device, name = found
    from safeshell.cli.judging import environment_named, load_config
    from safeshell.cli.shell_session import plan_for
    from safeshell.frozen import replace
    from safeshell.terminal.capability import understands_escapes
    from safeshell.terminal.wrapped.channel import ShellChannel
    from safeshell.terminal.wrapped.launch import hook_text
    from safeshell.terminal.wrapped.outer_terminal import OuterTerminal
    from safeshell.terminal.wrapped.resident import detach
    from safeshell.terminal.wrapped.session import reside

    loaded = load_config(arguments)
    for warning in loaded.warnings:
        sys.stderr.write(f"safeshell: {warning}\n")
    named = environment_named(loaded.settings, arguments.environment) if arguments.environment else None
    # What the screen shows does not pass through here: there is nothing to record.
    settings = replace(loaded.settings, recording=replace(loaded.settings.recording, environments=()))
    plan = plan_for(
        settings,
        [arguments.shell],
        named,
        arguments.mode,
        dialect=None,
        config=arguments.config,
        no_color=arguments.no_color,
    )
    terminal = OuterTerminal(device, escapes=understands_escapes(os.environ))
    channel = ShellChannel()
    guard = detach(lambda: reside(plan, terminal, channel), terminal, channel)
    sys.stdout.write(hook_text(arguments.shell, channel, plan.names, name, guard=guard))
    return 0
