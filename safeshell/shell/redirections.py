"""Redirections as commands of their own: `> file` is judged by the pack redirections.toml like any program.

Reading (`<`), copies of descriptors (`2>&1`) and here-documents write nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from safeshell.shell.context import ShellContext
from safeshell.shell.invocation import Invocation, program_of
from safeshell.shell.script import Redirect, SimpleCommand

_APPENDING = (">>", "&>>")
_NOTHING_SAID = (":", "true")


def redirected(command: SimpleCommand, context: ShellContext) -> Iterator[Invocation]:
    """What the command's redirections write to."""
    for redirect in command.redirects:
        name = _name(redirect, command)
        if name:
            place = SimpleCommand((), span=redirect.span, places=command.places)
            words = (redirect.target,)
            yield Invocation(name, words, (), words, place, context=context)


def _name(redirect: Redirect, command: SimpleCommand) -> str:
    operator, target = redirect.operator, redirect.target
    if operator == "<>":
        return "redirect-readwrite"
    if ">" not in operator:
        return ""
    if operator == ">&" and (target.text.rstrip("-").isdigit() or target.text == "-"):
        return ""
    if target.unknowns and target.unknowns[0].startswith(">("):
        return ""
    if operator in _APPENDING:
        return "redirect-append"
    if _says_nothing(command) or (_is_connection(redirect) and _is_bare_echo(command)):
        return "redirect-truncate"
    return "redirect-write"


def _says_nothing(command: SimpleCommand) -> bool:
    """Whether nothing comes out of the command, so that the file is just emptied."""
    if not command.words:
        return True
    program = program_of(command.words[0])
    if program in _NOTHING_SAID:
        return True
    sources = [word.text for word in command.words[1:]]
    sources += [one.target.text for one in command.redirects if one.operator == "<" and not sources]
    return program == "cat" and sources == ["/dev/null"]


def _is_connection(redirect: Redirect) -> bool:
    """Bash connects to what it is told by such a path (bash(1), REDIRECTION)."""
    return redirect.target.text.startswith(("/dev/tcp/", "/dev/udp/"))


def _is_bare_echo(command: SimpleCommand) -> bool:
    return len(command.words) == 1 and program_of(command.words[0]) == "echo"
