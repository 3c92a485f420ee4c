"""What a keyword of ssh_config works with: the words behind it, and where its values go."""

from __future__ import annotations

from collections.abc import Mapping

from safeshell.guard.text import visible
from safeshell.ssh.config_collected import Collected, Layer, Origin, Setting
from safeshell.ssh.config_forwards import PortOf
from safeshell.ssh.config_line import LineMistake, split


class Words:
    """The words behind a keyword, taken one after another.

    Args:
        rest: everything behind the keyword, as written.

    Raises:
        LineMistake: a quote is not closed.
    """

    def __init__(self, rest: str) -> None:
        self.rest = rest
        self._left = split(rest)

    def next(self) -> str:
        """The next word.

        Raises:
            LineMistake: there is none, or it is empty.
        """
        word = self.maybe()
        if not word:
            raise LineMistake("a value is missing")
        return word

    def maybe(self) -> str | None:
        """The next word; None where there is none."""
        return self._left.pop(0) if self._left else None

    def all(self) -> list[str]:
        """The words that are left.

        Raises:
            LineMistake: one of them is empty.
        """
        taken, self._left = self._left, []
        if "" in taken:
            raise LineMistake("a value is empty")
        return taken

    def drop(self) -> None:
        """Whatever is left has been read in another way, or says nothing."""
        self._left = []

    def end(self) -> None:
        """See that nothing is left.

        Raises:
            LineMistake: something is.
        """
        if self._left:
            raise LineMistake(f"{visible(self._left[0])} stands there too much")


class Into:
    """Where the values of a line go.

    Args:
        collected: what was said before.
        origin: the line.
        active: whether it counts for this host; if not, it is only read for mistakes.
        layer: who says it.
        environ: variables.
        port_of: knows services by their names.
    """

    def __init__(
        self,
        collected: Collected,
        origin: Origin,
        *,
        active: bool,
        layer: Layer,
        environ: Mapping[str, str],
        port_of: PortOf,
    ) -> None:
        self.collected = collected
        self.environ = environ
        self.port_of = port_of
        self._origin = origin
        self._active = active
        self._layer = layer

    @property
    def active(self) -> bool:
        """Whether the line counts for this host."""
        return self._active

    def setting(self, value: str) -> Setting:
        """A value of this line."""
        return Setting(value, self._origin, self._layer)

    def first(self, keyword: str, *values: str) -> None:
        """Take the values unless there are some."""
        if self._active:
            self.collected.first(keyword, [self.setting(value) for value in values])

    def put(self, keyword: str, value: str) -> None:
        """Take the value whether the line counts or not."""
        self.collected.put(keyword, self.setting(value))

    def add(self, keyword: str, value: str) -> None:
        """Take the value, too."""
        if self._active:
            self.collected.add(keyword, self.setting(value))

    def add_new(self, keyword: str, value: str) -> None:
        """Take the value, too, unless it is there."""
        if self._active:
            self.collected.add_new(keyword, self.setting(value))
