"""How a shell reads text: what bash and zsh do differently, and the aliases that are in force.

Facts of the session that the grammar needs; what a word folds to is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from safeshell.shell.context import ShellContext


class Conventions:
    """The settings of one reading; aliases defined in an earlier line of the text are added on the way.

    Args:
        context: the session.
        inner: the text is not typed at a prompt, but a script, a function's or an alias's body.
    """

    __slots__ = ("_own", "aliases", "comments", "history", "zsh")

    def __init__(self, context: ShellContext, *, inner: bool) -> None:
        self.zsh = context.shell == "zsh"
        self.history = not inner and context.shell in ("bash", "zsh")
        self.comments = not self.zsh or inner or "interactivecomments" in context.options
        self.aliases: Mapping[str, str] = context.aliases
        self._own: dict[str, str] = {}

    def add_aliases(self, aliases: Mapping[str, str]) -> None:
        """Take `aliases` into force from here on."""
        if not self._own:
            self._own = dict(self.aliases)
            self.aliases = self._own
        self._own.update(aliases)

    def without_alias(self, name: str) -> Conventions:
        """The same while the body of the alias `name` is read, which does not stand for itself again."""
        made = copy(self)
        made.aliases = {other: body for other, body in self.aliases.items() if other != name}
        return made
