"""Which commands there are, and the module of each: a table, so that only the one typed is imported."""

from __future__ import annotations

from safeshell.frozen import frozen


@frozen
class CommandEntry:
    """One command of the program.

    Args:
        name: as typed.
        module: defines `add_parser(subparsers)`; imported only when the command is typed.
        summary: its line in `safeshell --help`.
    """

    name: str
    module: str
    summary: str


COMMANDS = (
    CommandEntry("shell", "safeshell.cli.shell", "your own shell, guarded; what safeshell alone starts, too"),
    CommandEntry("init", "safeshell.cli.init", "the guard's hook for a shell that safeshell did not start"),
    CommandEntry("ssh", "safeshell.cli.ssh", "ssh, guarded; takes ssh's options"),
    CommandEntry("redis", "safeshell.cli.redis", "the guarded Redis console; takes redis-cli's options"),
    CommandEntry("check", "safeshell.cli.check", "what would a line do? runs nothing"),
    CommandEntry("explain", "safeshell.cli.explain", "the same, step by step, for people"),
    CommandEntry("config", "safeshell.cli.config", "make, check and show the configuration"),
    CommandEntry(
        "targets", "safeshell.cli.targets", "every target, its environment, mode, and what enforces it"
    ),
    CommandEntry(
        "log", "safeshell.cli.log", "the journal: what was typed, judged, answered, and what came of it"
    ),
    CommandEntry("replay", "safeshell.cli.replay", "recordings of sessions: play, find verdicts, search"),
    CommandEntry(
        "unlock", "safeshell.cli.unlock", "in a guarded shell: leave read-only for a while, with a reason"
    ),
    CommandEntry("lock", "safeshell.cli.unlock", "in a guarded shell: go back to read-only"),
    CommandEntry("undo", "safeshell.cli.undo", "put back what a line destroyed"),
    CommandEntry("doctor", "safeshell.cli.doctor", "what is protected here, and how strongly"),
    CommandEntry("harden", "safeshell.cli.harden", "print what makes a wall of the same policy on a server"),
    CommandEntry("demo", "safeshell.cli.demo", "a throw-away production Redis to break"),
)

BY_NAME = {entry.name: entry for entry in COMMANDS}
