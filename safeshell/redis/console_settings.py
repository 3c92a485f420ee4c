"""`:set`: how this console shows replies and behaves, as one frozen value and a table of its names.

Only what a person may change at will; nothing here can make the guard milder. Also reads the `:set` lines of
a preferences file (redis-cli's `~/.redisclirc` among them).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from safeshell.errors import UsageError
from safeshell.frozen import frozen, replace
from safeshell.redis.render import OutputFormat


class StopOn(StrEnum):
    """What ends a pasted batch before its last line."""

    REFUSED = "refused"
    """A line that was refused, or a lost connection."""
    ERROR = "error"
    """An error reply, too."""


@frozen
class ConsoleSettings:
    """What `:set` can change.

    Args:
        format: how replies are written.
        hints: whether arguments that may follow are shown behind the cursor.
        pager: whether a reply taller than the screen goes to the pager.
        pipes: whether ` | ` hands replies to a local command.
        timing: whether every command's time is shown (from half a second on it always is).
        stop: what ends a pasted batch.
    """

    format: OutputFormat = OutputFormat.HUMAN
    hints: bool = True
    pager: bool = False
    pipes: bool = True
    timing: bool = False
    stop: StopOn = StopOn.REFUSED


SWITCH = ("on", "off")

CHOICES: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "format": (tuple(OutputFormat), "how replies are written"),
        "hints": (SWITCH, "show behind the cursor what may follow"),
        "pager": (SWITCH, "replies taller than the screen go to $PAGER"),
        "pipes": (SWITCH, "`get k | jq .` hands the reply to a local command"),
        "timing": (SWITCH, "show every command's time, not only from half a second on"),
        "stop": (tuple(StopOn), "what ends a pasted batch: a refused line, or an error reply too"),
    }
)
"""Each setting's values and what it is for."""


def changed(settings: ConsoleSettings, words: list[str]) -> ConsoleSettings:
    """The settings after `:set WORDS`: a name and a value, or redis-cli's `hints` / `nohints`.

    Raises:
        UsageError: no such name or value; the message names the nearest.
    """
    name = words[0].lower() if words else ""
    if len(words) == 1 and name.removeprefix("no") in CHOICES and _is_switch(name.removeprefix("no")):
        words = [name.removeprefix("no"), "off" if name.startswith("no") else "on"]
        name = words[0]
    if name not in CHOICES:
        import difflib

        near = difflib.get_close_matches(name, CHOICES, n=1)
        raise UsageError(
            f"there is no setting {name!r}",
            todo=f"Did you mean {near[0]}?" if near else f"There are {', '.join(CHOICES)}.",
        )
    values = CHOICES[name][0]
    value = words[1].lower() if len(words) == 2 else ""
    if value not in values:
        raise UsageError(f"{name} wants one value", todo=f"Write :set {name} {'|'.join(values)}.")
    return _with(settings, name, value)


def _with(settings: ConsoleSettings, name: str, value: str) -> ConsoleSettings:
    on = value == "on"
    match name:
        case "format":
            return replace(settings, format=OutputFormat(value))
        case "stop":
            return replace(settings, stop=StopOn(value))
        case "hints":
            return replace(settings, hints=on)
        case "pager":
            return replace(settings, pager=on)
        case "pipes":
            return replace(settings, pipes=on)
        case _:
            return replace(settings, timing=on)


def shown(settings: ConsoleSettings) -> str:
    """Every setting with its value and what it is for, a line each."""
    values = {
        "format": settings.format.value,
        "hints": _switch(on=settings.hints),
        "pager": _switch(on=settings.pager),
        "pipes": _switch(on=settings.pipes),
        "timing": _switch(on=settings.timing),
        "stop": settings.stop.value,
    }
    return "".join(f"  {name:<8}{values[name]:<12}{about}\n" for name, (_, about) in CHOICES.items())


def preferred(settings: ConsoleSettings, rc_file: Path) -> tuple[ConsoleSettings, tuple[str, ...]]:
    """The settings after the `:set` lines of a preferences file, and a sentence for each line that is wrong.

    Other lines, and a missing file, are passed over, as redis-cli does.
    """
    try:
        lines = rc_file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return settings, ()
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words[:1] != [":set"]:
            continue
        try:
            settings = changed(settings, words[1:])
        except UsageError as error:
            wrong.append(f"{rc_file}:{number}: {error.message}. {error.todo}")
    return settings, tuple(wrong)


def _is_switch(name: str) -> bool:
    return CHOICES[name][0] == SWITCH


def _switch(*, on: bool) -> str:
    return "on" if on else "off"
