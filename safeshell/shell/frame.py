"""What a command inherits from all that it stands in: places, redirections, input, function, shell.

A value; walking deeper makes another one.
"""

from __future__ import annotations

from safeshell.frozen import frozen, replace
from safeshell.shell.script import Assignment, Place, Redirect, SimpleCommand


@frozen
class Frame:
    """The surroundings of a command.

    Args:
        places, redirects, feeds, function, shell: for its commands, as `SimpleCommand` has them.
        assignments: in front of the call of a function whose body this is.
        forks: since the present function began, a pipe or `&` was entered.
    """

    places: tuple[Place, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    feeds: tuple[SimpleCommand, ...] = ()
    function: str = ""
    shell: int = 0
    assignments: tuple[Assignment, ...] = ()
    forks: bool = False

    def at(self, place: Place) -> Frame:
        """The same, standing in `place` as well."""
        return replace(self, places=(*self.places, place))
