"""What the lines of ssh's configuration have said so far, and which line said it.

The one idea is ssh's own: whoever speaks first is right, except for the keywords that gather.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from safeshell.frozen import frozen

COMMAND_LINE = "command line"
"""Where options stand, as a file's name."""


@frozen
class Origin:
    """A line that says something.

    Args:
        file: its file; `COMMAND_LINE` for an option.
        line: its number, from 1; 0 for an option.
        text: the line as written, without blanks at its ends; an option as ssh takes it: `-p 22`, `-o Port=22`.
    """

    file: str
    line: int
    text: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for a person: `FILE:LINE`, or the option."""
        return f"{self.file}:{self.line}" if self.line else self.text


NOBODY = Origin("", 0)
"""Where usual values stand that have to be settled before all is read."""


class Layer(Enum):
    """Who says it. ssh keeps a file of keys that two of them name twice."""

    GIVEN = "an option of its own"
    USER = "the person's file, or -o"
    SYSTEM = "the machine's file"


@frozen
class Setting:
    """A value.

    Args:
        value: as the line says it, in its usual spelling; tokens are not yet put in.
        origin: the line.
        layer: who said it.
    """

    value: str
    origin: Origin
    layer: Layer = Layer.USER


class Collected:
    """The values by keyword."""

    def __init__(self) -> None:
        self._settings: dict[str, list[Setting]] = {}

    def has(self, keyword: str) -> bool:
        """Whether anything was said."""
        return bool(self._settings.get(keyword))

    def one(self, keyword: str, default: str = "") -> str:
        """The first value."""
        found = self._settings.get(keyword)
        return found[0].value if found else default

    def all(self, keyword: str) -> tuple[Setting, ...]:
        """Every value."""
        return tuple(self._settings.get(keyword, ()))

    def everything(self) -> Iterable[tuple[str, tuple[Setting, ...]]]:
        """Every keyword that was said, and its values."""
        return ((keyword, tuple(found)) for keyword, found in self._settings.items() if found)

    def first(self, keyword: str, values: Iterable[Setting]) -> None:
        """Take the values if nothing was said before."""
        if not self.has(keyword):
            self._settings[keyword] = list(values)

    def put(self, keyword: str, setting: Setting) -> None:
        """Take the value whatever was said before."""
        self._settings[keyword] = [setting]

    def add(self, keyword: str, setting: Setting) -> None:
        """Take the value, too."""
        self._settings.setdefault(keyword, []).append(setting)

    def add_new(self, keyword: str, setting: Setting) -> None:
        """Take the value, too, unless the same layer has said it."""
        there = {(one.value, one.layer) for one in self.all(keyword)}
        if (setting.value, setting.layer) not in there:
            self.add(keyword, setting)

    def drop(self, keyword: str, unwanted: Callable[[str], bool]) -> None:
        """Forget some values."""
        self._settings[keyword] = [one for one in self.all(keyword) if not unwanted(one.value)]
