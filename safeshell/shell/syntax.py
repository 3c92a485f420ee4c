"""Parsing a line: text in, a `Script` out, for bash and its kin, zsh and fish.

This is where limits, errors and the shells' grammars come together. Never raises for any text, never runs anything.
"""

from __future__ import annotations

from safeshell.guard.reading import Span
from safeshell.shell.context import NO_SESSION, ShellContext
from safeshell.shell.conventions import Conventions
from safeshell.shell.execution import Execution
from safeshell.shell.grammar import Grammar
from safeshell.shell.positions import Positions
from safeshell.shell.script import Problem, Script
from safeshell.shell.source_text import MAX_CHARACTERS, Fault, LimitMet, Limits, too_deep
from safeshell.shell.tree import Sequence


def parse(
    text: str,
    context: ShellContext = NO_SESSION,
    *,
    span: Span | None = None,
    exact: bool = False,
    depth: int = 0,
) -> Script:
    """All commands of `text`, in the order in which they would run.

    Args:
        text: one line, or several; any characters.
        context: the session in which it would run; `context.variables` may hold positional parameters (`1`).
        span: where the text stands in an outer line; None when it is the line itself.
        exact: character i of the text stands at `span[0] + i`; otherwise everything gets the whole `span`.
        depth: how many texts it is nested in.

    Returns:
        the script; when a limit is met, it holds no commands but the problem that names the limit.
    """
    positions = Positions() if span is None else Positions(span[0]) if exact else Positions(outer=span)
    try:
        return _parse(text, context, positions, depth)
    except LimitMet as met:
        return Script((), (met.problem,))
    except RecursionError:
        return Script((), (too_deep().problem,))


def is_incomplete(text: str, context: ShellContext = NO_SESSION) -> bool:
    """Whether a shell would ask for another line before it runs anything of `text`."""
    limits, faults = Limits(), list[Fault]()
    try:
        _check_length(text)
        _tree(text, context, Positions(), limits, faults, inner=False)
    except (LimitMet, RecursionError):
        return False
    return bool(faults) and faults[0].incomplete


def _parse(text: str, context: ShellContext, positions: Positions, depth: int) -> Script:
    _check_length(text)
    limits, faults = Limits(depth), list[Fault]()

    def parse_body(body: str, span: Span) -> Sequence | None:
        found = list[Fault]()
        tree = _tree(body, context, Positions(outer=span), limits, found, inner=True)
        return None if found else tree

    if "\0" in text:
        reason = "the line holds a NUL character, which shells do not agree on"
        faults.append(Fault(Problem("shell.syntax", reason, positions.span(0, len(text)))))
    root = _tree(text, context, positions, limits, faults, inner=depth > 0)
    execution = Execution(context, parse_body, limits.words)
    commands = execution.commands(root)
    problems = (*(fault.problem for fault in faults), *execution.problems)
    used, names = tuple(execution.variables.used), tuple(execution.names)
    return Script(commands, problems, used, names, tuple(execution.shells))


def _tree(
    text: str,
    context: ShellContext,
    positions: Positions,
    limits: Limits,
    faults: list[Fault],
    *,
    inner: bool,
) -> Sequence:
    conventions = Conventions(context, inner=inner)
    if context.shell == "fish":
        from safeshell.shell.fish_grammar import FishGrammar  # only for those who use it

        return FishGrammar(text, positions, limits, faults, conventions).whole()
    return Grammar(text, positions, limits, faults, conventions).whole()


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        reason = f"the line is longer than {MAX_CHARACTERS} characters"
        raise LimitMet(Problem("shell.too-long", reason, limit=True))
