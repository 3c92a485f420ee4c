"""Merged values → Settings. Every value has been read by its kind already; this only puts them together.

Own environments start from `unlabelled` (guarded, production's questions); how strict an environment is among
the others follows from its mode and its questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from safeshell.config.local_time import LOCAL_TIME
from safeshell.config.redis_place import RedisPlace
from safeshell.config.settings import (
    Colors,
    KernelHold,
    PasswordSource,
    ReadOnlyAccess,
    RecordingSettings,
    RedisSettings,
    Rule,
    Sentinel,
    Settings,
    ShellSettings,
    SshSettings,
    Symbols,
    Target,
    ThemeSettings,
    TlsSettings,
    TransportChoice,
    UndoSettings,
)
from safeshell.frozen import replace
from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.environment import BUILT_IN, UNLABELLED, ChallengeKind, Environment, OutsideWindow
from safeshell.guard.mode import Mode, UnlockRule
from safeshell.guard.window import Window, parse_days, parse_hours

Values = Mapping[str, object]
T = TypeVar("T")


def build_settings(values: Values) -> Settings:
    """The settings that valid merged values say."""
    undo, recording, redis, shell, ssh, theme = (
        table(values, name) for name in ("undo", "recording", "redis", "shell", "ssh", "theme")
    )
    kept, recorded, console = UndoSettings(), RecordingSettings(), RedisSettings()
    budget, timeout = Settings().impact_budget, Settings().ask_timeout
    return Settings(
        environments=build_environments(values),
        targets=MappingProxyType(
            {name: build_target(name, _mapping(said)) for name, said in table(values, "targets").items()}
        ),
        rules=tuple(_rule(_mapping(rule)) for rule in get(values, "rules", tuple, ())),
        undo=UndoSettings(
            max_size=get(undo, "max_size", int, kept.max_size),
            total_size=get(undo, "total_size", int, kept.total_size),
            keep_for=get(undo, "keep_for", timedelta, kept.keep_for),
        ),
        recording=RecordingSettings(
            environments=_all(recording, "environments", str)
            if "environments" in recording
            else recorded.environments,
            max_size=get(recording, "max_size", int, recorded.max_size),
            total_size=get(recording, "total_size", int, recorded.total_size),
            keep_for=get(recording, "keep_for", timedelta, recorded.keep_for),
        ),
        redis=RedisSettings(
            connect_timeout=get(redis, "connect_timeout", timedelta, console.connect_timeout),
            pager=get(redis, "pager", bool, console.pager),
            hints=get(redis, "hints", bool, console.hints),
            pipes=get(redis, "pipes", bool, console.pipes),
            timing=get(redis, "timing", bool, console.timing),
        ),
        shell=ShellSettings(
            kernel=get(shell, "kernel", KernelHold, KernelHold.AUTO),
            watch=get(shell, "watch", bool, True),
            redis_cli=get(shell, "redis_cli", bool, True),
            ssh=get(shell, "ssh", bool, True),
        ),
        ssh=SshSettings(
            transport=get(ssh, "transport", TransportChoice, TransportChoice.AUTO),
            plain=_all(ssh, "plain", str),
            kernel=get(ssh, "kernel", KernelHold, KernelHold.AUTO),
            scratch=get(ssh, "scratch", str, ""),
        ),
        theme=ThemeSettings(
            colors=get(theme, "colors", Colors, Colors.AUTO),
            symbols=get(theme, "symbols", Symbols, Symbols.AUTO),
            tint=get(theme, "tint", bool, False),
            tabs=get(theme, "tabs", bool, False),
        ),
        impact_budget=get(table(values, "impact"), "budget", timedelta, budget),
        ask_timeout=get(table(values, "ask"), "timeout", timedelta, timeout),
        state_folder=_maybe(table(values, "state"), "folder", Path),
    )


def build_environments(values: Values) -> Mapping[str, Environment]:
    """All environments: the built-in ones with what is said about them, and one's own."""
    own = table(values, "environments")
    names = dict.fromkeys((*BUILT_IN, *own))
    return MappingProxyType({name: build_environment(name, table(own, name)) for name in names})


def build_environment(name: str, said: Values) -> Environment:
    """One environment.

    Args:
        name: its name; a built-in one's keeps what is not said.
        said: its keys.
    """
    start = BUILT_IN.get(name, replace(UNLABELLED, name=name))
    if not said:
        return start
    unlock, window = table(said, "unlock"), table(said, "window")
    asked = {Severity.from_word(word): kind for word, kind in table(said, "challenge").items()}
    environment = replace(
        start,
        color=get(said, "color", str, start.color),
        mode=get(said, "mode", Mode, start.mode),
        challenge=MappingProxyType({**start.challenge, **_only(asked, ChallengeKind)}),
        review=frozenset(Severity.from_word(str(word)) for word in get(said, "review", tuple, ()))
        or start.review,
        unlock=UnlockRule(
            max=get(unlock, "max", timedelta, start.unlock.max),
            reason=get(unlock, "reason", bool, start.unlock.reason),
        ),
        window=_window(window) if "window" in said else start.window,
        outside_window=get(window, "outside", OutsideWindow, start.outside_window),
        undo=get(said, "undo", bool, start.undo),
        journal_required=get(said, "journal_required", bool, start.journal_required),
    )
    strictness = start.strictness if name in BUILT_IN else 0
    if name not in BUILT_IN or (environment.mode, environment.challenge) != (start.mode, start.challenge):
        strictness = max(strictness, _strictness(environment))
    return replace(environment, strictness=strictness)


def build_target(name: str, said: Values) -> Target:
    """One target."""
    tls, readonly, sentinel = (table(said, part) for part in ("tls", "readonly", "sentinel"))
    return Target(
        name=name,
        environment=get(said, "environment", str, UNLABELLED.name),
        local=get(said, "local", bool, False),
        redis=_all(said, "redis", RedisPlace),
        ssh=_all(said, "ssh", str),
        kubernetes=_all(said, "kubernetes", str),
        aws=_all(said, "aws", str),
        named=_all(said, "named", str),
        environ=MappingProxyType(_only(table(said, "environ"), str)),
        floors=MappingProxyType(_only(table(said, "floors"), int)),
        username=get(said, "username", str, ""),
        password=_password(said),
        tls=_tls(tls) if "tls" in said else None,
        readonly=ReadOnlyAccess(
            username=get(readonly, "username", str, ""),
            password=_password(readonly),
            redis=_maybe(readonly, "redis", RedisPlace),
        )
        if "readonly" in said
        else None,
        sentinel=Sentinel(
            hosts=_all(sentinel, "hosts", RedisPlace),
            master=get(sentinel, "master", str, ""),
            username=get(sentinel, "username", str, ""),
            password=_password(sentinel),
        )
        if "sentinel" in said
        else None,
        cluster=get(said, "cluster", bool, False),
        pins=_all(said, "pin", str),
    )


def get(values: Values, name: str, kind: type[T], default: T) -> T:
    """The value called `name`, which its kind in the schema has made a `kind`."""
    value = values.get(name, default)
    assert isinstance(value, kind), f"{name} is declared as another kind than it is used as"
    return value


def table(values: Values, name: str) -> Values:
    """The table called `name`; empty when there is none."""
    return _mapping(values.get(name, {}))


def _maybe(values: Values, name: str, kind: type[T]) -> T | None:
    value = values.get(name)
    assert value is None or isinstance(value, kind)
    return value


def _all(values: Values, name: str, kind: type[T]) -> tuple[T, ...]:
    items: Iterable[object] = get(values, name, tuple, ())
    return tuple(item for item in items if isinstance(item, kind))


K = TypeVar("K")


def _only(values: Mapping[K, object], kind: type[T]) -> dict[K, T]:
    return {name: value for name, value in values.items() if isinstance(value, kind)}


def _mapping(value: object) -> Values:
    assert isinstance(value, Mapping)
    return value


def _strictness(environment: Environment) -> int:
    """Where an environment of one's own stands among the built-in ones.

    The weights put the built-in environments, if they were one's own, in their order and near their numbers:
    development 5, staging 45, unlabelled 60, production 90.
    """
    questions = sum(kind.strictness for kind in environment.challenge.values())
    return min(99, 30 * environment.mode.strictness + 5 * questions)


def _window(said: Values) -> Window:
    days, hours = get(said, "days", str, "mon-sun"), get(said, "hours", str, "00:00-24:00")
    zone = get(said, "timezone", str, "")
    start, end = parse_hours(hours)
    if zone:
        from zoneinfo import ZoneInfo  # only those who have a window pay for it

        return Window(parse_days(days), start, end, ZoneInfo(zone), f"{days} {hours} {zone}")
    return Window(parse_days(days), start, end, LOCAL_TIME, f"{days} {hours}")


def _password(said: Values) -> PasswordSource:
    return PasswordSource(
        command=_all(said, "password_command", str),
        variable=get(said, "password_env", str, ""),
        file=_maybe(said, "password_file", Path),
        value=_maybe(said, "password", str),
    )


def _tls(said: Values) -> TlsSettings:
    return TlsSettings(
        cacert=_maybe(said, "cacert", Path),
        cacertdir=_maybe(said, "cacertdir", Path),
        cert=_maybe(said, "cert", Path),
        key=_maybe(said, "key", Path),
        sni=get(said, "sni", str, ""),
        insecure=get(said, "insecure", bool, False),
        check_hostname=get(said, "check_hostname", bool, True),
    )


def _rule(said: Values) -> Rule:
    effect = table(said, "effect")
    severity = _maybe(said, "severity", str)
    return Rule(
        id=get(said, "id", str, ""),
        command=get(said, "command", str, ""),
        kind=get(effect, "kind", EffectKind, EffectKind.EXECUTE),
        extent=get(effect, "extent", Extent, Extent.ONE),
        severity=Severity.from_word(severity) if severity else None,
        reason=get(said, "reason", str, ""),
        instead=get(said, "instead", str, ""),
        options=_all(said, "options", str),
        without=_all(said, "without", str),
        operands=_all(said, "operands", str),
        hits=_all(said, "hits", str),
        misses=_all(said, "misses", str),
    )
