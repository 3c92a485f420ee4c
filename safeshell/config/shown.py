"""The configuration in force as plain values, each with the place it was written at. No secrets.

For `config show`; what is said here can be written into a config file again, except what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from safeshell.config.building import table
from safeshell.config.kinds import SEVERITIES, quoted
from safeshell.config.positions import Path
from safeshell.config.redis_place import RedisPlace
from safeshell.frozen import frozen
from safeshell.guard.effects import Severity

if TYPE_CHECKING:
    from safeshell.config.loading import Loaded
    from safeshell.config.settings import Settings
    from safeshell.guard.environment import Environment

HIDDEN = "(hidden)"

Plain = str | int | list["Plain"] | dict[str, "Plain"]


@frozen
class ShownValue:
    """One value in force.

    Args:
        path: its keys.
        value: as JSON and TOML can write it.
        place: `file:line`, or `built-in`.
    """

    path: Path
    value: Plain
    place: str

    @property
    def key(self) -> str:
        """The dotted key, quoted where TOML wants it."""
        return "".join(_part(part) for part in self.path).removeprefix(".")


def shown_values(loaded: Loaded) -> tuple[ShownValue, ...]:
    """Every value in force, in the order of the schema."""
    settings, merged = loaded.settings, loaded.provenance
    tree: dict[str, object] = {
        "environments": {name: _environment(env) for name, env in settings.environments.items()},
        "targets": _without_secrets(table(merged.values, "targets")),
        "rules": merged.values.get("rules", ()),
        **_sections(settings),
    }
    return tuple(
        ShownValue(path, plain(value), merged.origin(path).place) for path, value in _leaves(tree, ())
    )


def toml(value: Plain) -> str:
    """A value as TOML writes it in one line."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return quoted(value)
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            inner = ", ".join(
                f"{_part(name).removeprefix('.')} = {toml(item)}" for name, item in value.items()
            )
            return f"{{ {inner} }}" if inner else "{}"


def _environment(environment: Environment) -> dict[str, object]:
    window = environment.window
    return {
        "color": environment.color,
        "mode": environment.mode,
        "unlock": {"max": environment.unlock.max, "reason": environment.unlock.reason},
        "challenge": {word: environment.challenge[Severity.from_word(word)] for word in SEVERITIES},
        "review": tuple(severity.word for severity in sorted(environment.review)),
        "window": f"{window.text}, outside: {environment.outside_window}" if window else "always",
        "undo": environment.undo,
        "journal_required": environment.journal_required,
    }


def _sections(settings: Settings) -> dict[str, object]:
    undo, recording, redis, theme = settings.undo, settings.recording, settings.redis, settings.theme
    shell = settings.shell
    return {
        "undo": {"max_size": undo.max_size, "total_size": undo.total_size, "keep_for": undo.keep_for},
        "recording": {
            "environments": recording.environments,
            "max_size": recording.max_size,
            "total_size": recording.total_size,
            "keep_for": recording.keep_for,
        },
        "impact": {"budget": settings.impact_budget},
        "ask": {"timeout": settings.ask_timeout},
        "state": {"folder": settings.state_folder or "by XDG_STATE_HOME"},
        "redis": {
            "connect_timeout": redis.connect_timeout,
            "pager": redis.pager,
            "hints": redis.hints,
            "pipes": redis.pipes,
            "timing": redis.timing,
        },
        "theme": {
            "colors": theme.colors,
            "symbols": theme.symbols,
            "tint": theme.tint,
            "tabs": theme.tabs,
        },
        "shell": {
            "kernel": shell.kernel,
            "watch": shell.watch,
            "redis_cli": shell.redis_cli,
            "ssh": shell.ssh,
        },
        "ssh": {
            "transport": settings.ssh.transport,
            "plain": settings.ssh.plain,
            "kernel": settings.ssh.kernel,
            "scratch": settings.ssh.scratch,
        },
    }


def _without_secrets(values: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in values.items():
        if name == "password" and isinstance(value, str):
            shown[name] = HIDDEN
        elif name == "password_command" and isinstance(value, tuple):
            # The arguments may be secrets themselves.
            shown[name] = value[:1] + (("…",) if len(value) > 1 else ())
        else:
            shown[name] = _without_secrets(value) if isinstance(value, Mapping) else value
    return shown


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif path[-1:] == ("rules",) and isinstance(value, tuple):
        for index, rule in enumerate(value):
            yield from _leaves(rule, (*path, index))
    else:
        yield path, value


def plain(value: object) -> Plain:
    """A value in force, as `toml` takes it: what a secret is part of is hidden."""
    match value:
        case StrEnum():
            return value.value
        case bool() | int() | str():
            return value
        case timedelta():
            return _duration(value)
        case RedisPlace():
            return value.text if value.password is None else _with_hidden(value)
        case FilePath():
            return str(value)
        case tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
    raise TypeError(f"a config holds no {type(value).__name__}")


def _with_hidden(place: RedisPlace) -> str:
    scheme, separator, rest = place.text.partition("://")
    user, _, after = rest.partition("@")
    return f"{scheme}{separator}{user}:{HIDDEN}@{after}"


def _duration(duration: timedelta) -> str:
    if duration.microseconds:
        return f"{duration // timedelta(milliseconds=1)}ms"
    text, seconds = "", int(duration.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    bare = part.isascii() and bool(part) and all(char.isalnum() or char in "-_" for char in part)
    return f".{part}" if bare else f".{quoted(part)}"
