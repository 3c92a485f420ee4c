"""One layer of wrapping off: `sudo rm x` is `rm x`, `ssh host rm x` is `rm x` over there.

Which program belongs to which family stands in `families`; a family's module is loaded when one of its programs
is first met. A program that is no wrapper costs one look into a dictionary.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from safeshell.shell.context import ShellContext
from safeshell.shell.inner import InnerCommand, Unwrapped
from safeshell.shell.invocation import program_of
from safeshell.shell.script import SimpleCommand
from safeshell.shell.wrappers.call import Call, Handler
from safeshell.shell.wrappers.families import FAMILY_OF, SERVICE_SCRIPTS, without_version

_handlers: Final[dict[str, Handler]] = {}


def unwrap(command: SimpleCommand, context: ShellContext) -> Unwrapped | None:
    """What `command` runs, when its program is one that runs others.

    Args:
        command: any command of a script; one without words runs nothing.
        context: what is known of the shell that would run it.

    Returns:
        what it runs, by one layer; None when it is no wrapper, or one that runs nothing this time (`sudo -l`),
        so that the packs alone judge it.
    """
    if not command.words:
        return None
    unwrapped = _unwrapped(command, context)
    if command.assignments and not _hands_assignments_on(unwrapped):
        from safeshell.shell.wrappers.variables import run_by_variables

        carried = run_by_variables(command)
        if carried:
            inner = (*carried, *unwrapped.inner) if unwrapped else carried
            return Unwrapped(inner, transparent=unwrapped is not None and unwrapped.transparent)
    return unwrapped


def _unwrapped(command: SimpleCommand, context: ShellContext) -> Unwrapped | None:
    name = program_of(command.words[0])
    if name[:1] == "-":
        # `time -v rm x`: the shell took `time` for its own word, or it starts the program of that name.
        return _handler("time", "running")(Call(command, "time", command.words, context))
    family = FAMILY_OF.get(name)
    path = command.words[0].text
    if "/" in path and any(place in path for place in SERVICE_SCRIPTS):
        family, name = "services", "service"  # `/etc/init.d/mysql stop` is no client of MySQL
    elif family is None:
        if name[-1:].isdigit():
            name = without_version(name)
            family = FAMILY_OF.get(name)
        if family is None:
            return None
    return _handler(name, family)(Call(command, name, command.words[1:], context))


def _handler(name: str, family: str) -> Handler:
    found = _handlers.get(name)
    if found is None:
        wrappers: dict[str, Handler] = import_module(f"safeshell.shell.wrappers.{family}").WRAPPERS
        _handlers.update(wrappers)
        found = wrappers[name]
    return found


def _hands_assignments_on(unwrapped: Unwrapped | None) -> bool:
    """Whether a command inside gets the assignments, and so is asked about them in its turn."""
    return unwrapped is not None and any(isinstance(inner, InnerCommand) for inner in unwrapped.inner)
