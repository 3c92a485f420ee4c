"""From what a shell has told of itself to the context in which its line is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.context import ShellContext
from safeshell.shell.plain_line import plain_script
from safeshell.shell.script import Script
from safeshell.shell.syntax import is_incomplete, parse
from safeshell.terminal.wrapped.messages import Facts, Request

_WORDS: Final = lazy_pattern(r"[A-Za-z0-9_.:+@-]+")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_.:+@-]*")
_MOST_NEEDED: Final = 40


def context_of(request: Request, facts: Facts, *, shell: str, environ: Mapping[str, str]) -> ShellContext:
    """The context of the line in `request`.

    Args:
        request: where the shell is.
        facts: all that it has told of the line's names.
        shell: its kind: `bash`, `zsh`, `fish`.
        environ: what the session was started with, for names that the shell was not asked for.
    """
    exported = {**environ, **facts.exported}
    for name in facts.unset:
        exported.pop(name, None)
    return ShellContext(
        shell=shell,
        cwd=request.cwd,
        home=exported.get("HOME", ""),
        variables={**exported, **facts.variables},
        unset=facts.unset,
        exported=exported,
        aliases=facts.aliases,
        functions=facts.functions,
        options=frozenset(filter(None, request.options.split(":"))),
        root=request.euid == 0,
    )


def typed_script(text: str, context: ShellContext) -> Script:
    """What the line says, as far as it is there: read once for all that is asked below."""
    return plain_script(text, context) or parse(text, context)


def goes_on(text: str, context: ShellContext, script: Script) -> bool:
    """Whether the shell would wait for another line before it runs anything of `text`."""
    return bool(script.problems) and is_incomplete(text, context)


def needed(text: str, script: Script, facts: Facts) -> tuple[str, ...]:
    """The names that the line comes to use and that the shell has not told of.

    A shell tells of every name that stands in the line as it is typed; those in aliases and functions are left.
    """
    used = dict.fromkeys((*script.names, *script.variables))
    if not used:
        return ()
    told = {*_WORDS.findall(text), *facts.variables, *facts.unset, *facts.aliases, *facts.functions}
    return tuple(name for name in used if name not in told and _NAME.fullmatch(name))[:_MOST_NEEDED]


def is_blank(text: str) -> bool:
    """Whether there is nothing in the line but blanks and a comment."""
    return re.fullmatch(r"\s*(#[^\n]*)?\s*", text) is not None
